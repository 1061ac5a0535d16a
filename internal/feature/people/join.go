package people

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"steward/internal/feature/people/joining"
	"steward/internal/platform/access"
	"steward/internal/platform/job"
	"steward/internal/platform/store"
)

// joinJob groups all identities of the estate anew; its one key is "all".
const joinJob = "people.join"

// askJoin enqueues the grouping when something new came, or when the domains
// of the firm are others than those that kinds were worked out with.
func (f *Feature) askJoin(ctx context.Context, tx *store.Tx, fresh bool, stored []string) error {
	if f.p.Queue == nil {
		return nil
	}
	if !fresh {
		v, err := f.p.Settings.Values(ctx)
		if err != nil || slices.Equal(v.Domains, stored) {
			return err
		}
	}
	return f.p.Queue.Enqueue(ctx, tx, joinJob, "all", struct{}{})
}

// FollowSetting enqueues the grouping when the firm's domains have changed.
func (f *Feature) FollowSetting(ctx context.Context, tx *store.Tx, key string) error {
	if key != "firm.domains" || f.p.Queue == nil {
		return nil
	}
	return f.p.Queue.Enqueue(ctx, tx, joinJob, "all", struct{}{})
}

// join is the job. A reading that commits meanwhile asks for it again, as it
// does itself for persons that were changed under its hands.
func (f *Feature) join(ctx context.Context, j *job.Job) error {
	began := f.p.Now()
	rest, err := restOf(ctx, f.db, began)
	if err != nil {
		return err
	}
	if rest > 0 {
		return job.Later(rest)
	}
	values, err := f.p.Settings.Values(ctx)
	if err != nil {
		return err
	}
	const doing = "grouping names and addresses"
	j.Progress(0, 0, doing)
	now, steward := store.Micros(began), access.System(doing)
	if err := joining.Sweep(ctx, f.db, steward, now); err != nil {
		return err
	}
	stale, err := joining.All(ctx, f.db, steward, joining.Config{Domains: values.Domains, Now: now, Progress: func(done, total int64) { j.Progress(done, total, doing) }})
	if err != nil {
		return err
	}
	return f.db.Tx(ctx, func(tx *store.Tx) error {
		if err := putState(ctx, tx, domainsState, strings.Join(values.Domains, " ")); err != nil {
			return err
		}
		ended := f.p.Now()
		if err := putState(ctx, tx, restState, ended.Add(restFor*ended.Sub(began)).Format(time.RFC3339Nano)); err != nil {
			return err
		}
		if f.joined != nil {
			if err := f.joined(ctx, tx); err != nil {
				return err
			}
		}
		if stale > 0 {
			if err := f.p.Queue.Enqueue(ctx, tx, joinJob, "all", struct{}{}); err != nil {
				return err
			}
		}
		return j.Complete(ctx, tx)
	})
}

// The job reads everything, and many repositories that are read one after
// another ask for it each: it rests restFor times as long as it took last, and
// so takes a small part of the machine however large the estate is.
const restFor = 10

// restOf is how long the job has to rest yet.
func restOf(ctx context.Context, r store.Reader, now time.Time) (time.Duration, error) {
	text, err := stateOf(ctx, r, restState)
	if err != nil || text == "" {
		return 0, err
	}
	until, err := time.Parse(time.RFC3339Nano, text)
	if err != nil || until.Sub(now) > longestRest { // a clock that was wrong then
		return 0, nil
	}
	return until.Sub(now), nil
}

// longestRest is what nobody waits beyond.
const longestRest = 10 * time.Minute

// Keys of people_state.
const (
	domainsState = "domains" // of the firm, by which kinds were worked out last
	restState    = "rest"    // until when the grouping rests, RFC 3339
)

func putState(ctx context.Context, tx *store.Tx, key, value string) error {
	if _, err := tx.Exec(ctx, `INSERT INTO people_state (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value`, key, value); err != nil {
		return fmt.Errorf("keep the state of people: %w", err)
	}
	return nil
}

// stateOf is empty when nothing was kept yet.
func stateOf(ctx context.Context, r store.Reader, key string) (string, error) {
	var value string
	err := r.QueryRow(ctx, `SELECT value FROM people_state WHERE key = $1`, key).Scan(&value)
	if err != nil && !errors.Is(err, store.ErrNoRows) {
		return "", fmt.Errorf("load the state of people: %w", err)
	}
	return value, nil
}

// storedDomains are the firm's domains by which kinds were worked out last.
func storedDomains(ctx context.Context, r store.Reader) ([]string, error) {
	text, err := stateOf(ctx, r, domainsState)
	return strings.Fields(text), err
}

// regroup groups the identities of some persons anew, after a correction by hand.
func (f *Feature) regroup(ctx context.Context, tx *store.Tx, persons []int64, keep bool) error {
	domains, err := storedDomains(ctx, tx)
	if err != nil {
		return err
	}
	return joining.Regroup(ctx, tx, persons, domains, keep, store.Micros(f.p.Now()))
}
