package audit

import (
	"cmp"
	"context"
	"crypto/hmac"
	"encoding/json"
	"fmt"
	"slices"

	"steward/internal/platform/access"
	"steward/internal/platform/store"
)

// Change is what was done to the log behind Steward's back.
type Change string

// The changes.
const (
	Altered Change = "altered"
	Removed Change = "removed"
	Added   Change = "added"
)

// Problem is one thing that is not as it was written.
type Problem struct {
	Change  Change
	Seq     int64  // number in the chain; 0 for an entry that has none
	EntryID string // "" when it is not known
	// Sentence says it for people, with what it was found by.
	Sentence string
}

// Report is what Verify found.
type Report struct {
	Entries   int64 // sealed entries that were looked at
	Pending   int64 // entries that are not sealed yet
	Last      Head  // the newest head, zero when there is none
	Problems  []Problem
	More      bool     // there are more problems than are listed
	OtherKeys []string // ids of keys, not at hand, that sealed parts; those are checked by chain only
	// Keyless says that no key was at hand: only the chain was checked, which whoever has the database can compute.
	Keyless bool
}

// maxProblems is the most that are listed.
const maxProblems = 1000

// OK reports whether nothing was altered, removed or added; it never is without the key.
func (r Report) OK() bool { return len(r.Problems) == 0 && !r.Keyless }

// Verify walks the whole log in one snapshot and says which entries were altered, removed or added
// since they were sealed. Heads that were exported earlier, when given, must be in it. It needs
// access.ReadAudit.
func (l *Log) Verify(ctx context.Context, v access.Viewer, exported ...Head) (Report, error) {
	if err := v.Require(access.ReadAudit); err != nil {
		return Report{}, err
	}
	w := &walk{key: l.key, report: Report{Keyless: l.key.id == ""}, foreign: map[string]int64{}, exported: slices.SortedFunc(slices.Values(exported), func(a, b Head) int { return cmp.Compare(a.Seq, b.Seq) })}
	err := l.db.Snapshot(ctx, func(r store.Reader) error {
		for {
			n, err := w.page(ctx, r)
			if err != nil {
				return err
			}
			if n == 0 {
				break
			}
		}
		if err := w.end(ctx, r); err != nil {
			return err
		}
		return w.strays(ctx, r)
	})
	if err != nil {
		return Report{}, fmt.Errorf("verify the audit log: %w", err)
	}
	return w.report, nil
}

// walk is the state of one Verify.
type walk struct {
	key      Key
	exported []Head // by number, those not passed yet
	report   Report
	seq      int64  // of the last seal that was read
	chain    string // at seq
	gap      bool   // what was before seq+1 is not known, so the next link cannot be computed

	renewals []renewal
	foreign  map[string]int64 // by id of a key that is not at hand: number of its last head
}

// renewal is an entry that says that a key took the place of another.
type renewal struct {
	seq    int64
	before string
	ours   bool // sealed with the key at hand
}

func (w *walk) found(change Change, seq int64, entry, sentence string, args ...any) {
	if len(w.report.Problems) >= maxProblems {
		w.report.More = true
		return
	}
	w.report.Problems = append(w.report.Problems, Problem{change, seq, entry, fmt.Sprintf(sentence, args...)})
}

// sealed is a seal as read, with its entry when that is there.
type sealed struct {
	seal
	mac   string
	there bool
	entry Entry
	kept  string // the entry's digest column
}

func scanSealed(s store.Scanner) (sealed, error) {
	var r sealed
	var id, account, reason, action, kind, subject, detail, kept *string
	var at *int64
	err := s.Scan(&r.seq, &r.seal.entry, &r.digest, &r.chain, &r.mac, &id, &at, &account, &reason, &action, &kind, &subject, &detail, &kept)
	if err == nil && id != nil {
		r.there, r.kept = true, *kept
		r.entry = Entry{
			ID: *id, At: store.FromMicros(*at), Account: *account, Reason: *reason, Action: *action,
			SubjectKind: *kind, SubjectID: *subject, Detail: []byte(*detail),
		}
	}
	return r, err
}

// page checks the next seals, their entries and the heads among them.
func (w *walk) page(ctx context.Context, r store.Reader) (int, error) {
	rows, err := store.Collect(scanSealed)(r.Query(ctx, `SELECT s.seq, s.entry_id, s.digest, s.chain, s.mac, `+entryColumns+`, e.digest
		FROM audit_seal s LEFT JOIN audit_entry e ON e.id = s.entry_id WHERE s.seq > $1 ORDER BY s.seq LIMIT $2`, w.seq, round))
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	heads, err := store.Collect(scanHead)(r.Query(ctx,
		"SELECT "+headColumns+" FROM audit_head WHERE seq > $1 AND seq <= $2 ORDER BY seq", w.seq, rows[len(rows)-1].seq))
	if err != nil {
		return 0, err
	}
	// The key of a seal is the key of the first head at or after it.
	var next Head
	if err := firstHead(ctx, r, rows[len(rows)-1].seq, &next); err != nil {
		return 0, err
	}
	for _, row := range rows {
		for len(heads) > 0 && heads[0].Seq < row.seq {
			w.head(heads[0], false)
			heads = heads[1:]
		}
		keyID := next.KeyID
		if len(heads) > 0 {
			keyID = heads[0].KeyID
		}
		w.one(row, keyID)
		if len(heads) > 0 && heads[0].Seq == row.seq {
			w.head(heads[0], true)
			heads = heads[1:]
		}
		for len(w.exported) > 0 && w.exported[0].Seq <= row.seq {
			w.outside(w.exported[0], w.exported[0].Seq == row.seq)
			w.exported = w.exported[1:]
		}
	}
	return len(rows), nil
}

// firstHead reads the first head at or after seq, none when there is no such head.
func firstHead(ctx context.Context, r store.Reader, seq int64, h *Head) error {
	all, err := store.Collect(scanHead)(r.Query(ctx, "SELECT "+headColumns+" FROM audit_head WHERE seq >= $1 ORDER BY seq LIMIT 1", seq))
	if err == nil && len(all) == 1 {
		*h = all[0]
	}
	return err
}

// one checks a seal against the one before, its code, and its entry.
func (w *walk) one(row sealed, keyID string) {
	w.report.Entries++
	if row.seq > w.seq+1 {
		w.missing(w.seq+1, row.seq-1)
		w.gap = true
	}
	ours := keyID == w.key.id || keyID == ""
	coded := ours && hmac.Equal([]byte(row.mac), []byte(w.key.code(row.seal)))
	linked := w.gap || row.chain == link(w.chain, row.seq, row.seal.entry, row.digest)
	switch {
	case keyID == "" && !coded:
		w.found(Added, row.seq, row.seal.entry, "Entry %s has the number %d after the last head, and Steward did not seal it: it was added.", row.seal.entry, row.seq)
	case ours && !coded:
		w.found(Altered, row.seq, row.seal.entry, "The seal of number %d (entry %s) was altered: its code is not Steward's.", row.seq, row.seal.entry)
	case !ours && !linked:
		w.found(Altered, row.seq, row.seal.entry, "The seal of number %d (entry %s), or the one before, was altered: the chain does not fit.", row.seq, row.seal.entry)
	case !row.there:
		w.found(Removed, row.seq, row.seal.entry, "Entry %s, number %d, was removed.", row.seal.entry, row.seq)
	case row.entry.digest() != row.digest || row.kept != row.digest:
		w.found(Altered, row.seq, row.seal.entry, "Entry %s, number %d, was altered: its content does not have the digest that was sealed.", row.seal.entry, row.seq)
	}
	if row.there && row.entry.Action == keyAction && row.entry.digest() == row.digest {
		var said renewed
		if json.Unmarshal(row.entry.Detail, &said) == nil {
			w.renewals = append(w.renewals, renewal{row.seq, said.Before, coded})
		}
	}
	// After a seal that is not Steward's the next link cannot be judged by it; its code can.
	w.gap = ours && !coded
	w.seq, w.chain = row.seq, row.chain
}

func (w *walk) missing(from, to int64) {
	for seq := from; seq <= to; seq++ {
		w.found(Removed, seq, "", "Number %d was removed together with its seal.", seq)
		if w.report.More {
			return
		}
	}
}

// head checks a head; here says whether the seal of its number was just read.
func (w *walk) head(h Head, here bool) {
	w.report.Last = h
	switch {
	case h.KeyID != w.key.id:
		w.foreign[h.KeyID] = h.Seq
		if !slices.Contains(w.report.OtherKeys, h.KeyID) {
			w.report.OtherKeys = append(w.report.OtherKeys, h.KeyID)
		}
	case !h.signedBy(w.key):
		w.found(Altered, h.Seq, "", "The head at number %d was altered: its signature is not Steward's.", h.Seq)
	case here && h.Chain != w.chain:
		w.found(Altered, h.Seq, "", "The seal of number %d was altered: the signed head says otherwise.", h.Seq)
	}
}

// outside checks a head that was kept outside the database.
func (w *walk) outside(h Head, here bool) {
	switch {
	case h.KeyID == w.key.id && !h.signedBy(w.key):
		w.found(Altered, h.Seq, "", "The exported head at number %d is not as Steward signed it.", h.Seq)
	case here && h.Chain != w.chain:
		w.found(Altered, h.Seq, "", "Up to number %d the log was written anew: an exported head of %s says otherwise.", h.Seq, h.At.Format("2006-01-02 15:04:05 MST"))
	}
}

// replaced looks for keys that sealed parts without having been Steward's: the last replacement of a key is
// sealed with the key at hand, which covers all replacements before it, and no other key sealed after it.
func (w *walk) replaced() {
	if w.report.Keyless {
		return
	}
	var last int64
	for _, r := range w.renewals {
		if r.ours {
			last = r.seq
		}
	}
	known := map[string]bool{}
	for _, r := range w.renewals {
		known[r.before] = known[r.before] || r.seq <= last
	}
	for _, id := range w.report.OtherKeys {
		if seq := w.foreign[id]; !known[id] || seq > last {
			w.found(Altered, seq, "", "Up to number %d the log is signed with the key %s, and no entry that Steward sealed says that it was replaced: the log was written anew.", seq, id)
		}
	}
}

// end looks for what was cut off behind the last seal, and for keys that were never Steward's.
func (w *walk) end(ctx context.Context, r store.Reader) error {
	last := w.seq
	var rest Head
	if err := firstHead(ctx, r, last+1, &rest); err != nil {
		return err
	}
	if rest.Seq == 0 && w.seq > w.report.Last.Seq && !w.gap {
		w.found(Removed, w.seq, "", "The head at number %d was removed.", w.seq)
	}
	if rest.Seq > 0 {
		all, err := store.Collect(scanHead)(r.Query(ctx, "SELECT "+headColumns+" FROM audit_head ORDER BY seq DESC LIMIT 1"))
		if err != nil {
			return err
		}
		w.head(all[0], false)
		last = w.report.Last.Seq
		w.missing(w.seq+1, last)
	}
	for _, h := range w.exported {
		w.outside(h, false)
		if h.Seq > last && h.signedBy(w.key) {
			w.missing(last+1, h.Seq)
			last = h.Seq
		}
	}
	w.replaced()
	return nil
}

// strays looks for entries that nobody appended and for pending ones whose entry is gone.
func (w *walk) strays(ctx context.Context, r store.Reader) error {
	id := func(s store.Scanner) (id string, err error) { return id, s.Scan(&id) }
	added, err := store.Collect(id)(r.Query(ctx, `SELECT e.id FROM audit_entry e
		LEFT JOIN audit_seal s ON s.entry_id = e.id LEFT JOIN audit_pending p ON p.entry_id = e.id
		WHERE s.entry_id IS NULL AND p.entry_id IS NULL ORDER BY e.id LIMIT $1`, maxProblems+1))
	if err != nil {
		return err
	}
	for _, id := range added {
		w.found(Added, 0, id, "Entry %s was never sealed and does not wait for it: it was added, or its seal was removed.", id)
	}
	removed, err := store.Collect(id)(r.Query(ctx, `SELECT p.entry_id FROM audit_pending p LEFT JOIN audit_entry e ON e.id = p.entry_id
		WHERE e.id IS NULL ORDER BY p.entry_id LIMIT $1`, maxProblems+1))
	if err != nil {
		return err
	}
	for _, id := range removed {
		w.found(Removed, 0, id, "Entry %s was removed before it was sealed.", id)
	}
	return r.QueryRow(ctx, "SELECT count(*) FROM audit_pending p JOIN audit_entry e ON e.id = p.entry_id").Scan(&w.report.Pending)
}
