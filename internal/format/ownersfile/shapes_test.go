package ownersfile

import (
	"io/fs"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestShapes reads small files of many shapes, beside a small tree.
func TestShapes(t *testing.T) {
	tree := map[string]string{
		"base/OWNERS":         "bea@corp.test\nper-file *.h=hal@corp.test\nfile:deep/OWNERS\n",
		"base/deep/OWNERS":    "dee@corp.test\nfile://base/OWNERS\n",
		"team/sub/QUA_OWNERS": "qua@corp.test\n",
	}
	aliases := Aliases{"sig-pay": {"zoe", "Quinn"}}
	approver := func(line int, email string) Person { return Person{Email: email, Role: Approver, Line: line} }
	maintainer := func(line int, p Person) Person {
		p.Line = line
		if p.Role == "" {
			p.Role = Maintainer
		}
		return p
	}
	for name, c := range map[string]struct {
		file, text string
		want       []Person
		notes      []Note
	}{
		"labels alone name nobody": {file: "OWNERS", text: "labels:\n- area/x\n"},
		"aliases in either list form": {file: "OWNERS", text: "approvers: [SIG-pay]\nreviewers:\n- uma\n", want: []Person{
			{Account: "zoe", Role: Approver, Via: "SIG-pay", Line: 1}, {Account: "Quinn", Role: Approver, Via: "SIG-pay", Line: 1}, {Account: "uma", Role: Reviewer, Line: 3},
		}},
		"a filter for all and one for some": {file: "OWNERS", text: "filters:\n  \".*\":\n    approvers: [ria]\n  '\\.sql$':\n    approvers: [tom]\n", want: []Person{
			{Account: "ria", Role: Approver, Line: 3}, {Account: "tom", Role: Approver, Scope: `\.sql$`, Line: 5},
		}},
		"included files": {file: "team/OWNERS", text: "set noparent\nann@corp.test\nfile://base/OWNERS\nfile:sub/QUA_OWNERS\nper-file *.gn=file:/base/OWNERS\ninclude other:/OWNERS\nfile://no/OWNERS\n", want: []Person{
			approver(2, "ann@corp.test"), approver(3, "bea@corp.test"), approver(3, "dee@corp.test"), approver(4, "qua@corp.test"),
			{Email: "bea@corp.test", Role: Approver, Scope: "*.gn", Line: 5},
			{Email: "dee@corp.test", Role: Approver, Scope: "*.gn", Line: 5},
		}, notes: []Note{{6, "include other:/OWNERS"}, {7, "file://no/OWNERS"}}},
		"a file that includes itself": {file: "base/OWNERS", text: "bea@corp.test\nfile://base/OWNERS\n", want: []Person{approver(1, "bea@corp.test")}},
		"anybody":                     {file: "OWNERS", text: "# all\n*\n"},
		"logins":                      {file: "MAINTAINERS", text: "jor\nMSP-Ann # on leave\n\n# Emeritus\nold1\n", want: []Person{maintainer(1, Person{Account: "jor"}), maintainer(2, Person{Account: "MSP-Ann"}), {Account: "old1", Role: Emeritus, Line: 5}}},
		"logins in OWNERS":            {file: "x/OWNERS", text: "jor\nann_b\n", want: []Person{{Account: "jor", Role: Approver, Line: 1}, {Account: "ann_b", Role: Approver, Line: 2}}},
		"one word that is no login":   {file: "MAINTAINERS", text: "TBD\n", notes: []Note{{1, "TBD"}}},
		"kernel: a part and the rest": {file: "MAINTAINERS", text: "PAY DRIVER\nM:\tIda Ux <ida@x.test>\nS:\tMaintained\nF:\tdrivers/pay/\n\nTHE REST\nM:\tOla Yx <ola@x.test>\nS:\tSupported\nF:\t*\nF:\t*/\n", want: []Person{
			maintainer(2, Person{Name: "Ida Ux", Email: "ida@x.test", Scope: "PAY DRIVER: drivers/pay/"}), maintainer(7, Person{Name: "Ola Yx", Email: "ola@x.test"}),
		}},
		"mappings": {file: "MAINTAINERS.yaml", text: "maintainers:\n  - name: Jo Roe\n    email: jo@x.test\n    github: \"@jor\"\n    company: Bank\n  - username: bank/ops\n  - {}\n", want: []Person{
			maintainer(2, Person{Name: "Jo Roe", Email: "jo@x.test", Account: "jor"}), maintainer(6, Person{Account: "bank/ops", Team: true}),
		}, notes: []Note{{7, "not an account:"}}},
		"names below Current":  {file: "MAINTAINERS.md", text: "# Current\n\n* Jo Roe\n\n# Inactive\n\n* Old Oe\n", want: []Person{maintainer(3, Person{Name: "Jo Roe"}), {Name: "Old Oe", Role: Emeritus, Line: 7}}},
		"a table with a split": {file: "MAINTAINERS.md", text: "| Maintainer | GitHub ID | Affiliation |\n|:--|:--|:--|\n| Jo Roe | [jor](https://github.com/jor) | Bank |\n\n## Emeritus\n\n| Maintainer | GitHub ID |\n|--|--|\n| Old Oe | oldo |\n", want: []Person{maintainer(3, Person{Name: "Jo Roe", Account: "jor"}), {Name: "Old Oe", Account: "oldo", Role: Emeritus, Line: 9}}},
	} {
		people, notes := Parse(c.file, []byte(c.text), Beside{Aliases: aliases, Read: func(path string) ([]byte, error) {
			if text, ok := tree[path]; ok {
				return []byte(text), nil
			}
			return nil, fs.ErrNotExist
		}})
		if diff := cmp.Diff(c.want, people); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if diff := cmp.Diff(c.notes, notes); diff != "" {
			t.Errorf("%s: notes: %s", name, diff)
		}
	}
}
