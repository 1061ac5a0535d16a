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
	"steward/internal/feature/estate/lineage"
	"steward/internal/feature/estate/place"
	"steward/internal/feature/estate/source"
	"steward/internal/platform/access"
	"steward/internal/platform/audit"
	"steward/internal/platform/store"
)

// known is what the store has of the locations and repositories of the estate,
// loaded once for a look.
type known struct {
	byAddress map[string]knownLocation
	repos     map[int64]knownRepository
}

type knownLocation struct {
	id         string
	repository int64
	remote     string
	missing    bool // from every source
	named      bool // by the source that is looked at
	lost       bool // a look at it did not find it
}

type knownRepository struct {
	fingerprint, plan, state string
}

func (f *Feature) loadKnown(ctx context.Context, tx *store.Tx, s Source) (known, error) {
	k := known{byAddress: map[string]knownLocation{}, repos: map[int64]knownRepository{}}
	rows, err := tx.Query(ctx, `SELECT id, fingerprint, plan, state FROM repository WHERE joined_into = 0`)
	if err != nil {
		return k, fmt.Errorf("load repositories: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		var r knownRepository
		if err := rows.Scan(&id, &r.fingerprint, &r.plan, &r.state); err != nil {
			return k, fmt.Errorf("load repositories: %w", err)
		}
		k.repos[id] = r
	}
	if err := rows.Err(); err != nil {
		return k, fmt.Errorf("load repositories: %w", err)
	}
	return k, f.loadLocations(ctx, tx, s, &k)
}

func (f *Feature) loadLocations(ctx context.Context, tx *store.Tx, s Source, k *known) error {
	rows, err := tx.Query(ctx, `SELECT id, repository_id, address, remote, l.missing_since, COALESCE(n.missing_since, -1)
		FROM location l LEFT JOIN location_source n ON n.location_id = l.id AND n.source_id = $1 ORDER BY first_seen_at, id`, s.ID)
	if err != nil {
		return fmt.Errorf("load locations: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var l knownLocation
		var address string
		var missing, lost int64
		if err := rows.Scan(&l.id, &l.repository, &address, &l.remote, &missing, &lost); err != nil {
			return fmt.Errorf("load locations: %w", err)
		}
		l.missing, l.named, l.lost = missing > 0, lost >= 0, lost > 0
		k.byAddress[address] = l
	}
	return rows.Err()
}

// register stores what a look found: it matches locations to repositories,
// marks those that are gone, and enqueues the reading of what changed.
func (f *Feature) register(ctx context.Context, tx *store.Tx, s Source, all []source.Found, verdicts map[string]claim.Verdict, notes []Note) error {
	k, err := f.loadKnown(ctx, tx, s)
	if err != nil {
		return err
	}
	now := store.Micros(f.p.Now())
	if err := markMissing(ctx, tx, s, all, notes, k, now); err != nil {
		return err
	}
	for _, one := range all {
		if err := f.registerOne(ctx, tx, s, one, verdicts, k, now); err != nil {
			return fmt.Errorf("register %q: %w", one.Address, err)
		}
	}
	if _, err := tx.Exec(ctx, `UPDATE location SET last_seen_at = $2 WHERE id IN (
		SELECT location_id FROM location_source WHERE source_id = $1 AND missing_since = 0)`, s.ID, now); err != nil {
		return fmt.Errorf("put when %q was seen: %w", s.Given, err)
	}
	if err := place.MarkVanished(ctx, tx, now); err != nil {
		return err
	}
	return claim.PutNotes(ctx, tx)
}

// markMissing marks the locations of a source that this look did not find. It
// comes before matching, so that another copy is read in place of a lost one.
// What lies in a folder that could not be looked into is not missing.
func markMissing(ctx context.Context, tx *store.Tx, s Source, all []source.Found, notes []Note, k known, now int64) error {
	seen := make(map[string]bool, len(all))
	for _, one := range all {
		seen[one.Address] = true
	}
	for address, l := range k.byAddress {
		if !l.named || seen[address] || l.lost || hidden(address, notes) {
			continue
		}
		if _, err := tx.Exec(ctx, `UPDATE location_source SET missing_since = $3 WHERE location_id = $1 AND source_id = $2`, l.id, s.ID, now); err != nil {
			return fmt.Errorf("mark %q as missing: %w", address, err)
		}
	}
	return place.MarkUnnamed(ctx, tx, now)
}

// release lets go of what a source named. What no other source names is gone from its place; what
// was read of it stays.
func (f *Feature) release(ctx context.Context, tx *store.Tx, source string) error {
	if _, err := tx.Exec(ctx, `DELETE FROM location_source WHERE source_id = $1`, source); err != nil {
		return fmt.Errorf("let go of what a source named: %w", err)
	}
	if err := f.putSourceNotes(ctx, tx, source, nil); err != nil {
		return err
	}
	now := store.Micros(f.p.Now())
	if err := place.MarkUnnamed(ctx, tx, now); err != nil {
		return err
	}
	return place.MarkVanished(ctx, tx, now)
}

// hidden reports whether an address lies in a place that a look could not see.
func hidden(address string, notes []Note) bool {
	return slices.ContainsFunc(notes, func(n Note) bool {
		return n.Kind == NoteFailed && n.Path != "" && (address == n.Path || strings.HasPrefix(address, n.Path+"/"))
	})
}

func (f *Feature) registerOne(ctx context.Context, tx *store.Tx, s Source, one source.Found, verdicts map[string]claim.Verdict, k known, now int64) error {
	l, isKnown := k.byAddress[one.Address]
	verdict, judged := verdicts[one.Address]
	repository := l.repository
	var err error
	switch {
	case !isKnown:
		repository, err = f.putFound(ctx, tx, s, one, verdict, now)
	case judged:
		err = f.seenAgain(ctx, tx, s, l, one)
		if err == nil {
			repository, err = f.settle(ctx, tx, l, one, verdict, now)
		}
	default:
		err = f.seenAgain(ctx, tx, s, l, one)
	}
	if err != nil {
		return err
	}
	r := k.repos[repository]
	settled := r.state == "read" || r.state == "empty"
	if settled && r.plan == f.plan() && r.fingerprint == one.Fingerprint {
		return nil
	}
	if isKnown && settled && f.readsElsewhere(ctx, tx, repository, l.id) {
		return nil // a copy may differ; the canonical location decides what is read
	}
	return f.p.Queue.Enqueue(ctx, tx, readJob, strconv.FormatInt(repository, 10), readArgs{Repository: repository})
}

// putFound stores a place that no look has found before, and says to which repository it belongs.
func (f *Feature) putFound(ctx context.Context, tx *store.Tx, s Source, one source.Found, v claim.Verdict, now int64) (int64, error) {
	repository, role, err := f.belongsTo(ctx, tx, one, v, now)
	if err != nil {
		return 0, err
	}
	return repository, f.putLocation(ctx, tx, s, one, repository, role, now)
}

// belongsTo is the repository to which a place belongs and its role there: a new one when it shares no
// commit with any, as restricted as the one whose remote it claims.
func (f *Feature) belongsTo(ctx context.Context, tx *store.Tx, one source.Found, v claim.Verdict, now int64) (id int64, role string, err error) {
	visibility := access.Internal
	err = tx.QueryRow(ctx, `SELECT r.id, r.visibility FROM location l JOIN repository r ON r.id = l.repository_id WHERE l.address = $1`,
		cmp.Or(v.With, v.Other)).Scan(&id, &visibility)
	if err != nil && !errors.Is(err, store.ErrNoRows) {
		return 0, "", fmt.Errorf("find whose remote it claims: %w", err)
	}
	if v.With != "" && err == nil {
		return id, "copy", nil
	}
	id, err = f.putRepository(ctx, tx, one, visibility, now)
	return id, "canonical", err
}

// settle leaves a copy that was judged again where it is, or gives it to the repository that it turned out to belong to.
func (f *Feature) settle(ctx context.Context, tx *store.Tx, l knownLocation, one source.Found, v claim.Verdict, now int64) (int64, error) {
	v.Other = one.Address // as restricted as what it was a copy of
	id, role, err := f.belongsTo(ctx, tx, one, v, now)
	if err != nil {
		return 0, err
	}
	if _, err := tx.Exec(ctx, `UPDATE location SET repository_id = $2, role = $3, proved = $4 WHERE id = $1`, l.id, id, role, one.Fingerprint); err != nil {
		return 0, fmt.Errorf("settle a copy: %w", err)
	}
	if id == l.repository {
		return id, nil
	}
	if err := lineage.EndPath(ctx, tx, l.repository, one.Address, store.FromMicros(now)); err != nil {
		return 0, err
	}
	if err := lineage.PutAliases(ctx, tx, id, one.Address, one.Remote, store.FromMicros(now)); err != nil {
		return 0, err
	}
	var uid string
	if err := tx.QueryRow(ctx, `SELECT uid FROM repository WHERE id = $1`, l.repository).Scan(&uid); err != nil {
		return 0, fmt.Errorf("settle a copy: %w", err)
	}
	return id, audit.Append(ctx, tx, reader, f.p.Now(), "repository.part", "repository", uid, map[string]any{"location": l.id})
}

// readsElsewhere reports whether a repository is read from another location than this one.
func (f *Feature) readsElsewhere(ctx context.Context, tx *store.Tx, repository int64, location string) bool {
	l, err := f.readingLocation(ctx, tx, repository)
	return err == nil && l.ID != location
}

// seenAgain writes only what changed; the time of seeing is written once for all.
func (f *Feature) seenAgain(ctx context.Context, tx *store.Tx, s Source, l knownLocation, one source.Found) error {
	if !l.named || l.lost {
		if err := place.PutNamed(ctx, tx, l.id, s.ID); err != nil {
			return err
		}
	}
	if !l.missing && l.remote == one.Remote {
		return nil
	}
	_, err := tx.Exec(ctx, `UPDATE location SET missing_since = 0, remote = $2 WHERE id = $1`, l.id, one.Remote)
	return err
}

func (f *Feature) putRepository(ctx context.Context, tx *store.Tx, one source.Found, visibility string, now int64) (int64, error) {
	id, err := takeID(ctx, tx, "repository")
	if err != nil {
		return 0, err
	}
	_, err = tx.Exec(ctx, `INSERT INTO repository (id, uid, name, visibility, created_at) VALUES ($1, $2, $3, $4, $5)`, id, store.NewID(), one.Name, visibility, now)
	if err != nil {
		return 0, fmt.Errorf("put repository %q: %w", one.Name, err)
	}
	return id, nil
}

func (f *Feature) putLocation(ctx context.Context, tx *store.Tx, s Source, one source.Found, repository int64, role string, now int64) error {
	id := store.NewID()
	_, err := tx.Exec(ctx, `INSERT INTO location (id, repository_id, role, address, path, remote, proved, first_seen_at, last_seen_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)`,
		id, repository, role, one.Address, one.Path, one.Remote, one.Fingerprint, now)
	if err != nil {
		return fmt.Errorf("put location %q: %w", one.Address, err)
	}
	if err := place.PutNamed(ctx, tx, id, s.ID); err != nil {
		return err
	}
	return lineage.PutAliases(ctx, tx, repository, one.Address, one.Remote, store.FromMicros(now))
}
