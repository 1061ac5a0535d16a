package estate

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"steward/internal/feature/estate/claim"
	"steward/internal/feature/estate/column"
	"steward/internal/feature/estate/lineage"
	"steward/internal/feature/estate/place"
	"steward/internal/feature/estate/source"
	"steward/internal/platform/access"
	"steward/internal/platform/audit"
	"steward/internal/platform/store"
)

// register stores what a look found: it matches locations to repositories,
// marks those that are gone, and enqueues the reading of what changed.
func (f *Feature) register(ctx context.Context, tx *store.Tx, s Source, all []source.Found, verdicts map[string]claim.Verdict, notes []Note) error {
	addresses := make([]string, len(all))
	seen := make(map[string]bool, len(all))
	for i, one := range all {
		addresses[i], seen[one.Address] = one.Address, true
	}
	known, err := place.Load(ctx, tx, s.ID, addresses)
	if err != nil {
		return err
	}
	l := &look{source: s, now: store.Micros(f.p.Now())}
	// What lies in a folder that could not be looked into is not missing. This comes before matching, so that
	// another copy is read in place of a lost one.
	there := func(address string) bool { return seen[address] || hidden(address, notes) }
	if err := place.MarkMissing(ctx, tx, s.ID, known, there, l.now, &l.change); err != nil {
		return err
	}
	for _, one := range all {
		if err := f.registerOne(ctx, tx, l, one, known, verdicts); err != nil {
			return fmt.Errorf("register %q: %w", one.Address, err)
		}
	}
	if _, err := tx.Exec(ctx, `UPDATE location SET last_seen_at = $2 WHERE id IN (
		SELECT location_id FROM location_source WHERE source_id = $1 AND missing_since = 0)`, s.ID, l.now); err != nil {
		return fmt.Errorf("put when %q was seen: %w", s.Given, err)
	}
	return f.follow(ctx, tx, &l.change)
}

// look is one look at a source while what it found is stored.
type look struct {
	source Source
	now    int64 // µs
	change place.Change
}

// release lets go of what a source named. What no other source names is gone from its place; what
// was read of it stays.
func (f *Feature) release(ctx context.Context, tx *store.Tx, source string) error {
	var change place.Change
	if err := place.Release(ctx, tx, source, store.Micros(f.p.Now()), &change); err != nil {
		return err
	}
	if err := f.putSourceNotes(ctx, tx, source, nil); err != nil {
		return err
	}
	return f.follow(ctx, tx, &change)
}

// follow works out what follows from changed places: what has vanished, which remotes are only
// claimed, and what repositories are called.
func (f *Feature) follow(ctx context.Context, tx *store.Tx, change *place.Change) error {
	if err := place.MarkVanished(ctx, tx, store.Micros(f.p.Now()), change); err != nil {
		return err
	}
	if err := claim.PutNotes(ctx, tx, change); err != nil {
		return err
	}
	renamed, err := place.Rename(ctx, tx, change)
	if err != nil {
		return err
	}
	for _, one := range renamed {
		r, err := scanRepository(tx.QueryRow(ctx, `SELECT `+repositoryColumns+` FROM repository WHERE id = $1`, one.Repository))
		if err != nil {
			return fmt.Errorf("rename %q: %w", one.Was, err)
		}
		if r.CurrentScanID > 0 {
			if err := column.Put(ctx, tx, r.UID); err != nil {
				return err
			}
		}
		for _, follow := range f.onName {
			if err := follow(ctx, tx, r.ID, one.Was, r.Name); err != nil {
				return err
			}
		}
	}
	return nil
}

// hidden reports whether an address lies in a place that a look could not see.
func hidden(address string, notes []Note) bool {
	return slices.ContainsFunc(notes, func(n Note) bool {
		return n.Kind == NoteFailed && n.Path != "" && (address == n.Path || strings.HasPrefix(address, n.Path+"/"))
	})
}

func (f *Feature) registerOne(ctx context.Context, tx *store.Tx, l *look, one source.Found, all map[string]place.Known, verdicts map[string]claim.Verdict) error {
	known, isKnown := all[one.Address]
	verdict, judged := verdicts[one.Address]
	repository, reading := known.Repository, known.Reading
	var err error
	if !isKnown {
		repository, err = f.putFound(ctx, tx, l, one, verdict)
	} else if err = f.seenAgain(ctx, tx, l, known, one); err == nil && judged {
		repository, err = f.settle(ctx, tx, l, known, one, verdict)
	}
	if err == nil && repository != known.Repository {
		reading, err = place.ReadingOf(ctx, tx, repository)
	}
	if err != nil {
		return err
	}
	if reading.Settled() && reading.Plan == f.plan() && reading.Fingerprint == one.Fingerprint {
		return nil
	}
	if isKnown && reading.Settled() && f.readsElsewhere(ctx, tx, repository, known.Location) {
		return nil // a copy may differ; the canonical location decides what is read
	}
	return f.p.Queue.Enqueue(ctx, tx, readJob, strconv.FormatInt(repository, 10), readArgs{Repository: repository})
}

// putFound stores a place that no look has found before, and says to which repository it belongs.
func (f *Feature) putFound(ctx context.Context, tx *store.Tx, l *look, one source.Found, v claim.Verdict) (int64, error) {
	repository, role, err := f.belongsTo(ctx, tx, one, v, l)
	if err != nil {
		return 0, err
	}
	l.change.Repository(repository)
	l.change.Remote(one.Remote)
	return repository, f.putLocation(ctx, tx, l, one, repository, role)
}

// belongsTo is the repository to which a place belongs and its role there: a new one when it shares no
// commit with any, as restricted as the one whose remote it claims.
func (f *Feature) belongsTo(ctx context.Context, tx *store.Tx, one source.Found, v claim.Verdict, l *look) (id int64, role string, err error) {
	visibility := access.Internal
	err = tx.QueryRow(ctx, `SELECT r.id, r.visibility FROM location l JOIN repository r ON r.id = l.repository_id WHERE l.address = $1`,
		cmp.Or(v.With, v.Other)).Scan(&id, &visibility)
	if err != nil && !errors.Is(err, store.ErrNoRows) {
		return 0, "", fmt.Errorf("find whose remote it claims: %w", err)
	}
	if v.With != "" && err == nil {
		return id, "copy", nil
	}
	id, err = f.putRepository(ctx, tx, one.Address, visibility, l.now)
	return id, "canonical", err
}

// settle leaves a copy that was judged again where it is, or gives it to the repository that it turned out to belong to.
func (f *Feature) settle(ctx context.Context, tx *store.Tx, l *look, k place.Known, one source.Found, v claim.Verdict) (int64, error) {
	v.Other = one.Address // as restricted as what it was a copy of
	id, role, err := f.belongsTo(ctx, tx, one, v, l)
	if err != nil {
		return 0, err
	}
	if _, err := tx.Exec(ctx, `UPDATE location SET repository_id = $2, role = $3, proved = $4 WHERE id = $1`, k.Location, id, role, one.Fingerprint); err != nil {
		return 0, fmt.Errorf("settle a copy: %w", err)
	}
	if id == k.Repository {
		return id, nil
	}
	l.change.Repository(k.Repository)
	l.change.Repository(id)
	if err := lineage.EndPath(ctx, tx, k.Repository, one.Address, store.FromMicros(l.now)); err != nil {
		return 0, err
	}
	if err := lineage.PutAliases(ctx, tx, id, one.Address, one.Remote, store.FromMicros(l.now)); err != nil {
		return 0, err
	}
	var uid string
	if err := tx.QueryRow(ctx, `SELECT uid FROM repository WHERE id = $1`, k.Repository).Scan(&uid); err != nil {
		return 0, fmt.Errorf("settle a copy: %w", err)
	}
	return id, audit.Append(ctx, tx, reader, f.p.Now(), "repository.part", "repository", uid, map[string]any{"location": k.Location})
}

// readsElsewhere reports whether a repository is read from another location than this one.
func (f *Feature) readsElsewhere(ctx context.Context, tx *store.Tx, repository int64, location string) bool {
	l, err := f.readingLocation(ctx, tx, repository)
	return err == nil && l.ID != location
}

// seenAgain writes only what changed; the time of seeing is written once for all.
func (f *Feature) seenAgain(ctx context.Context, tx *store.Tx, l *look, k place.Known, one source.Found) error {
	if !k.Named || k.Lost {
		if err := place.PutNamed(ctx, tx, k.Location, l.source.ID); err != nil {
			return err
		}
	}
	if !k.Missing && k.Remote == one.Remote {
		return nil
	}
	l.change.Repository(k.Repository)
	l.change.Remote(k.Remote)
	l.change.Remote(one.Remote)
	if _, err := tx.Exec(ctx, `UPDATE location SET missing_since = 0, remote = $2 WHERE id = $1`, k.Location, one.Remote); err != nil {
		return fmt.Errorf("put that a place is there: %w", err)
	}
	return nil
}

// putRepository stores a new one, called by where it lies until that is found to be ambiguous.
func (f *Feature) putRepository(ctx context.Context, tx *store.Tx, address, visibility string, now int64) (int64, error) {
	id, err := takeID(ctx, tx, "repository")
	if err != nil {
		return 0, err
	}
	name := place.Base(address)
	_, err = tx.Exec(ctx, `INSERT INTO repository (id, uid, name, place, base, visibility, created_at) VALUES ($1, $2, $3, $4, $3, $5, $6)`, id, store.NewID(), name, address, visibility, now)
	if err != nil {
		return 0, fmt.Errorf("put repository %q: %w", name, err)
	}
	return id, nil
}

func (f *Feature) putLocation(ctx context.Context, tx *store.Tx, l *look, one source.Found, repository int64, role string) error {
	id := store.NewID()
	_, err := tx.Exec(ctx, `INSERT INTO location (id, repository_id, role, address, path, remote, proved, first_seen_at, last_seen_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)`,
		id, repository, role, one.Address, one.Path, one.Remote, one.Fingerprint, l.now)
	if err != nil {
		return fmt.Errorf("put location %q: %w", one.Address, err)
	}
	if err := place.PutNamed(ctx, tx, id, l.source.ID); err != nil {
		return err
	}
	return lineage.PutAliases(ctx, tx, repository, one.Address, one.Remote, store.FromMicros(l.now))
}
