package licencetext_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"steward/internal/format/licencetext"
	"steward/internal/format/spdx"
)

// read returns a text of testdata; the texts are generic and made for the tests.
func read(t testing.TB, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func utf16le(s string) string {
	out := []byte{0xFF, 0xFE}
	for _, u := range utf16.Encode([]rune(s)) {
		out = append(out, byte(u), byte(u>>8))
	}
	return string(out)
}

func TestDetectTexts(t *testing.T) {
	mit, isc, bsd := read(t, "mit.txt"), read(t, "isc.txt"), read(t, "bsd3.txt")
	apache, later, only := read(t, "apache-header.txt"), read(t, "gpl-later-header.txt"), read(t, "gpl-only-header.txt")
	tests := []struct {
		name, text string
		want       string
		certainty  licencetext.Certainty
		line       int
	}{
		{"MIT", mit, "MIT", licencetext.Exact, 5},
		{"ISC without title", isc, "ISC", licencetext.Exact, 3},
		{"BSD with another's name", bsd, "BSD-3-Clause", licencetext.Exact, 4},
		{"BSD without its third clause", cut(t, bsd, "* Neither", "THIS SOFTWARE"), "BSD-2-Clause", licencetext.Exact, 4},
		{"BSD with numbers", strings.NewReplacer("* Redistributions of", "1. Redistributions of", "* Redistributions in", "2. Redistributions in", "* Neither", "3. Neither").Replace(bsd), "BSD-3-Clause", licencetext.Exact, 4},
		{"typographic quotes", strings.ReplaceAll(strings.ReplaceAll(mit, `"Software"`, "“Software”"), `"AS IS"`, "‘AS IS’"), "MIT", licencetext.Exact, 5},
		{"in a comment", "/*\n * " + strings.ReplaceAll(mit, "\n", "\n * ") + "\n */\n", "MIT", licencetext.Exact, 6},
		{"CRLF", strings.ReplaceAll(mit, "\n", "\r\n"), "MIT", licencetext.Exact, 5},
		{"UTF-16", utf16le(mit), "MIT", licencetext.Exact, 5},
		{"HTML", "<!DOCTYPE html>\n<html><body><h1>MIT License</h1>\n<p>" + strings.ReplaceAll(strings.ReplaceAll(mit, `"`, "&quot;"), "\n\n", "</p>\n<p>") + "</p></body></html>", "MIT", licencetext.Exact, 5},
		{"in one line", strings.Join(strings.Fields(mit), " "), "MIT", licencetext.Close, 1},
		{"many holders", strings.Replace(mit, "Copyright (c) 2024 The Example Authors", "Copyright (c) 2010-2012 A. Example <a@example.org>\n                        B. Example\nCopyright © 2013 Example Foundation and contributors\nhttps://example.org/team", 1), "MIT", licencetext.Exact, 8},
		{"a sentence before", "This library is licensed under the MIT License.\n\n" + mit, "MIT", licencetext.Close, 7},
		{"two licences", mit + "\n---\n\nThe parser was taken from elsewhere:\n\n" + isc, "MIT AND ISC", licencetext.Close, 5},
		{"a choice of two", "This project is dual-licensed. You may use it under either of the following licenses:\n\n" + mit + "\n\nor\n\n" + isc, "MIT OR ISC", licencetext.Suspected, 7},
		{"header of Apache", "Copyright 2024 Example\n\n" + apache, "Apache-2.0", licencetext.Exact, 3},
		{"GPL or later", later, "GPL-3.0-or-later", licencetext.Close, 1},
		{"GPL this version only", only, "GPL-2.0-only", licencetext.Close, 1},
		{"Apache with the LLVM exception", apache + `
--- LLVM Exceptions to the Apache 2.0 License ----

As an exception, if, as a result of your compiling your source code, portions
of this Software are embedded into an Object form of such source code, you
may redistribute such embedded portions in such Object form without complying
with the conditions of Sections 4(a), 4(b) and 4(d) of the License.

In addition, if you combine or link compiled forms of this Software with
software that is licensed under the GPLv2 ("Combined Software") and if a
court of competent jurisdiction determines that the patent provision (Section
3), the indemnity provision (Section 9) or other Section of the License
conflicts with the conditions of the GPLv2, you may retroactively and
prospectively choose to deem waived or otherwise exclude such Section(s) of
the License, but only in their entirety and only with respect to the Combined
Software.
`, "Apache-2.0 WITH LLVM-exception", licencetext.Close, 1},
		{"GPL with the Classpath exception", only + `
Linking this library statically or dynamically with other modules is making a
combined work based on this library. Thus, the terms and conditions of the GNU
General Public License cover the whole combination.

As a special exception, the copyright holders of this library give you
permission to link this library with independent modules to produce an
executable, regardless of the license terms of these independent modules, and
to copy and distribute the resulting executable under terms of your choice,
provided that you also meet, for each linked independent module, the terms and
conditions of the license of that module. An independent module is a module
which is not derived from or based on this library. If you modify this library,
you may extend this exception to your version of the library, but you are not
obligated to do so. If you do not wish to do so, delete this exception statement
from your version.
`, "GPL-2.0-only WITH Classpath-exception-2.0", licencetext.Close, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := licencetext.Detect("LICENSE", []byte(tt.text))
			if d.Expression != tt.want || d.Certainty != tt.certainty || d.Line != tt.line {
				t.Errorf("got %q, %s, line %d; want %q, %s, line %d\n%+v", d.Expression, d.Certainty, d.Line, tt.want, tt.certainty, tt.line, d)
			}
		})
	}
}

// TestDetectOneNearestException: an exception widens the licence it stands with.
func TestDetectOneNearestException(t *testing.T) {
	exception := "\nAs an exception, if, as a result of your compiling your source code, portions of this Software are embedded into an Object form of such source code, you may redistribute such embedded portions.\n"
	d := licencetext.Detect("LICENSE", []byte(read(t, "mit.txt")+"\n"+read(t, "apache-header.txt")+exception))
	if d.Expression != "MIT AND Apache-2.0 WITH LLVM-exception" {
		t.Errorf("got %+v", d)
	}
}

// TestDetectMention: a licence that is named in a text of another kind is not
// taken for the licence of the whole without a doubt.
func TestDetectMention(t *testing.T) {
	d := licencetext.Detect("LICENSE", []byte(`Example Product. Copyright 2024 Example Ltd. All rights reserved.
The product consists of a server and of clients for several platforms, which are
described in the handbook. Portions of the server are licensed under the Apache
License, Version 2.0, and were written by others.
`))
	if d.Certainty != licencetext.Suspected && d.Certainty != licencetext.Unknown {
		t.Errorf("got %+v", d)
	}
}

// cut takes out what stands from one mark to another.
func cut(t *testing.T, s, from, to string) string {
	t.Helper()
	i, j := strings.Index(s, from), strings.Index(s, to)
	if i < 0 || j < i {
		t.Fatalf("%q and %q are not in the text", from, to)
	}
	return s[:i] + s[j:]
}

// TestDetectRestrictions: a licence with something added is never called the
// plain licence.
func TestDetectRestrictions(t *testing.T) {
	mit, isc, bsd, apache := read(t, "mit.txt"), read(t, "isc.txt"), read(t, "bsd3.txt"), read(t, "apache-header.txt")
	tests := []struct{ name, text, base, says string }{
		{"non-commercial only", mit + "\nThe Software may be used for non-commercial purposes only.\n", "MIT", `line 23: "noncommercial"`},
		{"in the title", strings.Replace(mit, "MIT License", "MIT Non-Commercial License", 1), "MIT", `line 1: "noncommercial"`},
		{"inside the terms", strings.Replace(mit, "to deal\nin the Software without restriction", "to deal\nin the Software for non-commercial purposes only, without restriction", 1), "", "noncommercial"},
		{"as a further condition", strings.Replace(mit, "THE SOFTWARE IS", "The Software may not be used for military purposes.\n\nTHE SOFTWARE IS", 1), "", "may not be used"},
		{"instead of a name", strings.Replace(bsd, "Example Works Ltd.", "Example, and may not be used commercially,", 1), "BSD-3-Clause", "may not be used"},
		{"Commons Clause", `"Commons Clause" License Condition v1.0

The Software is provided to you by the Licensor under the License, as defined below, subject to the following condition.

Without limiting other conditions in the License, the grant of rights under the License will not include, and the License does not grant to you, the right to Sell the Software.

For purposes of the foregoing, "Sell" means practicing any or all of the rights granted to you under the License to provide to third parties, for a fee or other consideration, a product or service whose value derives, entirely or substantially, from the functionality of the Software.

` + mit, "MIT", "Commons Clause"},
		{"evaluation", "This software is provided for evaluation purposes only.\n\n" + isc, "ISC", "for evaluation"},
		{"good, not evil", strings.Replace(isc, "THE SOFTWARE IS", "The software shall be used for Good, not Evil.\n\nTHE SOFTWARE IS", 1), "", "good not evil"},
		{"competitors", apache + "\nYou may not offer the software as a hosted service.\n", "Apache-2.0", "you may not offer"},
		{"certain users", mit + "\nEmployees of Example Corp. and its affiliates are not granted any rights.\n", "MIT", "employees of example corp"},
		{"AI training", mit + "\nUse of this Software for training of machine learning models is prohibited.\n", "MIT", "prohibited"},
		{"personal use", mit + "\nPersonal use only.\n", "MIT", `line 23: "personal use"`},
		{"personal use in the title", strings.Replace(mit, "MIT License", "MIT License (personal use)", 1), "MIT", `line 1: "personal use"`},
		{"after the holder", strings.Replace(mit, "Example Authors", "Example Authors. Non-commercial use only.", 1), "MIT", `line 3: "noncommercial"`},
		{"in place of a name, by may not", strings.Replace(bsd, "Example Works Ltd.", "the government, which may not use this,", 1), "BSD-3-Clause", `line 14: "may not use this"`},
		{"proprietary", "Copyright 2024 Example\n\nPROPRIETARY AND CONFIDENTIAL. Copying of this file is strictly prohibited.\n", "", "proprietary and confidential"},
		{"needs a licence", mit + "\nFor commercial use, you need to obtain a separate commercial license.\n", "MIT", "commercial"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := licencetext.Detect("LICENSE", []byte(tt.text))
			if d.Expression != "" || tt.base != "" && d.Base != tt.base {
				t.Errorf("got %q, base %q; want none, base %q\n%+v", d.Expression, d.Base, tt.base, d)
			}
			if !strings.Contains(strings.Join(d.Restrictions, "\n"), tt.says) {
				t.Errorf("restrictions %q do not tell %q", d.Restrictions, tt.says)
			}
		})
	}
}

// TestDetectLeftovers: words that could change the terms are told, and lower
// the certainty.
func TestDetectLeftovers(t *testing.T) {
	d := licencetext.Detect("LICENSE", []byte(read(t, "mit.txt")+"\nEvery copy must carry the logo of the authors on its first page.\n"))
	if d.Expression != "MIT" || d.Certainty != licencetext.Suspected || len(d.Restrictions) != 1 || !strings.Contains(d.Restrictions[0], "line 23: ") {
		t.Errorf("got %+v", d)
	}
	for _, text := range []string{
		strings.Replace(read(t, "mit.txt"), "MIT License", "MIT License (modified)", 1),
		strings.Replace(read(t, "mit.txt"), "Example Authors", "Example Authors, for use by customers alone", 1),
		read(t, "mit.txt") + "\nThis license is valid until 2025.\n",
		"Everything outside of ee/ is licensed under the MIT license, except for the folder docs.\n\n" + read(t, "mit.txt"),
		"All content in the ee/ directory is licensed under the license in ee/LICENSE. The rest is MIT:\n\n" + read(t, "mit.txt"),
	} {
		if d := licencetext.Detect("LICENSE", []byte(text)); d.Expression != "MIT" || d.Certainty != licencetext.Suspected || len(d.Restrictions) == 0 {
			t.Errorf("%.120q: got %+v", text, d)
		}
	}
	d = licencetext.Detect("LICENSE", []byte(read(t, "mit.txt")+"\nThanks to everybody who wrote tests.\n"))
	if d.Expression != "MIT" || d.Certainty != licencetext.Close || len(d.Restrictions) != 0 {
		t.Errorf("got %+v", d)
	}
}

// TestDetectLongText: what is too long to search whole is never called certain.
func TestDetectLongText(t *testing.T) {
	d := licencetext.Detect("LICENSE", []byte(read(t, "mit.txt")+strings.Repeat("\nThe clerk must not only sing.", 20000)))
	if d.Expression == "MIT" && d.Certainty != licencetext.Suspected || !strings.Contains(strings.Join(d.Reasons, " "), "too long") {
		t.Errorf("%q %q %s %q", d.Expression, d.Base, d.Certainty, d.Reasons)
	}
	d = licencetext.Detect("LICENSE", []byte(strings.Repeat("You may not be used. ", 40000)+read(t, "mit.txt")))
	if d.Expression != "" || len(d.Restrictions) == 0 {
		t.Errorf("%q %q %s %q", d.Expression, d.Base, d.Certainty, d.Restrictions)
	}
}

func TestDetectNames(t *testing.T) {
	tests := []struct{ path, text, want string }{
		{"LICENSE", "MIT License\n\nCopyright (c) 2024 Example\n", "MIT"},
		{"LICENSE", "MIT © Example", "MIT"},
		{"LICENSE", "Licensed under the Apache License, Version 2.0.", "Apache-2.0"},
		{"LICENSE", "Licensed under either of Apache License, Version 2.0 or MIT license at your option.", "Apache-2.0 OR MIT"},
		{"LICENSE", "This work is licensed under the GPL v2 or later.", "GPL-2.0-or-later"},
		{"LICENSE", "SPDX-License-Identifier: MIT OR Apache-2.0\n", "MIT OR Apache-2.0"},
		{"LICENSES/GPL-2.0-or-later.txt", "something else entirely", "GPL-2.0-or-later"},
		{"LICENSE", "WTFPL\n", "WTFPL"},
		{"LICENSE", "licensed under GPLv2 or GPLv3", "GPL-2.0-only OR GPL-3.0-only"},
		{"LICENSE", "This is not the MIT license.", ""},
		{"LICENSE", "We like the GPL v3 but everything here is closed. It is compatible with the MIT license.", ""},
		{"LICENSE", "All rights reserved.", ""},
		{"LICENSE", "See LICENSE.md", ""},
		{"LICENSE", "BSD", ""},
		{"LICENSE", "", ""},
		{"LICENSE", "\x00\x01\x02", ""},
		{"LICENSE", strings.Repeat("MIT License ", 100000), ""},
		{"NOTICE", "Example Product\nCopyright 2024 Example\n\nThis product includes software developed at Example.\n", ""},
	}
	for _, tt := range tests {
		d := licencetext.Detect(tt.path, []byte(tt.text))
		if d.Expression != tt.want {
			t.Errorf("%s %.60q: got %q, want %q (%+v)", tt.path, tt.text, d.Expression, tt.want, d)
		}
		if (d.Expression == "") != (d.Certainty == licencetext.Unknown) || len(d.Reasons) == 0 {
			t.Errorf("%s %.60q: certainty %q, reasons %q", tt.path, tt.text, d.Certainty, d.Reasons)
		}
	}
}

func TestDetectSourceAvailable(t *testing.T) {
	busl := "Business Source License 1.1\n\nParameters\n\nLicensor: Example\nLicensed Work: Example 1.0\nAdditional Use Grant: None\nChange Date: 2028-01-01\nChange License: Apache License, Version 2.0\n\nTerms\n\n" +
		"The Licensor hereby grants you the right to copy, modify, create derivative works, redistribute, and make non-production use of the Licensed Work. The Licensor may make an Additional Use Grant, above, permitting limited production use.\n"
	elastic := "Elastic License 2.0\n\nURL: https://www.elastic.co/licensing/elastic-license\n\n## Limitations\n\nYou may not provide the software to third parties as a hosted or managed service, where the service provides users with access to any substantial set of the features or functionality of the software.\n\nYou may not move, change, disable, or circumvent the license key functionality in the software.\n"
	for want, text := range map[string]string{"BUSL-1.1": busl, "Elastic-2.0": elastic} {
		d := licencetext.Detect("LICENSE", []byte(text))
		if d.Expression != want {
			t.Errorf("got %q, want %q: %+v", d.Expression, want, d)
		}
	}
}

// TestDetectParameters: what a licence has its user fill in is no restriction
// added to it, what stands beside the fields is.
func TestDetectParameters(t *testing.T) {
	parameters := read(t, "busl-parameters.txt")
	terms := "Business Source License 1.1\n\nTerms\n\nThe Licensor hereby grants you the right to copy, modify, create derivative works, redistribute, and make non-production use of the Licensed Work. The Licensor may make an Additional Use Grant, above, permitting limited production use.\n\nEffective on the Change Date, the Licensor hereby grants you rights under the terms of the Change License.\n"
	more := "You may not use the Licensed Work for military purposes.\n\n"
	tests := []struct{ name, text, want, base string }{
		{"fields filled in", parameters + terms, "BUSL-1.1", ""},
		{"fields in bold", strings.NewReplacer("Licensor:  ", "**Licensor:**  ", "Additional Use Grant:", "**Additional Use Grant:**", "Change Date:", "**Change Date:**").Replace(parameters) + terms, "BUSL-1.1", ""},
		{"grant without indent", strings.ReplaceAll(parameters, "                      ", "") + terms, "BUSL-1.1", ""},
		{"title first", "Business Source License 1.1\n\n" + parameters + terms, "BUSL-1.1", ""},
		{"a sentence at the end", parameters + terms + "\n" + more, "", "BUSL-1.1"},
		{"a sentence after the fields", strings.Replace(parameters, "Notice\n", more+"Notice\n", 1) + terms, "", "BUSL-1.1"},
		{"a sentence before the fields", more + parameters + terms, "", "BUSL-1.1"},
		{"a sentence after a short field", strings.Replace(parameters, "Change License:", "\n"+more+"Change License:", 1) + terms, "", "BUSL-1.1"},
		{"a sentence after a grant of nothing", strings.Replace(cut(t, parameters, "You may make", "Change Date"), "Change Date:", "None\n\n"+more+"Change Date:", 1) + terms, "", "BUSL-1.1"},
		{"the same fields beside another licence", parameters + read(t, "mit.txt"), "", "MIT"},
	}
	for _, tt := range tests {
		d := licencetext.Detect("LICENSE", []byte(tt.text))
		if d.Expression != tt.want || d.Base != tt.base {
			t.Errorf("%s: got %q, base %q, want %q, base %q: %+v", tt.name, d.Expression, d.Base, tt.want, tt.base, d)
		}
	}
}

func TestWants(t *testing.T) {
	want := map[string]bool{
		"LICENSE": true, "LICENCE": true, "license.md": true, "a/b/LICENSE.txt": true, "LICENSE-MIT": true, "LICENSE.APACHE2": true, "LICENSE_1_0.txt": true, "LICENSE-2.0.txt": true, "MIT-LICENSE": true, "MIT-LICENSE.txt": true,
		"COPYING": true, "COPYING.LESSER": true, "COPYING.md": true, "UNLICENSE": true, "UNLICENSE.txt": true, "NOTICE": true, "NOTICE.txt": true, "foo.LICENSE": true, "jquery.license": true,
		"LICENSES/MIT.txt": true, "a/LICENSES/Apache-2.0.txt": true, "LICENSE.html": true, "COPYRIGHT": true, "THIRD-PARTY-NOTICES.txt": true,
		"license.go": false, "licenses.json": false, "LICENSES/readme.json": false, "README.md": false, "copying.py": false, "license_test.go": false, "licenses/foo.go": false, "notice.js": false, "main.c": false, "LICENSE.java": false, "license.xml": false, "": false,
	}
	for name, wanted := range want {
		if got := licencetext.Wants(name); got != wanted {
			t.Errorf("Wants(%q) = %v", name, got)
		}
	}
}

func FuzzDetect(f *testing.F) {
	for _, name := range []string{"mit.txt", "isc.txt", "bsd3.txt", "apache-header.txt", "gpl-later-header.txt", "gpl-only-header.txt"} {
		f.Add("LICENSE", []byte(read(f, name)))
	}
	f.Add("LICENSES/MIT.txt", []byte("\xff\xfeM\x00I\x00T"))
	f.Add("a.LICENSE", []byte("<html>&copy; neither the name of x nor the names of"))
	f.Fuzz(func(t *testing.T, name string, text []byte) {
		licencetext.Wants(name)
		d := licencetext.Detect(name, text)
		if d.Expression != "" {
			if _, err := spdx.Parse(d.Expression); err != nil {
				t.Errorf("%q: %v", d.Expression, err)
			}
		}
		if d.Matched < 0 || d.Matched > 1 || (d.Expression != "" && d.Base != "") || (d.Expression != "" && d.Certainty == licencetext.Unknown) {
			t.Errorf("%+v", d)
		}
	})
}

// BenchmarkDetect measures the step that most files need, word for word.
func BenchmarkDetect(b *testing.B) {
	text := []byte(read(b, "mit.txt"))
	for b.Loop() {
		licencetext.Detect("LICENSE", text)
	}
}

func Example() {
	text, err := os.ReadFile("testdata/mit.txt")
	if err != nil {
		fmt.Println(err)
		return
	}
	d := licencetext.Detect("LICENSE", text)
	fmt.Println(d.Expression, d.Certainty)
	d = licencetext.Detect("LICENSE", append(text, "\nNot for commercial use.\n"...))
	fmt.Printf("%q %s %s\n", d.Expression, d.Base, d.Restrictions)
	// Output:
	// MIT exact
	// "" MIT [line 23: "not for commercial use"]
}
