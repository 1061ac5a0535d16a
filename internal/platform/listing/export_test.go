package listing_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"runtime"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"steward/internal/platform/access"
	"steward/internal/platform/listing"
	"steward/internal/platform/store"
	"steward/internal/platform/store/storetest"
)

// TestTextIsSafeForSpreadsheets: CSV guards formulas and what cannot be seen, JSON keeps it.
func TestTextIsSafeForSpreadsheets(t *testing.T) {
	one := spec
	one.Columns = []listing.Column{{Key: "name", Label: "Name", SQL: "i.name"}, {Key: "n", Label: "N", SQL: "i.n", Kind: listing.Number}}
	cases := map[string]string{ // name → cell
		"=1":                 "'=1",
		"+1":                 "'+1",
		"-1":                 "'-1",
		"@SUM(1)":            "'@SUM(1)",
		"\t=1":               "'\t=1",
		"\r=1":               "'\ufffd=1",
		"a\r\nb":             "a\nb",
		"\n=1":               "'\n=1",
		"  =1":               "'  =1",
		"\u00a0=1":           "'\u00a0=1",
		"\ufeff=1":           "'\ufffd=1",
		"\u200b+1":           "'\ufffd+1",
		"\x1b=1":             "'\ufffd=1",
		"＝1":                 "'＝1",
		"＠1":                 "'＠1",
		"a\x1b[31mb\x7f\x01": "a\ufffd[31mb\ufffd\ufffd",
		"a\u0085b":           "a\ufffdb",
		"exe\u202egnp":       "exe\ufffdgnp",
		"lod\u200bash":       "lod\ufffdash",
		"a;=1,\"b\"":         "a;=1,\"b\"",
		"a\tb\nc":            "a\tb\nc",
		"a=1":                "a=1",
		"1-2":                "1-2",
		"":                   "",
		" ":                  " ",
		"日本":                 "日本",
	}
	storetest.Each(t, migrations, func(t *testing.T, db *store.DB) {
		for name, cell := range cases {
			insert(t, db, []item{{id: 1, name: &name, n: ptr(int64(-5)), visibility: "internal"}})
			var out bytes.Buffer
			if err := one.CSV(t.Context(), db, member, one.Parse(nil, noon), &out); err != nil {
				t.Fatal(err)
			}
			records, err := csv.NewReader(bytes.NewReader(out.Bytes())).ReadAll()
			if diff := cmp.Diff([][]string{{"name", "n"}, {cell, "-5"}}, records); err != nil || diff != "" {
				t.Errorf("%q (%v): want -, got +:\n%s", name, err, diff)
			}
			out.Reset()
			var rows []map[string]any
			if err := one.JSON(t.Context(), db, member, one.Parse(nil, noon), &out); err != nil || json.Unmarshal(out.Bytes(), &rows) != nil {
				t.Fatalf("%q: %v, %s", name, err, out.String())
			}
			if diff := cmp.Diff([]map[string]any{{"name": name, "n": -5.}}, rows); diff != "" {
				t.Errorf("%q in JSON: want -, got +:\n%s", name, diff)
			}
		}
	})
}

// long has 100,000 rows of 1,000 bytes that no table holds.
var long = listing.Spec{
	Name: "long", Title: "Long", Noun: "row", Plural: "rows", Key: "i.id", KeyKind: listing.Number,
	From: `(WITH RECURSIVE counted(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM counted WHERE id < 100000)
		SELECT id, substr('` + thousand + `', 1, 1000) AS name FROM counted) i`,
	Where:   func(access.Viewer) string { return "1 = 1" }, // a sequence of numbers
	Columns: []listing.Column{{Key: "name", Label: "Name", SQL: "i.name"}, {Key: "id", Label: "Id", SQL: "i.id", Kind: listing.Number}},
}

var thousand = string(bytes.Repeat([]byte("x"), 1000))

// weigher notes the largest heap that it sees while an export goes through it.
type weigher struct {
	bytes, rows int
	peak        uint64
}

func (w *weigher) Write(b []byte) (int, error) {
	if w.bytes>>23 != (w.bytes+len(b))>>23 { // every 8 MB
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		w.peak = max(w.peak, m.HeapAlloc)
	}
	w.bytes += len(b)
	w.rows += bytes.Count(b, []byte("\n"))
	return len(b), nil
}

// TestExportsTakeNoMoreMemoryForMoreRows lets 100 MB flow and looks at the heap on the way.
func TestExportsTakeNoMoreMemoryForMoreRows(t *testing.T) {
	storetest.Each(t, migrations, func(t *testing.T, db *store.DB) {
		for name, export := range map[string]func(context.Context, *store.DB, access.Viewer, listing.Query, io.Writer) error{"CSV": long.CSV, "JSON": long.JSON} {
			var before runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			w := &weigher{}
			if err := export(t.Context(), db, member, long.Parse(nil, noon), w); err != nil {
				t.Fatal(err)
			}
			if w.bytes < 100_000_000 || w.rows < 100_000 {
				t.Errorf("%s wrote %d bytes, %d rows", name, w.bytes, w.rows)
			}
			if grown := int64(w.peak) - int64(before.HeapAlloc); grown > 10_000_000 {
				t.Errorf("%s of 100 MB holds %d bytes at once", name, grown)
			}
		}
	})
}

var errGone = errors.New("the client has gone")

// leaver takes some and goes.
type leaver struct{ left int }

func (l *leaver) Write(b []byte) (int, error) {
	if l.left -= len(b); l.left < 0 {
		return 0, errGone
	}
	return len(b), nil
}

// TestAClientThatGoesEndsTheQuery: neither a broken connection nor a request that is given up
// leaves a query running.
func TestAClientThatGoesEndsTheQuery(t *testing.T) {
	storetest.Each(t, migrations, func(t *testing.T, db *store.DB) {
		busy := func() int {
			if p := db.Pool(); p != nil {
				return int(p.Stat().AcquiredConns())
			}
			return db.SQL().Stats().InUse
		}
		q := long.Parse(nil, noon)
		if err := long.CSV(t.Context(), db, member, q, &leaver{1 << 20}); !errors.Is(err, errGone) {
			t.Errorf("CSV to a client that goes: %v", err)
		}
		if err := long.JSON(t.Context(), db, member, q, &leaver{1 << 20}); !errors.Is(err, errGone) {
			t.Errorf("JSON to a client that goes: %v", err)
		}
		ctx, giveUp := context.WithCancel(t.Context())
		seen := 0
		err := long.Each(ctx, db, member, q, func(listing.Row) error {
			if seen++; seen == 100 {
				giveUp()
			}
			return nil
		})
		if err == nil || seen > 50_000 {
			t.Errorf("a request that is given up reads %d rows: %v", seen, err)
		}
		for busy() > 0 { // a broken connection is closed behind our back; one that is not ends the test by its time limit
			time.Sleep(5 * time.Millisecond)
		}
	})
}
