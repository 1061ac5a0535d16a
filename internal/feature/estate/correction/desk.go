package correction

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"steward/internal/feature/estate/column"
	"steward/internal/feature/estate/fact"
	"steward/internal/platform/access"
	"steward/internal/platform/audit"
	"steward/internal/platform/fault"
	"steward/internal/platform/mount"
	"steward/internal/platform/store"
	"steward/internal/platform/web"
)

// Config is what New needs beside the platform; the zero value corrects nothing.
type Config struct {
	Subjects []Subject
	// Speaks is the condition that the account w speaks for the confirmed owner of the record that
	// the correction c is about; empty: nobody does.
	Speaks string
}

// Desk takes corrections, decides on them, and lets them count.
type Desk struct {
	p        mount.Platform
	subjects []Subject
	speaks   string
	server   *web.Server
}

// New returns the desk over the platform's database.
func New(p mount.Platform, c Config) *Desk {
	d := &Desk{p: p, subjects: c.Subjects, speaks: c.Speaks}
	if d.speaks == "" {
		d.speaks = "1 = 0"
	}
	return d
}

func (d *Desk) subject(kind string) (Subject, error) {
	i := slices.IndexFunc(d.subjects, func(s Subject) bool { return s.Kind == kind })
	if i < 0 {
		return Subject{}, fault.New(fault.NotFound, "Records of the kind %q cannot be corrected.", kind)
	}
	return d.subjects[i], nil
}

// Statement is what a person says of one value.
type Statement struct {
	Kind, Subject, Name string // of which value of which record
	Verdict             Verdict
	Known               bool   // there is a right value, Value; else it is said not to be known
	Value               string // as it was typed
	Reason, Evidence    string
	Until               string // YYYY-MM-DD or empty
}

// Bounds of what is typed, in bytes.
const (
	maxReason   = 2000
	maxEvidence = 1000
)

// Say keeps what a person says of a value. It is binding at once when the viewer may decide, else it waits.
// Errors: fault.Denied, fault.NotFound, and fault.Invalid with a sentence on what was typed.
func (d *Desk) Say(ctx context.Context, v access.Viewer, s Statement) (c Correction, err error) {
	if err := v.Require(access.LinkRecords); err != nil {
		return c, err
	}
	subject, err := d.subject(s.Kind)
	if err != nil {
		return c, err
	}
	err = d.p.DB.Tx(ctx, func(tx *store.Tx) error {
		tx.MayRepeat()
		record, err := subject.Find(ctx, tx, v, s.Subject)
		if err != nil {
			return err
		}
		if err := lock(ctx, tx, record.RepositoryID); err != nil {
			return err
		}
		claims, before, err := originals(ctx, tx, subject, record, s.Name)
		if err != nil {
			return err
		}
		field, ok, err := subject.Field(ctx, tx, v, s.Name, claims)
		if err == nil && !ok {
			err = fault.New(fault.NotFound, "There is no value %q here that could be corrected.", s.Name)
		}
		if err != nil {
			return err
		}
		if c, err = d.statement(s, field, claims, before); err != nil {
			return err
		}
		c.UID, c.batch, c.Subject, c.Record, c.repository, c.Account, c.By = store.NewID(), store.NewID(), record.ID, record.Name, record.RepositoryID, v.AccountID(), v.Name()
		may, err := d.decides(ctx, tx, v, c)
		if err != nil {
			return err
		}
		decider := ""
		if c.State = Queued; may {
			c.State, decider = Binding, v.AccountID()
			if err := d.replace(ctx, tx, c, c.batch, v.AccountID()); err != nil {
				return err
			}
		}
		if err := put(ctx, tx, c, decider); err != nil {
			return err
		}
		if c.State == Binding {
			if err := d.apply(ctx, tx, subject, record, c.Name, claims); err != nil {
				return err
			}
		}
		return d.note(ctx, tx, v, "correction.say", c)
	})
	return c, err
}

// statement checks what was typed.
func (d *Desk) statement(s Statement, field Field, claims []Claim, before *Correction) (Correction, error) {
	now := d.p.Now()
	c := Correction{
		Kind: s.Kind, Name: s.Name, Verdict: s.Verdict, Reason: strings.TrimSpace(store.Text(s.Reason)), Evidence: strings.TrimSpace(store.Text(s.Evidence)),
		Made: now, Until: strings.TrimSpace(s.Until), Claimed: claims, Against: claims, ClaimedText: textOf(s.Name, claims),
	}
	switch {
	case !slices.Contains(verdicts, s.Verdict):
		return c, fault.New(fault.Invalid, "Say what is not right: wrong, outdated, not ours, or by design.")
	case c.Reason == "":
		return c, fault.New(fault.Invalid, "Give the reason: whoever reads it later was not there.")
	case len(c.Reason) > maxReason || len(c.Evidence) > maxEvidence:
		return c, fault.New(fault.Invalid, "A reason has at most %d letters, evidence %d. Shorten it.", maxReason, maxEvidence)
	}
	if c.Until != "" {
		day, err := time.Parse(time.DateOnly, c.Until)
		if err != nil {
			return c, fault.New(fault.Invalid, "Give the last day as 2026-11-30.")
		}
		if day.Format(time.DateOnly) < now.UTC().Format(time.DateOnly) {
			return c, fault.New(fault.Invalid, "The last day, %s, is over already.", c.Until)
		}
	}
	if s.Verdict == ByDesign {
		if len(claims) == 0 {
			return c, fault.New(fault.Invalid, "Nothing is said of it that could be by design. Say what it is instead.")
		}
		return c, nil
	}
	if field.Instead != "" {
		c.ValueText = notSo
	}
	if s.Known {
		var err error
		if c.Value, err = field.parse(s.Value); err != nil {
			return c, err
		}
		c.ValueText = fact.Text(s.Name, c.Value)
	}
	switch {
	case len(claims) == 0 && c.Value == "":
		return c, fault.New(fault.Invalid, "It is not known already. Say what it is.")
	case len(claims) > 0 && claims[0].Value == c.Value && (before == nil || before.Value == c.Value):
		return c, fault.New(fault.Invalid, "That is what Steward says already. If it is meant to be so, choose by design.")
	}
	return c, nil
}

// notSo is said of a claim that nothing is put in the place of.
const notSo = "not so"

// textOf is what counts of claims, for people; empty when there are none.
func textOf(name string, claims []Claim) string {
	if len(claims) == 0 {
		return ""
	}
	return fact.Text(name, claims[0].Value)
}

// originals are what sources say of a value, whatever is in force, which comes with it.
func originals(ctx context.Context, tx store.Reader, s Subject, record Record, name string) ([]Claim, *Correction, error) {
	claims, err := s.Claims(ctx, tx, keeper, record, name)
	if err != nil {
		return nil, nil, fmt.Errorf("list what is said of %s: %w", name, err)
	}
	now, err := inForce(ctx, tx, s.Kind, record.ID, name)
	if err != nil {
		return nil, nil, err
	}
	if slices.ContainsFunc(claims, func(c Claim) bool { return c.Basis == column.Corrected }) {
		claims = nil
		if now != nil {
			claims = now.Claimed
		}
	}
	return claims, now, nil
}

// decides says whether the viewer may decide on a correction: administrators, and who speaks for the
// confirmed owner of the record.
func (d *Desk) decides(ctx context.Context, r store.Reader, v access.Viewer, c Correction) (bool, error) {
	if v.Can(access.DecideCorrections) || !v.Can(access.LinkRecords) {
		return v.Can(access.DecideCorrections), nil
	}
	var n int
	err := r.QueryRow(ctx, `SELECT COUNT(*) FROM account w JOIN (SELECT CAST($2 AS text) AS subject_kind, CAST($3 AS text) AS subject_id, CAST($4 AS bigint) AS repository_id) c ON 1 = 1
		WHERE w.id = $1 AND w.disabled_at = 0 AND `+d.speaks, v.AccountID(), c.Kind, c.Subject, c.repository).Scan(&n)
	if err != nil {
		return false, fmt.Errorf("find who speaks for a record: %w", err)
	}
	return n > 0, nil
}

// replace ends what was in force or reopened for the value of a correction.
func (d *Desk) replace(ctx context.Context, tx *store.Tx, c Correction, batch, by string) error {
	old, err := find(ctx, tx, keeper, `c.subject_kind = $1 AND c.subject_id = $2 AND c.name = $3 AND c.state IN ('binding', 'reopened') AND c.uid <> $4`, c.Kind, c.Subject, c.Name, c.UID)
	if err != nil {
		return err
	}
	for _, o := range old {
		if err := step(ctx, tx, move{uid: o.UID, to: Ended, batch: batch, by: by, why: "a later correction took its place", at: store.Micros(d.p.Now())}); err != nil {
			return err
		}
	}
	return nil
}

// apply makes a value of a record what the correction in force says, or the original where there is none.
func (d *Desk) apply(ctx context.Context, tx *store.Tx, s Subject, record Record, name string, claims []Claim) error {
	now, err := inForce(ctx, tx, s.Kind, record.ID, name)
	if err != nil {
		return err
	}
	change := Change{Name: name, At: d.p.Now()}
	if len(claims) > 0 {
		change.Original = &claims[0]
	}
	if now != nil && now.InForce() {
		change.At, change.Value = now.Made, now.Value
		if change.Value == "" {
			change.Value = "null"
		}
	}
	return s.Apply(ctx, tx, record, change)
}

// note keeps a deed in the audit log: ids and verdicts; what people typed stays in the table.
func (d *Desk) note(ctx context.Context, tx *store.Tx, v access.Viewer, action string, c Correction) error {
	return audit.Append(ctx, tx, v, d.p.Now(), action, c.Kind, c.Subject, map[string]any{"correction": c.UID, "name": c.Name, "verdict": c.Verdict, "state": c.State, "batch": c.batch})
}
