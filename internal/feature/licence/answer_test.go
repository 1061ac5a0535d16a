package licence

import (
	"maps"
	"path"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"steward/internal/feature/estate"
)

// text is a licence file of a test: its path, and what was found in it.
func text(p string, k Key, certainty Certainty, restrictions ...string) *File {
	return &File{Kind: Text, Path: p, Line: 1, Licence: k, Certainty: certainty, Matched: 1, Restrictions: restrictions}
}

func declares(p, said string) *File {
	one := &File{Kind: Declared, Path: p, Line: 3, Licence: Unknown, Certainty: "unknown", Said: said}
	if expression := declaredExpression(said); expression != "" {
		one.Licence, one.Certainty = Key(expression), Written
	}
	return one
}

func TestAnswer(t *testing.T) {
	const exact, unknown, suspected = Certainty("exact"), Certainty("unknown"), Certainty("suspected")
	tests := []struct {
		name      string
		files     []*File
		want      Key
		basis     estate.Basis
		certainty Certainty
		file      string
		dispute   string
	}{
		{"nothing", nil, None, "", Nothing, "", ""},
		{"a text alone", []*File{text("LICENSE", "MIT", exact)}, "MIT", estate.Measured, exact, "LICENSE", ""},
		{"a manifest alone", []*File{declares("package.json", "MIT")}, "MIT", estate.Written, Written, "package.json", ""},
		{"both agree", []*File{text("LICENSE", "MIT", exact), declares("package.json", "mit")}, "MIT", estate.Written, Written, "package.json", ""},
		{
			"both differ",
			[]*File{text("LICENSE", "Apache-2.0", exact), declares("package.json", "MIT")},
			"Apache-2.0", estate.Measured, exact, "LICENSE",
			"package.json declares MIT, LICENSE is Apache-2.0",
		},
		{
			"a text that is only named does not win",
			[]*File{text("LICENSE", "Apache-2.0", "named"), declares("package.json", "MIT")},
			"MIT", estate.Written, Written, "package.json",
			"package.json declares MIT, LICENSE is Apache-2.0",
		},
		{
			"a text of two that are declared",
			[]*File{text("LICENSE-MIT", "MIT", exact), text("LICENSE-APACHE", "Apache-2.0", exact), declares("Cargo.toml", "MIT OR Apache-2.0")},
			"MIT OR Apache-2.0", estate.Written, Written, "Cargo.toml", "",
		},
		{"only against or later", []*File{text("COPYING", "GPL-3.0-only", exact), declares("pyproject.toml", "GPL-3.0-or-later")}, "GPL-3.0-or-later", estate.Written, Written, "pyproject.toml", ""},
		{
			"restrictions win over a manifest",
			[]*File{text("LICENSE", Changed("MIT"), unknown, "line 20: no production use"), declares("package.json", "MIT")},
			Changed("MIT"), estate.Measured, unknown, "LICENSE",
			"package.json declares MIT, but LICENSE adds restrictions",
		},
		{"restrictions beside a plain text", []*File{text("COPYING", "MIT", exact), text("LICENSE", Changed("MIT"), unknown, "x")}, Changed("MIT"), estate.Measured, unknown, "LICENSE", ""},
		{"two texts, nothing declared", []*File{text("LICENSE-APACHE", "Apache-2.0", exact), text("LICENSE-MIT", "MIT", exact)}, "Apache-2.0 AND MIT", estate.Measured, suspected, "LICENSE-APACHE", ""},
		{"LICENSE points to the others", []*File{text("LICENSE", Unknown, unknown), text("LICENSE-MIT", "MIT", exact)}, "MIT", estate.Measured, exact, "LICENSE-MIT", ""},
		{"LICENSE restricts in its own words", []*File{text("LICENSE", Unknown, unknown, "line 1: evaluation only"), text("LICENSE-MIT", "MIT", exact)}, Unknown, estate.Measured, unknown, "LICENSE", ""},
		{"one of two main texts is not known", []*File{text("COPYING", "MIT", exact), text("LICENSE", Unknown, unknown)}, Unknown, estate.Measured, unknown, "LICENSE", ""},
		{"the lesser licence beside the one that it adds to", []*File{text("COPYING", "GPL-3.0-only", exact), text("COPYING.LESSER", "LGPL-3.0-only", exact)}, "LGPL-3.0-only", estate.Measured, exact, "COPYING.LESSER", ""},
		{"main text and one for documents", []*File{text("LICENSE", "MIT", exact), text("LICENSE-docs", "CC-BY-4.0", exact)}, "MIT", estate.Measured, exact, "LICENSE", ""},
		{"REUSE", []*File{text("LICENSES/CC0-1.0.txt", "CC0-1.0", exact), text("LICENSES/MIT.txt", "MIT", exact)}, "CC0-1.0 AND MIT", estate.Measured, suspected, "LICENSES/CC0-1.0.txt", ""},
		{"one file with what is bundled besides", []*File{text("LICENSE", "Apache-2.0 AND MIT", suspected), declares("pom.xml", "Apache-2.0")}, "Apache-2.0", estate.Written, suspected, "pom.xml", ""},
		{"the licence of a picture", []*File{text("logo.svg.license", "CC-BY-4.0", "named")}, None, "", Nothing, "", ""},
		{"texts of others", []*File{text("THIRD-PARTY-LICENSES.txt", "Apache-2.0", exact)}, None, "", Nothing, "", ""},
		{"a notice without a licence", []*File{text("NOTICE", Unknown, unknown)}, None, "", Nothing, "", ""},
		{"a notice with one", []*File{text("NOTICE", "Apache-2.0", "named")}, "Apache-2.0", estate.Measured, "named", "NOTICE", ""},
		{"a folder for documents", []*File{text("docs/LICENSE", "MIT", exact)}, "MIT", estate.Measured, exact, "docs/LICENSE", ""},
		{"some deep folder", []*File{text("a/b/LICENSE", "MIT", exact)}, None, "", Nothing, "", ""},
		{"a loose word that the text explains", []*File{text("LICENSE", "BSD-3-Clause", exact), declares("setup.cfg", "BSD")}, "BSD-3-Clause", estate.Measured, exact, "LICENSE", ""},
		{
			"a loose word that it does not",
			[]*File{text("LICENSE", "MIT", exact), declares("setup.cfg", "Proprietary")},
			"MIT", estate.Measured, exact, "LICENSE",
			`setup.cfg declares "Proprietary", LICENSE is MIT`,
		},
		{"a loose word alone", []*File{declares("setup.cfg", "BSD")}, Unknown, estate.Written, unknown, "setup.cfg", ""},
		{"a pointer", []*File{text("LICENSE", "MIT", exact), declares("package.json", "SEE LICENSE IN LICENSE")}, "MIT", estate.Measured, exact, "LICENSE", ""},
		{"a pointer to nothing", []*File{declares("package.json", "SEE LICENSE IN LICENSE")}, Unknown, estate.Written, unknown, "package.json", ""},
		{
			"declared over an unknown text",
			[]*File{text("LICENSE", Unknown, unknown), declares("package.json", "MIT")},
			"MIT", estate.Written, Written, "package.json",
			"package.json declares MIT, and the text in LICENSE is not known",
		},
		{"two manifests", []*File{declares("Cargo.toml", "MIT"), declares("package.json", "ISC")}, "MIT", estate.Written, Written, "Cargo.toml", "Cargo.toml declares MIT, package.json declares ISC"},
		{"a choice as Maven writes it", []*File{declares("pom.xml", "Apache License, Version 2.0; The MIT License")}, "Apache-2.0 OR MIT", estate.Written, Written, "pom.xml", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			a := answer("", test.files)
			got := []any{a.Licence, a.Basis, a.Certainty, a.File, a.Dispute}
			if diff := cmp.Diff([]any{test.want, test.basis, test.certainty, test.file, test.dispute}, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestAnswersOfRoots(t *testing.T) {
	f := &found{roots: []string{"", "a", "a/b", "c"}, files: []File{
		{Kind: Text, Path: "LICENSE", Root: "", Licence: "MIT", Certainty: "exact"},
		{Kind: Text, Path: "a/LICENSE", Root: "a", Licence: "ISC", Certainty: "exact"},
	}}
	got := map[string]string{}
	for _, a := range f.answers() {
		got[a.Root] = string(a.Licence) + " " + string(a.Basis)
	}
	want := map[string]string{"": "MIT measured", "a": "ISC measured", "a/b": "ISC inferred", "c": "MIT inferred"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}

	f = &found{roots: []string{"", "a", "b"}, files: []File{
		{Kind: Text, Path: "a/LICENSE", Root: "a", Licence: "ISC", Certainty: "exact"},
		{Kind: Text, Path: "b/LICENSE", Root: "b", Licence: "ISC", Certainty: "exact"},
	}}
	if a := f.answers()[0]; a.Licence != "ISC" || a.Basis != estate.Inferred {
		t.Errorf("what all components say is %+v at the root", a)
	}
	f.files[1].Licence = Unknown
	if a := f.answers()[0]; a.Licence != None {
		t.Errorf("components that differ give the root %+v", a)
	}
}

func TestDeclaredLine(t *testing.T) {
	tests := []struct {
		body, words string
		want        int
	}{
		{"{\n \"name\": \"mit\",\n \"license\": \"MIT\"\n}", "MIT", 3},
		{"<project>\n<licenses>\n<license>\n<name>The MIT License</name>\n", "The MIT License", 4},
		{"[package]\nname = \"mit\"\n", "MIT", 0},
		{"license = \"MIT OR Apache-2.0\"", "MIT OR Apache-2.0", 1},
		{"", "MIT", 0},
	}
	for _, test := range tests {
		if got := declaredLine([]byte(test.body), test.words); got != test.want {
			t.Errorf("%q in %q is on line %d, want %d", test.words, test.body, got, test.want)
		}
	}
}

func TestThirdPartyFolder(t *testing.T) {
	for p, want := range map[string]string{
		"vendor/a/LICENSE": "vendor", "lib/third_party/x.c": "lib/third_party", "src/main/java/com/bank/vendor/V.java": "", "vendor": "", "main.go": "",
	} {
		if got := thirdPartyFolder(p); got != want {
			t.Errorf("%s lies in %q, want %q", p, got, want)
		}
	}
}

func TestHeritage(t *testing.T) {
	const exact = Certainty("exact")
	manifests := map[string]map[string]bool{
		"": {"npm": true}, "web": {"npm": true}, "api": {"nuget": true}, "api/tools": {"npm": true}, "api/own": {"nuget": true}, "api/differ": {"nuget": true},
	}
	rooted := func(root string, one *File) *File {
		one.Path, one.Root = path.Join(root, one.Path), root
		return one
	}
	type said struct {
		Licence Key
		Basis   estate.Basis
		File    string
		Dispute string
	}
	const differ = "package.json declares ISC, LICENSE is MIT"
	none := said{Licence: None}
	tests := []struct {
		name  string
		files []*File
		want  []said // api, api/differ, api/own, api/tools, web, after the root
		root  said
	}{
		{
			"text and declaration differ at the root",
			[]*File{
				text("LICENSE", "MIT", exact), declares("package.json", "ISC"), rooted("api/own", declares("own.csproj", "BSD-3-Clause")),
				rooted("api/differ", declares("differ.csproj", "ISC")), rooted("api/differ", text("LICENSE", "MIT", exact)),
			},
			[]said{
				{"MIT", estate.Inferred, "LICENSE", ""},
				{"ISC", estate.Written, "api/differ/differ.csproj", "api/differ/differ.csproj declares ISC, api/differ/LICENSE is MIT"},
				{"BSD-3-Clause", estate.Written, "api/own/own.csproj", ""},
				{"MIT", estate.Inferred, "LICENSE", differ},
				{"MIT", estate.Inferred, "LICENSE", differ},
			},
			said{"MIT", estate.Measured, "LICENSE", differ},
		},
		{
			"only declared",
			[]*File{declares("package.json", "ISC")},
			[]said{none, none, none, {"ISC", estate.Inferred, "package.json", ""}, {"ISC", estate.Inferred, "package.json", ""}},
			said{"ISC", estate.Written, "package.json", ""},
		},
		{
			"a nearer declaration of another ecosystem is passed over",
			[]*File{declares("package.json", "ISC"), rooted("api", declares("api.csproj", "MIT"))},
			[]said{
				{"MIT", estate.Written, "api/api.csproj", ""},
				{"MIT", estate.Inferred, "api/api.csproj", ""},
				{"MIT", estate.Inferred, "api/api.csproj", ""},
				{"ISC", estate.Inferred, "package.json", ""},
				{"ISC", estate.Inferred, "package.json", ""},
			},
			said{"ISC", estate.Written, "package.json", ""},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := &found{roots: slices.Sorted(maps.Keys(manifests)), ecosystems: manifests, declaredIn: map[string]string{}}
			for _, one := range test.files {
				f.files = append(f.files, *one)
				if one.Kind == Declared {
					f.declaredIn[one.Path] = map[bool]string{true: "npm", false: "nuget"}[path.Base(one.Path) == "package.json"]
				}
			}
			var got []said
			for _, a := range f.answers() {
				got = append(got, said{a.Licence, a.Basis, a.File, a.Dispute})
			}
			if diff := cmp.Diff(append([]said{test.root}, test.want...), got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}
