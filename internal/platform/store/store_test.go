package store_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"steward/internal/platform/fault"
	"steward/internal/platform/store"
	"steward/internal/platform/store/storetest"
)

// things is a small feature for the tests of this package.
func things(extra ...string) []store.Migrations {
	files := fstest.MapFS{
		"migration/20260101000000_thing_first.sql": {Data: []byte(`-- +goose Up
CREATE TABLE thing (
	id bigint PRIMARY KEY,
	name text NOT NULL UNIQUE,
	detail jsonb,
	made_at bigint NOT NULL DEFAULT 0,
	good boolean,
	weight double precision,
	raw bytea
);
CREATE TABLE part (
	thing_id bigint NOT NULL REFERENCES thing (id),
	n bigint NOT NULL,
	PRIMARY KEY (thing_id, n)
);
`)},
		"migration/sqlite/20260101000001_thing_word.sql":   {Data: []byte("-- +goose Up\nCREATE TABLE only_sqlite (a bigint);\n")},
		"migration/postgres/20260101000001_thing_word.sql": {Data: []byte("-- +goose Up\nCREATE TABLE only_postgres (a bigint);\n")},
	}
	for _, name := range extra {
		table := strings.TrimSuffix(name[15:], ".sql")
		files["migration/"+name] = &fstest.MapFile{Data: []byte("-- +goose Up\nCREATE TABLE " + table + " (a bigint);\n")}
	}
	return []store.Migrations{{Feature: "thing", FS: files}}
}

type thing struct {
	ID     int64
	Name   string
	Detail string
	MadeAt time.Time
	Good   *bool
	Weight *float64
	Raw    []byte
}

func scanThing(s store.Scanner) (thing, error) {
	var t thing
	var made int64
	var detail json.RawMessage
	err := s.Scan(&t.ID, &t.Name, &detail, &made, &t.Good, &t.Weight, &t.Raw)
	t.MadeAt = store.FromMicros(made)
	t.Detail = strings.ReplaceAll(string(detail), ": ", ":")
	return t, err
}

const selectThings = "SELECT id, name, detail, made_at, good, weight, raw FROM thing"

func ptr[T any](v T) *T { return &v }

func exec1(ctx context.Context, db *store.DB, sql string, args ...any) error {
	return db.Tx(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, sql, args...)
		return err
	})
}

func TestValuesComeBackAlikeOnBothEngines(t *testing.T) {
	storetest.Each(t, things(), func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		at := time.Date(2026, 3, 4, 5, 6, 7, 890_123_000, time.UTC)
		type named string
		insert := "INSERT INTO thing (id, name, detail, made_at, good, weight, raw) VALUES ($7, $1, $2, $3, $4, $5, $6)"
		err := db.Tx(ctx, func(tx *store.Tx) error {
			for _, args := range [][]any{
				{"one", json.RawMessage(`{"a":"x"}`), store.Micros(at), true, 0.25, []byte{0, 1, 255}, 1},
				{named("two"), `["b"]`, store.Micros(time.Time{}), ptr(false), nil, nil, int32(2)},
				{"b\xffd\x00 name", json.RawMessage(`{"a":"\u0000\\u0000\\\u0000\n"}`), 0, nil, nil, nil, int64(3)},
				{ptr("four\x00"), json.RawMessage(nil), 0, nil, nil, nil, ptr(int64(4))},
				{named("five\x00"), "{}", 0, nil, nil, nil, 5},
			} {
				if n, err := tx.Exec(ctx, insert, args...); err != nil || n != 1 {
					return fmt.Errorf("%v: %d rows, %w", args, n, err)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		want := []thing{
			{ID: 1, Name: "one", Detail: `{"a":"x"}`, MadeAt: at, Good: ptr(true), Weight: ptr(0.25), Raw: []byte{0, 1, 255}},
			{ID: 2, Name: "two", Detail: `["b"]`, Good: ptr(false)},
			{ID: 3, Name: "b\uFFFDd\uFFFD name", Detail: `{"a":"` + "\uFFFD" + `\\u0000\\` + "\uFFFD" + `\n"}`},
			{ID: 4, Name: "four\uFFFD"},
			{ID: 5, Name: "five\uFFFD", Detail: "{}"},
		}
		got, err := store.Collect(scanThing)(db.Query(ctx, selectThings+" ORDER BY id"))
		if err != nil {
			t.Fatal(err)
		}
		for i := range got { // PostgreSQL stores the character, SQLite its escape
			got[i].Detail = strings.ReplaceAll(got[i].Detail, `\ufffd`, "\uFFFD")
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("want -, got +:\n%s", diff)
		}
	})
}

func TestTimeArgumentIsRefused(t *testing.T) {
	storetest.Each(t, things(), func(t *testing.T, db *store.DB) {
		err := exec1(t.Context(), db, "INSERT INTO thing (id, name, made_at) VALUES (1, 'a', $1)", time.Now())
		if err == nil || !strings.Contains(err.Error(), "Micros") {
			t.Errorf("got %v, want an error that names Micros", err)
		}
	})
}

func TestOneRow(t *testing.T) {
	storetest.Each(t, things(), func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		var n int
		if err := db.QueryRow(ctx, "SELECT id FROM thing WHERE id = $1", 9).Scan(&n); !errors.Is(err, store.ErrNoRows) {
			t.Errorf("absent row: %v, want ErrNoRows", err)
		}
		if err := db.QueryRow(ctx, "SELECT id FROM nowhere").Scan(&n); err == nil || errors.Is(err, store.ErrNoRows) {
			t.Errorf("bad statement: %v, want an error of the engine", err)
		}
		err := db.Tx(ctx, func(tx *store.Tx) error {
			return tx.QueryRow(ctx, "INSERT INTO thing (id, name) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET name = excluded.name RETURNING id", 7, "x").Scan(&n)
		})
		if err != nil || n != 7 {
			t.Errorf("RETURNING gave %d, %v; want 7", n, err)
		}
	})
}

func TestTxCommitsOrLeavesNothing(t *testing.T) {
	storetest.Each(t, things(), func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		boom := errors.New("boom")
		add := func(tx *store.Tx, id int) error {
			_, err := tx.Exec(ctx, "INSERT INTO thing (id, name) VALUES ($1, $2)", id, fmt.Sprint(id))
			return err
		}
		if err := db.Tx(ctx, func(tx *store.Tx) error { return add(tx, 1) }); err != nil {
			t.Fatal(err)
		}
		if err := db.Tx(ctx, func(tx *store.Tx) error { return errors.Join(add(tx, 2), boom) }); !errors.Is(err, boom) {
			t.Errorf("got %v, want boom", err)
		}
		func() {
			defer func() { _ = recover() }()
			_ = db.Tx(ctx, func(tx *store.Tx) error { _ = add(tx, 3); panic("broken") })
		}()
		err := db.Tx(ctx, func(tx *store.Tx) error {
			if err := add(tx, 1); !errors.Is(err, fault.Conflict) {
				t.Errorf("same key: %v, want fault.Conflict", err)
			}
			if err := add(tx, 4); err == nil {
				t.Error("a statement after a failed one passed")
			}
			return nil // swallowing the error must not commit half of it
		})
		if err == nil {
			t.Error("a transaction with a failed statement was committed")
		}
		cancelled, cancel := context.WithCancel(ctx)
		err = db.Tx(cancelled, func(tx *store.Tx) error {
			cancel()
			_, err := tx.Exec(cancelled, "INSERT INTO thing (id, name) VALUES (5, 'five')")
			return err
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled: %v, want context.Canceled", err)
		}
		ids, err := store.Collect(func(s store.Scanner) (id int64, err error) { return id, s.Scan(&id) })(
			db.Query(ctx, "SELECT id FROM thing ORDER BY id"))
		if diff := cmp.Diff([]int64{1}, ids); diff != "" || err != nil {
			t.Errorf("%v; want -, got +:\n%s", err, diff)
		}
	})
}

func TestForeignKeysHold(t *testing.T) {
	storetest.Each(t, things(), func(t *testing.T, db *store.DB) {
		err := exec1(t.Context(), db, "INSERT INTO part (thing_id, n) VALUES (404, 1)")
		if !errors.Is(err, fault.Conflict) {
			t.Errorf("got %v, want fault.Conflict", err)
		}
	})
}

func TestReadsCannotWrite(t *testing.T) {
	// On PostgreSQL the pool is shared, so this holds for SQLite's readers, and for both when opened read-only.
	c := storetest.Fresh(t, store.SQLite)
	db := storetest.Open(t, c, things())
	rows, err := db.Query(t.Context(), "DELETE FROM thing RETURNING id")
	if err == nil {
		rows.Next()
		err = errors.Join(rows.Err(), rows.Close())
	}
	if err == nil {
		t.Error("a reader wrote")
	}
}

func TestInsert(t *testing.T) {
	storetest.Each(t, things(), func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		for _, count := range []int{0, 1, 2, 255, 256, 257, 5000} {
			rows := func(yield func([]any) bool) {
				for i := range count {
					if !yield([]any{i, fmt.Sprintf("n%d\x00", i), json.RawMessage(`{"i":1}`), nil}) {
						return
					}
				}
			}
			err := db.Tx(ctx, func(tx *store.Tx) error {
				if _, err := tx.Exec(ctx, "DELETE FROM thing"); err != nil {
					return err
				}
				n, err := tx.Insert(ctx, "thing", []string{"id", "name", "detail", "weight"}, rows)
				if n != int64(count) {
					t.Errorf("Insert of %d rows says %d", count, n)
				}
				return err
			})
			if err != nil {
				t.Fatalf("%d rows: %v", count, err)
			}
			var n, sum int64
			if err := db.QueryRow(ctx, "SELECT count(*), coalesce(sum(id), 0) FROM thing").Scan(&n, &sum); err != nil {
				t.Fatal(err)
			}
			if want := int64(count) * int64(count-1) / 2; n != int64(count) || sum != want {
				t.Errorf("%d rows with sum %d, want %d and %d", n, sum, count, want)
			}
		}
	})
}

func TestInsertRefuses(t *testing.T) {
	storetest.Each(t, things(), func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		cases := map[string]struct {
			rows [][]any
			want string
		}{
			"too few values": {[][]any{{1, "a"}, {2}}, "row 1 has 1 values for 2 columns"},
			"a time":         {[][]any{{1, "a"}, {2, time.Now()}}, "Micros"},
			"same key":       {[][]any{{1, "a"}, {1, "b"}}, "exists already"},
		}
		for name, c := range cases {
			err := db.Tx(ctx, func(tx *store.Tx) error {
				_, err := tx.Insert(ctx, "thing", []string{"id", "name"}, slices.Values(c.rows))
				return err
			})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: %v, want %q in it", name, err, c.want)
			}
		}
	})
}

func TestSnapshotSeesOneMoment(t *testing.T) {
	storetest.Each(t, things(), func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		err := db.Snapshot(ctx, func(r store.Reader) error {
			if err := exec1(ctx, db, "INSERT INTO thing (id, name) VALUES (1, 'late')"); err != nil {
				return err
			}
			var n int
			if err := r.QueryRow(ctx, "SELECT count(*) FROM thing").Scan(&n); err != nil {
				return err
			}
			if n != 0 {
				t.Errorf("the snapshot sees %d rows that came later", n)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestManyWritersAndReaders(t *testing.T) {
	storetest.Each(t, things(), func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		var wait sync.WaitGroup
		for w := range 8 {
			wait.Go(func() {
				for i := range 25 {
					id := w*1000 + i
					if err := exec1(ctx, db, "INSERT INTO thing (id, name) VALUES ($1, $2)", id, fmt.Sprint(id)); err != nil {
						t.Errorf("write %d: %v", id, err)
					}
					var n int
					if err := db.QueryRow(ctx, "SELECT count(*) FROM thing").Scan(&n); err != nil || n == 0 {
						t.Errorf("read: %d, %v", n, err)
					}
				}
			})
		}
		wait.Wait()
		var n int
		if err := db.QueryRow(ctx, "SELECT count(*) FROM thing").Scan(&n); err != nil || n != 200 {
			t.Errorf("%d rows, %v; want 200", n, err)
		}
	})
}

func TestDeadlockIsRepeatedWhenAllowed(t *testing.T) {
	db := storetest.Open(t, storetest.Fresh(t, store.PostgreSQL), things())
	ctx := t.Context()
	if err := exec1(ctx, db, "INSERT INTO thing (id, name) VALUES (1, 'a'), (2, 'b')"); err != nil {
		t.Fatal(err)
	}
	bump := func(first, second int, meet func()) error {
		once := sync.OnceFunc(meet)
		return db.Tx(ctx, func(tx *store.Tx) error {
			tx.MayRepeat()
			if _, err := tx.Exec(ctx, "UPDATE thing SET made_at = made_at + 1 WHERE id = $1", first); err != nil {
				return err
			}
			once()
			_, err := tx.Exec(ctx, "UPDATE thing SET made_at = made_at + 1 WHERE id = $1", second)
			return err
		})
	}
	var both, done sync.WaitGroup
	both.Add(2)
	meet := func() { both.Done(); both.Wait() }
	for _, order := range [][2]int{{1, 2}, {2, 1}} {
		done.Go(func() {
			if err := bump(order[0], order[1], meet); err != nil {
				t.Errorf("order %v: %v", order, err)
			}
		})
	}
	done.Wait()
	var sum int
	if err := db.QueryRow(ctx, "SELECT sum(made_at) FROM thing").Scan(&sum); err != nil || sum != 4 {
		t.Errorf("sum %d, %v; want 4", sum, err)
	}
}

func TestIDsAreOrdered(t *testing.T) {
	ids := make([]string, 1000)
	for i := range ids {
		ids[i] = store.NewID()
	}
	if !slices.IsSorted(ids) || len(slices.Compact(slices.Clone(ids))) != len(ids) || len(ids[0]) != 36 {
		t.Errorf("ids are not unique, sorted UUIDs: %q …", ids[:3])
	}
}

// TestMain lets a test run this binary as the other process.
func TestMain(m *testing.M) {
	if path := os.Getenv("STEWARD_TEST_HOLD"); path != "" {
		db, err := store.Open(context.Background(), store.Config{Path: path})
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println("held")
		_, _ = os.Stdin.Read(make([]byte, 1))
		_ = db.Close()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func TestSecondProcessIsToldWhoHoldsTheFile(t *testing.T) {
	c := storetest.Fresh(t, store.SQLite)
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), "STEWARD_TEST_HOLD="+c.Path)
	stdin, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	defer stdin.Close()
	said := make([]byte, 4)
	if _, err := stdout.Read(said); err != nil || string(said) != "held" {
		t.Fatalf("the other process says %q, %v", said, err)
	}
	_, err = store.Open(t.Context(), c)
	want := fmt.Sprintf("The database at %s is in use by another Steward (process %d). Use its hub, stop it, or name another folder with --data.",
		c.Path, child.Process.Pid)
	if fault.Sentence(err) != want || !errors.Is(err, fault.Busy) {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	look, err := store.Open(t.Context(), store.Config{Path: c.Path, ReadOnly: true})
	if err != nil {
		t.Fatalf("reading beside the writer: %v", err)
	}
	if err := look.Tx(t.Context(), func(*store.Tx) error { return nil }); !errors.Is(err, fault.Unavailable) {
		t.Errorf("writing through a reader: %v, want fault.Unavailable", err)
	}
	if err := look.Close(); err != nil {
		t.Error(err)
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait()
	after, err := store.Open(t.Context(), c)
	if err != nil {
		t.Fatalf("after the other was killed: %v", err)
	}
	if err := after.Close(); err != nil {
		t.Error(err)
	}
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "text.db")
	if err := os.WriteFile(text, []byte(strings.Repeat("this is no database\n", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	secret := "s3cret-Pass"
	cases := map[string]struct {
		c    store.Config
		kind fault.Kind
	}{
		"nothing":        {store.Config{}, fault.Invalid},
		"both":           {store.Config{DSN: "postgres://x", Path: "y"}, fault.Invalid},
		"absent":         {store.Config{Path: filepath.Join(dir, "none.db"), ReadOnly: true}, fault.NotFound},
		"a folder":       {store.Config{Path: dir}, fault.Unavailable},
		"below a file":   {store.Config{Path: filepath.Join(text, "x.db")}, fault.Unavailable},
		"no database":    {store.Config{Path: text}, fault.Unavailable},
		"bad DSN":        {store.Config{DSN: "postgres://u:" + secret + "@[::1/x?host=%zz"}, fault.Invalid},
		"DSN, odd words": {store.Config{DSN: "user=u password=" + secret + " port=abc"}, fault.Invalid},
		"nobody there":   {store.Config{DSN: "postgres://u:" + secret + "@127.0.0.1:1/x?connect_timeout=2"}, fault.Unavailable},
		"no such host":   {store.Config{DSN: "postgres://u:" + secret + "@nowhere.invalid/x?connect_timeout=2"}, fault.Unavailable},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			db, err := store.Open(t.Context(), c.c)
			if err == nil {
				db.Close()
			}
			if !errors.Is(err, c.kind) || fault.Sentence(err) == "" {
				t.Errorf("got %v, want %v with a sentence", err, c.kind)
			}
			if err != nil && strings.Contains(err.Error(), secret) {
				t.Errorf("the error shows the password: %v", err)
			}
		})
	}
}

func TestOddPaths(t *testing.T) {
	for _, name := range []string{"a b.db", "50%.db", "what?.db", "a#b.db", "ü;=&.db", "%41.db", "file:x.db"} {
		path := filepath.Join(t.TempDir(), name)
		db, err := store.Open(t.Context(), store.Config{Path: path})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
		if info, err := os.Stat(path); err != nil || info.Size() == 0 || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v; want a file with content that only its owner reads", name, info, err)
		}
	}
}

func TestProbe(t *testing.T) {
	storetest.Each(t, things(), func(t *testing.T, db *store.DB) {
		if err := db.Probe(t.Context()); err != nil {
			t.Errorf("a database that takes writes: %v", err)
		}
	})
}

func TestFullDiskIsSaidAndChangesNothing(t *testing.T) {
	db := storetest.Open(t, storetest.Fresh(t, store.SQLite), things())
	ctx := t.Context()
	if _, err := db.SQL().ExecContext(ctx, "PRAGMA max_page_count = 40"); err != nil { // as small as a disk can be
		t.Fatal(err)
	}
	err := db.Tx(ctx, func(tx *store.Tx) error {
		_, err := tx.Insert(ctx, "thing", []string{"id", "name"}, func(yield func([]any) bool) {
			for i := range 10_000 {
				if !yield([]any{i, strings.Repeat("x", 100) + fmt.Sprint(i)}) {
					return
				}
			}
		})
		return err
	})
	if !errors.Is(err, fault.Unavailable) || !strings.Contains(fault.Sentence(err), "full") {
		t.Errorf("got %v, want fault.Unavailable that says so", err)
	}
	var n int
	if err := db.QueryRow(ctx, "SELECT count(*) FROM thing").Scan(&n); err != nil || n != 0 {
		t.Errorf("%d rows stayed, %v", n, err)
	}
}
