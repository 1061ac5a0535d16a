package survey_test

import (
	"cmp"
	"fmt"
	"strings"
	"testing"

	diff "github.com/google/go-cmp/cmp"

	"steward/internal/feature/catalog/survey"
	"steward/internal/platform/gitrepo"
)

// TestOwnersAsHostsAndProjectsReadThem takes small trees whose components are
// the folders with a package.json.
func TestOwnersAsHostsAndProjectsReadThem(t *testing.T) {
	for name, c := range map[string]struct {
		remote string
		files  map[string]string
		parts  string            // folders of components
		want   map[string]string // root to the owners that decide
		notes  []string          // paths with a note
	}{
		"a file of labels leaves the folder to those above": {
			files: map[string]string{"OWNERS": "approvers: [leads, uma]\n", "OWNERS_ALIASES": "aliases:\n  leads: [ria]\n", "a/OWNERS": "labels:\n- area/a\n", "b/OWNERS": "approvers: [tom]\n", "c/OWNERS": "filters:\n  '\\.go$':\n    approvers: [gil]\n"},
			parts: "a b b/d c", want: map[string]string{"a": "ria uma", "b": "tom", "b/d": "tom", "c": "ria uma"},
		},
		"an included file": {
			files: map[string]string{"base/OWNERS": "ann@corp.test\n", "a/OWNERS": "file://base/OWNERS\nper-file *.md=doc@corp.test\n"},
			parts: "a", want: map[string]string{"a": "ann@corp.test"},
		},
		"bitbucket's folder": {
			files: map[string]string{".bitbucket/CODEOWNERS": "* @@\"Dev Ops\"\na/ @bank/a:random(1)\n"},
			parts: "a b", want: map[string]string{"a": "bank/a", "b": "Dev Ops"},
		},
		"gitea's folder": {
			files: map[string]string{".gitea/CODEOWNERS": "a/.* @bank/a\n"},
			parts: "a b", want: map[string]string{"a": "bank/a", "b": ""},
		},
		"the host of a remote looks in its own places": {
			remote: "ssh://git@gitlab.bank.example/x/y.git",
			files:  map[string]string{".github/CODEOWNERS": "* @bank/hub\n", ".gitlab/CODEOWNERS": "[A] @bank/lab\n*\n"},
			parts:  "a", want: map[string]string{"a": "bank/lab"}, notes: []string{".github/CODEOWNERS"},
		},
		"whom a line names first comes first": {
			files: map[string]string{"CODEOWNERS": "* @bank/zeta @bank/alpha\n/b/ @zed @bank/zeta @bank/alpha\n"},
			parts: "a b", want: map[string]string{"a": "bank/zeta bank/alpha", "b": "bank/zeta bank/alpha zed"},
		},
		"no place where the host looks": {
			remote: "https://github.com/x/y",
			files:  map[string]string{".gitlab/CODEOWNERS": "* @bank/lab\n"},
			parts:  "a", want: map[string]string{"a": ""}, notes: []string{".gitlab/CODEOWNERS"},
		},
		"the first place counts": {
			remote: "https://github.com/x/y",
			files:  map[string]string{".github/CODEOWNERS": "* @bank/one\n", "CODEOWNERS": "* @bank/two\n", "docs/CODEOWNERS": "* @bank/three\n"},
			parts:  "a", want: map[string]string{"a": "bank/one"}, notes: []string{"CODEOWNERS", "docs/CODEOWNERS"},
		},
	} {
		want := c.want
		for _, dir := range strings.Fields(c.parts) {
			c.files[dir+"/package.json"] = fmt.Sprintf(`{"name":%q}`, strings.ReplaceAll(dir, "/", "-"))
		}
		snapshot := tree(c.files)
		if c.remote != "" {
			snapshot.Remotes = []gitrepo.Remote{{Name: "origin", URL: c.remote}}
		}
		s, err := survey.Take(t.Context(), snapshot)
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		for _, one := range s.Components {
			var owners []string
			for _, o := range one.Claims {
				if o.Decides {
					owners = append(owners, cmp.Or(o.Handle, o.Account, o.Email, o.Name))
				}
			}
			got[one.Root] = strings.Join(owners, " ")
		}
		if d := diff.Diff(want, got); d != "" {
			t.Errorf("%s: %s", name, d)
		}
		var notes []string
		for _, n := range s.Notes {
			notes = append(notes, n.Path)
		}
		if d := diff.Diff(c.notes, notes); d != "" {
			t.Errorf("%s: notes: %s", name, d)
		}
	}
}
