package listing_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"steward/internal/platform/access"
	"steward/internal/platform/fault"
	"steward/internal/platform/listing"
	"steward/internal/platform/store"
	"steward/internal/platform/store/storetest"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

var migrations = []store.Migrations{{Feature: "item", FS: fstest.MapFS{
	"migration/20260101000000_item_table.sql": {Data: []byte(`-- +goose Up
CREATE TABLE item (id bigint PRIMARY KEY, uid text NOT NULL, name text, owner text, n bigint, share double precision, at bigint, flag boolean, parts jsonb, visibility text NOT NULL, uses bigint NOT NULL DEFAULT 0);
`)},
}}}

type item struct {
	id         int64
	name       *string
	owner      *string
	n          *int64
	share      *float64
	at         *int64
	flag       *bool
	visibility string
}

func insert(tb interface {
	Fatal(...any)
}, db *store.DB, items []item,
) {
	ctx := contextOf()
	err := db.Tx(ctx, func(tx *store.Tx) error {
		if _, err := tx.Exec(ctx, "DELETE FROM item"); err != nil {
			return err
		}
		for _, i := range items {
			if _, err := tx.Exec(ctx, "INSERT INTO item (id, uid, name, owner, n, share, at, flag, parts, visibility, uses) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
				i.id, fmt.Sprintf("u%d", i.id), value(i.name), value(i.owner), value(i.n), value(i.share), value(i.at), value(i.flag), `{"Go": 3}`, i.visibility, i.id%3); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
}

func value[T any](p *T) any {
	if p == nil {
		return nil
	}
	return *p
}

func ptr[T any](v T) *T { return &v }

var spec = listing.Spec{
	Name: "items", Title: "Items", Noun: "item", Plural: "items",
	From: "item i", Key: "i.id", KeyKind: listing.Number,
	Where:  func(v access.Viewer) string { return v.Where("i.visibility") },
	Search: []string{"i.name", "i.owner"},
	Columns: []listing.Column{
		{Key: "name", Label: "Name", SQL: "i.name", Sort: true, Link: "/items/{id}"},
		{Key: "owner", Label: "Owner", SQL: "i.owner", Kind: listing.Owner, Sort: true},
		{Key: "n", Label: "N", SQL: "i.n", Kind: listing.Number, Sort: true},
		{Key: "share", Label: "Share", SQL: "i.share", Kind: listing.Share, Sort: true},
		{Key: "at", Label: "At", SQL: "i.at", Kind: listing.Time, Sort: true},
		{Key: "flag", Label: "Flag", SQL: "i.flag", Kind: listing.YesNo, Sort: true},
		{Key: "parts", Label: "Parts", SQL: "i.parts", Kind: listing.Split},
		{Key: "id", SQL: "i.uid", Hidden: true},
	},
	Filters: []listing.Filter{
		{Key: "owned", Label: "Owner", SQL: "i.owner", Unknown: "No owner"},
		{Key: "count", Label: "Count", SQL: "i.n", Kind: listing.Range},
		{Key: "changed", Label: "Changed", SQL: "i.at", Kind: listing.When, Unknown: "Never"},
		{Key: "flagged", Label: "Flagged", SQL: "i.flag", Kind: listing.Yes},
		{Key: "named", Label: "Named", SQL: "i.name", Kind: listing.Contains},
		{Key: "called", Label: "Called", SQL: "i.name = {value} OR i.owner = {value}", Kind: listing.Holds},
	},
	Views: []listing.View{{Key: "mine", Label: "Mine", Where: "i.owner = {account}"}, {Key: "big", Label: "Big", Where: "i.n > 100", Sort: listing.Sort{Column: "n", Desc: true}}},
}

// paging is spec with columns that an index may serve.
var paging = func() listing.Spec {
	s := spec
	s.Columns = append(
		slices.Clone(spec.Columns),
		listing.Column{Key: "uses", Label: "Uses", SQL: "i.uses", Kind: listing.Number, Sort: true, Indexed: true},
		listing.Column{Key: "called", Label: "Called", SQL: "COALESCE(i.name, '')", Sort: true, Indexed: true},
	)
	return s
}()

var (
	member  = access.As("ann", "Ann", access.Member)
	auditor = access.As("cas", "Cas", access.Auditor)
)

// pool makes equal and near-equal values likely.
var words = []string{"", "a", "A", "b", "B", "aa", "ä", "Ä", "Z", "z", "_", "%", "a%b", "a\\b", "日本", "a'b", "0", "10", "9", strings.Repeat("long", 80) + "1", strings.Repeat("long", 80) + "2"}

func drawItems(t *rapid.T) []item {
	var out []item
	n := rapid.IntRange(0, 70).Draw(t, "rows")
	for i := range n {
		some := func(name string) bool { return rapid.IntRange(0, 3).Draw(t, name) > 0 }
		one := item{id: int64(i + 1), visibility: "internal"}
		if some("name?") {
			one.name = ptr(rapid.SampledFrom(words).Draw(t, "name"))
		}
		if some("owner?") {
			one.owner = ptr(rapid.SampledFrom(words[:5]).Draw(t, "owner"))
		}
		if some("n?") {
			one.n = ptr(rapid.SampledFrom([]int64{-1, 0, 1, 2, 10, 9, 1 << 60}).Draw(t, "n"))
		}
		if some("share?") {
			one.share = ptr(rapid.SampledFrom([]float64{0, .1, .30000000000000004, .3, 1, 1. / 3}).Draw(t, "share"))
		}
		if some("flag?") {
			one.flag = ptr(rapid.Bool().Draw(t, "flag"))
		}
		if some("hidden?") == false {
			one.visibility = "restricted"
		}
		out = append(out, one)
	}
	return out
}

// TestPagingGivesEveryRowOnce walks forward and back through any data in any order and compares
// with one big query.
func TestPagingGivesEveryRowOnce(t *testing.T) {
	storetest.Each(t, migrations, func(t *testing.T, db *store.DB) {
		rapid.Check(t, func(rt *rapid.T) {
			insert(rt, db, drawItems(rt))
			sort := rapid.SampledFrom([]string{"", "name", "-name", "owner", "-owner", "n", "-n", "uses", "-uses", "share", "-share", "flag", "-flag", "at"}).Draw(rt, "sort")
			viewer := rapid.SampledFrom([]access.Viewer{member, auditor, {}}).Draw(rt, "viewer")
			in := url.Values{"sort": {sort}}
			if rapid.Bool().Draw(rt, "filtered") {
				in["owned"] = []string{listing.None, "a"}
			}
			var want []string
			if err := paging.Each(contextOf(), db, viewer, paging.Parse(in, noon), func(r listing.Row) error { want = append(want, r["id"].(string)); return nil }); err != nil {
				rt.Fatal(err)
			}
			forward, prev := walk(rt, db, viewer, in)
			if diff := cmp.Diff(want, forward); diff != "" {
				rt.Fatalf("forward: want -, got +:\n%s", diff)
			}
			// Back from the last page: everything but that page, in the same order.
			var back []string
			for prev != "" {
				result := page(rt, db, viewer, in, "before", prev)
				back = append(ids(result), back...)
				prev = result.Prev
			}
			if diff := cmp.Diff(want[:len(back)], back, emptyEqual); diff != "" {
				rt.Fatalf("back: want -, got +:\n%s", diff)
			}
			if len(want) > 25 && len(back) != (len(want)-1)/25*25 {
				rt.Fatalf("back gives %d of %d rows", len(back), len(want))
			}
		})
	})
}

var emptyEqual = cmp.Transformer("empty", func(s []string) []string {
	if len(s) == 0 {
		return []string{}
	}
	return s
})

func walk(rt *rapid.T, db *store.DB, v access.Viewer, in url.Values) (all []string, lastPrev string) {
	after := ""
	for range 20 {
		result := page(rt, db, v, in, "after", after)
		if len(result.Rows) > 0 && (result.First != int64(len(all)+1) || result.Last != int64(len(all)+len(result.Rows))) {
			rt.Fatalf("page says %d–%d after %d rows", result.First, result.Last, len(all))
		}
		all, after, lastPrev = append(all, ids(result)...), result.Next, result.Prev
		if after == "" {
			return all, lastPrev
		}
	}
	rt.Fatal("paging does not end")
	return nil, ""
}

func page(rt *rapid.T, db *store.DB, v access.Viewer, in url.Values, name, cursor string) listing.Result {
	values := url.Values{}
	for k, v := range in {
		values[k] = v
	}
	if cursor != "" {
		values.Set(name, cursor)
	}
	q := paging.Parse(values, noon)
	if len(q.Unknown) > 0 {
		rt.Fatalf("not understood: %q", q.Unknown)
	}
	result, err := paging.Rows(contextOf(), db, v, q)
	if err != nil {
		rt.Fatal(err)
	}
	return result
}

func ids(r listing.Result) []string {
	var out []string
	for _, row := range r.Rows {
		out = append(out, row["id"].(string))
	}
	return out
}

// TestOrderIsTheSameOnBothEngines fixes the order itself: bytes after folding A to Z, unknown last.
func TestOrderIsTheSameOnBothEngines(t *testing.T) {
	var items []item
	for i, name := range []string{"b", "Ä", "a", "B", "ä", "_", "Z", "A", "aa"} {
		items = append(items, item{id: int64(i + 1), name: &name, visibility: "internal"})
	}
	items = append(items, item{id: 50, visibility: "internal"})
	storetest.Each(t, migrations, func(t *testing.T, db *store.DB) {
		insert(t, db, items)
		got := map[string]string{}
		for _, sort := range []string{"name", "-name"} {
			var names []string
			err := spec.Each(t.Context(), db, member, spec.Parse(url.Values{"sort": {sort}}, noon), func(r listing.Row) error {
				names = append(names, fmt.Sprint(r["name"]))
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			got[sort] = strings.Join(names, " ")
		}
		want := map[string]string{"name": "_ a A aa b B Z Ä ä <nil>", "-name": "ä Ä Z B b aa A a _ <nil>"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("want -, got +:\n%s", diff)
		}
	})
}

func fixed() []item {
	day := int64(24 * time.Hour / time.Microsecond)
	now := noon.UnixMicro()
	return []item{
		{id: 1, name: ptr("Alpha one"), owner: ptr("ann"), n: ptr(int64(5)), share: ptr(.41), at: ptr(now - day), flag: ptr(true), visibility: "internal"},
		{id: 2, name: ptr("alpha two"), owner: ptr("ben"), n: ptr(int64(500)), at: ptr(now - 40*day), flag: ptr(false), visibility: "internal"},
		{id: 3, name: ptr("100%_sure"), owner: nil, n: ptr(int64(101)), at: nil, visibility: "internal"},
		{id: 4, name: ptr("=SUM(A1)"), owner: ptr(""), n: nil, at: ptr(now - 800*day), flag: ptr(true), visibility: "internal"},
		{id: 5, name: ptr("hidden"), owner: ptr("ann"), n: ptr(int64(7)), at: ptr(now), visibility: "restricted"},
	}
}

func TestWhatAddressesAskFor(t *testing.T) {
	cases := []struct{ query, ids, unknown string }{
		{"", "u1 u2 u3 u4", ""},
		{"q=ALPHA", "u1 u2", ""},
		{"q=two+alpha", "u2", ""},
		{"q=ben", "u2", ""},
		{"q=%25_", "u3", ""},
		{"q=%5C", "", ""},
		{"q='+OR+1=1--", "", ""},
		{"q=%00%ff", "u1 u2 u3 u4", ""},
		{"owned=ann&owned=ben", "u1 u2", ""},
		{"owned=-", "u3 u4", ""},
		{"owned=-&owned=ann", "u1 u3 u4", ""},
		{"owned=x')%3BDROP+TABLE+item--", "", ""},
		{"count=100..", "u2 u3", ""},
		{"count=..5", "u1", ""},
		{"count=101", "u3", ""},
		{"count=abc", "u1 u2 u3 u4", "count"},
		{"count=99999999999999999999..", "u1 u2 u3 u4", "count"},
		{"changed=7d", "u1", ""},
		{"changed=older-30d", "u2 u4", ""},
		{"changed=-", "u3", ""},
		{"changed=2026-11-21..2026-11-21", "u1", ""},
		{"changed=..2026-01-01", "u4", ""},
		{"changed=yesterday", "u1 u2 u3 u4", "changed"},
		{"flagged=yes", "u1 u4", ""},
		{"flagged=no", "u2 u3", ""},
		{"flagged=maybe", "u1 u2 u3 u4", "flagged"},
		{"named=alpha", "u1 u2", ""},
		{"called=ann", "u1", ""},
		{"called=ann'+OR+1=1--", "", ""},
		{"view=mine", "u1", ""},
		{"view=big", "u2 u3", ""},
		{"view=none", "u1 u2 u3 u4", "view=none"},
		{"sort=parts&limit=7&density=huge&nonsense=1", "u1 u2 u3 u4", "density=huge, limit=7, nonsense, sort=parts"},
		{"after=notacursor", "u1 u2 u3 u4", "after"},
	}
	storetest.Each(t, migrations, func(t *testing.T, db *store.DB) {
		insert(t, db, fixed())
		for _, c := range cases {
			in, err := url.ParseQuery(c.query)
			if err != nil {
				t.Fatal(err)
			}
			q := spec.Parse(in, noon)
			result, err := spec.Page(t.Context(), db, member, q)
			if err != nil {
				t.Errorf("%s: %v", c.query, err)
				continue
			}
			got := ids(result)
			slices.Sort(got)
			if strings.Join(got, " ") != c.ids || strings.Join(q.Unknown, ", ") != c.unknown {
				t.Errorf("%s: rows %q, not understood %q; want %q, %q", c.query, got, q.Unknown, c.ids, c.unknown)
			}
			if result.Total.N != int64(len(got)) {
				t.Errorf("%s: total %d of %d rows", c.query, result.Total.N, len(got))
			}
			again := spec.Parse(q.Values(), noon)
			if diff := cmp.Diff(q.Values(), again.Values()); diff != "" || len(again.Unknown) > 0 {
				t.Errorf("%s: the address does not give the query back:\n%s%q", c.query, diff, again.Unknown)
			}
		}
	})
}

func TestCountsViewsAndChoices(t *testing.T) {
	storetest.Each(t, migrations, func(t *testing.T, db *store.DB) {
		insert(t, db, fixed())
		result, err := spec.Page(t.Context(), db, auditor, spec.Parse(url.Values{"choices": {"owned"}, "count": {"1.."}}, noon))
		if err != nil {
			t.Fatal(err)
		}
		result.Rows, result.Next, result.Prev = nil, "", ""
		want := listing.Result{
			First: 1, Last: 4, Total: listing.Count{N: 4},
			Choices: []listing.Choice{{Value: "ann", Label: "ann", Count: 2}, {Value: "ben", Label: "ben", Count: 1}, {Value: "-", Label: "No owner", Count: 1}},
		}
		if diff := cmp.Diff(want, result); diff != "" {
			t.Errorf("want -, got +:\n%s", diff)
		}
		for terms, want := range map[string]int64{"": 5, "view=mine": 0, "view=big": 2, "view=big&owned=ben": 1} {
			in, _ := url.ParseQuery(terms)
			if n, err := spec.Count(t.Context(), db, auditor, spec.Parse(in, noon)); err != nil || n != (listing.Count{N: want}) {
				t.Errorf("%q counts %+v, %v; want %d", terms, n, err, want)
			}
		}
		for find, want := range map[string][]string{"N": {"ann", "ben", "-"}, "NN": {"ann"}, "%": nil, "owner": {"-"}} {
			result, err := spec.Choices(t.Context(), db, auditor, spec.Parse(url.Values{"choices": {"owned"}, "find": {find}}, noon))
			var got []string
			for _, c := range result.Choices {
				got = append(got, c.Value)
			}
			if diff := cmp.Diff(want, got); err != nil || diff != "" {
				t.Errorf("%q finds (%v) want -, got +:\n%s", find, err, diff)
			}
		}
		result, err = spec.Choices(t.Context(), db, member, spec.Parse(url.Values{"choices": {"owned"}, "owned": {"gone"}}, noon))
		if err != nil {
			t.Fatal(err)
		}
		last := result.Choices[len(result.Choices)-1]
		if last != (listing.Choice{Value: "gone", Label: "gone", On: true}) {
			t.Errorf("a chosen value that nothing has any more is shown as %+v", last)
		}
	})
}

func TestCountsStopAtTenThousand(t *testing.T) {
	storetest.Each(t, migrations, func(t *testing.T, db *store.DB) {
		var items []item
		for i := range 10_002 {
			items = append(items, item{id: int64(i + 1), visibility: "internal"})
		}
		for _, c := range []struct {
			rows int
			want listing.Count
		}{{10_000, listing.Count{N: 10_000}}, {10_002, listing.Count{N: 10_000, More: true}}} {
			insert(t, db, items[:c.rows])
			result, err := spec.Page(t.Context(), db, member, spec.Parse(nil, noon))
			if err != nil {
				t.Fatal(err)
			}
			if result.Total != c.want {
				t.Errorf("%d rows are counted as %+v", c.rows, result.Total)
			}
		}
	})
}

func TestPickingAllRows(t *testing.T) {
	storetest.Each(t, migrations, func(t *testing.T, db *store.DB) {
		insert(t, db, fixed())
		resolve := func(v access.Viewer, form url.Values, most int) ([]string, string, error) {
			return spec.Resolve(t.Context(), db, v, listing.ParsePicked(form), "id", most, noon)
		}
		rows := func(v access.Viewer, form url.Values) []string {
			t.Helper()
			got, _, err := resolve(v, form, 4)
			if err != nil {
				t.Fatal(err)
			}
			return got
		}
		all := url.Values{"all": {"3"}, "terms": {"count=1..&sort=-n"}, "pick": {"u4"}}
		for _, c := range []struct {
			who  access.Viewer
			form url.Values
			want []string
		}{
			{member, all, []string{"u2", "u3", "u1"}},
			{auditor, all, []string{"u2", "u3", "u5", "u1"}},
			{access.Viewer{}, all, nil},
			{member, url.Values{"pick": {"u2", "u1"}, "terms": {"count=1.."}}, []string{"u2", "u1"}},
			{member, url.Values{"pick": {"u2"}, "all": {"0"}}, []string{"u2"}},
			{member, url.Values{"all": {"x"}}, nil},
		} {
			if diff := cmp.Diff(c.want, rows(c.who, c.form), emptyEqual); diff != "" {
				t.Errorf("%v: want -, got +:\n%s", c.form, diff)
			}
		}
		for _, form := range []url.Values{all, {"pick": {"1", "2", "3"}}, {"all": {"1"}, "terms": {"bogus=1"}}, {"all": {"1"}, "terms": {"count=x"}}, {"all": {"1"}, "terms": {"%zz"}}} {
			if got, _, err := resolve(member, form, 2); !errors.Is(err, fault.Invalid) {
				t.Errorf("%v gives %v, %v; want a fault.Invalid", form, got, err)
			}
		}
		_, one, _ := resolve(member, all, 4)
		_, turned, _ := resolve(member, url.Values{"all": {"3"}, "terms": {"count=1..&sort=n"}}, 4)
		_, more, _ := resolve(auditor, all, 4)
		if one == "" || one != turned || one == more {
			t.Errorf("digests: %q in one order, %q in another, %q of other rows", one, turned, more)
		}
		again := listing.ParsePicked(all)
		again.State = one
		if diff := cmp.Diff(again, listing.ParsePicked(again.Values())); diff != "" {
			t.Errorf("a form does not give back what was picked:\n%s", diff)
		}
	})
}

func TestExports(t *testing.T) {
	storetest.Each(t, migrations, func(t *testing.T, db *store.DB) {
		insert(t, db, fixed())
		q := spec.Parse(url.Values{"sort": {"-name"}, "limit": {"50"}}, noon)
		var out bytes.Buffer
		if err := spec.CSV(t.Context(), db, member, q, &out); err != nil {
			t.Fatal(err)
		}
		records, err := csv.NewReader(&out).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		want := [][]string{
			{"name", "owner", "n", "share", "at", "flag", "parts", "id"},
			{"alpha two", "ben", "500", "", "2026-10-13T12:00:00Z", "false", `{"Go": 3}`, "u2"},
			{"Alpha one", "ann", "5", "0.41", "2026-11-21T12:00:00Z", "true", `{"Go": 3}`, "u1"},
			{"'=SUM(A1)", "", "", "", "2024-09-13T12:00:00Z", "true", `{"Go": 3}`, "u4"},
			{"100%_sure", "", "101", "", "", "", `{"Go": 3}`, "u3"},
		}
		if diff := cmp.Diff(want, records); diff != "" {
			t.Errorf("want -, got +:\n%s", diff)
		}
		out.Reset()
		if err := spec.JSON(t.Context(), db, member, q, &out); err != nil {
			t.Fatal(err)
		}
		var rows []map[string]any
		if err := json.Unmarshal(out.Bytes(), &rows); err != nil {
			t.Fatalf("%v in\n%s", err, out.String())
		}
		wantRow := map[string]any{"name": "100%_sure", "owner": nil, "n": 101., "share": nil, "at": nil, "flag": nil, "parts": map[string]any{"Go": 3.}, "id": "u3"}
		if diff := cmp.Diff(wantRow, rows[3]); diff != "" || len(rows) != 4 {
			t.Errorf("%d rows; want -, got +:\n%s", len(rows), diff)
		}
		insert(t, db, nil)
		out.Reset()
		if err := spec.JSON(t.Context(), db, member, q, &out); err != nil || json.Unmarshal(out.Bytes(), &rows) != nil || len(rows) != 0 {
			t.Errorf("nothing is exported as %q, %v", out.String(), err)
		}
	})
}

func TestCheckRefusesBrokenDeclarations(t *testing.T) {
	broken := map[string]func(*listing.Spec){
		"no access":       func(s *listing.Spec) { s.Where = nil },
		"no name":         func(s *listing.Spec) { s.Name = "A b" },
		"no columns":      func(s *listing.Spec) { s.Columns = nil },
		"first hidden":    func(s *listing.Spec) { s.Columns[0].Hidden = true },
		"key twice":       func(s *listing.Spec) { s.Columns[1].Key = "name" },
		"odd key":         func(s *listing.Spec) { s.Columns[1].Key = "Na me" },
		"link to nothing": func(s *listing.Spec) { s.Columns[0].Link = "/items/{nothing}" },
		"reserved filter": func(s *listing.Spec) { s.Filters[0].Key = "sort" },
		"filter twice":    func(s *listing.Spec) { s.Filters[1].Key = s.Filters[0].Key },
		"empty view":      func(s *listing.Spec) { s.Views[0].Where = "" },
		"odd order":       func(s *listing.Spec) { s.Default.Column = "nothing" },
	}
	if err := spec.Check(); err != nil {
		t.Errorf("the whole one: %v", err)
	}
	for name, change := range broken {
		s := spec
		s.Columns, s.Filters, s.Views = slices.Clone(spec.Columns), slices.Clone(spec.Filters), slices.Clone(spec.Views)
		change(&s)
		if s.Check() == nil {
			t.Errorf("%s: passes", name)
		}
	}
}

// FuzzParse gives any address; whatever it holds, the query that comes of it can be run.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"", "q=a&owned=-&sort=-name", "after=eyJvIjoibmFtZSIsInMiOnRydWUsInYiOiJZUT09IiwiayI6Ik1RPT0ifQ&sort=name", "count=1..2&changed=older-3d", "before=eyJrIjoiTVE9PSJ9", "%ff=%00&q=%ff"} {
		f.Add(seed)
	}
	db := storetest.Open(f, storetest.Fresh(f, store.SQLite), migrations)
	insert(f, db, fixed())
	f.Fuzz(func(t *testing.T, query string) {
		in, _ := url.ParseQuery(query)
		q := spec.Parse(in, noon)
		if _, err := spec.Page(contextOf(), db, member, q); err != nil {
			t.Errorf("%q: %v", query, err)
		}
	})
}
