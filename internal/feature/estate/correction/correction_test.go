package correction_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"steward/internal/feature/estate"
	"steward/internal/feature/estate/column"
	"steward/internal/feature/estate/correction"
	"steward/internal/feature/estate/fact"
	"steward/internal/platform/access"
	"steward/internal/platform/account"
	"steward/internal/platform/audit"
	"steward/internal/platform/fault"
	"steward/internal/platform/job"
	"steward/internal/platform/listing"
	"steward/internal/platform/mount"
	"steward/internal/platform/search"
	"steward/internal/platform/store"
	"steward/internal/platform/store/storetest"
	"steward/internal/platform/web"
	"steward/internal/platform/web/webtest"
)

var (
	admin   = access.As("a", "Ada", access.Admin)
	member  = access.As("m", "Mia", access.Member)
	speaker = access.As("s", "Sol", access.Member) // speaks for the owner of ledger
	auditor = access.As("o", "Otto", access.Auditor)
)

// office is a desk over two repositories, ledger and the restricted vault, which were read once.
type office struct {
	t   *testing.T
	db  *store.DB
	now time.Time
	*correction.Desk
}

func each(t *testing.T, f func(t *testing.T, o *office)) {
	empty := correction.New(mount.Platform{}, correction.Config{}).Mount()
	all := []store.Migrations{
		{Feature: "search", FS: search.Migrations},
		{Feature: "account", FS: account.Migrations},
		audit.Migrations(), job.Migrations(),
		{Feature: "estate", FS: estate.New(mount.Platform{}, estate.Config{}).Mount().Migrations},
		{Feature: empty.Name, FS: empty.Migrations},
	}
	storetest.Each(t, all, func(t *testing.T, db *store.DB) {
		o := &office{t: t, db: db, now: webtest.Noon}
		o.Desk = correction.New(mount.Platform{DB: db, Now: func() time.Time { return o.now }}, correction.Config{
			Subjects: []correction.Subject{estate.Correctable()}, Speaks: "w.id = 's' AND c.subject_id = 'r-ledger'",
		})
		o.exec(`INSERT INTO account (id, name, role, created_at) VALUES ('a', 'Ada', 'admin', 1), ('m', 'Mia', 'member', 1), ('s', 'Sol', 'member', 1), ('o', 'Otto', 'auditor', 1)`)
		o.exec(`INSERT INTO repository (id, uid, name, visibility, state, current_scan_id, created_at) VALUES (1, 'r-ledger', 'ledger', 'internal', 'read', 1, 1), (2, 'r-vault', 'vault', 'restricted', 'read', 1, 1)`)
		o.read("r-ledger", licence("MIT", 3))
		o.read("r-vault", licence("MIT", 3))
		f(t, o)
	})
}

func licence(value string, line int) fact.Fact {
	return fact.Fact{Name: "licence", Value: value, Basis: column.Measured, File: "LICENSE", Line: line}
}

func (o *office) exec(statement string, args ...any) {
	o.t.Helper()
	o.tx(func(tx *store.Tx) error {
		_, err := tx.Exec(o.t.Context(), statement, args...)
		return err
	})
}

func (o *office) tx(f func(*store.Tx) error) {
	o.t.Helper()
	if err := o.db.Tx(o.t.Context(), f); err != nil {
		o.t.Fatal(err)
	}
}

var ids = map[string]int64{"r-ledger": 1, "r-vault": 2}

// read stores what an analyser found, as a reading does.
func (o *office) read(uid string, facts ...fact.Fact) {
	o.t.Helper()
	o.now = o.now.Add(time.Minute)
	o.tx(func(tx *store.Tx) error {
		err := fact.Put(o.t.Context(), tx, fact.Slice{RepositoryID: ids[uid], RepositoryUID: uid, ScanID: 1, At: o.now, Source: "licence"}, facts)
		if err == nil {
			err = o.Follow(o.t.Context(), tx, ids[uid])
		}
		if err == nil {
			err = column.Put(o.t.Context(), tx, uid)
		}
		return err
	})
}

// licence is what lists show.
func (o *office) licence(uid string) (value string) {
	o.t.Helper()
	if err := o.db.QueryRow(o.t.Context(), `SELECT licence FROM repository WHERE uid = $1`, uid).Scan(&value); err != nil {
		o.t.Fatal(err)
	}
	return value
}

func (o *office) want(what, licence string) {
	o.t.Helper()
	if got := o.licence("r-ledger"); got != licence {
		o.t.Errorf("%s: the licence is %q, want %q", what, got, licence)
	}
}

// is says that ledger's licence is another one.
func is(value string) correction.Statement {
	return correction.Statement{Kind: "repository", Subject: "r-ledger", Name: "licence", Verdict: correction.Wrong, Known: true, Value: value, Reason: "the notice was replaced"}
}

func (o *office) say(v access.Viewer, s correction.Statement) correction.Correction {
	o.t.Helper()
	o.now = o.now.Add(time.Second)
	c, err := o.Say(o.t.Context(), v, s)
	if err != nil {
		o.t.Fatal(err)
	}
	return c
}

// states are those of ledger's licence, the newest first.
func (o *office) states() []correction.State {
	o.t.Helper()
	all, err := o.History(o.t.Context(), admin, "repository", "r-ledger", "licence")
	if err != nil {
		o.t.Fatal(err)
	}
	var states []correction.State
	for _, c := range all {
		states = append(states, c.State)
	}
	return states
}

func (o *office) wantStates(what string, want ...correction.State) {
	o.t.Helper()
	if diff := cmp.Diff(want, o.states()); diff != "" {
		o.t.Errorf("%s (-want +got)\n%s", what, diff)
	}
}

func TestABindingCorrectionCountsBesideTheOriginalThroughReadings(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.want("before", "MIT")
		o.say(admin, is("ISC"))
		o.want("said by an administrator", "ISC")
		o.read("r-ledger", licence("MIT", 3))
		o.want("read again", "ISC")
		facts, err := fact.Of(t.Context(), o.db, admin, "r-ledger")
		if err != nil {
			t.Fatal(err)
		}
		type row struct {
			Text, Source string
			Wins         bool
		}
		var got []row
		for _, one := range facts {
			got = append(got, row{one.Text(), one.Source, one.Wins})
		}
		if diff := cmp.Diff([]row{{"ISC", "correction", true}, {"MIT", "licence", false}}, got); diff != "" {
			t.Errorf("facts (-want +got)\n%s", diff)
		}
		w, err := o.Why(t.Context(), member, "repository", "r-ledger", "licence")
		if err != nil {
			t.Fatal(err)
		}
		if w.Counts != "ISC" || len(w.Sources) != 1 || w.Sources[0].Counts || w.Sources[0].Sure != "strong" || len(w.Said) != 1 || w.Said[0].By != "Ada" {
			t.Errorf("why: %+v", w)
		}
	})
}

func TestWithdrawnTheNewestOriginalCounts(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.read("r-ledger", licence("MIT", 3), fact.Fact{Name: "description", Value: "old", Basis: column.Written, File: "README.md", Line: 1})
		s := is("ISC")
		s.Name, s.Value = "description", "Keeps the books"
		c := o.say(admin, s)
		o.read("r-ledger", licence("MIT", 3), fact.Fact{Name: "description", Value: "old", Basis: column.Written, File: "README.md", Line: 9})
		batch, err := o.Withdraw(t.Context(), admin, c.UID)
		if err != nil {
			t.Fatal(err)
		}
		description := func() (text, found string) {
			if err := o.db.QueryRow(t.Context(), `SELECT r.description, d.body FROM repository r JOIN search_document d ON d.id = r.uid WHERE r.uid = 'r-ledger'`).Scan(&text, &found); err != nil {
				t.Fatal(err)
			}
			return text, found
		}
		if text, found := description(); text != "old" || found != "old" {
			t.Errorf("withdrawn: %q, found by %q", text, found)
		}
		if _, err := o.Undo(t.Context(), admin, batch); err != nil {
			t.Fatal(err)
		}
		if text, found := description(); text != "Keeps the books" || found != text {
			t.Errorf("undone: %q, found by %q", text, found)
		}
		if _, err := o.Undo(t.Context(), admin, batch); !errors.Is(err, fault.NotFound) {
			t.Errorf("undone twice: %v", err)
		}
	})
}

func TestNotKnownAndByDesign(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		s := is("")
		s.Known = false
		c := o.say(admin, s)
		o.want("not known", "")
		if _, err := o.Withdraw(t.Context(), admin, c.UID); err != nil {
			t.Fatal(err)
		}
		s.Verdict = correction.ByDesign
		o.say(admin, s)
		o.want("by design", "MIT")
		o.read("r-ledger", licence("GPL-3.0-only", 1))
		o.wantStates("by design, until it is something else", correction.Reopened, correction.Withdrawn)
	})
}

func TestItReopensOnlyWhenTheEvidenceChanges(t *testing.T) {
	declared := fact.Fact{Name: "licence", Value: "MIT", Basis: column.Written, File: "package.json", Line: 4}
	files := func(n int64) fact.Fact { return fact.Fact{Name: "size.files", Value: n, Basis: column.Measured} }
	for _, c := range []struct {
		what     string
		now      []fact.Fact
		reopened bool
	}{
		{"the same again", []fact.Fact{licence("MIT", 3), files(100)}, false},
		{"its line moved", []fact.Fact{licence("MIT", 30), files(100)}, false},
		{"said twice in one file", []fact.Fact{licence("MIT", 3), licence("MIT", 9), files(100)}, false},
		{"another fact changed", []fact.Fact{licence("MIT", 3), files(900)}, false},
		{"another value", []fact.Fact{licence("GPL-3.0-only", 3), files(100)}, true},
		{"another file says so as well", []fact.Fact{licence("MIT", 3), declared, files(100)}, true},
		{"another basis", []fact.Fact{{Name: "licence", Value: "MIT", Basis: column.Inferred, File: "LICENSE"}, files(100)}, true},
		{"nothing says it any more", []fact.Fact{files(100)}, true},
	} {
		t.Run(c.what, func(t *testing.T) {
			each(t, func(t *testing.T, o *office) {
				o.read("r-ledger", licence("MIT", 3), files(100))
				said := o.say(admin, is("ISC"))
				o.read("r-ledger", c.now...)
				if !c.reopened {
					o.want("as before", "ISC")
					o.wantStates("as before", correction.Binding)
					return
				}
				o.wantStates("changed", correction.Reopened)
				if o.licence("r-ledger") == "ISC" {
					t.Error("what was said against other evidence still counts")
				}
				if _, err := o.Decide(t.Context(), admin, []string{said.UID}, true, ""); err != nil {
					t.Fatal(err)
				}
				o.want("kept", "ISC")
				o.read("r-ledger", c.now...)
				o.wantStates("kept against what is said now", correction.Binding)
			})
		})
	}
}

func TestFiguresReopenWhenTheyDouble(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		files := func(n int64) fact.Fact { return fact.Fact{Name: "size.files", Value: n, Basis: column.Measured} }
		o.read("r-ledger", files(100))
		s := is("60")
		s.Name = "size.files"
		c := o.say(admin, s)
		for _, step := range []struct {
			n    int64
			want correction.State
		}{{101, correction.Binding}, {199, correction.Binding}, {51, correction.Binding}, {200, correction.Reopened}} {
			o.read("r-ledger", files(step.n))
			got, err := o.Find(t.Context(), admin, c.UID)
			if err != nil || got.State != step.want {
				t.Errorf("%d files: %s, want %s (%v)", step.n, got.State, step.want, err)
			}
		}
	})
}

func TestWhoDecides(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		queued := o.say(member, is("ISC"))
		o.want("said by a member", "MIT")
		o.wantStates("said by a member", correction.Queued)
		if _, err := o.Decide(t.Context(), member, []string{queued.UID}, true, ""); !errors.Is(err, fault.Denied) {
			t.Errorf("a member decides: %v", err)
		}
		if _, err := o.Say(t.Context(), auditor, is("ISC")); !errors.Is(err, fault.Denied) {
			t.Errorf("an auditor says: %v", err)
		}
		if _, err := o.Decide(t.Context(), speaker, []string{queued.UID}, false, ""); !errors.Is(err, fault.Invalid) {
			t.Errorf("refused without a reason: %v", err)
		}
		batch, err := o.Decide(t.Context(), speaker, []string{queued.UID}, false, "the text says MIT")
		if err != nil {
			t.Fatal(err)
		}
		o.want("refused", "MIT")
		if _, err := o.Undo(t.Context(), speaker, batch); err != nil {
			t.Fatal(err)
		}
		o.wantStates("undone", correction.Queued)
		if _, err := o.Decide(t.Context(), speaker, []string{queued.UID}, true, ""); err != nil {
			t.Fatal(err)
		}
		o.want("accepted", "ISC")
		if _, err := o.Decide(t.Context(), admin, []string{queued.UID}, true, ""); !errors.Is(err, fault.Conflict) {
			t.Errorf("accepted twice: %v", err)
		}
		later := o.say(speaker, is("0BSD"))
		o.want("said by who speaks for the owner", "0BSD")
		o.wantStates("one counts", correction.Binding, correction.Ended)
		if _, err := o.Withdraw(t.Context(), member, later.UID); !errors.Is(err, fault.Denied) {
			t.Errorf("withdrawn by somebody else: %v", err)
		}
		said, err := o.Find(t.Context(), speaker, later.UID)
		if err != nil || said.Decider != "Sol" {
			t.Errorf("decided by %q (%v)", said.Decider, err)
		}
	})
}

func TestUndoingALaterOneBringsTheEarlierBack(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.say(admin, is("ISC"))
		o.say(admin, is("0BSD"))
		all, err := o.History(t.Context(), admin, "repository", "r-ledger", "licence")
		if err != nil {
			t.Fatal(err)
		}
		hub := webtest.New(t, admin, o.Mount().Pages)
		_, body := hub.Get("/repositories/r-ledger/why/licence")
		if strings.Count(body, "/corrections/"+all[1].UID) != 1 {
			t.Error("the page does not name the earlier one")
		}
		o.undo(all[0].UID)
		o.want("undone", "ISC")
		o.wantStates("undone", correction.Withdrawn, correction.Binding)
	})
}

func (o *office) undo(uid string) {
	o.t.Helper()
	var batch string
	if err := o.db.QueryRow(o.t.Context(), `SELECT batch FROM correction WHERE uid = $1`, uid).Scan(&batch); err != nil {
		o.t.Fatal(err)
	}
	if _, err := o.Undo(o.t.Context(), admin, batch); err != nil {
		o.t.Fatal(err)
	}
}

func TestItEndsWhenItsDayIsOver(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		s := is("ISC")
		s.Until = "2026-11-23"
		o.say(admin, s)
		for _, step := range []struct {
			day, want string
		}{{"2026-11-23T23:59:59Z", "ISC"}, {"2026-11-24T00:00:01Z", "MIT"}} {
			at, err := time.Parse(time.RFC3339, step.day)
			if err != nil {
				t.Fatal(err)
			}
			o.now = at
			if err := o.End(t.Context(), access.System("test")); err != nil {
				t.Fatal(err)
			}
			o.want(step.day, step.want)
		}
		o.wantStates("over", correction.Ended)
		if err := o.End(t.Context(), member); !errors.Is(err, fault.Denied) {
			t.Errorf("ended by a member: %v", err)
		}
	})
}

func TestWhatIsTypedIsLookedAt(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		change := func(f func(*correction.Statement)) correction.Statement { s := is("ISC"); f(&s); return s }
		for what, s := range map[string]correction.Statement{
			"no reason":                 change(func(s *correction.Statement) { s.Reason = "  " }),
			"no value":                  change(func(s *correction.Statement) { s.Value = " " }),
			"what it says already":      change(func(s *correction.Statement) { s.Value = "MIT" }),
			"no verdict":                change(func(s *correction.Statement) { s.Verdict = "odd" }),
			"no day":                    change(func(s *correction.Statement) { s.Until = "tomorrow" }),
			"a day that is over":        change(func(s *correction.Statement) { s.Until = "2026-11-21" }),
			"too long":                  change(func(s *correction.Statement) { s.Value = strings.Repeat("x", 501) }),
			"no such value":             change(func(s *correction.Statement) { s.Name = "moon.phase" }),
			"no such record":            change(func(s *correction.Statement) { s.Subject = "r-none" }),
			"no such kind":              change(func(s *correction.Statement) { s.Kind = "moon" }),
			"words for a figure":        change(func(s *correction.Statement) { s.Name, s.Value = "history.commits", "many" }),
			"not known what is unknown": change(func(s *correction.Statement) { s.Name, s.Known = "description", false }),
		} {
			_, err := o.Say(t.Context(), admin, s)
			if kind, ok := fault.KindOf(err); !ok || kind != fault.Invalid && kind != fault.NotFound {
				t.Errorf("%s: %v", what, err)
			}
		}
		o.wantStates("nothing was kept")
		o.want("nothing changed", "MIT")
	})
}

// TestARestrictedRepositoryLeavesNoTrace: neither its name nor a count of what was said of it.
func TestARestrictedRepositoryLeavesNoTrace(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		s := is("ISC")
		s.Subject = "r-vault"
		if _, err := o.Say(t.Context(), member, s); !errors.Is(err, fault.NotFound) {
			t.Errorf("a member says something of it: %v", err)
		}
		c := o.say(admin, s)
		s.Reason = "and again"
		o.exec(`UPDATE correction SET state = 'queued'`)
		hub := webtest.New(t, member, o.Mount().Pages)
		for _, address := range []string{"/", "/corrections", "/corrections.csv", "/corrections.json", "/api/v1/corrections", "/corrections?view=mine", "/corrections/" + c.UID, "/corrections/decide?pick=" + c.UID, "/repositories/r-vault/why/licence"} {
			status, body := hub.Get(address)
			if strings.Contains(body, "vault") && !strings.Contains(address, "vault") || strings.Contains(body, "replaced") || strings.Contains(body, "Corrections waiting") {
				t.Errorf("%s (%d) shows it:\n%s", address, status, body)
			}
		}
		if _, err := o.Decide(t.Context(), speaker, []string{c.UID}, true, ""); !errors.Is(err, fault.NotFound) {
			t.Errorf("decided by who may not see it: %v", err)
		}
		if _, body := webtest.New(t, admin, o.Mount().Pages).Get("/"); !strings.Contains(body, "Corrections waiting") {
			t.Error("an administrator is not told")
		}
	})
}

func TestEveryDeedIsInTheAuditLogWithoutWhatWasTyped(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		c := o.say(member, is("ISC"))
		batch, err := o.Decide(t.Context(), admin, []string{c.UID}, true, "seen it")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := o.Undo(t.Context(), admin, batch); err != nil {
			t.Fatal(err)
		}
		if _, err := o.Withdraw(t.Context(), member, c.UID); err != nil {
			t.Fatal(err)
		}
		type deed struct{ Account, Action, Subject, State string }
		got, err := store.Collect(func(row store.Scanner) (d deed, err error) {
			var detail string
			if err = row.Scan(&d.Account, &d.Action, &d.Subject, &detail); err != nil {
				return d, err
			}
			if strings.Contains(detail, "notice") || strings.Contains(detail, "seen it") {
				return d, fmt.Errorf("the log holds what was typed: %s", detail)
			}
			var in struct{ State string }
			err = json.Unmarshal([]byte(detail), &in)
			d.State = in.State
			return d, err
		})(o.db.Query(t.Context(), `SELECT account, action, subject_id, detail FROM audit_entry ORDER BY id`))
		if err != nil {
			t.Fatal(err)
		}
		want := []deed{{"m", "correction.say", "r-ledger", "queued"}, {"a", "correction.decide", "r-ledger", "binding"}, {"a", "correction.undo", "r-ledger", "queued"}, {"m", "correction.withdraw", "r-ledger", "withdrawn"}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("audit log (-want +got)\n%s", diff)
		}
	})
}

// TestOnThePages tells the story of one correction as it is clicked.
func TestOnThePages(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		theirs, ours := webtest.New(t, member, o.Mount().Pages), webtest.New(t, admin, o.Mount().Pages)
		why := "/repositories/r-ledger/why/licence"
		if _, body := theirs.Get(why); !strings.Contains(body, "LICENSE") || !strings.Contains(body, "strong") || !strings.Contains(body, "decide on it; until then nothing changes") {
			t.Errorf("the page before:\n%s", body)
		}
		status, _, body := theirs.Post(why, url.Values{"verdict": {"wrong"}, "known": {"yes"}, "value": {"MIT"}, "reason": {"because"}})
		if status != 422 || !strings.Contains(body, "That is what Steward says already") || !strings.Contains(body, "because") {
			t.Errorf("said what it says: %d\n%s", status, body)
		}
		if status, to, _ := theirs.Post(why, url.Values{"verdict": {"wrong"}, "known": {"yes"}, "value": {"ISC"}, "reason": {"because"}}); status != 303 || to != why {
			t.Errorf("said: %d, %s", status, to)
		}
		all, err := o.History(t.Context(), admin, "repository", "r-ledger", "licence")
		if err != nil || len(all) != 1 {
			t.Fatal(all, err)
		}
		_, to, _ := ours.Post("/corrections/accept", url.Values{"pick": {all[0].UID}})
		if _, body := ours.Get(to); !strings.Contains(body, "MIT → ISC") {
			t.Errorf("the form that accepts:\n%s", body)
		}
		if status, to, body := ours.Post("/corrections/decide", url.Values{"pick": {all[0].UID}, "as": {"accept"}}); status != 303 || to != all[0].Href() {
			t.Errorf("accepted: %d %s\n%s", status, to, body)
		}
		o.want("accepted", "ISC")
		o.read("r-ledger", licence("Apache-2.0", 1))
		if _, body := ours.Get(all[0].Href()); !strings.Contains(body, "“MIT”") || !strings.Contains(body, "“Apache-2.0”") || !strings.Contains(body, "Keep it") {
			t.Errorf("reopened:\n%s", body)
		}
		if _, body := webtest.New(t, auditor, o.Mount().Pages).Get(why); strings.Contains(body, "<form class=\"form\"") {
			t.Error("an auditor is offered the form")
		}
	})
}

// The list is one that the hub can mount, on both engines.
func TestList(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.say(member, is("ISC"))
		var specs []listing.Spec
		hub := webtest.New(t, speaker, func(s *web.Server) {
			o.Mount().Pages(s)
			for _, l := range s.Lists() {
				specs = append(specs, l.Spec)
			}
		})
		for _, view := range append(specs[0].Views, listing.View{}) {
			status, body := hub.Get("/corrections?view=" + view.Key)
			if there := strings.Contains(body, ">licence</a>"); status != 200 || there != (view.Key == "" || view.Key == "mine" || view.Key == "waiting") {
				t.Errorf("view %q: %d, there: %v", view.Key, status, there)
			}
		}
	})
}
