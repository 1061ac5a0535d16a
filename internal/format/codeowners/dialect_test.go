package codeowners

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestOtherDialects asks small files of other hosts who owns a path.
func TestOtherDialects(t *testing.T) {
	const gitea = "# all\n.*\\\\.sql @bank/data # and so on\nsrc/(api|web)/.* @uma tom\n!docs/.* @bank/code\npath\\ with\\ gaps/.* @gil\n"
	const bitbucket = "@@@Core @ann @@\"Dev Ops\"\nCODEOWNERS.toplevel.assignment_routing random 2\n* @@Core bob@bank.example\n" +
		"*.tf @bank-ws/infra:random(2) @teams/sre:all @\"Kim Lo\" # note\n\"a path/*\" @kim@bank.example\n!gen/ @x\n\\!odd @odd\n"
	for name, c := range map[string]struct {
		dialect Dialect
		text    string
		want    map[string]string // path to owners, kind:name
		lines   []int             // with problems
	}{
		"gitea": {Gitea, gitea, map[string]string{
			"db/a.sql": "team:bank/data team:bank/code", "src/api/x": "user:uma user:tom team:bank/code", "docs/x": "", "docs/x.sql": "team:bank/data", "path with gaps/x": "team:bank/code user:gil",
			"srcs/api/x": "team:bank/code",
		}, nil},
		"gitea, what is wrong": {Gitea, "( @a\n.*\n.* a@b.example @c\n" + strings.Repeat("x", 2000) + " @d\n", map[string]string{"f": "user:c"}, []int{1, 2, 3, 4}},
		"bitbucket": {Bitbucket, bitbucket, map[string]string{
			"x": "team:Core email:bob@bank.example", "m/x.tf": "team:bank-ws/infra team:teams/sre user:Kim Lo", "a path/f": "email:kim@bank.example", "gen/f": "", "!odd": "user:odd",
		}, nil},
		"bitbucket, what is wrong": {Bitbucket, "*.{js,ts} @a\n\"\" @b\nx @@ c @@@d @e\n! @f\n", map[string]string{"a.js": "", "x": "user:e"}, []int{1, 2, 3, 3, 3, 4}},
		"gitlab: sections with defaults, optional ones, approvals": {GitLab, "[Pay][2] @bank/pay\npay/\npay/api/ @bank/api\n^[Docs] @bank/docs\n*.md\n[pay]\n!pay/gen/\nour\\ file @g/sub/team, a@bank.example\n", map[string]string{
			"pay/x": "team:bank/pay", "a/pay/api/x": "team:bank/api", "pay/x.md": "team:bank/pay team:bank/docs", "pay/gen/x": "", "pay/gen/x.md": "team:bank/docs", "x/our file": "team:g/sub/team email:a@bank.example",
		}, nil},
		"github: gaps, none, comments": {GitHub, "* @bank/all\nour\\ file @ann # x\ngen/\n/a/*/b.js uma@bank.example\n!x @no\n[a] @no\n", map[string]string{
			"x/our file": "user:ann", "gen/x": "", "a/c/b.js": "email:uma@bank.example", "a/c/d/b.js": "team:bank/all", "x": "team:bank/all",
		}, []int{5, 6}},
	} {
		file, problems := Parse([]byte(c.text), c.dialect)
		got := map[string]string{}
		for path := range c.want {
			var owners []string
			for _, o := range file.Owners(path) {
				owners = append(owners, string(o.Kind)+":"+o.Name)
			}
			got[path] = strings.Join(owners, " ")
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		var lines []int
		for _, p := range problems {
			lines = append(lines, p.Line)
		}
		if diff := cmp.Diff(c.lines, lines); diff != "" {
			t.Errorf("%s: %s %v", name, diff, problems)
		}
	}
	for text, want := range map[string]Dialect{gitea: Gitea, bitbucket: Bitbucket, "* @@owners\n": GitLab, "* @@Core\n": Bitbucket, "* @a\n": GitHub} {
		if got := Guess("CODEOWNERS", []byte(text)); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}
