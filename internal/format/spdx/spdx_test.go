package spdx_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"steward/internal/format/spdx"
)

func TestParse(t *testing.T) {
	tests := []struct {
		in, want string
		licences []string
	}{
		{"MIT", "MIT", []string{"MIT"}},
		{"mit or apache-2.0", "MIT OR Apache-2.0", []string{"MIT", "Apache-2.0"}},
		{"(MIT OR Apache-2.0)", "MIT OR Apache-2.0", []string{"MIT", "Apache-2.0"}},
		{"MIT OR Apache-2.0 AND ISC", "MIT OR Apache-2.0 AND ISC", []string{"MIT", "Apache-2.0", "ISC"}},
		{"(MIT OR Apache-2.0) AND ISC", "(MIT OR Apache-2.0) AND ISC", []string{"MIT", "Apache-2.0", "ISC"}},
		{"((MIT) OR (MIT OR ISC))", "MIT OR ISC", []string{"MIT", "ISC"}},
		{"MIT AND MIT", "MIT", []string{"MIT"}},
		{"GPL-2.0", "GPL-2.0-only", []string{"GPL-2.0-only"}},
		{"GPL-2.0+", "GPL-2.0-or-later", []string{"GPL-2.0-or-later"}},
		{"AGPL-3.0", "AGPL-3.0-only", []string{"AGPL-3.0-only"}},
		{"LGPL-2.1+", "LGPL-2.1-or-later", []string{"LGPL-2.1-or-later"}},
		{"GPL-2.0-or-later+", "GPL-2.0-or-later", []string{"GPL-2.0-or-later"}},
		{"Apache-2.0+", "Apache-2.0+", []string{"Apache-2.0"}},
		{"gpl-2.0-with-classpath-exception", "GPL-2.0-only WITH Classpath-exception-2.0", []string{"GPL-2.0-only"}},
		{"GPL-2.0+ with classpath-exception-2.0", "GPL-2.0-or-later WITH Classpath-exception-2.0", []string{"GPL-2.0-or-later"}},
		{"Apache-2.0 WITH LLVM-exception OR MIT", "Apache-2.0 WITH LLVM-exception OR MIT", []string{"Apache-2.0", "MIT"}},
		{"LicenseRef-x OR MIT", "LicenseRef-x OR MIT", []string{"LicenseRef-x", "MIT"}},
		{"documentref-d:licenseref-Own-1.0", "DocumentRef-d:LicenseRef-Own-1.0", []string{"DocumentRef-d:LicenseRef-Own-1.0"}},
		{"MIT WITH AdditionRef-own", "MIT WITH AdditionRef-own", []string{"MIT"}},
		{"wxWindows", "LGPL-2.0-or-later WITH WxWindows-exception-3.1", []string{"LGPL-2.0-or-later"}},
		{"StandardML-NJ", "SMLNJ", []string{"SMLNJ"}},
	}
	for _, tt := range tests {
		e, err := spdx.Parse(tt.in)
		if err != nil {
			t.Errorf("Parse(%q): %v", tt.in, err)
			continue
		}
		if e.String() != tt.want {
			t.Errorf("Parse(%q) = %q, want %q", tt.in, e, tt.want)
		}
		if diff := cmp.Diff(tt.licences, e.Licences()); diff != "" {
			t.Errorf("Parse(%q).Licences() (-want +got):\n%s", tt.in, diff)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	tests := []struct{ in, says string }{
		{"", "it is empty"},
		{"()", `column 2: a licence is missing before ")"`},
		{"MIT OR", "column 7: a licence is missing"},
		{"AND MIT", `column 1: a licence is missing before "AND"`},
		{"MIT ISC", `column 5: "ISC" is not expected here`},
		{"(MIT", "column 5: a closing parenthesis is missing"},
		{"MIT)", `column 4: ")" is not expected here`},
		{"Foo-1.0", `column 1: "Foo-1.0" is not an id of the SPDX list`},
		{"UNLICENSED", "is not an id"},
		{"NOASSERTION", "is not an id"},
		{"SEE LICENSE IN LICENSE.md", "is not an id"},
		{"Apache 2.0", "is not an id"},
		{"GPL-2.0 WITH nothing", `column 14: "nothing" is not an exception`},
		{"GPL-2.0 WITH", "the exception after WITH is missing"},
		{"(MIT OR ISC) WITH LLVM-exception", "WITH follows one licence"},
		{"LicenseRef-", "is not an id"},
		{"LicenseRef-a b", "not expected here"},
		{"LicenseRef-ä", "is not an id"},
		{strings.Repeat("(", 60) + "MIT" + strings.Repeat(")", 60), "more than 50 parentheses"},
		{strings.Repeat("a", 20000), "longer than"},
	}
	for _, tt := range tests {
		e, err := spdx.Parse(tt.in)
		if !errors.Is(err, spdx.ErrInvalid) || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("Parse(%.40q) = %q, %v; want an error that says %q", tt.in, e, err, tt.says)
		}
	}
}

func TestNormalise(t *testing.T) {
	want := map[string]string{
		"Apache 2.0":                               "Apache-2.0",
		"Apache License, Version 2.0":              "Apache-2.0",
		"The Apache Software License, Version 2.0": "Apache-2.0",
		"Apache License 2.0":                       "Apache-2.0",
		"Apache-2":                                 "Apache-2.0",
		"ASL 2.0":                                  "Apache-2.0",
		"MIT License":                              "MIT",
		"The MIT License (MIT)":                    "MIT",
		"The MIT License":                          "MIT",
		"mit":                                      "MIT",
		"BSD-3-Clause":                             "BSD-3-Clause",
		"BSD 3-Clause License":                     "BSD-3-Clause",
		"3-Clause BSD License":                     "BSD-3-Clause",
		"New BSD License":                          "BSD-3-Clause",
		"Simplified BSD":                           "BSD-2-Clause",
		"ISC License":                              "ISC",
		"GPLv2":                                    "GPL-2.0-only",
		"GPLv2+":                                   "GPL-2.0-or-later",
		"GPL v3 or later":                          "GPL-3.0-or-later",
		"GNU General Public License v2.0 only":     "GPL-2.0-only",
		"GNU General Public License, version 2":    "GPL-2.0-only",
		"GNU General Public License v3 or later (GPLv3+)": "GPL-3.0-or-later",
		"GNU Lesser General Public License v3 (LGPLv3)":   "LGPL-3.0-only",
		"LGPL-2.1":                             "LGPL-2.1-only",
		"LGPL 2.1":                             "LGPL-2.1-only",
		"AGPL-3.0":                             "AGPL-3.0-only",
		"AGPLv3":                               "AGPL-3.0-only",
		"Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
		"MPL 2.0":                              "MPL-2.0",
		"Eclipse Public License - v 2.0":       "EPL-2.0",
		"Eclipse Distribution License - v 1.0": "BSD-3-Clause",
		"MIT/Apache-2.0":                       "MIT OR Apache-2.0",
		"Apache 2.0 OR MIT License":            "Apache-2.0 OR MIT",
		"(MIT AND BSD-3-Clause)":               "MIT AND BSD-3-Clause",
		"https://opensource.org/licenses/MIT":  "MIT",
		"http://www.apache.org/licenses/LICENSE-2.0.txt": "Apache-2.0",
		"https://licenses.nuget.org/MIT":                 "MIT",
		"https://www.gnu.org/licenses/gpl":               "",
		"BSD":                                            "",
		"BSD License":                                    "",
		"GPL":                                            "",
		"LGPL":                                           "",
		"Apache":                                         "",
		"Apache License":                                 "",
		"Public Domain":                                  "",
		"MIT/X11":                                        "",
		"MIT X11":                                        "",
		"UNLICENSED":                                     "",
		"Unlicense":                                      "Unlicense",
		"The Unlicense":                                  "Unlicense",
		"CC0":                                            "CC0-1.0",
		"Business Source License 1.1":                    "BUSL-1.1",
		"Commercial":                                     "",
		"Proprietary":                                    "",
		"MIT, non-commercial only":                       "",
		"MIT License with restrictions":                  "",
		"MIT License (evaluation)":                       "",
		"MIT (ISC)":                                      "",
		"Other":                                          "",
		"License":                                        "",
		"":                                               "",
	}
	for in, expression := range want {
		got, err := spdx.Normalise(in)
		if got != expression || (err != nil) != (expression == "") {
			t.Errorf("Normalise(%q) = %q, %v; want %q", in, got, err, expression)
		}
	}
}

func TestListIsWhole(t *testing.T) {
	all := spdx.All()
	if len(all) < 700 {
		t.Fatalf("%d licences; the list has more than 700", len(all))
	}
	if !slices.IsSortedFunc(all, func(a, b spdx.Licence) int { return strings.Compare(a.ID, b.ID) }) {
		t.Error("licences.tsv is not sorted by id")
	}
	for _, l := range all {
		if got, ok := spdx.Find(strings.ToUpper(l.ID)); !ok || got != l {
			t.Errorf("Find(%q) = %+v, %v", strings.ToUpper(l.ID), got, ok)
		}
		current, ok := spdx.Current(l.ID)
		if !ok {
			t.Errorf("Current(%q) is not known", l.ID)
			continue
		}
		e, err := spdx.Parse(current)
		if err != nil || e.String() != current {
			t.Errorf("Current(%q) = %q, which does not read back: %v", l.ID, current, err)
			continue
		}
		heir, _ := spdx.Find(e.Licence)
		if heir.Deprecated && !slices.Contains([]string{"Net-SNMP", "Nunit"}, heir.ID) {
			t.Errorf("Current(%q) = %q is itself deprecated", l.ID, current)
		}
		if e.Exception != "" {
			if _, ok := spdx.FindException(e.Exception); !ok {
				t.Errorf("Current(%q) names an unknown exception", l.ID)
			}
		}
		if !l.Deprecated && current != l.ID {
			t.Errorf("Current(%q) = %q", l.ID, current)
		}
		if got, err := spdx.Normalise(l.Name); err == nil && !l.Deprecated {
			if again, _ := spdx.Find(got); again.Name != l.Name && got != current {
				t.Logf("name %q is read as %q, the list says %q", l.Name, got, l.ID)
			}
		}
	}
	mit, _ := spdx.Find("mit")
	if diff := cmp.Diff(spdx.Licence{ID: "MIT", Name: "MIT License", OSI: true}, mit); diff != "" {
		t.Errorf("MIT (-want +got):\n%s", diff)
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"MIT OR (ISC AND GPL-2.0+ WITH Classpath-exception-2.0)", "DocumentRef-a:LicenseRef-b", "MIT/ISC", "GNU GPL v2 or later", "https://opensource.org/licenses/MIT", "((", "+"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got, err := spdx.Normalise(s); err == nil {
			if again, err := spdx.Normalise(got); err != nil || again != got {
				t.Fatalf("%q → %q → %q, %v", s, got, again, err)
			}
		}
		if e, err := spdx.Parse(s); err == nil {
			again, err := spdx.Parse(e.String())
			if err != nil || !cmp.Equal(e, again) {
				t.Fatalf("%q → %q → %q, %v", s, e, again, err)
			}
		}
	})
}

func Example() {
	e, err := spdx.Parse("(gpl-2.0+ with classpath-exception-2.0 or MIT)")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(e)
	fmt.Println(e.Licences())
	name, _ := spdx.Normalise("The Apache Software License, Version 2.0")
	fmt.Println(name)
	// Output:
	// GPL-2.0-or-later WITH Classpath-exception-2.0 OR MIT
	// [GPL-2.0-or-later MIT]
	// Apache-2.0
}
