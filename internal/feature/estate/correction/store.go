package correction

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"steward/internal/platform/access"
	"steward/internal/platform/fault"
	"steward/internal/platform/store"
)

const selected = `SELECT c.uid, c.batch, c.before_state, c.decided_by, c.subject_kind, c.subject_id, c.repository_id, c.record_name, c.name, c.verdict, c.value, c.value_text, c.reason, c.evidence,
	c.account, COALESCE(a.name, ''), c.made_at, c.until_day, c.state, COALESCE(d.name, ''), c.decided_at, c.decided_why, c.against, c.claimed, c.claimed_text
	FROM correction c JOIN repository r ON r.id = c.repository_id LEFT JOIN account a ON a.id = c.account LEFT JOIN account d ON d.id = c.decided_by WHERE `

func scan(row store.Scanner) (Correction, error) {
	var c Correction
	var made, decided int64
	var against, claimed string
	err := row.Scan(&c.UID, &c.batch, &c.before, &c.decider, &c.Kind, &c.Subject, &c.repository, &c.Record, &c.Name, &c.Verdict, &c.Value, &c.ValueText, &c.Reason, &c.Evidence,
		&c.Account, &c.By, &made, &c.Until, &c.State, &c.Decider, &decided, &c.Why, &against, &claimed, &c.ClaimedText)
	if err != nil {
		return c, err
	}
	c.Made = store.FromMicros(made)
	if decided != 0 {
		c.Decided = store.FromMicros(decided)
	}
	return c, errors.Join(json.Unmarshal([]byte(against), &c.Against), json.Unmarshal([]byte(claimed), &c.Claimed))
}

// find lists the corrections under a condition that the viewer may see, the newest first.
func find(ctx context.Context, r store.Reader, v access.Viewer, where string, args ...any) ([]Correction, error) {
	all, err := store.Collect(scan)(r.Query(ctx, selected+`(`+where+`) AND `+v.Where("r.visibility")+` ORDER BY c.made_at DESC, c.uid DESC`, args...))
	if err != nil {
		return nil, fmt.Errorf("list corrections: %w", err)
	}
	return all, nil
}

// Find finds one correction. One that the viewer may not see is fault.NotFound.
func (d *Desk) Find(ctx context.Context, v access.Viewer, uid string) (Correction, error) {
	return one(find(ctx, d.p.DB, v, `c.uid = $1`, uid))
}

// hold finds like find, after it made other changes of those corrections wait.
func hold(ctx context.Context, tx *store.Tx, v access.Viewer, where string, args ...any) ([]Correction, error) {
	all, err := find(ctx, tx, v, where, args...)
	if err != nil {
		return nil, err
	}
	var repositories []int64
	for _, c := range all {
		repositories = append(repositories, c.repository)
	}
	slices.Sort(repositories)
	for _, id := range slices.Compact(repositories) {
		if err := lock(ctx, tx, id); err != nil {
			return nil, err
		}
	}
	return find(ctx, tx, v, where, args...)
}

// lock lets one transaction at a time change the corrections of a repository's records.
func lock(ctx context.Context, tx *store.Tx, repository int64) error {
	if _, err := tx.Exec(ctx, `UPDATE repository SET id = id WHERE id = $1`, repository); err != nil {
		return fmt.Errorf("wait for other corrections: %w", err)
	}
	return nil
}

func one(all []Correction, err error) (Correction, error) {
	if err == nil && len(all) == 0 {
		err = fault.New(fault.NotFound, "There is no such correction, or you may not see it.")
	}
	if err != nil {
		return Correction{}, err
	}
	return all[0], nil
}

// History lists what was said of a value of a record, the newest first.
func (d *Desk) History(ctx context.Context, v access.Viewer, kind, subject, name string) ([]Correction, error) {
	return find(ctx, d.p.DB, v, `c.subject_kind = $1 AND c.subject_id = $2 AND c.name = $3`, kind, subject, name)
}

// inForce is the correction that counts for a value, nil for none.
func inForce(ctx context.Context, r store.Reader, kind, subject, name string) (*Correction, error) {
	all, err := find(ctx, r, keeper, `c.subject_kind = $1 AND c.subject_id = $2 AND c.name = $3 AND c.state = 'binding'`, kind, subject, name)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return &all[0], nil
}

// columns are those that put writes, in its order.
var columns = []string{
	"uid", "batch", "before_state", "subject_kind", "subject_id", "repository_id", "record_name", "name", "verdict", "value", "value_text", "reason", "evidence",
	"account", "made_at", "until_day", "state", "decided_by", "decided_at", "against", "claimed", "claimed_text",
}

// put stores a new correction; decider is the account that made it binding, empty for one that waits.
func put(ctx context.Context, tx *store.Tx, c Correction, decider string) error {
	claims, err := encodeClaims(c.Claimed)
	if err != nil {
		return err
	}
	decided := int64(0)
	if decider != "" {
		decided = store.Micros(c.Made)
	}
	_, err = tx.Insert(ctx, "correction", columns, slices.Values([][]any{{
		c.UID, c.batch, "", c.Kind, c.Subject, c.repository, c.Record, c.Name, string(c.Verdict), c.Value, c.ValueText, c.Reason, c.Evidence,
		c.Account, store.Micros(c.Made), c.Until, string(c.State), decider, decided, claims, claims, c.ClaimedText,
	}}))
	if err != nil {
		return taken(err, c.UID)
	}
	return noteDeed(ctx, tx, c.batch, c.UID)
}

// taken says what it means that the database refuses a second binding correction of one value.
func taken(err error, uid string) error {
	if errors.Is(err, fault.Conflict) {
		return fault.Wrap(fault.Conflict, err, "Another correction of this value counts already. Look at that one first.")
	}
	return fmt.Errorf("store correction %s: %w", uid, err)
}

// noteDeed keeps that a deed changed a correction.
func noteDeed(ctx context.Context, tx *store.Tx, batch, uid string) error {
	if _, err := tx.Exec(ctx, `INSERT INTO correction_deed (batch, correction) VALUES ($1, $2) ON CONFLICT (batch, correction) DO NOTHING`, batch, uid); err != nil {
		return fmt.Errorf("keep what a deed changed: %w", err)
	}
	return nil
}

// followed says that something followed a deed which left the given corrections: it changed others
// too, which have moved on, or would bring back one to a value on which somebody decided since.
func followed(ctx context.Context, r store.Reader, left []Correction) (bool, error) {
	var n int
	if err := r.QueryRow(ctx, `SELECT COUNT(*) FROM correction_deed WHERE batch = $1`, left[0].batch).Scan(&n); err != nil {
		return false, fmt.Errorf("find what a deed changed: %w", err)
	}
	if n != len(left) {
		return true, nil
	}
	for _, c := range left {
		if c.undone() != Binding {
			continue
		}
		if err := r.QueryRow(ctx, `SELECT COUNT(*) FROM correction WHERE subject_kind = $1 AND subject_id = $2 AND name = $3 AND batch <> $4 AND (state = 'binding' OR decided_at >= $5)`,
			c.Kind, c.Subject, c.Name, c.batch, store.Micros(c.Decided)).Scan(&n); err != nil {
			return false, fmt.Errorf("find what was decided since: %w", err)
		}
		if n > 0 {
			return true, nil
		}
	}
	return false, nil
}

// move is one step of corrections from one state into another.
type move struct {
	uid     string
	to      State
	batch   string
	by      string // account; empty: Steward itself
	why     string
	at      int64   // µs
	against []Claim // what sources say now, kept where it becomes binding; nil keeps what there is
}

func step(ctx context.Context, tx *store.Tx, m move) error {
	set, args := []string{"before_state = CASE WHEN batch = $3 THEN before_state ELSE state END", "state = $2", "batch = $3", "decided_by = $4", "decided_why = $5", "decided_at = $6"}, []any{m.uid, string(m.to), m.batch, m.by, m.why, m.at}
	if m.against != nil {
		text, err := encodeClaims(m.against)
		if err != nil {
			return err
		}
		set, args = append(set, "against = $7", "claimed = $7"), append(args, text)
	}
	if _, err := tx.Exec(ctx, `UPDATE correction SET `+strings.Join(set, ", ")+` WHERE uid = $1`, args...); err != nil {
		return taken(err, m.uid)
	}
	return noteDeed(ctx, tx, m.batch, m.uid)
}

// keep stores what sources said of a value when they were last read.
func keep(ctx context.Context, tx *store.Tx, uid string, claims []Claim, text string) error {
	encoded, err := encodeClaims(claims)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE correction SET claimed = $2, claimed_text = $3 WHERE uid = $1 AND claimed <> $2`, uid, encoded, text); err != nil {
		return fmt.Errorf("keep what sources say beside correction %s: %w", uid, err)
	}
	return nil
}

// keeper reads for the rules of corrections, which hold for all records.
var keeper = access.System("keeping corrections")
