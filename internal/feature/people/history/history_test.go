package history

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"steward/internal/feature/estate"
	snapshots "steward/internal/feature/estate/snapshot"
	"steward/internal/platform/gitrepo"
)

var now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// snapshot is a tree of files with the content given, else a few bytes.
func snapshot(files map[string]string, more int) *estate.Snapshot {
	var entries []estate.Entry
	for p, text := range files {
		entries = append(entries, estate.Entry{Path: p, Size: int64(len(text))})
	}
	for i := range more {
		entries = append(entries, estate.Entry{Path: fmt.Sprintf("more/%d.txt", i), Size: 1})
	}
	return snapshots.New(entries, func(e estate.Entry, _ int64) ([]byte, error) { return []byte(files[e.Path]), nil })
}

const goMod = "module example.test/m\n\ngo 1.26\n"

// commit is one commit of a test; paths are separated by spaces.
func commit(n int, name, email string, when time.Time, message, paths string, parents int) *gitrepo.Commit {
	c := &gitrepo.Commit{ID: []byte(fmt.Sprintf("%040x", n)), Message: []byte(message)}
	var ids []string
	for i := range parents {
		ids = append(ids, fmt.Sprintf("%040x", 1000+n+i))
	}
	c.Parents = []byte(strings.Join(ids, " "))
	c.Author = gitrepo.Signature{Name: []byte(name), Email: []byte(email), Time: when.UnixMicro()}
	c.Committer = c.Author
	for _, p := range strings.Fields(paths) {
		c.Changes = append(c.Changes, gitrepo.Change{Path: []byte(p), Status: 'M'})
	}
	return c
}

func many(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "wide/%d/file.txt ", i)
	}
	return b.String()
}

func learn(s *estate.Snapshot, commits ...*gitrepo.Commit) *Learnt {
	f := New(s, now)
	for _, c := range commits {
		f.Commit(c)
	}
	return f.Learn()
}

// line gives the work of one author on one root: "commits+bulk".
func line(l *Learnt, root, name, email string) string {
	id := IdentityID(name, email)
	for _, w := range l.Work {
		if w.Root == root && w.Identity == id {
			return fmt.Sprintf("%d+%d", w.Commits, w.Bulk)
		}
	}
	return "none"
}

func TestWorkGoesToTheDeepestRoot(t *testing.T) {
	s := snapshot(map[string]string{"a/go.mod": goMod, "a/b/go.mod": goMod, "testdata/x/go.mod": goMod}, 0)
	day := now.AddDate(0, -1, 0)
	l := learn(s, commit(1, "Ann Lee", "ann@x.test", day, "one", "a/b/c/d.go a/x.go README", 1), commit(2, "Ann Lee", "ann@x.test", day, "two", "a/b/y.go testdata/x/z", 1),
		commit(3, "Ann Lee", "ann@x.test", day, "a merge", "", 2), commit(4, "Ann Lee", "ann@x.test", day, "empty", "", 1))
	for root, want := range map[string]string{"a/b": "2+0", "a": "1+0", "": "2+0", Whole: "3+0", "testdata/x": "none"} {
		if got := line(l, root, "Ann Lee", "ann@x.test"); got != want {
			t.Errorf("root %q: %s, want %s", root, got, want)
		}
	}
	if diff := cmp.Diff([]Month{{202610, 4, 1}}, l.Months); diff != "" || l.Commits != 4 {
		t.Errorf("%d commits, months %s", l.Commits, diff)
	}
	want := []PlaceMonth{{"", 202610, 1}, {"a", 202610, 1}, {"a/b", 202610, 2}, {"testdata/x", 202610, 1}}
	if diff := cmp.Diff(want, l.Directories); diff != "" {
		t.Error(diff)
	}
}

func TestBulkCommitsCountApart(t *testing.T) {
	day := now.AddDate(-1, 0, 0)
	for _, c := range []struct {
		message string
		paths   string
		parents int
		tree    int
		want    string
	}{
		{"fix the parser", "a.go", 1, 10, "1+0"},
		{"Run gofmt -s", "a.go", 1, 10, "0+1"},
		{"chore: apply Prettier to everything", many(30), 1, 10_000, "0+1"},
		{"prettier", "a.go", 1, 10, "1+0"},
		{"Black", many(25), 1, 10_000, "0+1"},
		{"blacklist more hosts", many(25), 1, 10_000, "1+0"},
		{"Update license headers", "a.go", 1, 10, "0+1"},
		{"Rename package foo to bar", many(8), 1, 10_000, "0+1"},
		{"add vendor list page", "a.go", 1, 10, "1+0"},
		{"update vendor", many(100), 1, 10_000, "0+1"},
		{"Fix trailing whitespace.", "a.go", 1, 10, "0+1"},
		{"many files", many(150), 1, 300, "0+1"},
		{"many files", many(150), 1, 1000, "1+0"},
		{"initial work", many(150), 0, 300, "1+0"},
		{"initial work", many(1001), 0, 300, "0+1"},
		{"everything", many(1001), 1, 10_000, "0+1"},
		{"exactly at the limit", many(1000), 1, 10_000, "1+0"},
		{"Body only\n\ngofmt", "a.go", 1, 10, "1+0"},
		{"", "a.go", 1, 10, "1+0"},
		{"reformatş", "a.go", 1, 10, "1+0"},
	} {
		l := learn(snapshot(nil, c.tree), commit(1, "Ann Lee", "ann@x.test", day, c.message, c.paths, c.parents))
		if got := line(l, Whole, "Ann Lee", "ann@x.test"); got != c.want {
			t.Errorf("%q with %d paths in a tree of %d: %s, want %s", c.message, len(strings.Fields(c.paths)), c.tree, got, c.want)
		}
	}
	ignored := fmt.Sprintf("# moved\n%040X # with a remark\nshort\n", 7)
	l := learn(snapshot(map[string]string{".git-blame-ignore-revs": ignored}, 5), commit(7, "Ann Lee", "ann@x.test", day, "work", "a.go", 1), commit(8, "Ann Lee", "ann@x.test", day, "work", "a.go", 1))
	if got := line(l, Whole, "Ann Lee", "ann@x.test"); got != "1+1" {
		t.Errorf("with an ignored commit: %s", got)
	}
}

func TestAuthors(t *testing.T) {
	day := now.AddDate(0, 0, -9)
	s := snapshot(map[string]string{".mailmap": "Ann Lee <ann@bank.example> <annie@home.test>\n"}, 5)
	l := learn(s,
		commit(1, "annie", "annie@home.test", day, "one\n\nCo-authored-by: Bob Roe <bob@x.test>\nCO-AUTHORED-BY: Ann Lee <ann@bank.example>\nSigned-off-by: Cy Poe <cy@x.test>", "a", 1),
		commit(2, "Ann Lee", "ANN@bank.example", day, "two", "a", 1),
		commit(3, "renovate[bot]", "bot@renovateapp.com", day, "three", "a", 1),
		commit(4, "Evil\nName\x00\xff", "e\xffvil@x.test", day, "four", "a", 1),
		commit(5, strings.Repeat("N", 10_000), strings.Repeat("e", 10_000)+"@x.test", day, "five", "a", 1),
		commit(6, "", "", day, "six", "a", 1))
	if got := line(l, Whole, "Ann Lee", "ann@bank.example"); got != "1+0" {
		t.Errorf("mapped: %s", got)
	}
	if got := line(l, Whole, "Bob Roe", "bob@x.test"); got != "1+0" {
		t.Errorf("co-author: %s", got)
	}
	if got := line(l, Whole, "Cy Poe", "cy@x.test"); got != "none" {
		t.Errorf("who signed off is no author: %s", got)
	}
	for _, a := range l.Authors {
		if len(a.Name) > MaxName || len(a.Email) > MaxEmail || strings.ContainsAny(a.Name+a.Email, "\n\x00") || !utf8.ValidString(a.Name+a.Email) || a.ID <= 0 {
			t.Errorf("not clean: %q <%q>", a.Name, a.Email)
		}
		if a.Service != (a.Name == "renovate[bot]") {
			t.Errorf("%q is a service: %v", a.Name, a.Service)
		}
	}
	if len(l.Authors) != 6 || l.Months[0].Authors != 5 || l.Commits != 6 {
		t.Errorf("%d authors, %d in the month, %d commits", len(l.Authors), l.Months[0].Authors, l.Commits)
	}
}

func TestDatesThatCannotBe(t *testing.T) {
	good := time.Date(2020, 5, 31, 23, 30, 0, 0, time.UTC)
	f := New(snapshot(nil, 3), now)
	for i, at := range []time.Time{time.Unix(0, 0), time.Unix(1, 0), time.Date(2106, 2, 7, 0, 0, 0, 0, time.UTC), time.Date(1901, 1, 1, 0, 0, 0, 0, time.UTC), good} {
		f.Commit(commit(i, "Ann Lee", "ann@x.test", at, "m", "a", 1))
	}
	later := commit(9, "Ann Lee", "ann@x.test", time.Unix(0, 0), "the committer's clock was right", "a", 1)
	later.Committer.Time = good.AddDate(0, 0, 10).UnixMicro()
	f.Commit(later)
	l := f.Learn()
	if diff := cmp.Diff([]Month{{202005, 1, 1}, {202006, 1, 1}}, l.Months); diff != "" {
		t.Error(diff)
	}
	if l.First != good.UnixMicro() || l.Last != later.Committer.Time || l.Commits != 6 {
		t.Errorf("first %d, last %d, %d commits", l.First, l.Last, l.Commits)
	}
	if notes := f.Notes(); len(notes) != 1 || !strings.HasPrefix(notes[0].Reason, "4 commits") {
		t.Errorf("notes: %v", notes)
	}
}

// Reading on from a state gives the same as reading all at once, whatever the
// history and wherever it was cut; a state of other circumstances is refused.
func TestIncrementalEqualsFull(t *testing.T) {
	names := []string{"Ann Lee", "Bob Roe", "ci-bot", "x\xffy", ""}
	paths := []string{"a/go.mod", "a/b/c/d/e.go", "b/x.js", "README", "b/deep/er/file", "\xff\xfe/odd", "\xff\xfd/odd", "c/testdata/go.mod"}
	messages := []string{"work", "gofmt", "vendor", "m\n\nCo-authored-by: Bob Roe <bob@x.test>", "Merge branch"}
	s := snapshot(map[string]string{"a/go.mod": goMod, "b/package.json": `{"name":"b","version":"1.0.0"}`, "\xff\xfe/go.mod": goMod, "\xff\xfd/go.mod": goMod}, 300)
	rapid.Check(t, func(t *rapid.T) {
		commits := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) *gitrepo.Commit {
			at := time.Unix(rapid.SampledFrom([]int64{0, 1, 1.5e9, 1.6e9, 1.6e9 + 7e6, 4.2e9}).Draw(t, "at"), 0)
			chosen := strings.Join(rapid.SliceOfN(rapid.SampledFrom(paths), 0, 4).Draw(t, "paths"), " ")
			if n := rapid.SampledFrom([]int{0, 0, 0, 101, 130, 1001}).Draw(t, "wide"); n > 0 {
				chosen += " " + many(n)
			}
			return commit(rapid.IntRange(0, 1<<20).Draw(t, "id"), rapid.SampledFrom(names).Draw(t, "name"), rapid.SampledFrom([]string{"ann@x.test", "bob@x.test"}).Draw(t, "mail"),
				at, rapid.SampledFrom(messages).Draw(t, "message"), chosen, rapid.IntRange(0, 2).Draw(t, "parents"))
		}), 0, 30).Draw(t, "commits")
		full := learn(s, commits...)
		cut := rapid.IntRange(0, len(commits)).Draw(t, "cut")
		before := New(s, now)
		for _, c := range commits[cut:] {
			before.Commit(c)
		}
		before.Learn() // must change nothing of what is stored
		state, err := before.State()
		if err != nil {
			t.Fatal(err)
		}
		after := New(s, now)
		if err := after.Restore(state); err != nil {
			t.Fatal(err)
		}
		for _, c := range commits[:cut] {
			after.Commit(c)
		}
		if diff := cmp.Diff(full, after.Learn(), cmpopts.IgnoreFields(Learnt{}, "Authors")); diff != "" {
			t.Fatal(diff)
		}
	})
	state, err := New(s, now).State()
	if err != nil {
		t.Fatal(err)
	}
	shallow := snapshot(map[string]string{"a/go.mod": goMod}, 1)
	shallow.Shallow = true
	for _, other := range []*estate.Snapshot{
		snapshot(map[string]string{"a/go.mod": goMod}, 300), shallow,
		snapshot(map[string]string{"a/go.mod": goMod, "b/package.json": `{"name":"b","version":"1.0.0"}`, "\xff\xfe/go.mod": goMod, "\xff\xfd/go.mod": goMod, ".mailmap": "A <a@x.test>\n"}, 300),
	} {
		if err := New(other, now).Restore(state); err == nil {
			t.Error("a state of other circumstances was taken")
		}
	}
	if got, err := New(shallow, now).State(); got != nil || err != nil {
		t.Errorf("a shallow history has a state: %v", err)
	}
}

func FuzzRestore(f *testing.F) {
	s := snapshot(map[string]string{"a/go.mod": goMod}, 3)
	fold := New(s, now)
	fold.Commit(commit(1, "Ann Lee", "ann@x.test", now, "m", "a/x b/y", 1))
	state, err := fold.State()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(state)
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, state []byte) {
		fold := New(s, now)
		if fold.Restore(state) != nil {
			return
		}
		fold.Commit(commit(1, "Ann Lee", "ann@x.test", now, "m", "a/x b/y", 1))
		fold.Learn()
	})
}

func TestReleases(t *testing.T) {
	yes := map[string]bool{ // name → preview
		"v1.2.3": false, "1.2": false, "release-2.0": false, "rel/3.1.4": false, "REL_15_3": false, "lib/api/v1.4.0": false, "@scope/pkg@2.1.0": false, "pkg-1.0.0": false, "v252": false,
		"2023.10.1": false, "V1.0": false, "jackson-databind-2.17.2": false, "v1.0.0+build.5": false, "1.0.0.Final": false, "v1.0.0-rc.1": true, "v2.0.0-beta2": true, "3.13.0a4": true, "1.0-SNAPSHOT": true,
		"v5.0.0-M1": true, "v1.0.0-alpha": true, "v1.0-dev": true, "project_v1.0": false, "r1.2": false, "version-3.1": false,
		"release-2026-03-11": false, "rel-1-2-3": false, "app/v1-2": false, "1.37.3c": false, "lib-1.0.2b": false, "core-2.9.0.pr1": true, "1.3.0.b": true, "1.3.0-c.2": true, "v10.0.0-proxy-alpha.5": true,
		"4.0.0.pre.beta1": true, "1.50-rc2b": true, "LANG_3_8_RC1": true, "dev-tools-1.0": false, "x509-test-v2.1": false, "v1.0.0+dev.5": false, "2.0.10.android": false, "1.0.0-prefix": false,
	}
	for name, isPreview := range yes {
		got := releasesOf([]gitrepo.Tag{{Name: name, Commit: "ab", Time: now.UnixMicro()}}, now.UnixMicro())
		if len(got) != 1 || got[0].Preview != isPreview {
			t.Errorf("%q: %+v", name, got)
		}
	}
	for _, name := range []string{"nightly", "latest", "20240101", "before-refactoring", "v", "", "1", "backup/2024", "my tag 1.2", "v1.x", strings.Repeat("1.", 500), "deploy-prod", "2.3.x", "\xff", "backup/changes-15-16-56", "2024-01-02"} {
		if got := releasesOf([]gitrepo.Tag{{Name: name}}, now.UnixMicro()); len(got) != 0 {
			t.Errorf("%q is a release: %+v", name, got)
		}
	}
	day := func(n int) int64 { return now.AddDate(0, 0, n).UnixMicro() }
	tags := []gitrepo.Tag{
		{Name: "v1.0", Time: day(-100)},
		{Name: "v1.1", Time: day(-90)},
		{Name: "v1.1-rc1", Time: day(-95)},
		{Name: "v1.2", Time: day(-60)},
		{Name: "lib/v1.2", Time: day(-60)},
		{Name: "v2.0", Time: day(-10)},
		{Name: "v9.9", Time: day(5000)},
		{Name: "v0.0.1", Time: 0},
		{Name: "v1.0", Time: day(-1)},
	}
	all := releasesOf(tags, now.UnixMicro())
	if days, ok := Cadence(all); days != 30 || !ok {
		t.Errorf("cadence %d %v, want 30", days, ok)
	}
	if last := LastRelease(all); last == nil || last.Name != "v2.0" {
		t.Errorf("last release: %+v", last)
	}
	if _, ok := Cadence(all[:1]); ok {
		t.Error("one release has no cadence")
	}
}

func TestHalf(t *testing.T) {
	for _, c := range []struct {
		counts []int64
		want   int64
	}{{nil, 0}, {[]int64{0}, 0}, {[]int64{5}, 1}, {[]int64{1, 1, 1, 1}, 2}, {[]int64{1, 10, 2}, 1}, {[]int64{3, 3, 3, 3, 3}, 3}} {
		if got := Half(c.counts); got != c.want {
			t.Errorf("%v: %d, want %d", c.counts, got, c.want)
		}
	}
}

// TestCommitsOfVeryManyAuthors counts the first of them and says so, also after reading on.
func TestCommitsOfVeryManyAuthors(t *testing.T) {
	crowd := func(n int) *gitrepo.Commit {
		message := "all of us\n\n"
		for i := range n {
			message += fmt.Sprintf("Co-authored-by: P%d <p%d@x.test>\n", i, i)
		}
		return commit(n, "Ann", "ann@x.test", now, message, "a.go", 1)
	}
	first := New(snapshot(map[string]string{"a.go": ""}, 0), now)
	first.Commit(crowd(maxAuthorsEach - 1))
	if notes := first.Notes(); len(notes) != 0 || len(first.Learn().Authors) != maxAuthorsEach {
		t.Errorf("%d authors, notes %+v, of %d", len(first.Learn().Authors), notes, maxAuthorsEach)
	}
	first.Commit(crowd(maxAuthorsEach))
	state, err := first.State()
	if err != nil {
		t.Fatal(err)
	}
	next := New(snapshot(map[string]string{"a.go": ""}, 0), now)
	if err := next.Restore(state); err != nil {
		t.Fatal(err)
	}
	next.Commit(crowd(1000))
	want := []estate.Note{{Kind: estate.NoteLeftOut, Reason: "2 commits name more than 300 authors; further ones of a commit are not counted"}}
	if diff := cmp.Diff(want, next.Notes()); diff != "" || len(next.Learn().Authors) != maxAuthorsEach {
		t.Errorf("%d authors; want -, got +:\n%s", len(next.Learn().Authors), diff)
	}
}
