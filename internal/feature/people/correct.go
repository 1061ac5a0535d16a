package people

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"steward/internal/feature/people/grouping"
	"steward/internal/feature/people/history"
	"steward/internal/platform/access"
	"steward/internal/platform/audit"
	"steward/internal/platform/fault"
	"steward/internal/platform/store"
)

// Split takes an identity off a person. It stands alone from then on, whatever
// the rules say, until PutBack. It answers with the identity's own person.
func (f *Feature) Split(ctx context.Context, v access.Viewer, uid string, identity int64) (string, error) {
	if err := v.Require(access.LinkRecords); err != nil {
		return "", err
	}
	p, err := f.personFor(ctx, v, uid)
	if err != nil {
		return "", err
	}
	var own string
	err = f.db.Tx(ctx, func(tx *store.Tx) error {
		var n int64
		if err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM identity WHERE person_id = $1`, p.ID).Scan(&n); err != nil {
			return fmt.Errorf("count identities: %w", err)
		}
		if n < 2 {
			return fault.New(fault.Conflict, "This person has one identity only, so there is nothing to take off.")
		}
		changed, err := tx.Exec(ctx, `INSERT INTO identity_apart (identity_id, person_id, account, at) SELECT id, person_id, CAST($3 AS text), CAST($4 AS bigint) FROM identity WHERE id = $1 AND person_id = $2
			ON CONFLICT (identity_id) DO UPDATE SET person_id = excluded.person_id`, identity, p.ID, v.AccountID(), store.Micros(f.p.Now()))
		if err != nil {
			return fmt.Errorf("take an identity off: %w", err)
		}
		if changed == 0 {
			return fault.New(fault.NotFound, "This identity is not one of this person. Look at the page again.")
		}
		if _, err := tx.Exec(ctx, `DELETE FROM identity_join WHERE identity_id = $1 OR other_id = $1`, identity); err != nil {
			return fmt.Errorf("take an identity off: %w", err)
		}
		if err := f.regroup(ctx, tx, []int64{p.ID, identity}, true); err != nil {
			return err
		}
		if own, err = personOf(ctx, tx, identity); err != nil {
			return err
		}
		return audit.Append(ctx, tx, v, f.p.Now(), "person.split", "person", p.UID, map[string]any{"identity": identity, "to": own})
	})
	return own, err
}

// PutBack undoes a Split and answers with the person that the identity is part of again.
func (f *Feature) PutBack(ctx context.Context, v access.Viewer, identity int64) (string, error) {
	if err := v.Require(access.LinkRecords); err != nil {
		return "", err
	}
	var uid string
	err := f.db.Tx(ctx, func(tx *store.Tx) error {
		var from int64
		err := tx.QueryRow(ctx, `DELETE FROM identity_apart WHERE identity_id = $1 RETURNING person_id`, identity).Scan(&from)
		if errors.Is(err, store.ErrNoRows) {
			return fault.New(fault.NotFound, "This identity was not taken off anybody.")
		}
		if err != nil {
			return fmt.Errorf("put an identity back: %w", err)
		}
		var now int64
		if err := tx.QueryRow(ctx, `SELECT person_id FROM identity WHERE id = $1`, identity).Scan(&now); err != nil {
			return fmt.Errorf("find an identity: %w", err)
		}
		persons, err := store.Collect(scanID)(tx.Query(ctx, `SELECT DISTINCT person_id FROM identity WHERE id = $1 OR person_id = $1 OR id = $2 OR person_id = $2`, from, now))
		if err != nil {
			return fmt.Errorf("find persons: %w", err)
		}
		if err := f.regroup(ctx, tx, persons, true); err != nil {
			return err
		}
		if err := f.p.Queue.Enqueue(ctx, tx, joinJob, "all", struct{}{}); err != nil {
			return err
		}
		if uid, err = personOf(ctx, tx, identity); err != nil {
			return err
		}
		return audit.Append(ctx, tx, v, f.p.Now(), "person.putback", "person", uid, map[string]any{"identity": identity})
	})
	return uid, err
}

// Join makes one person of two by hand. It answers with that person, and with
// the two identities that Unjoin needs to take it back.
func (f *Feature) Join(ctx context.Context, v access.Viewer, uid, other string) (joined string, a, b int64, err error) {
	if err := v.Require(access.LinkRecords); err != nil {
		return "", 0, 0, err
	}
	p, err := f.personFor(ctx, v, uid)
	if err != nil {
		return "", 0, 0, err
	}
	q, err := f.personFor(ctx, v, other)
	if err != nil {
		return "", 0, 0, err
	}
	if p.ID == q.ID {
		return "", 0, 0, fault.New(fault.Conflict, "Both are the same person already.")
	}
	a, b = min(p.ID, q.ID), max(p.ID, q.ID)
	err = f.db.Tx(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO identity_join (identity_id, other_id, account, at) VALUES ($1, $2, $3, $4) ON CONFLICT (identity_id, other_id) DO NOTHING`,
			a, b, v.AccountID(), store.Micros(f.p.Now()))
		if err != nil {
			return fmt.Errorf("join two persons: %w", err)
		}
		if err := f.regroup(ctx, tx, []int64{p.ID, q.ID}, true); err != nil {
			return err
		}
		if joined, err = personOf(ctx, tx, p.ID); err != nil {
			return err
		}
		return audit.Append(ctx, tx, v, f.p.Now(), "person.join", "person", joined, map[string]any{"persons": []string{p.UID, q.UID}})
	})
	return joined, a, b, err
}

// Unjoin takes a Join back. What the rules find stays together.
func (f *Feature) Unjoin(ctx context.Context, v access.Viewer, a, b int64) (string, error) {
	if err := v.Require(access.LinkRecords); err != nil {
		return "", err
	}
	var uid string
	err := f.db.Tx(ctx, func(tx *store.Tx) error {
		n, err := tx.Exec(ctx, `DELETE FROM identity_join WHERE identity_id = $1 AND other_id = $2`, min(a, b), max(a, b))
		if err != nil {
			return fmt.Errorf("take a join back: %w", err)
		}
		if n == 0 {
			return fault.New(fault.NotFound, "These two were not joined by hand.")
		}
		persons, err := store.Collect(scanID)(tx.Query(ctx, `SELECT DISTINCT person_id FROM identity WHERE id IN ($1, $2)`, a, b))
		if err != nil {
			return fmt.Errorf("find persons: %w", err)
		}
		if err := f.regroup(ctx, tx, persons, false); err != nil {
			return err
		}
		if err := f.p.Queue.Enqueue(ctx, tx, joinJob, "all", struct{}{}); err != nil {
			return err
		}
		if uid, err = personOf(ctx, tx, a); err != nil {
			return err
		}
		return audit.Append(ctx, tx, v, f.p.Now(), "person.unjoin", "person", uid, map[string]any{"identities": []int64{a, b}})
	})
	return uid, err
}

// Erase removes every name and address of a person for good: rereading does
// not bring them back. What the person did stays counted, without a name.
func (f *Feature) Erase(ctx context.Context, v access.Viewer, uid string) error {
	if err := v.Require(access.ManageSettings); err != nil {
		return err
	}
	p, err := f.personFor(ctx, v, uid)
	if err != nil {
		return err
	}
	return f.db.Tx(ctx, func(tx *store.Tx) error {
		e, err := loadErasure(ctx, tx, p.ID)
		if err != nil {
			return err
		}
		for _, sql := range []string{
			`DELETE FROM person_name WHERE identity_id IN (SELECT id FROM identity WHERE person_id = $1)`,
			`DELETE FROM publication WHERE identity_id IN (SELECT id FROM identity WHERE person_id = $1)`,
			`DELETE FROM team_member WHERE identity_id IN (SELECT id FROM identity WHERE person_id = $1)`,
		} {
			if _, err := tx.Exec(ctx, sql, p.ID); err != nil {
				return fmt.Errorf("erase a person: %w", err)
			}
		}
		if _, err := tx.Exec(ctx, `UPDATE identity SET erased_at = $2 WHERE person_id = $1`, p.ID, store.Micros(f.p.Now())); err != nil {
			return fmt.Errorf("erase a person: %w", err)
		}
		if f.erased != nil {
			if err := f.erased(ctx, tx, e); err != nil {
				return err
			}
		}
		if f.joined != nil { // who owned something as a member of a team does so no more
			if err := f.joined(ctx, tx); err != nil {
				return err
			}
		}
		return audit.Append(ctx, tx, v, f.p.Now(), "person.erase", "person", p.UID, nil)
	})
}

func loadErasure(ctx context.Context, tx *store.Tx, person int64) (e Erasure, err error) {
	e.Names, err = store.Collect(func(row store.Scanner) (n grouping.Named, err error) {
		return n, row.Scan(&n.Name, &n.Email, &n.Account)
	})(
		tx.Query(ctx, `SELECT n.name, n.email, n.account FROM person_name n JOIN identity i ON i.id = n.identity_id WHERE i.person_id = $1 ORDER BY n.identity_id`, person))
	if err == nil {
		e.Repositories, err = store.Collect(scanID)(tx.Query(ctx, `SELECT DISTINCT b.repository_id FROM publication b JOIN identity i ON i.id = b.identity_id WHERE i.person_id = $1 ORDER BY b.repository_id`, person))
	}
	if err != nil {
		return e, fmt.Errorf("find what is to be erased: %w", err)
	}
	return e, nil
}

// ErasedAmong says which of the people that files name were erased.
func ErasedAmong(ctx context.Context, tx *store.Tx, named []grouping.Named) (map[grouping.Named]bool, error) {
	byID := make(map[int64]grouping.Named, len(named))
	for _, n := range named {
		clean := grouping.Named{Name: history.Clean(n.Name, history.MaxName), Email: history.Clean(n.Email, history.MaxEmail), Account: Handle(n.Account)}
		byID[clean.ID()] = n
	}
	erased := map[grouping.Named]bool{}
	for chunk := range chunks(slices.Sorted(maps.Keys(byID)), 400) {
		ids, err := store.Collect(scanID)(tx.Query(ctx, `SELECT id FROM identity WHERE erased_at > 0 AND id IN (`+store.Marks(1, len(chunk))+`)`, store.Args(chunk)...))
		if err != nil {
			return nil, fmt.Errorf("look for erased people: %w", err)
		}
		for _, id := range ids {
			erased[byID[id]] = true
		}
	}
	return erased, nil
}

// JoinAgain asks for a new grouping of all identities, such as after the
// domains of the firm were changed.
func (f *Feature) JoinAgain(ctx context.Context, v access.Viewer) error {
	if err := v.Require(access.RunJobs); err != nil {
		return err
	}
	return f.db.Tx(ctx, func(tx *store.Tx) error { return f.p.Queue.Enqueue(ctx, tx, joinJob, "all", struct{}{}) })
}

func (f *Feature) personFor(ctx context.Context, v access.Viewer, uid string) (Shown, error) {
	s, err := f.sight(ctx, v)
	if err != nil {
		return Shown{}, err
	}
	return f.person(ctx, s, uid)
}

func personOf(ctx context.Context, r store.Reader, identity int64) (string, error) {
	var uid string
	if err := r.QueryRow(ctx, `SELECT p.uid FROM identity i JOIN person p ON p.id = i.person_id WHERE i.id = $1`, identity).Scan(&uid); err != nil {
		return "", fmt.Errorf("find the person of an identity: %w", err)
	}
	return uid, nil
}
