package estate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"steward/internal/feature/estate/cause"
	"steward/internal/feature/estate/claim"
	"steward/internal/feature/estate/column"
	"steward/internal/feature/estate/fact"
	"steward/internal/feature/estate/lineage"
	"steward/internal/feature/estate/place"
	"steward/internal/platform/gitrepo"
	"steward/internal/platform/job"
	"steward/internal/platform/store"
)

// store writes a reading in one transaction, the last act of which makes it current.
func (f *Feature) store(ctx context.Context, r *reading, outcomes []outcome, j *job.Job) error {
	scan, err := f.nextID(ctx, "scan")
	if err != nil {
		return err
	}
	rewritten := r.rewritten(ctx)
	return f.db.Tx(ctx, func(tx *store.Tx) error {
		at := Target{
			RepositoryID: r.repository.ID, RepositoryUID: r.repository.UID, RepositoryName: r.repository.Name, Visibility: r.repository.Visibility, ScanID: scan,
			Commit: r.snapshot.Commit, At: f.p.Now(),
		}
		there, err := takeHold(ctx, tx, r)
		if err != nil {
			return err
		}
		if !there {
			return j.Complete(ctx, tx)
		}
		if replaced, err := f.replaced(ctx, tx, r); err != nil {
			return err
		} else if replaced {
			return j.Complete(ctx, tx)
		}
		if joined, err := f.joined(ctx, tx, r); err != nil {
			return err
		} else if joined {
			return j.Complete(ctx, tx)
		}
		at.RepositoryName, at.Visibility = r.repository.Name, r.repository.Visibility
		if err := f.settleIdentity(ctx, tx, r, &at); err != nil {
			return err
		}
		for _, o := range outcomes {
			if err := f.storeOutcome(ctx, tx, r, o, at); err != nil {
				return fmt.Errorf("store what %s found in %s: %w", o.analyser.Name, at.RepositoryName, err)
			}
		}
		if err := f.storeOwnNotes(ctx, tx, r, at); err != nil {
			return err
		}
		for _, follow := range f.onRead {
			if err := follow(ctx, tx, at.RepositoryID); err != nil {
				return err
			}
		}
		if err := f.makeCurrent(ctx, tx, r, at, rewritten); err != nil {
			return err
		}
		if r.location.Remote != "" && (r.location.Address != r.location.Path || r.line.Rooted()) { // before, it was not known what is there
			var change place.Change
			change.Repository(at.RepositoryID)
			if err := claim.PutNotes(ctx, tx, &change); err != nil {
				return err
			}
		}
		return j.Complete(ctx, tx)
	})
}

// takeHold locks the repository and takes up what may have changed of it while it was read: its
// name, and a visibility that was narrowed holds for what is stored now. False: it was joined to another one.
func takeHold(ctx context.Context, tx *store.Tx, r *reading) (bool, error) {
	err := tx.QueryRow(ctx, `UPDATE repository SET joined_into = 0 WHERE id = $1 AND joined_into = 0 RETURNING visibility, name`, r.repository.ID).Scan(&r.repository.Visibility, &r.repository.Name)
	if errors.Is(err, store.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("take hold of %s: %w", r.repository.Name, err)
	}
	return true, nil
}

// storeOutcome replaces an analyser's slice of facts, notes and rows. The rows
// of one that failed stay as they were, and the failure is noted. Of a history
// that ended early what was seen is kept, and it is read again like a failure.
func (f *Feature) storeOutcome(ctx context.Context, tx *store.Tx, r *reading, o outcome, at Target) error {
	run := []any{at.RepositoryID, o.analyser.Name, o.analyser.Version, o.analyser.config(), r.fingerprint, at.Commit, at.ScanID, ""}
	if o.err != nil {
		r.failed = true
		f.p.Log.Error("analyser failed", "analyser", o.analyser.Name, "repository", at.RepositoryUID, "error", o.err.Error())
		note := []Note{{Kind: NoteFailed, Reason: "the " + o.analyser.Name + " analyser failed: " + cause.Line(o.err)}}
		run[7] = cause.Line(o.err)
		if err := f.putNotes(ctx, tx, at, o.analyser.Name, note); err != nil {
			return err
		}
		return putRun(ctx, tx, run)
	}
	if err := fact.Put(ctx, tx, fact.Slice{RepositoryID: at.RepositoryID, RepositoryUID: at.RepositoryUID, ScanID: at.ScanID, At: at.At, Source: o.analyser.Name}, o.result.Facts); err != nil {
		return err
	}
	if err := f.putNotes(ctx, tx, at, o.analyser.Name, o.result.Notes); err != nil {
		return err
	}
	if o.result.Write != nil {
		if err := o.result.Write(ctx, tx, at); err != nil {
			return err
		}
	}
	if err := putState(ctx, tx, at, o); err != nil {
		return err
	}
	if cut := r.snapshot.HistoryErr; o.analyser.History && cut != nil {
		r.failed = true
		run[7] = cause.Line(cause.InWords(cut))
	}
	return putRun(ctx, tx, run)
}

func putRun(ctx context.Context, tx *store.Tx, run []any) error {
	_, err := tx.Exec(ctx, `INSERT INTO analyser_run (repository_id, analyser, version, config, fingerprint, commit_id, scan_id, error)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (repository_id, analyser) DO UPDATE SET version = excluded.version, config = excluded.config,
			fingerprint = excluded.fingerprint, commit_id = excluded.commit_id, scan_id = excluded.scan_id, error = excluded.error`, run...)
	return err
}

func (f *Feature) putNotes(ctx context.Context, tx *store.Tx, at Target, source string, notes []Note) error {
	if _, err := tx.Exec(ctx, `DELETE FROM coverage_note WHERE repository_id = $1 AND source = $2`, at.RepositoryID, source); err != nil {
		return fmt.Errorf("replace notes: %w", err)
	}
	rows := make([][]any, 0, len(notes))
	for i, n := range notes {
		rows = append(rows, []any{at.RepositoryID, source, i, string(n.Kind), n.Path, n.Line, n.Reason, at.ScanID})
	}
	_, err := tx.Insert(ctx, "coverage_note", []string{"repository_id", "source", "seq", "kind", "path", "line", "reason", "scan_id"}, slices.Values(rows))
	return err
}

// putSourceNotes keeps what a look could not list, under repository 0.
func (f *Feature) putSourceNotes(ctx context.Context, tx *store.Tx, source string, notes []Note) error {
	return f.putNotes(ctx, tx, Target{}, "look "+source, notes)
}

func putState(ctx context.Context, tx *store.Tx, at Target, o outcome) error {
	if len(o.state) == 0 {
		_, err := tx.Exec(ctx, `DELETE FROM analyser_state WHERE repository_id = $1 AND analyser = $2`, at.RepositoryID, o.analyser.Name)
		return err
	}
	packed, err := store.Pack(o.state)
	if err != nil {
		return fmt.Errorf("pack the state of %s: %w", o.analyser.Name, err)
	}
	_, err = tx.Exec(ctx, `INSERT INTO analyser_state (repository_id, analyser, state) VALUES ($1, $2, $3)
		ON CONFLICT (repository_id, analyser) DO UPDATE SET state = excluded.state`, at.RepositoryID, o.analyser.Name, packed)
	return err
}

// maxState is how many bytes of an analyser's state are unpacked.
const maxState = 512 << 20

// runs loads what each analyser has seen of a repository.
func (f *Feature) runs(ctx context.Context, repository int64) (map[string]run, error) {
	rows, err := f.db.Query(ctx, `SELECT r.analyser, r.version, r.config, r.fingerprint, r.commit_id, s.state
		FROM analyser_run r LEFT JOIN analyser_state s ON s.repository_id = r.repository_id AND s.analyser = r.analyser
		WHERE r.repository_id = $1 AND r.error = ''`, repository)
	if err != nil {
		return nil, fmt.Errorf("load earlier readings: %w", err)
	}
	defer rows.Close()
	runs := map[string]run{}
	for rows.Next() {
		var name string
		var one run
		var packed []byte
		if err := rows.Scan(&name, &one.version, &one.config, &one.fingerprint, &one.commit, &packed); err != nil {
			return nil, fmt.Errorf("load earlier readings: %w", err)
		}
		one.state, _ = store.Unpack(packed, maxState) // what does not unpack is read anew
		runs[name] = one
	}
	return runs, rows.Err()
}

// settleIdentity writes by what the repository is known again and, for one never read before,
// moves it into the one that vanished with the same first commits when there is exactly one.
func (f *Feature) settleIdentity(ctx context.Context, tx *store.Tx, r *reading, at *Target) error {
	if err := lineage.Put(ctx, tx, r.repository.ID, r.line); err != nil {
		return err
	}
	if r.repository.CurrentScanID > 0 || !r.line.Rooted() {
		return nil
	}
	moved, err := f.movedFrom(ctx, tx, r)
	if err != nil || moved == nil {
		return err
	}
	if err := f.takeOver(ctx, tx, *moved, r, "canonical"); err != nil {
		return err
	}
	if r.repository, err = scanRepository(tx.QueryRow(ctx, `SELECT `+repositoryColumns+` FROM repository WHERE id = $1`, moved.ID)); err != nil {
		return fmt.Errorf("find %s at its new place: %w", moved.Name, err)
	}
	at.RepositoryID, at.RepositoryUID, at.RepositoryName, at.Visibility = moved.ID, moved.UID, r.repository.Name, moved.Visibility
	return lineage.Put(ctx, tx, moved.ID, r.line)
}

// storeOwnNotes keeps what the reading itself could not do.
func (f *Feature) storeOwnNotes(ctx context.Context, tx *store.Tx, r *reading, at Target) error {
	if err := f.putNotes(ctx, tx, at, lastAttempt, nil); err != nil {
		return err
	}
	return f.putNotes(ctx, tx, at, "reading", r.snapshot.Notes())
}

// makeCurrent writes the winners of the facts into the repository's columns,
// its search document, and the number of the scan that pages show.
func (f *Feature) makeCurrent(ctx context.Context, tx *store.Tx, r *reading, at Target, rewritten bool) error {
	_, err := tx.Exec(ctx, `INSERT INTO scan (id, repository_id, commit_id, fingerprint, started_at, finished_at, analysers) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		at.ScanID, at.RepositoryID, at.Commit, r.fingerprint, store.Micros(at.At), store.Micros(f.p.Now()), r.analyserNames())
	if err != nil {
		return fmt.Errorf("put scan: %w", err)
	}
	state := "read"
	if at.Commit == "" {
		state = "empty"
	}
	sets := []string{"state = $2", "error = ''", "lost_on = ''", "head_commit = $3", "fingerprint = $4", "plan = $5", "current_scan_id = $6", "read_at = $7", "default_branch = $8", "shallow = $9"}
	args := []any{at.RepositoryID, state, at.Commit, r.fingerprint, f.planOf(r), at.ScanID, store.Micros(at.At), r.snapshot.Branch, boolInt(r.snapshot.Shallow)}
	if rewritten {
		args = append(args, store.Micros(at.At))
		sets = append(sets, fmt.Sprintf("rewritten_at = $%d", len(args)))
	}
	if _, err := tx.Exec(ctx, `UPDATE repository SET `+strings.Join(sets, ", ")+` WHERE id = $1`, args...); err != nil {
		return fmt.Errorf("make the reading current: %w", err)
	}
	return column.Put(ctx, tx, at.RepositoryUID)
}

// planOf is the plan that a reading has carried out; none when an analyser
// failed, so that the next look tries it again.
func (f *Feature) planOf(r *reading) string {
	if r.failed {
		return ""
	}
	return f.plan()
}

// unchanged ends a reading that found nothing to do.
func (f *Feature) unchanged(ctx context.Context, r *reading, j *job.Job) error {
	return f.db.Tx(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE repository SET fingerprint = $2, plan = $3, error = '', lost_on = '', state = CASE WHEN head_commit = '' THEN 'empty' ELSE 'read' END WHERE id = $1`,
			r.repository.ID, r.fingerprint, f.plan())
		if err != nil {
			return fmt.Errorf("put that %s is unchanged: %w", r.repository.Name, err)
		}
		if err := f.putNotes(ctx, tx, Target{RepositoryID: r.repository.ID}, lastAttempt, nil); err != nil {
			return err
		}
		return j.Complete(ctx, tx)
	})
}

// lastAttempt is the source of the note that the last attempt to read a repository failed.
const lastAttempt = "last attempt"

// readFailed keeps why a repository could not be read, also for coverage. What was read before stays.
func (f *Feature) readFailed(ctx context.Context, id int64, failure error) error {
	return f.db.Tx(ctx, func(tx *store.Tx) error {
		why := gitrepo.Redact(cause.Line(failure))
		n, err := tx.Exec(ctx, `UPDATE repository SET state = 'failed', error = $2, lost_on = '' WHERE id = $1`, id, why)
		if err != nil || n == 0 {
			return err
		}
		return f.putNotes(ctx, tx, Target{RepositoryID: id}, lastAttempt, []Note{{Kind: NoteFailed, Reason: why}})
	})
}

func boolInt(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
