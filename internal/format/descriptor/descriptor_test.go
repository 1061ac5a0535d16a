package descriptor

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestParse(t *testing.T) {
	b, err := os.ReadFile("testdata/catalog-info.yaml")
	if err != nil {
		t.Fatal(err)
	}
	entities, problems := Parse(b)
	got, err := json.MarshalIndent(map[string]any{"entities": entities, "problems": problems}, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	const golden = "testdata/catalog-info.golden.json"
	if *update {
		if err := os.WriteFile(golden, append(got, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)+"\n"); diff != "" {
		t.Error(diff)
	}
}

func TestParseRef(t *testing.T) {
	for _, c := range []struct{ in, kind, namespace, want string }{
		{"Component:Pay/API", "", "", "component:pay/api"},
		{"team", "Group", "", "group:default/team"},
		{" team ", "Group", "Pay", "group:pay/team"},
		{"user:ann", "group", "x", "user:x/ann"},
		{"other/ann", "user", "x", "user:other/ann"},
		{"noname", "", "", "error"},
		{"", "group", "", "error"},
		{"a:b:c", "", "", "error"},
		{"a/b/c", "group", "", "error"},
		{":x", "group", "", "error"},
		{"group:/x", "", "", "error"},
		{"group:", "", "", "error"},
		{"a/b:c", "group", "", "error"},
	} {
		got, err := ParseRef(c.in, c.kind, c.namespace)
		text := got.String()
		if err != nil {
			text = "error"
		}
		if text != c.want {
			t.Errorf("%q: got %q (%v), want %q", c.in, text, err, c.want)
		}
	}
}

func TestResolve(t *testing.T) {
	for _, c := range []struct{ file, target, want string }{
		{"catalog-info.yaml", "./a/b.yaml", "a/b.yaml"},
		{"x/y/catalog-info.yaml", "../z/*.yaml", "x/z/*.yaml"},
		{"x/catalog-info.yaml", "../../etc/passwd", ""},
		{"x/catalog-info.yaml", "a/../../../x/c.yaml", ""},
		{"catalog-info.yaml", "/etc/passwd", ""},
		{"catalog-info.yaml", "https://example.test/a", ""},
		{"catalog-info.yaml", "file:a", ""},
		{"catalog-info.yaml", `..\a`, ""},
		{"catalog-info.yaml", "a/b:c.yaml", "a/b:c.yaml"},
		{"catalog-info.yaml", ".", ""},
		{"catalog-info.yaml", "", ""},
		{"../../catalog-info.yaml", "a.yaml", "a.yaml"},
	} {
		got, ok := Resolve(c.file, c.target)
		if got != c.want || ok != (c.want != "") {
			t.Errorf("%q from %q: got %q %v, want %q", c.target, c.file, got, ok, c.want)
		}
	}
	for _, c := range []struct {
		resolved, file string
		want           bool
	}{
		{"a/b.yaml", "a/b.yaml", true},
		{"a/*/c.yaml", "a/x/c.yaml", true},
		{"a/*/c.yaml", "a/x/y/c.yaml", false},
		{"a/**/c.yaml", "a/x/y/c.yaml", true},
		{"a/**/c.yaml", "a/c.yaml", true},
		{"a/[x", "a/x", false},
		{"*.yaml", "b.yaml", true},
	} {
		if got := MatchTarget(c.resolved, c.file); got != c.want {
			t.Errorf("%q %q: got %v", c.resolved, c.file, got)
		}
	}
}

func TestReverse(t *testing.T) {
	for in, want := range map[string]string{"ownedBy": "ownerOf", "hasPart": "partOf", "dependencyOf": "dependsOn", "hasMember": "memberOf", "x": ""} {
		if got := Reverse(in); got != want {
			t.Errorf("%s: got %q, want %q", in, got, want)
		}
	}
}

func TestWants(t *testing.T) {
	for path, want := range map[string]bool{"catalog-info.yaml": true, "a/b/catalog-info.yml": true, "my-catalog-info.yaml": false, "catalog-info.json": false} {
		if Wants(path) != want {
			t.Errorf("%s: want %v", path, want)
		}
	}
}

// Aliases, anchors and merges are content; what they can be misused for ends in a problem.
func TestAliases(t *testing.T) {
	text := "base: &b {owner: team, type: x}\nkind: Component\napiVersion: a/v1\nmetadata: {name: n}\nspec: {<<: *b, type: service, lifecycle: l}\n"
	entities, problems := Parse([]byte(text))
	if len(problems) != 0 || len(entities) != 1 {
		t.Fatalf("%v %v", entities, problems)
	}
	if got, want := string(entities[0].Spec), `{"type":"service","lifecycle":"l","owner":"team"}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestHostile(t *testing.T) {
	head := "kind: Component\napiVersion: a/v1\nmetadata: {name: n}\n"
	bomb := head + "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n"
	chain := head + "a0: &a0 [x]\n"
	for i := 1; i < 12; i++ {
		bomb += fmt.Sprintf("a%d: &a%d [%s*a%d]\n", i, i, strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 9), i-1)
	}
	for i := 1; i < 5000; i++ {
		chain += fmt.Sprintf("a%d: &a%d [*a%d]\n", i, i, i-1)
	}
	var indented strings.Builder
	for i := range 2000 {
		indented.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	for name, text := range map[string]string{
		"bomb": bomb, "chain": chain,
		"self":     head + "a: &a [*a]\n",
		"brackets": strings.Repeat("[", 1_000_000),
		"braces":   strings.Repeat("{a: ", 200_000),
		"dashes":   strings.Repeat("- ", 500_000),
		"ask":      strings.Repeat("? ", 500_000),
		"tags":     strings.Repeat("!a ", 300_000),
		"anchors":  strings.Repeat("&a ", 300_000),
		"mixed":    strings.Repeat("- ? &b ", 100_000),
		"nested":   strings.Repeat("[", 900) + strings.Repeat("]", 900),
		"indent":   indented.String(),
		"twice":    head + "kind: API\n",
		"bytes":    "kind: \xff",
		"zero":     "kind: \x00",
		"size":     strings.Repeat("#", MaxSize+1),
		"keys":     "kind: A\nmetadata: {name: a}\nspec:\n" + numbered("  k%d: 1\n", 100_000),
		"list key": "[a, b]: c",
	} {
		entities, problems := Parse([]byte(text))
		if len(entities) != 0 || len(problems) != 1 || !problems[0].Skipped {
			t.Errorf("%s: %d entities, problems %.300v", name, len(entities), problems)
		}
	}
	many := strings.Repeat("---\nkind: A\napiVersion: v1\nmetadata: {name: a}\n", MaxDocuments+2)
	entities, problems := Parse([]byte(many))
	if len(entities) != MaxDocuments || len(problems) != maxProblems+1 {
		t.Errorf("documents: %d entities, %d problems", len(entities), len(problems))
	}
}

func numbered(format string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

// Many keys in many mappings, and in a text, are no hostile mapping.
func TestManyKeys(t *testing.T) {
	text := "kind: API\napiVersion: a/v1\nmetadata: {name: a}\nspec:\n  type: x\n  lifecycle: y\n  owner: o\n  definition: |\n" + numbered("    k%d: 1\n", 10_000) +
		"  list:\n" + numbered("    - a%d: 1\n      b: 2\n", 3_000)
	if entities, problems := Parse([]byte(text)); len(entities) != 1 || len(problems) != 0 {
		t.Errorf("%d entities, %v", len(entities), problems)
	}
}

func FuzzParse(f *testing.F) {
	b, err := os.ReadFile("testdata/catalog-info.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	for _, doc := range strings.Split(string(b), "---\n") {
		f.Add([]byte(doc))
	}
	f.Add([]byte("kind: &a A\nmetadata: {name: *a, <<: [*a]}\n? x\n: y\nspec: !!str 1"))
	f.Fuzz(func(t *testing.T, b []byte) {
		entities, _ := Parse(b)
		for _, e := range entities {
			if !json.Valid(e.JSON) || e.Spec != nil && !json.Valid(e.Spec) {
				t.Errorf("not JSON: %s", e.JSON)
			}
			if e.Ref.Kind == "" || e.Ref.Name == "" || e.Line <= 0 {
				t.Errorf("no entity: %+v", e)
			}
		}
	})
}

func FuzzResolve(f *testing.F) {
	f.Add("a/catalog-info.yaml", "../b/./c.yaml")
	f.Fuzz(func(t *testing.T, file, target string) {
		got, ok := Resolve(file, target)
		if ok && (got == "" || got == ".." || strings.HasPrefix(got, "../") || strings.HasPrefix(got, "/") || strings.Contains("/"+got+"/", "/../")) {
			t.Errorf("%q from %q leaves the tree: %q", target, file, got)
		}
		MatchTarget(target, file)
	})
}

// 500 documents of a usual size in one file.
func BenchmarkParse(b *testing.B) {
	var text strings.Builder
	for i := range 500 {
		fmt.Fprintf(&text, "---\napiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: c%d\n  description: Does things\n  tags: [a, b]\n  annotations:\n    github.com/project-slug: bank/c%d\nspec:\n  type: service\n  lifecycle: production\n  owner: team\n  dependsOn:\n    - component:a\n    - component:b\n", i, i)
	}
	b.SetBytes(int64(text.Len()))
	for b.Loop() {
		if entities, _ := Parse([]byte(text.String())); len(entities) != 500 {
			b.Fatal(len(entities))
		}
	}
}
