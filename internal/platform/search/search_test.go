package search_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"steward/internal/platform/access"
	"steward/internal/platform/search"
	"steward/internal/platform/store"
	"steward/internal/platform/store/storetest"
)

var (
	member = access.As("m", "member", access.Member)
	admin  = access.As("a", "admin", access.Admin)
	all    = []store.Migrations{{Feature: "search", FS: search.Migrations}}
)

func put(t *testing.T, db *store.DB, docs ...search.Document) {
	t.Helper()
	if err := db.Tx(t.Context(), func(tx *store.Tx) error { return search.Put(t.Context(), tx, docs) }); err != nil {
		t.Fatal(err)
	}
}

func titles(t *testing.T, db *store.DB, v access.Viewer, q search.Query) []string {
	t.Helper()
	found, err := search.Find(context.Background(), db, v, q)
	if err != nil {
		t.Fatalf("find %q: %v", q.Text, err)
	}
	names := []string{}
	for _, h := range found.Hits {
		names = append(names, h.Title)
	}
	return names
}

func doc(kind, title, body string, weight int) search.Document {
	return search.Document{Kind: kind, ID: title, URL: "/x", Visibility: access.Internal, Title: title, Body: body, Weight: weight}
}

func TestFind(t *testing.T) {
	storetest.Each(t, all, func(t *testing.T, db *store.DB) {
		secret := doc("repository", "secret-plans", "mergers", 90)
		secret.Visibility = access.Restricted
		put(t, db,
			doc("package", "com.fasterxml.jackson.core:jackson-databind", "maven", 30), doc("package", "jackson-core", "", 20), doc("package", "@babel/core", "npm", 30),
			doc("component", "QuartzScheduler", "runs jobs at night", 40), doc("repository", "core", "the core of it", 50), doc("package", "lodash", "", 10),
			doc("repository", "100%_sure", "", 10), secret)
		cases := []struct {
			text  string
			kinds []string
			want  []string
		}{
			{"databind", nil, []string{"com.fasterxml.jackson.core:jackson-databind"}},
			{"quartz", nil, []string{"QuartzScheduler"}},
			{"core", nil, []string{"core", "@babel/core", "com.fasterxml.jackson.core:jackson-databind", "jackson-core"}},
			{"core", []string{"package"}, []string{"@babel/core", "com.fasterxml.jackson.core:jackson-databind", "jackson-core"}},
			{"lo", nil, []string{"lodash"}},
			{"LODASH", nil, []string{"lodash"}},
			{"night jobs", nil, []string{"QuartzScheduler"}},
			{"secret", nil, []string{}},
			{"mergers", nil, []string{}},
			{"100%", nil, []string{"100%_sure"}},
			{"", nil, []string{}},
			{`"' OR 1=1 --*`, nil, []string{}},
			{"a:* & !b | (c", nil, []string{}},
			{strings.Repeat("é", 300), nil, []string{}},
		}
		for _, c := range cases {
			if diff := cmp.Diff(c.want, titles(t, db, member, search.Query{Text: c.text, Kinds: c.kinds})); diff != "" {
				t.Errorf("find %q in %v (-want +got)\n%s", c.text, c.kinds, diff)
			}
		}
		if got := titles(t, db, admin, search.Query{Text: "mergers"}); len(got) != 1 {
			t.Errorf("an administrator finds %v for mergers, want secret-plans", got)
		}
		if got := titles(t, db, access.Viewer{}, search.Query{Text: "core"}); len(got) != 0 {
			t.Errorf("nobody finds %v", got)
		}
	})
}

func TestReplaceAndRemove(t *testing.T) {
	storetest.Each(t, all, func(t *testing.T, db *store.DB) {
		replace := func(docs ...search.Document) {
			t.Helper()
			if err := db.Tx(t.Context(), func(tx *store.Tx) error { return search.Replace(t.Context(), tx, "component", 7, docs) }); err != nil {
				t.Fatal(err)
			}
		}
		replace(doc("component", "alpha", "first", 1), doc("component", "beta", "first", 1))
		replace(doc("component", "beta", "second", 1))
		for text, want := range map[string]int{"alpha": 0, "beta": 1, "first": 0, "second": 1} {
			if got := titles(t, db, member, search.Query{Text: text}); len(got) != want {
				t.Errorf("after replacing, %q finds %v, want %d", text, got, want)
			}
		}
		if err := db.Tx(t.Context(), func(tx *store.Tx) error {
			return search.FollowVisibility(t.Context(), tx, 7, access.Restricted)
		}); err != nil {
			t.Fatal(err)
		}
		if got := titles(t, db, member, search.Query{Text: "beta"}); len(got) != 0 {
			t.Errorf("a member finds %v of a repository that became restricted", got)
		}
		if err := db.Tx(t.Context(), func(tx *store.Tx) error { return search.Remove(t.Context(), tx, "component", "beta") }); err != nil {
			t.Fatal(err)
		}
		if got := titles(t, db, admin, search.Query{Text: "second"}); len(got) != 0 {
			t.Errorf("a removed document is found: %v", got)
		}
	})
}

func TestAKindIsFoundAmongManyOfOthers(t *testing.T) {
	storetest.Each(t, all, func(t *testing.T, db *store.DB) {
		docs := []search.Document{}
		for i := range 600 {
			docs = append(docs, doc("package", fmt.Sprintf("alpha-%03d", i), "", 30))
		}
		put(t, db, append(docs, doc("team", "team alpha", "", 0), doc("team", "alpine", "", 0))...)
		for text, want := range map[string][]string{"alpha": {"team alpha"}, "al": {"alpine"}, "alp": {"alpine", "team alpha"}} {
			got := titles(t, db, member, search.Query{Text: text, Kinds: []string{"team"}})
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("teams for %q, want -, got +:\n%s", text, diff)
			}
		}
	})
}
