// Package audit keeps who did what to which record, so that later changes to that memory show.
//
// Append writes an entry, with the digest of its content, in the transaction that does the deed:
// neither exists without the other. Once a second a sealer gives new entries a number in an order
// of its own, links each to the one before, and signs the newest link, the head:
//
//	audit_entry    what happened; ids only, never names or e-mail addresses
//	audit_pending  ids of entries that are not sealed yet
//	audit_seal     number, entry, its digest, chain = SHA-256(chain before, number, entry, digest),
//	               and a code (HMAC-SHA-256) that only the holder of the key can make
//	audit_head     number, chain, time and an Ed25519 signature, one for each round of sealing
//	audit_key      which key seals: all processes on one database have the same
//
// Verify walks all of it and names each entry that was altered, removed or added.
//
// Limits, said plainly. Whoever has both the database and the key can rewrite everything; keep the
// key where the database's administrator cannot read it. Whoever has the database alone can
//   - alter an entry unseen before it is sealed, in the second after it was written;
//   - go back to an older state of the database, or cut off the newest entries together with their
//     seals and heads: what is left is consistent.
//
// Against the second Export writes heads to be kept outside the database, and Verify compares them.
// An account's id says who it was only as long as the account is kept.
package audit

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"steward/internal/platform/access"
	"steward/internal/platform/fault"
	"steward/internal/platform/store"
)

//go:embed migration
var migrations embed.FS

// Migrations returns the schema of the audit log.
func Migrations() store.Migrations { return store.Migrations{Feature: "audit", FS: migrations} }

// maxDetail is the largest detail of an entry, in bytes of JSON.
const maxDetail = 64 << 10

// Entry is one deed.
type Entry struct {
	ID          string
	At          time.Time // to the µs
	Account     string    // id of the account, "" when Steward itself did it
	Reason      string    // for what Steward did it, "" when an account did
	Action      string    // such as "component.own"
	SubjectKind string    // such as "component"
	SubjectID   string
	Detail      json.RawMessage // as it was given, null when there is none
	Seq         int64           // number in the chain, 0 until it is sealed
}

// Append writes an entry in the caller's transaction, at the time that the caller's clock shows. The
// order of entries does not depend on it. The detail is stored as JSON, at most 64 KiB; it holds ids
// and values, never names or e-mail addresses of people, because an entry is never erased. A viewer
// that is nobody gives fault.Denied.
func Append(ctx context.Context, tx *store.Tx, v access.Viewer, at time.Time, action, subjectKind, subjectID string, detail any) error {
	if !v.Valid() {
		return fault.New(fault.Denied, "Nobody is signed in, so nothing was changed. Sign in and try again.")
	}
	raw, err := json.Marshal(detail)
	if err != nil {
		return fmt.Errorf("audit %s of %s %q: %w", action, subjectKind, subjectID, err)
	}
	if len(raw) > maxDetail {
		return fmt.Errorf("audit %s of %s %q: the detail has %d bytes, more than %d", action, subjectKind, subjectID, len(raw), maxDetail)
	}
	id, err := nextID(ctx, tx, at)
	if err != nil {
		return fmt.Errorf("audit %s of %s %q: %w", action, subjectKind, subjectID, err)
	}
	e := Entry{
		ID: id, At: at.UTC().Truncate(time.Microsecond),
		Account: store.Text(v.AccountID()), Reason: store.Text(v.Reason()),
		Action: store.Text(action), SubjectKind: store.Text(subjectKind), SubjectID: store.Text(subjectID), Detail: raw,
	}
	_, err = tx.Exec(ctx, `INSERT INTO audit_entry (id, at, account, reason, action, subject_kind, subject_id, detail, digest)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		e.ID, store.Micros(e.At), e.Account, e.Reason, e.Action, e.SubjectKind, e.SubjectID, string(e.Detail), e.digest())
	if err == nil {
		_, err = tx.Exec(ctx, "INSERT INTO audit_pending (entry_id) VALUES ($1)", e.ID)
	}
	if err != nil {
		return fmt.Errorf("audit %s of %s %q: %w", action, subjectKind, subjectID, err)
	}
	return nil
}

// digest returns the SHA-256 of the entry's content: a JSON array of strings, so that no two
// entries have the same text.
func (e Entry) digest() string {
	text, err := json.Marshal([]string{
		"steward audit entry 1", e.ID, fmt.Sprint(store.Micros(e.At)), e.Account, e.Reason,
		e.Action, e.SubjectKind, e.SubjectID, string(e.Detail),
	})
	if err != nil {
		panic(err) // strings always marshal
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

const entryColumns = "e.id, e.at, e.account, e.reason, e.action, e.subject_kind, e.subject_id, e.detail"

func scanEntry(s store.Scanner, more ...any) (Entry, error) {
	var e Entry
	var at int64
	var detail string
	err := s.Scan(append([]any{&e.ID, &at, &e.Account, &e.Reason, &e.Action, &e.SubjectKind, &e.SubjectID, &detail}, more...)...)
	e.At, e.Detail = store.FromMicros(at), json.RawMessage(detail)
	return e, err
}

// Page chooses entries; empty fields choose all.
type Page struct {
	Account     string
	Action      string
	SubjectKind string
	SubjectID   string
	Before      string // only entries older than this id: the last id of the page before
	Limit       int    // at most; 0 means 100, the most is 1000
}

const (
	defaultLimit = 100
	largestLimit = 1000
)

// List returns entries, newest first. It needs access.ReadAudit.
func (l *Log) List(ctx context.Context, v access.Viewer, p Page) ([]Entry, error) {
	if err := v.Require(access.ReadAudit); err != nil {
		return nil, err
	}
	if p.Limit <= 0 {
		p.Limit = defaultLimit
	}
	query := "SELECT " + entryColumns + ", coalesce(s.seq, 0) FROM audit_entry e LEFT JOIN audit_seal s ON s.entry_id = e.id WHERE 1 = 1"
	var args []any
	for _, c := range []struct{ condition, value string }{
		{"e.account = ", p.Account},
		{"e.action = ", p.Action},
		{"e.subject_kind = ", p.SubjectKind},
		{"e.subject_id = ", p.SubjectID},
		{"e.id < ", p.Before},
	} {
		if c.value != "" {
			args = append(args, c.value)
			query += fmt.Sprintf(" AND %s$%d", c.condition, len(args))
		}
	}
	args = append(args, min(p.Limit, largestLimit))
	query += fmt.Sprintf(" ORDER BY e.id DESC LIMIT $%d", len(args))
	all, err := store.Collect(func(s store.Scanner) (Entry, error) {
		var seq int64
		e, err := scanEntry(s, &seq)
		e.Seq = seq
		return e, err
	})(l.db.Query(ctx, query, args...))
	if err != nil {
		return nil, fmt.Errorf("list audit entries: %w", err)
	}
	return all, nil
}
