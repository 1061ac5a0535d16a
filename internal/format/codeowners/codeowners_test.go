package codeowners

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

func TestGitHubPatterns(t *testing.T) {
	for _, c := range []struct{ pattern, yes, no string }{
		{"*", "a a/b .x/y", ""},
		{"**", "a a/b", ""},
		{"*.js", "a.js x/y/a.js a.js/inside", "a.jsx a.ts"},
		{"/build/logs/", "build/logs/a build/logs/x/y", "build/logs x/build/logs/a"},
		{"docs/*", "docs/a.md", "docs/a/b.md x/docs/a.md docs"},
		{"docs/*.md", "docs/a.md", "docs/x/a.md"},
		{"apps/", "apps/a x/apps/a/b", "apps myapps/a"},
		{"/docs", "docs docs/a docs/a/b", "x/docs docs2"},
		{"docs", "docs docs/a x/docs x/docs/y", "docs2/a"},
		{"src/app", "src/app src/app/x", "x/src/app"},
		{"**/logs", "logs/a build/logs/a a/b/logs/c a/logs", "logs2/a"},
		{"a/**/b", "a/b a/x/b a/x/y/b a/b/below", "a/xb x/a/b"},
		{"a/**", "a/b a/b/c", "a b/a/c"},
		{"/apps/*/src/", "apps/x/src/a", "apps/src/a apps/x/y/src/a apps/x/src"},
		{"foo?.txt", "foo1.txt fooé.txt", "foo.txt foo12.txt"},
		{`/path\ with\ space.md`, "path\x00with\x00space.md", "path"},
		{`app/\[id\]/page.tsx`, "app/[id]/page.tsx", "app/i/page.tsx"},
		{`app/\[*\]/page.tsx`, "app/[id]/page.tsx", "app/i/page.tsx"},
		{"/", "", "a a/b"},
		{"a//b", "", "a/b a//c"},
		{"/*", "a .b", "a/b"},
		{"/*/", "a/b a/b/c", "a"},
		{"Docs/", "Docs/a", "docs/a"},
		{"/a*b*c", "abc axxbyyc", "abx cab"},
		{"x**y", "xy xaay q/xy", "x/y"},
	} {
		check(t, GitHub, c.pattern, c.yes, c.no)
	}
}

func TestGitLabPatterns(t *testing.T) {
	for _, c := range []struct{ pattern, yes, no string }{
		{"*", "a a/b .x/y", ""},
		{"README.md", "README.md internal/README.md app/lib/README.md", "README.md/x"},
		{"internal/README.md", "internal/README.md docs/internal/README.md", "internal/x/README.md"},
		{"/README.md", "README.md", "a/README.md"},
		{"/docs", "docs", "docs/a"},
		{"/docs/", "docs/a docs/a/b", "docs x/docs/a"},
		{"docs/", "docs/a x/docs/a/b", "docs"},
		{"/docs/*", "docs/a docs/.hidden", "docs/a/b"},
		{"/docs/**", "docs/a", "docs/a/b"},
		{"/docs/**/index.md", "docs/index.md docs/a/b/index.md", "index.md"},
		{"/docs/*spec*", "docs/qa_specs.rb docs/runtime.spec", "docs/a/spec"},
		{"/[a-c]x", "ax bx cx", "dx x"},
		{"/[!a-c]x", "dx", "ax"},
		{"/[]]x", "]x", "ax"},
		{"/[ax", "[ax", "ax"},
		{`/a\*b`, "a*b", "axb"},
		{`path\ with/`, "path\x00with/a", "path/a"},
		{`\#x.rb`, "#x.rb a/#x.rb", "x.rb"},
	} {
		check(t, GitLab, c.pattern, c.yes, c.no)
	}
}

// check tries the paths of two lists; \x00 stands for a space.
func check(t *testing.T, d Dialect, pattern, yes, no string) {
	t.Helper()
	f, problems := Parse([]byte(pattern+" @o\n"), d)
	if len(problems) > 0 {
		t.Errorf("%s %q: %v", d, pattern, problems)
	}
	for want, list := range map[bool]string{true: yes, false: no} {
		for _, path := range strings.Fields(list) {
			path = strings.ReplaceAll(path, "\x00", " ")
			if got := len(f.Owners(path)) == 1; got != want {
				t.Errorf("%s: %q owns %q: got %v, want %v", d, pattern, path, got, want)
			}
		}
	}
}

func TestParseGitHub(t *testing.T) {
	text := "\ufeff# head\r\n" +
		"*       @global @org/all\r\n" +
		"*.js    @js-owner # @not-me\n" +
		"/apps/  mail@bank.example#note\n" +
		"/apps/free\n" +
		"!x @a\n" +
		"[Section] @a\n" +
		"\\#x @a\n" +
		"*.txt docs@\n" +
		"@alone\n" +
		"*** @a\n" +
		"a\xff @a\n" +
		"*.md @@maintainer\n" +
		"/last\\ one @a/b/c\n" +
		"*.go @go-er"
	got, problems := Parse([]byte(text), GitHub)
	want := File{Dialect: GitHub, Sections: []Section{{}}, Rules: []Rule{
		{Line: 2, Pattern: "*", Owners: []Owner{{User, "global", 2}, {Team, "org/all", 2}}},
		{Line: 3, Pattern: "*.js", Owners: []Owner{{User, "js-owner", 3}}},
		{Line: 4, Pattern: "/apps/", Owners: []Owner{{Email, "mail@bank.example", 4}}},
		{Line: 5, Pattern: "/apps/free"},
		{Line: 15, Pattern: "*.go", Owners: []Owner{{User, "go-er", 15}}},
	}}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(File{})); diff != "" {
		t.Error(diff)
	}
	var lines []int
	for _, p := range problems {
		lines = append(lines, p.Line)
	}
	if diff := cmp.Diff([]int{6, 7, 8, 9, 10, 11, 12, 13, 14}, lines); diff != "" {
		t.Errorf("%s\n%v", diff, problems)
	}
	for path, want := range map[string][]Owner{
		"x/a.js":      {{User, "js-owner", 3}},
		"apps/free/a": nil,
		"apps/a.js":   {{Email, "mail@bank.example", 4}},
		"/apps/m.go":  {{User, "go-er", 15}},
		"":            nil,
	} {
		if diff := cmp.Diff(want, got.Owners(path)); diff != "" {
			t.Errorf("%s: %s", path, diff)
		}
	}
}

func TestParseGitLab(t *testing.T) {
	b, err := os.ReadFile("testdata/gitlab.CODEOWNERS")
	if err != nil {
		t.Fatal(err)
	}
	f, problems := Parse(b, GitLab)
	wantSections := []Section{
		{},
		{Name: "README Owners", Line: 5},
		{Name: "Go", Optional: true, Approvals: 2, Line: 10},
	}
	if diff := cmp.Diff(wantSections, f.Sections); diff != "" {
		t.Error(diff)
	}
	admin := Owner{User, "admin", 2}
	for path, want := range map[string][]Owner{
		"README.md":            {admin, {User, "user1", 6}, {User, "user2", 6}},
		"x/internal/README.md": {admin, {User, "user4", 7}},
		"guide.md":             {admin, {User, "docs-default", 5}},
		"yarn.lock":            nil,
		"x/a.go":               {admin, {Team, "go-team/backend", 10}, {Email, "go@bank.example", 10}},
		"cmd/x.go":             {admin, {Role, "maintainer", 12}, {User, "lead", 12}},
		"cmd/b/main.go":        {admin, {User, "cmd", 13}},
		"docs/a":               {admin, {User, "writers", 16}},
		"#odd.md":              {admin, {User, "odd", 17}},
		"path with spaces/x/y": {admin, {User, "space", 18}},
		"no-owner.md":          {admin},
	} {
		if diff := cmp.Diff(want, f.Owners(path)); diff != "" {
			t.Errorf("%s: %s", path, diff)
		}
	}
	var lines []int
	for _, p := range problems {
		lines = append(lines, p.Line)
	}
	if diff := cmp.Diff([]int{10, 19, 20, 21}, lines); diff != "" {
		t.Errorf("%s\n%v", diff, problems)
	}
}

func TestRealFile(t *testing.T) {
	b, err := os.ReadFile("testdata/jellyfin.CODEOWNERS")
	if err != nil {
		t.Fatal(err)
	}
	f, problems := Parse(b, Guess(".github/CODEOWNERS", b))
	if len(problems) > 0 || len(f.Rules) != 9 {
		t.Errorf("%d rules, problems %v", len(f.Rules), problems)
	}
	joshua, core := "joshuaboniface", "jellyfin/core"
	for path, want := range map[string]string{
		"bump_version": joshua, ".github/ISSUE_TEMPLATE/a.yml": core, ".github/workflows/x.yml": core,
		"MediaBrowser.Model/MediaBrowser.Model.csproj": joshua, "README.md": "",
	} {
		got := ""
		if o := f.Owners(path); len(o) > 0 {
			got = o[0].Name
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", path, got, want)
		}
	}
}

func TestGuess(t *testing.T) {
	for _, c := range []struct {
		path, text string
		want       Dialect
	}{
		{".gitlab/CODEOWNERS", "* @a", GitLab},
		{".github/CODEOWNERS", "[S]\n* @a", GitHub},
		{"CODEOWNERS", "# x\n* @a\n", GitHub},
		{"CODEOWNERS", "* @a\n^[Docs][2] @b\n", GitLab},
		{"docs/CODEOWNERS", "* @@owner\n", GitLab},
		{"CODEOWNERS", "* @a\n!x\n", GitLab},
		{"CODEOWNERS", "[ab].md @a\n", GitHub},
	} {
		if got := Guess(c.path, []byte(c.text)); got != c.want {
			t.Errorf("%s %q: got %s, want %s", c.path, c.text, got, c.want)
		}
	}
}

func TestLimits(t *testing.T) {
	if f, problems := Parse(make([]byte, MaxSize+1), GitHub); len(f.Rules) != 0 || len(problems) != 1 {
		t.Errorf("too large: %v %v", f.Rules, problems)
	}
	f, problems := Parse([]byte(strings.Repeat("! @a\n", 5000)), GitHub)
	if len(f.Rules) != 0 || len(problems) != maxProblems+1 {
		t.Errorf("many problems: %d", len(problems))
	}
	f, problems = Parse([]byte(strings.Repeat("a @a\n", MaxRules+5)), GitHub)
	if len(f.Rules) != MaxRules || len(problems) != 1 {
		t.Errorf("many rules: %d %v", len(f.Rules), problems)
	}
}

// The index must choose what a plain walk over all rules chooses.
func TestIndexEqualsLinearScan(t *testing.T) {
	part := rapid.SampledFrom([]string{"a", "b", "ab", "*", "**", "*.go", "a*", "?", "*_t.go", "a.go", "*.*", ""})
	name := rapid.SampledFrom([]string{"a", "b", "ab", "a.go", "x_t.go", "b.c", ".go"})
	rapid.Check(t, func(t *rapid.T) {
		d := rapid.SampledFrom([]Dialect{GitHub, GitLab}).Draw(t, "dialect")
		var text strings.Builder
		for range rapid.IntRange(1, 12).Draw(t, "rules") {
			text.WriteString(strings.Join(rapid.SliceOfN(part, 1, 4).Draw(t, "pattern"), "/") + " @o\n")
		}
		f, _ := Parse([]byte(text.String()), d)
		path := rapid.SliceOfN(name, 1, 5).Draw(t, "path")
		want := 0
		for _, r := range f.Rules {
			if p := compilePattern(r.Pattern, d); p != nil && matchSegments(p, path) {
				want = r.Line
			}
		}
		got := 0
		if m := f.Match(strings.Join(path, "/")); len(m) > 0 {
			got = m[0].Line
		}
		if got != want {
			t.Fatalf("%s\n%s: got line %d, want %d", text.String(), path, got, want)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, name := range []string{"testdata/jellyfin.CODEOWNERS", "testdata/gitlab.CODEOWNERS"} {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b, "docs/a b/README.md")
	}
	f.Add([]byte("/[a-\\]x* @a\n[^]\n^[a][0]@x\n**/**/a?\\"), "a/b")
	f.Fuzz(func(t *testing.T, b []byte, path string) {
		for _, d := range []Dialect{GitHub, GitLab, Gitea, Bitbucket, Guess(path, b)} {
			file, _ := Parse(b, d)
			for _, o := range file.Owners(path) {
				if o.Name == "" || o.Line == 0 {
					t.Errorf("empty owner %+v", o)
				}
			}
		}
	})
}
