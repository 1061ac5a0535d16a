package estate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"steward/internal/feature/estate/coverage"
	"steward/internal/feature/estate/fact"
	"steward/internal/feature/estate/place"
	"steward/internal/feature/estate/source"
	"steward/internal/platform/access"
	"steward/internal/platform/fault"
	"steward/internal/platform/store"
)

// Repository is one git repository that Steward knows, wherever it lies.
type Repository struct {
	ID            int64     `json:"-"`
	UID           string    `json:"id"`
	Name          string    `json:"name"`
	Visibility    string    `json:"visibility"`
	State         string    `json:"state"` // waiting, read, empty, failed
	Error         string    `json:"error,omitempty"`
	DefaultBranch string    `json:"default_branch"`
	HeadCommit    string    `json:"head_commit"`
	Description   string    `json:"description"`
	MainLanguage  string    `json:"main_language"`
	Licence       string    `json:"licence"`
	Files         int64     `json:"files"`
	Bytes         int64     `json:"bytes"`
	Commits       int64     `json:"commits"`
	Shallow       bool      `json:"shallow"`
	FirstCommit   time.Time `json:"first_commit"`
	LastCommit    time.Time `json:"last_commit"`
	Created       time.Time `json:"created"`
	Read          time.Time `json:"read"`
	Vanished      time.Time `json:"vanished"`
	Rewritten     time.Time `json:"rewritten"`
	CurrentScanID int64     `json:"-"`
}

const repositoryColumns = `id, uid, name, visibility, state, error, default_branch, head_commit, description, main_language, licence,
	files, bytes, commits, shallow, first_commit_at, last_commit_at, created_at, read_at, vanished_at, rewritten_at, current_scan_id`

func scanRepository(row store.Scanner) (Repository, error) {
	var r Repository
	var shallow, first, last, created, read, vanished, rewritten int64
	err := row.Scan(&r.ID, &r.UID, &r.Name, &r.Visibility, &r.State, &r.Error, &r.DefaultBranch, &r.HeadCommit, &r.Description, &r.MainLanguage, &r.Licence,
		&r.Files, &r.Bytes, &r.Commits, &shallow, &first, &last, &created, &read, &vanished, &rewritten, &r.CurrentScanID)
	r.Shallow = shallow != 0
	for at, us := range map[*time.Time]int64{&r.FirstCommit: first, &r.LastCommit: last, &r.Created: created, &r.Read: read, &r.Vanished: vanished, &r.Rewritten: rewritten} {
		*at = moment(us)
	}
	return r, err
}

// moment is the zero time for 0: "not yet".
func moment(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return store.FromMicros(us)
}

// Repository finds a repository by its surrogate id. One that the viewer may
// not see is fault.NotFound.
func (f *Feature) Repository(ctx context.Context, v access.Viewer, id int64) (Repository, error) {
	r, err := scanRepository(f.db.QueryRow(ctx, `SELECT `+repositoryColumns+` FROM repository WHERE id = $1 AND `+v.Where("visibility"), id))
	return found1(r, err)
}

// RepositoryByUID finds a repository by its public id. A joined one answers
// with the repository that it was joined into.
func (f *Feature) RepositoryByUID(ctx context.Context, v access.Viewer, uid string) (Repository, error) {
	r, err := scanRepository(f.db.QueryRow(ctx, `SELECT `+repositoryColumns+` FROM repository
		WHERE id = (SELECT CASE WHEN joined_into > 0 THEN joined_into ELSE id END FROM repository WHERE uid = $1) AND `+v.Where("visibility"), uid))
	return found1(r, err)
}

func found1(r Repository, err error) (Repository, error) {
	if errors.Is(err, store.ErrNoRows) {
		return r, fault.New(fault.NotFound, "There is no such repository, or you may not see it.")
	}
	if err != nil {
		return r, fmt.Errorf("find repository: %w", err)
	}
	return r, nil
}

// Locations lists where a repository lies, the one that is read first.
func (f *Feature) Locations(ctx context.Context, v access.Viewer, id int64) ([]Location, error) {
	if _, err := f.Repository(ctx, v, id); err != nil {
		return nil, err
	}
	return place.Of(ctx, f.db, v, id)
}

// errGone says that there is nothing to read a repository from.
var errGone = fault.New(fault.Conflict, "No copy of this repository is left at the places that were given. Add a source that holds it, then it is read again.")

// readingLocation is the location that a repository is read from; errGone when there is none.
func (f *Feature) readingLocation(ctx context.Context, db store.Reader, id int64) (Location, error) {
	all, err := place.Of(ctx, db, reader, id)
	if err != nil {
		return Location{}, err
	}
	if len(all) == 0 || !all[0].Missing.IsZero() {
		return Location{}, errGone
	}
	return all[0], nil
}

// Facts lists what is known of a repository, by name, winners first.
func (f *Feature) Facts(ctx context.Context, v access.Viewer, r Repository) ([]StoredFact, error) {
	all, err := fact.Of(ctx, f.db, v, r.UID)
	if err != nil {
		return nil, err
	}
	templates, err := f.Templates(ctx, v, r)
	for _, b := range templates {
		name, _ := json.Marshal(b.Name) // a string always encodes
		all = append(all, StoredFact{Name: "origin.template", Value: string(name), Basis: Inferred, Source: "lineage", Observed: r.Read, Wins: true})
	}
	return all, err
}

// Notes lists what the reading of a repository left out or could not do.
func (f *Feature) Notes(ctx context.Context, v access.Viewer, r Repository, limit int) ([]Note, error) {
	all, err := store.Collect(func(row store.Scanner) (Note, error) {
		var n Note
		err := row.Scan(&n.Kind, &n.Path, &n.Line, &n.Reason)
		return n, err
	})(f.db.Query(ctx, `SELECT kind, path, line, reason FROM coverage_note n JOIN repository r ON r.id = n.repository_id
		WHERE n.repository_id = $1 AND `+v.Where("r.visibility")+` ORDER BY kind, source, seq LIMIT $2`, r.ID, limit))
	if err != nil {
		return nil, fmt.Errorf("list notes: %w", err)
	}
	return all, nil
}

// Base counts the repositories that the viewer may see by state.
func (f *Feature) Base(ctx context.Context, v access.Viewer) (Base, error) {
	return coverage.Of(ctx, f.db, v)
}

// Failed lists repositories that could not be read, at most limit.
func (f *Feature) Failed(ctx context.Context, v access.Viewer, limit int) ([]Repository, error) {
	all, err := f.repositories(ctx, `state = 'failed' AND vanished_at = 0 AND joined_into = 0 AND `+v.Where("visibility"))
	return all[:min(limit, len(all))], err
}

// JobName says what a job of the estate is about: a source as given or a
// repository's name; the key itself when the viewer may not see it.
func (f *Feature) JobName(ctx context.Context, v access.Viewer, kind, key string) string {
	var name string
	var err error
	switch kind {
	case source.LookJob:
		s, serr := source.Find(ctx, f.db, v, key)
		name, err = s.Given, serr
	case readJob:
		id, perr := strconv.ParseInt(key, 10, 64)
		if perr != nil {
			return key
		}
		r, rerr := f.Repository(ctx, v, id)
		name, err = r.Name, rerr
	}
	if err != nil || name == "" {
		return key
	}
	return name
}
