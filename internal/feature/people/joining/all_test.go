package joining_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"steward/internal/feature/estate"
	"steward/internal/feature/people"
	"steward/internal/feature/people/grouping"
	"steward/internal/feature/people/joining"
	"steward/internal/format/identity"
	"steward/internal/platform/access"
	"steward/internal/platform/fault"
	"steward/internal/platform/mount"
	"steward/internal/platform/store"
	"steward/internal/platform/store/storetest"
)

var tester = access.System("test")

// migrations make the tables of identities, and those of the estate that their rows are about.
func migrations() []store.Migrations {
	m := people.New(mount.Platform{}, people.Config{}).Mount()
	return []store.Migrations{{Feature: m.Name, FS: m.Migrations}}
}

// names are n identities by their numbers: three in a row are one person, by an
// address and by a name.
func names(from, n int) []joining.Met {
	var all []joining.Met
	for i := from; i < from+n; i++ {
		k := i / 3
		name := "Person Of" + letters(k)
		named := []grouping.Named{{Name: name, Email: fmt.Sprintf("p%d@bank.example", k)}, {Name: "p", Email: fmt.Sprintf("P%d@bank.example", k)}, {Name: name, Email: fmt.Sprintf("q%d@home.example", k)}}[i%3]
		all = append(all, joining.Met{ID: named.ID(), Named: named, Kind: identity.Unknown})
	}
	return all
}

func letters(n int) string {
	text := ""
	for ; n > 0; n /= 20 {
		text += string(rune('a' + n%20))
	}
	return text + "x"
}

func tx(t *testing.T, db *store.DB, f func(ctx context.Context, tx *store.Tx) error) {
	t.Helper()
	if err := db.Tx(t.Context(), func(tx *store.Tx) error { return f(t.Context(), tx) }); err != nil {
		t.Fatal(err)
	}
}

// meet keeps identities without looking for those that they belong to.
func meet(t *testing.T, db *store.DB, all []joining.Met) {
	t.Helper()
	tx(t, db, func(ctx context.Context, tx *store.Tx) error {
		fresh, err := joining.Put(ctx, tx, estate.Target{ScanID: 1, At: time.Unix(1e9, 0)}, all)
		if err == nil && len(fresh) != len(all) {
			err = fmt.Errorf("%d of %d were new", len(fresh), len(all))
		}
		return err
	})
}

func all(t *testing.T, db *store.DB, domains []string, progress func(done, total int64)) (stale int) {
	t.Helper()
	if progress == nil {
		progress = func(int64, int64) {}
	}
	stale, err := joining.All(t.Context(), db, tester, joining.Config{Domains: domains, Now: 7, Progress: progress})
	if err != nil {
		t.Fatal(err)
	}
	return stale
}

// state is all that was grouped, a line for each identity and person, without what chance made.
func state(t *testing.T, db *store.DB) []string {
	t.Helper()
	lines, err := store.Collect(func(row store.Scanner) (line string, err error) { return line, row.Scan(&line) })(db.Query(t.Context(), `SELECT line FROM (
		SELECT 'identity ' || CAST(id AS text) || ' of ' || CAST(person_id AS text) || ' ' || kind AS line FROM identity UNION ALL
		SELECT 'person ' || CAST(id AS text) || ' now ' || CAST(merged_into AS text) || ' named by ' || CAST(name_of AS text) || ' ' || kind FROM person) AS lines ORDER BY line`))
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

// grouped is state as the rules alone make it of identities that were never grouped before.
func grouped(met []joining.Met, domains []string) []string {
	g := grouping.Grouping{Persons: map[int64]grouping.Person{}, Now: 7, Domains: domains}
	for _, m := range met {
		kind, _ := identity.Classify(identity.Identity{Name: m.Name, Email: m.Email}, identity.Config{FirmDomains: domains})
		g.Members = append(g.Members, grouping.Member{ID: m.ID, Person: m.ID, Kind: kind, Named: m.Named})
	}
	slices.SortFunc(g.Members, func(a, b grouping.Member) int { return int(min(max(a.ID-b.ID, -1), 1)) })
	var lines []string
	for _, b := range g.Assign() {
		lines = append(lines, fmt.Sprintf("person %d now %d named by %d %s", b.ID, b.MergedInto, b.NameOf, b.Kind))
	}
	for _, m := range g.Members {
		lines = append(lines, fmt.Sprintf("identity %d of %d %s", m.ID, m.Person, m.Kind))
	}
	slices.Sort(lines)
	return lines
}

func TestAllWritesInPortionsWhatTheRulesSay(t *testing.T) {
	storetest.Each(t, migrations(), func(t *testing.T, db *store.DB) {
		met := names(0, 1200)
		meet(t, db, met)
		domains := []string{"bank.example"}
		portions := int64(0)
		if stale := all(t, db, domains, func(_, total int64) { portions = total }); stale != 0 {
			t.Errorf("%d persons were stale, with nobody else there", stale)
		}
		if portions < 3 {
			t.Errorf("1,200 identities were written in %d transactions", portions)
		}
		if diff := cmp.Diff(grouped(met, domains), state(t, db)); diff != "" {
			t.Errorf("want -, got +:\n%s", diff)
		}
		if stale := all(t, db, domains, func(_, total int64) { t.Errorf("%d differences when nothing is different", total) }); stale != 0 {
			t.Errorf("%d persons were stale, with nothing to do", stale)
		}
		all(t, db, nil, nil)
		if diff := cmp.Diff(grouped(met, nil), state(t, db)); diff != "" {
			t.Errorf("after the domains were taken back; want -, got +:\n%s", diff)
		}
	})
}

// TestAllLeavesAloneWhatIsChangedMeanwhile takes an identity off everybody, and
// erases another one's name, between reading and writing.
func TestAllLeavesAloneWhatIsChangedMeanwhile(t *testing.T) {
	storetest.Each(t, migrations(), func(t *testing.T, db *store.DB) {
		met := names(0, 600)
		meet(t, db, met)
		apart, erased := met[0].ID, met[4].ID
		first := true
		stale := all(t, db, nil, func(int64, int64) {
			if !first {
				return
			}
			first = false
			tx(t, db, func(ctx context.Context, tx *store.Tx) error {
				_, err := tx.Exec(ctx, `INSERT INTO identity_apart (identity_id, person_id, account, at) VALUES ($1, $1, 'a', 1)`, apart)
				if err == nil {
					_, err = tx.Exec(ctx, `DELETE FROM person_name WHERE identity_id = $1`, erased)
				}
				return err
			})
		})
		if stale == 0 {
			t.Error("nothing was stale")
		}
		persons := func(id int64) (n int) {
			if err := db.QueryRow(t.Context(), `SELECT COUNT(*) FROM identity WHERE person_id = (SELECT person_id FROM identity WHERE id = $1)`, id).Scan(&n); err != nil {
				t.Fatal(err)
			}
			return n
		}
		if persons(apart) != 1 || persons(erased) != 1 {
			t.Errorf("one taken off is with %d, one without a name with %d, by what was read before", persons(apart), persons(erased))
		}
		if stale := all(t, db, nil, nil); stale != 0 {
			t.Errorf("%d persons were stale the second time", stale)
		}
		if persons(apart) != 1 || persons(erased) != 1 || persons(met[1].ID) != 1 || persons(met[3].ID) != 2 || persons(met[6].ID) != 3 {
			t.Errorf("in the end: %d %d %d %d %d", persons(apart), persons(erased), persons(met[1].ID), persons(met[3].ID), persons(met[6].ID))
		}
	})
}

func TestAllNeedsTheRight(t *testing.T) {
	_, err := joining.All(t.Context(), nil, access.As("m", "member", access.Member), joining.Config{})
	if sweep := joining.Sweep(t.Context(), nil, access.Viewer{}, 0); !errors.Is(err, fault.Denied) || !errors.Is(sweep, fault.Denied) {
		t.Errorf("All: %v, Sweep: %v, want fault.Denied", err, sweep)
	}
}

// childVariable makes this test binary the process that is killed. Its value is a store.Config as JSON.
const childVariable = "STEWARD_TEST_JOINING_CHILD"

func TestMain(m *testing.M) {
	if config := os.Getenv(childVariable); config != "" {
		fmt.Fprintln(os.Stderr, joinUntilKilled(config))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// joinUntilKilled says so when it has written some portions, and waits then.
func joinUntilKilled(config string) error {
	var c store.Config
	if err := json.Unmarshal([]byte(config), &c); err != nil {
		return err
	}
	db, err := store.Open(context.Background(), c)
	if err != nil {
		return err
	}
	_, err = joining.All(context.Background(), db, tester, joining.Config{Now: 7, Progress: func(done, _ int64) {
		if done == 3 {
			fmt.Println("written")
			select {}
		}
	}})
	return err
}

func TestKilledBetweenPortionsTheNextCompletes(t *testing.T) {
	for _, engine := range storetest.Engines() {
		t.Run(string(engine), func(t *testing.T) {
			c := storetest.Fresh(t, engine)
			met := names(0, 1200)
			db := storetest.Open(t, c, migrations())
			meet(t, db, met)
			before := state(t, db)
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			config, err := json.Marshal(c)
			if err != nil {
				t.Fatal(err)
			}
			child := exec.Command(os.Args[0])
			child.Env = append(os.Environ(), childVariable+"="+string(config))
			child.Stderr = os.Stderr
			stdout, err := child.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := child.Start(); err != nil {
				t.Fatal(err)
			}
			if line, err := bufio.NewReader(stdout).ReadString('\n'); line != "written\n" {
				t.Fatalf("the other process says %q, %v", line, err)
			}
			if err := child.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			_ = child.Wait()
			if db, err = store.Open(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			want := grouped(met, nil)
			half := state(t, db)
			if cmp.Equal(before, half) || cmp.Equal(want, half) {
				t.Fatal("it was not killed between two portions")
			}
			all(t, db, nil, nil)
			if diff := cmp.Diff(want, state(t, db)); diff != "" {
				t.Errorf("want -, got +:\n%s", diff)
			}
		})
	}
}

func TestSweepForgetsWhatNothingMentions(t *testing.T) {
	storetest.Each(t, migrations(), func(t *testing.T, db *store.DB) {
		met := names(0, 1500)
		meet(t, db, met)
		all(t, db, nil, nil)
		kept := []int64{met[0].ID, met[7].ID}
		tx(t, db, func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.Exec(ctx, `INSERT INTO contributor (repository_id, identity_id, commits, bulk_commits, first_at, last_at) VALUES (1, $1, 1, 0, 0, 0)`, kept[0])
			if err == nil {
				_, err = tx.Exec(ctx, `INSERT INTO publication (repository_id, identity_id) VALUES (1, $1)`, kept[1])
			}
			return err
		})
		seen := store.Micros(time.Unix(1e9, 0))
		count := func() (n [3]int) {
			for i, table := range []string{"identity", "person_name", "person"} {
				if err := db.QueryRow(t.Context(), `SELECT COUNT(*) FROM `+table).Scan(&n[i]); err != nil {
					t.Fatal(err)
				}
			}
			return n
		}
		sweep := func(now int64) {
			if err := joining.Sweep(t.Context(), db, tester, now); err != nil {
				t.Fatal(err)
			}
		}
		before := count()
		sweep(seen + 3600*1e6)
		if got := count(); got != before {
			t.Errorf("an hour later %v are left of %v", got, before)
		}
		for range 3 { // one that others still stand behind goes after them
			sweep(seen + 48*3600*1e6)
			all(t, db, nil, nil)
		}
		left, err := store.Collect(func(row store.Scanner) (id int64, err error) { return id, row.Scan(&id) })(db.Query(t.Context(), `SELECT identity_id FROM person_name ORDER BY identity_id`))
		slices.Sort(kept)
		if diff := cmp.Diff(kept, left); diff != "" || err != nil {
			t.Errorf("%v; want -, got +:\n%s", err, diff)
		}
		if got := count(); got[0] > 4 || got[2] > 4 {
			t.Errorf("identities, names, persons left: %v", got)
		}
	})
}
