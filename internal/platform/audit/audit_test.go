package audit_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"steward/internal/platform/access"
	"steward/internal/platform/audit"
	"steward/internal/platform/fault"
	"steward/internal/platform/store"
	"steward/internal/platform/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var auditor = access.As("a-3", "Cas", access.Auditor)

func newKey(t *testing.T) audit.Key {
	t.Helper()
	key, err := audit.NewKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// add appends entries with the subjects from..to-1, one transaction each.
func add(t *testing.T, db *store.DB, from, to int) {
	t.Helper()
	for i := from; i < to; i++ {
		err := db.Tx(t.Context(), func(tx *store.Tx) error {
			return audit.Append(t.Context(), tx, access.As("a-1", "Ann", access.Admin), time.Now(), "thing.change", "thing", fmt.Sprint(i),
				map[string]any{"to": i, "from": "b\xff\x00"})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func seal(t *testing.T, l *audit.Log, want int) {
	t.Helper()
	if n, err := l.Seal(t.Context()); err != nil || n != want {
		t.Fatalf("sealed %d, %v; want %d", n, err, want)
	}
}

func execute(t *testing.T, db *store.DB, statement string, args ...any) {
	t.Helper()
	err := db.Tx(t.Context(), func(tx *store.Tx) error {
		n, err := tx.Exec(t.Context(), statement, args...)
		if err == nil && n == 0 {
			err = errors.New("changed nothing")
		}
		return err
	})
	if err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func verify(t *testing.T, l *audit.Log, exported ...audit.Head) audit.Report {
	t.Helper()
	r, err := l.Verify(t.Context(), auditor, exported...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// brief is a problem without its sentence: "altered 5 <entry's subject>".
func brief(r audit.Report, subjects map[string]string) (all []string) {
	for _, p := range r.Problems {
		all = append(all, strings.TrimSpace(fmt.Sprintf("%s %d %s", p.Change, p.Seq, subjects[p.EntryID])))
	}
	return all
}

func TestUntouchedLogVerifies(t *testing.T) {
	storetest.Each(t, []store.Migrations{audit.Migrations()}, func(t *testing.T, db *store.DB) {
		l := audit.New(db, newKey(t), nil)
		if r := verify(t, l); !r.OK() || r.Entries != 0 {
			t.Errorf("the empty log: %+v", r)
		}
		seal(t, l, 0)
		add(t, db, 0, 5)
		if r := verify(t, l); !r.OK() || r.Pending != 5 {
			t.Errorf("before sealing: %+v", r)
		}
		seal(t, l, 5)
		add(t, db, 5, 8)
		seal(t, l, 3)
		add(t, db, 8, 9)
		r := verify(t, l)
		if !r.OK() || r.Entries != 8 || r.Pending != 1 || r.Last.Seq != 8 || r.More {
			t.Errorf("got %+v", r)
		}
	})
}

func TestMoreThanARound(t *testing.T) {
	db := storetest.Open(t, storetest.Fresh(t, store.SQLite), []store.Migrations{audit.Migrations()})
	l := audit.New(db, newKey(t), nil)
	err := db.Tx(t.Context(), func(tx *store.Tx) error {
		for i := range 2500 {
			if err := audit.Append(t.Context(), tx, access.System("test"), time.Now(), "thing.change", "thing", fmt.Sprint(i), nil); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	seal(t, l, 2500)
	if r := verify(t, l); !r.OK() || r.Entries != 2500 {
		t.Errorf("got %+v", r)
	}
	execute(t, db, "DELETE FROM audit_seal WHERE seq BETWEEN 990 AND 2300")
	if r := verify(t, l); len(r.Problems) != 1000 || !r.More {
		t.Errorf("%d problems, more %v; want 1000 and more", len(r.Problems), r.More)
	}
}

func TestTamperingIsNamed(t *testing.T) {
	entry := "(SELECT entry_id FROM audit_seal WHERE seq = %d)"
	at := func(statement string, seq int) string {
		return strings.ReplaceAll(statement, "ENTRY", fmt.Sprintf(entry, seq))
	}
	cases := map[string]struct {
		do   []string
		want []string
	}{
		"detail":     {[]string{at(`UPDATE audit_entry SET detail = '{"to":99}' WHERE id = ENTRY`, 5)}, []string{"altered 5 4"}},
		"account":    {[]string{at("UPDATE audit_entry SET account = 'a-9' WHERE id = ENTRY", 5)}, []string{"altered 5 4"}},
		"time":       {[]string{at("UPDATE audit_entry SET at = at + 1 WHERE id = ENTRY", 1)}, []string{"altered 1 0"}},
		"its digest": {[]string{at("UPDATE audit_entry SET digest = 'x' WHERE id = ENTRY", 5)}, []string{"altered 5 4"}},
		"moved words": {
			[]string{at("UPDATE audit_entry SET action = 'thing.changething', subject_kind = '' WHERE id = ENTRY", 5)},
			[]string{"altered 5 4"},
		},
		"entry removed": {[]string{at("DELETE FROM audit_entry WHERE id = ENTRY", 3)}, []string{"removed 3 2"}},
		"entry and seal removed": {
			[]string{at("DELETE FROM audit_entry WHERE id = ENTRY", 3), "DELETE FROM audit_seal WHERE seq = 3"},
			[]string{"removed 3"},
		},
		"first removed":  {[]string{at("DELETE FROM audit_entry WHERE id = ENTRY", 1), "DELETE FROM audit_seal WHERE seq = 1"}, []string{"removed 1"}},
		"last removed":   {[]string{at("DELETE FROM audit_entry WHERE id = ENTRY", 10), "DELETE FROM audit_seal WHERE seq = 10"}, []string{"removed 10"}},
		"seal removed":   {[]string{"DELETE FROM audit_seal WHERE seq = 4"}, []string{"removed 4", "added 0 3"}},
		"seal's digest":  {[]string{"UPDATE audit_seal SET digest = 'x' WHERE seq = 4"}, []string{"altered 4 3"}},
		"seal's chain":   {[]string{"UPDATE audit_seal SET chain = 'x' WHERE seq = 4"}, []string{"altered 4 3"}},
		"seal's code":    {[]string{"UPDATE audit_seal SET mac = 'x' WHERE seq = 4"}, []string{"altered 4 3"}},
		"two":            {[]string{at("UPDATE audit_entry SET account = '' WHERE id = ENTRY", 2), at("UPDATE audit_entry SET account = '' WHERE id = ENTRY", 9)}, []string{"altered 2 1", "altered 9 8"}},
		"head's chain":   {[]string{"UPDATE audit_head SET chain = 'x' WHERE seq = 6"}, []string{"altered 6"}},
		"head's time":    {[]string{"UPDATE audit_head SET at = at + 1 WHERE seq = 6"}, []string{"altered 6"}},
		"head's signing": {[]string{"UPDATE audit_head SET signature = 'zz' WHERE seq = 10"}, []string{"altered 10"}},
		"last head":      {[]string{"DELETE FROM audit_head WHERE seq = 10"}, []string{"removed 10"}},
		"entry added": {[]string{`INSERT INTO audit_entry (id, at, account, reason, action, subject_kind, subject_id, detail, digest)
			VALUES ('00', 1, 'a-1', '', 'x', 'y', 'z', 'null', 'd')`}, []string{"added 0 z"}},
		"entry and seal added": {[]string{
			`INSERT INTO audit_entry (id, at, account, reason, action, subject_kind, subject_id, detail, digest)
				VALUES ('00', 1, 'a-1', '', 'x', 'y', 'z', 'null', 'd')`,
			"INSERT INTO audit_seal (seq, entry_id, digest, chain, mac) VALUES (11, '00', 'd', 'c', 'm')",
		}, []string{"added 11 z"}},
		"swapped": {[]string{
			"UPDATE audit_seal SET seq = 100 WHERE seq = 2", "UPDATE audit_seal SET seq = 2 WHERE seq = 3", "UPDATE audit_seal SET seq = 3 WHERE seq = 100",
		}, []string{"altered 2 2", "altered 3 1"}},
		"tail and its head": { // not seen without an exported head; see below
			[]string{"DELETE FROM audit_entry WHERE id IN (SELECT entry_id FROM audit_seal WHERE seq > 6)", "DELETE FROM audit_seal WHERE seq > 6", "DELETE FROM audit_head WHERE seq > 6"},
			nil,
		},
		"removed before sealing": {[]string{"INSERT INTO audit_pending (entry_id) VALUES ('gone')"}, []string{"removed 0"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			db := storetest.Open(t, storetest.Fresh(t, store.SQLite), []store.Migrations{audit.Migrations()})
			l := audit.New(db, newKey(t), nil)
			add(t, db, 0, 6)
			seal(t, l, 6)
			add(t, db, 6, 10)
			seal(t, l, 4)
			var exported bytes.Buffer
			if last, err := l.Export(t.Context(), auditor, &exported, 0); err != nil || last != 10 {
				t.Fatalf("exported to %d, %v", last, err)
			}
			subjects := subjectsOf(t, l)
			for _, statement := range c.do {
				execute(t, db, statement)
			}
			for id, s := range subjectsOf(t, l) {
				subjects[id] = s
			}
			for range 2 { // before and after the sealer has gone on
				r := verify(t, l)
				if diff := cmp.Diff(c.want, brief(r, subjects)); diff != "" {
					t.Errorf("want -, got +:\n%s\n%+v", diff, r.Problems)
				}
				if _, err := l.Seal(t.Context()); err != nil {
					t.Errorf("sealing after tampering: %v", err)
				}
			}
			heads, err := audit.ReadHeads(&exported)
			if err != nil {
				t.Fatal(err)
			}
			if name == "tail and its head" {
				want := []string{"removed 7", "removed 8", "removed 9", "removed 10"}
				if diff := cmp.Diff(want, brief(verify(t, l, heads...), subjects)); diff != "" {
					t.Errorf("with exported heads; want -, got +:\n%s", diff)
				}
			}
		})
	}
}

func subjectsOf(t *testing.T, l *audit.Log) map[string]string {
	t.Helper()
	all, err := l.List(t.Context(), auditor, audit.Page{Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	subjects := map[string]string{}
	for _, e := range all {
		subjects[e.ID] = e.SubjectID
	}
	return subjects
}

func TestRewrittenWithAnotherKeyShows(t *testing.T) {
	storetest.Each(t, []store.Migrations{audit.Migrations()}, func(t *testing.T, db *store.DB) {
		l := audit.New(db, newKey(t), nil)
		add(t, db, 0, 4)
		seal(t, l, 4)
		var exported bytes.Buffer
		if _, err := l.Export(t.Context(), auditor, &exported, 0); err != nil {
			t.Fatal(err)
		}
		heads, err := audit.ReadHeads(&exported)
		if err != nil {
			t.Fatal(err)
		}
		if r := verify(t, l, heads...); !r.OK() {
			t.Errorf("untouched, with its exported heads: %+v", r.Problems)
		}
		execute(t, db, "DELETE FROM audit_seal")
		execute(t, db, "DELETE FROM audit_head")
		execute(t, db, "INSERT INTO audit_pending (entry_id) SELECT id FROM audit_entry")
		execute(t, db, "UPDATE audit_entry SET account = 'a-9', digest = 'x' WHERE subject_id = '2'")
		seal(t, audit.New(db, newKey(t), nil), 4) // the forger's own key
		r := verify(t, l, heads...)
		if r.OK() || len(r.OtherKeys) != 1 {
			t.Errorf("got %+v, want problems and another key", r)
		}
		if r := verify(t, l); r.OK() {
			t.Error("without exported heads another key that nobody put in place passes")
		}
		execute(t, db, "UPDATE audit_entry SET action = 'audit.key', detail = '{\"before\":\"' || (SELECT key_id FROM audit_head LIMIT 1) || '\"}' WHERE subject_id = '3'")
		if r := verify(t, l); r.OK() {
			t.Error("a replacement that the forger wrote makes the key pass")
		}
	})
}

func TestALogIsNotProvedWithoutItsKey(t *testing.T) {
	storetest.Each(t, []store.Migrations{audit.Migrations()}, func(t *testing.T, db *store.DB) {
		add(t, db, 0, 2)
		seal(t, audit.New(db, newKey(t), nil), 2)
		if r := verify(t, audit.New(db, audit.Key{}, nil)); r.OK() || !r.Keyless || len(r.Problems) > 0 {
			t.Errorf("got %+v, want no problem and no proof", r)
		}
	})
}

func TestSealersSideBySide(t *testing.T) {
	storetest.Each(t, []store.Migrations{audit.Migrations()}, func(t *testing.T, db *store.DB) {
		key := newKey(t)
		ctx, stop := context.WithCancel(t.Context())
		var sealers, writers sync.WaitGroup
		for range 2 {
			l := audit.New(db, key, nil)
			sealers.Go(func() { l.Run(ctx, slog.New(slog.DiscardHandler)) })
			sealers.Go(func() {
				for ctx.Err() == nil {
					if _, err := l.Seal(ctx); err != nil && ctx.Err() == nil {
						t.Error(err)
					}
				}
			})
		}
		for w := range 4 {
			writers.Go(func() { add(t, db, w*100, w*100+50) })
		}
		writers.Wait()
		stop()
		sealers.Wait()
		r := verify(t, audit.New(db, key, nil))
		if !r.OK() || r.Entries != 200 || r.Pending != 0 {
			t.Errorf("got %+v", r)
		}
	})
}

func TestEntryBelongsToTheTransaction(t *testing.T) {
	storetest.Each(t, []store.Migrations{audit.Migrations()}, func(t *testing.T, db *store.DB) {
		boom := errors.New("boom")
		err := db.Tx(t.Context(), func(tx *store.Tx) error {
			return errors.Join(audit.Append(t.Context(), tx, access.System("test"), time.Now(), "a", "b", "c", nil), boom)
		})
		if !errors.Is(err, boom) {
			t.Fatal(err)
		}
		if all := subjectsOf(t, audit.New(db, newKey(t), nil)); len(all) != 0 {
			t.Errorf("an entry of a transaction that was rolled back: %v", all)
		}
	})
}

func TestListAndRights(t *testing.T) {
	storetest.Each(t, []store.Migrations{audit.Migrations()}, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		l := audit.New(db, newKey(t), nil)
		add(t, db, 0, 3)
		err := db.Tx(ctx, func(tx *store.Tx) error {
			return audit.Append(ctx, tx, access.System("retention"), time.Now(), "thing.purge", "other", "7", nil)
		})
		if err != nil {
			t.Fatal(err)
		}
		seal(t, l, 4)
		all, err := l.List(ctx, auditor, audit.Page{})
		if err != nil {
			t.Fatal(err)
		}
		for i := range all {
			if all[i].ID == "" || all[i].At.IsZero() {
				t.Errorf("entry %+v", all[i])
			}
			all[i].ID, all[i].At = "", time.Time{}
		}
		want := []audit.Entry{
			{Reason: "retention", Action: "thing.purge", SubjectKind: "other", SubjectID: "7", Detail: []byte("null"), Seq: 4},
		}
		for i := 2; i >= 0; i-- {
			want = append(want, audit.Entry{
				Account: "a-1", Action: "thing.change", SubjectKind: "thing", SubjectID: fmt.Sprint(i),
				Detail: fmt.Appendf(nil, `{"from":"b\ufffd\u0000","to":%d}`, i), Seq: int64(i + 1),
			})
		}
		if diff := cmp.Diff(want, all); diff != "" {
			t.Errorf("want -, got +:\n%s", diff)
		}
		subjects := func(p audit.Page) (all []string) {
			entries, err := l.List(ctx, auditor, p)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range entries {
				all = append(all, e.SubjectID)
			}
			return all
		}
		page, err := l.List(ctx, auditor, audit.Page{Limit: 2})
		if err != nil {
			t.Fatal(err)
		}
		got := map[string][]string{
			"subject": subjects(audit.Page{SubjectKind: "thing", SubjectID: "1"}),
			"account": subjects(audit.Page{Account: "a-1", Limit: 2}),
			"action":  subjects(audit.Page{Action: "thing.purge"}),
			"page 2":  subjects(audit.Page{Before: page[1].ID}),
		}
		wantPages := map[string][]string{"subject": {"1"}, "account": {"2", "1"}, "action": {"7"}, "page 2": {"1", "0"}}
		if diff := cmp.Diff(wantPages, got); diff != "" {
			t.Errorf("want -, got +:\n%s", diff)
		}

		member := access.As("a-2", "Ben", access.Member)
		_, listErr := l.List(ctx, member, audit.Page{})
		_, verifyErr := l.Verify(ctx, member)
		_, exportErr := l.Export(ctx, member, &bytes.Buffer{}, 0)
		appendErr := db.Tx(ctx, func(tx *store.Tx) error {
			return audit.Append(ctx, tx, access.Viewer{}, time.Now(), "a", "b", "c", nil)
		})
		for name, err := range map[string]error{"List": listErr, "Verify": verifyErr, "Export": exportErr, "Append": appendErr} {
			if !errors.Is(err, fault.Denied) {
				t.Errorf("%s: %v, want fault.Denied", name, err)
			}
		}
	})
}

func TestKeyFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys", "audit.pem")
	var wait sync.WaitGroup
	ids := make([]string, 8)
	for i := range ids {
		wait.Go(func() {
			key, err := audit.OpenKey(path)
			if err != nil {
				t.Error(err)
			}
			ids[i] = key.ID()
		})
	}
	wait.Wait()
	for _, id := range ids {
		if id != ids[0] || len(id) != 16 {
			t.Errorf("ids %v, want one of 16 letters", ids)
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v; want 0600", info, err)
	}
	if left, err := filepath.Glob(filepath.Join(filepath.Dir(path), ".audit*")); err != nil || len(left) != 0 {
		t.Errorf("left over: %v, %v", left, err)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := audit.OpenKey(path); !errors.Is(err, fault.Unavailable) {
		t.Errorf("a key that others can read: %v", err)
	}
	if err := os.WriteFile(path, []byte("s3cret"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := audit.OpenKey(path); !errors.Is(err, fault.Invalid) || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("no key: %v", err)
	}
}

func FuzzReadHeads(f *testing.F) {
	f.Add([]byte(`{"seq":1,"chain":"ab","at":"2026-01-02T03:04:05Z","key_id":"k","signature":"00"}` + "\n"))
	f.Add([]byte("\n\n{}\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		heads, err := audit.ReadHeads(bytes.NewReader(text))
		if (err == nil) == (heads == nil) {
			t.Errorf("%d heads and %v", len(heads), err)
		}
		if err != nil && !errors.Is(err, fault.Invalid) {
			t.Errorf("%v, want fault.Invalid", err)
		}
	})
}

func FuzzParseKey(f *testing.F) {
	f.Add([]byte("-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f\n-----END PRIVATE KEY-----\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		key, err := audit.ParseKey(text)
		if (err == nil) != (len(key.ID()) == 16) {
			t.Errorf("key %q and %v", key.ID(), err)
		}
	})
}

// TestOrderWhenTheClockGoesBack: the times are those of the clock, the order is that of writing.
func TestOrderWhenTheClockGoesBack(t *testing.T) {
	storetest.Each(t, []store.Migrations{audit.Migrations()}, func(t *testing.T, db *store.DB) {
		l := audit.New(db, newKey(t), nil)
		noon := time.Date(2026, 11, 22, 12, 0, 0, 123456000, time.UTC)
		clock := []time.Time{noon, noon, noon.Add(-48 * time.Hour), noon.Add(-48*time.Hour + time.Second), noon.Add(time.Microsecond), noon.Add(-time.Minute)}
		for i, at := range clock {
			err := db.Tx(t.Context(), func(tx *store.Tx) error {
				return audit.Append(t.Context(), tx, auditor, at, "thing.change", "thing", fmt.Sprint(i), nil)
			})
			if err != nil {
				t.Fatal(err)
			}
			if i%2 == 1 {
				seal(t, l, 2)
			}
		}
		all, err := l.List(t.Context(), auditor, audit.Page{})
		if err != nil {
			t.Fatal(err)
		}
		type line struct {
			Subject string
			At      time.Time
			Seq     int64
		}
		var got, want []line
		for _, e := range slices.Backward(all) {
			got = append(got, line{e.SubjectID, e.At, e.Seq})
		}
		for i, at := range clock {
			want = append(want, line{fmt.Sprint(i), at, int64(i + 1)})
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("want -, got +:\n%s", diff)
		}
		if r := verify(t, l); !r.OK() || r.Entries != int64(len(clock)) {
			t.Errorf("verified: %+v", r)
		}
	})
}

// TestOneKeyForAllProcesses: the key that a database is first opened with stays its key.
func TestOneKeyForAllProcesses(t *testing.T) {
	storetest.Each(t, []store.Migrations{audit.Migrations()}, func(t *testing.T, db *store.DB) {
		ctx, now := t.Context(), time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
		first, second := filepath.Join(t.TempDir(), "audit.key"), filepath.Join(t.TempDir(), "audit.key")
		key, err := audit.KeyFor(ctx, db, first, now, false)
		if err != nil {
			t.Fatal(err)
		}
		again, err := audit.KeyFor(ctx, db, first, now, false)
		if err != nil || again.ID() != key.ID() {
			t.Fatalf("the same file again: %s, %v; want %s", again.ID(), err, key.ID())
		}
		refused := func(says string) {
			t.Helper()
			none, err := audit.KeyFor(ctx, db, second, now, false)
			if !errors.Is(err, fault.Conflict) || none.ID() != "" || !strings.Contains(fault.Sentence(err), says) || !strings.Contains(fault.Sentence(err), key.ID()) {
				t.Errorf("got %v, want a conflict that says %q and names %s", err, says, key.ID())
			}
		}
		refused("there is no " + second)
		if _, err := os.Stat(second); !os.IsNotExist(err) {
			t.Errorf("a key was made that cannot be used: %v", err)
		}
		other, err := audit.OpenKey(second)
		if err != nil {
			t.Fatal(err)
		}
		refused(second + " is another (" + other.ID() + ")")

		add(t, db, 0, 2)
		old := audit.New(db, key, nil)
		seal(t, old, 2)
		if got, err := audit.KeyFor(ctx, db, second, now, true); err != nil || got.ID() != other.ID() {
			t.Fatalf("renewed: %s, %v", got.ID(), err)
		}
		if n, err := old.Seal(ctx); n != 0 || !errors.Is(err, fault.Conflict) {
			t.Errorf("who has the key of before sealed %d, %v; want a conflict", n, err)
		}
		renewed := audit.New(db, other, nil)
		seal(t, renewed, 1)
		r := verify(t, renewed)
		if diff := cmp.Diff([]string{key.ID()}, r.OtherKeys); diff != "" || !r.OK() || r.Entries != 3 {
			t.Errorf("verified: %+v", r)
		}
		all, err := renewed.List(ctx, auditor, audit.Page{Limit: 1})
		if err != nil {
			t.Fatal(err)
		}
		all[0].ID = ""
		want := []audit.Entry{{At: now, Reason: "new audit key", Action: "audit.key", SubjectKind: "audit", SubjectID: other.ID(), Detail: fmt.Appendf(nil, `{"before":%q}`, key.ID()), Seq: 3}}
		if diff := cmp.Diff(want, all); diff != "" {
			t.Errorf("entry, want -, got +:\n%s", diff)
		}
		if n, err := audit.New(db, audit.Key{}, nil).Seal(ctx); n != 0 || err != nil {
			t.Errorf("without a key: %d, %v", n, err)
		}
	})
}
