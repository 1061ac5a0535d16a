package sbom_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"steward/internal/feature/sbom"
	"steward/internal/platform/command"
	"steward/internal/platform/gitrepo"
	"steward/internal/platform/mount"
)

// locks are real lock files with their counts.
const locks = "../../../../shared/data/locks"

// run calls a command as the command line does.
func run(t *testing.T, f *sbom.Feature, asJSON bool, args ...string) (string, error) {
	t.Helper()
	var options []kong.Option
	for _, c := range f.Mount().Commands {
		options = append(options, kong.DynamicCommand(c.Name, c.Help, "", c.Run))
	}
	k, err := kong.New(&struct{}{}, options...)
	must(t, err)
	parsed, err := k.Parse(args)
	must(t, err)
	var out bytes.Buffer
	err = parsed.Run(&command.Context{Context: t.Context(), Stdout: &out, Stderr: &out, JSON: asJSON})
	return out.String(), err
}

func offline(t *testing.T) *sbom.Feature {
	return sbom.New(mount.Platform{Now: func() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }, Git: gitrepo.Config{Scratch: t.TempDir()}})
}

// document is what tests look at of a bill of materials.
type document struct {
	SerialNumber string
	Metadata     struct {
		Component  struct{ Name, Version, PURL string }
		Properties []struct{ Name, Value string }
	}
	Components []struct {
		Ref     string `json:"bom-ref"`
		PURL    string
		Version string
	}
	Dependencies []struct {
		Ref       string
		DependsOn []string
	}
}

// bill runs steward sbom on a folder and checks the document against the schema.
func bill(t *testing.T, path string, flags ...string) document {
	t.Helper()
	text, err := run(t, offline(t), false, append([]string{"sbom", path}, flags...)...)
	must(t, err)
	any, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	must(t, err)
	if err := schema(t).Validate(any); err != nil {
		t.Errorf("the schema refuses the bill of %s: %v", path, err)
	}
	var d document
	must(t, json.Unmarshal([]byte(text), &d))
	return d
}

// schema is the official one of CycloneDX 1.6.
func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	for _, name := range []string{"bom-1.6", "spdx", "jsf-0.82"} {
		file := name + ".SNAPSHOT.schema.json"
		f, err := os.Open(filepath.Join("..", "..", "format", "cyclonedx", "testdata", "schema", file))
		must(t, err)
		doc, err := jsonschema.UnmarshalJSON(f)
		must(t, err)
		must(t, f.Close())
		must(t, c.AddResource("http://cyclonedx.org/schema/"+file, doc))
	}
	s, err := c.Compile("http://cyclonedx.org/schema/bom-1.6.SNAPSHOT.schema.json")
	must(t, err)
	return s
}

func TestBillOfMaterials(t *testing.T) {
	dir := t.TempDir()
	for name, content := range lock("ledger", "4.18.2", "2.6.9") {
		must(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644))
	}
	must(t, os.MkdirAll(filepath.Join(dir, "examples"), 0o755))
	must(t, os.WriteFile(filepath.Join(dir, "examples", "package.json"), []byte(`{"dependencies": {"only-here": "^1.0.0"}}`), 0o644))
	d := bill(t, dir)
	graph := map[string][]string{}
	for _, one := range d.Dependencies {
		graph[one.Ref] = one.DependsOn
	}
	want := map[string][]string{"root:ledger": {"pkg:npm/express@4.18.2"}, "pkg:npm/express@4.18.2": {"pkg:npm/body-parser@1.0.0"}, "pkg:npm/body-parser@1.0.0": {"pkg:npm/debug@2.6.9"}, "pkg:npm/debug@2.6.9": nil}
	if diff := cmp.Diff(want, graph); diff != "" {
		t.Errorf("the graph (-want +got):\n%s", diff)
	}
	if d.Metadata.Component.PURL != "pkg:npm/ledger@1.0.0" || len(d.Metadata.Properties) > 0 {
		t.Errorf("the root is %+v", d.Metadata)
	}
	if again := bill(t, dir); again.SerialNumber != d.SerialNumber {
		t.Error("the same content has another serial number")
	}
	d = bill(t, dir, "--fixtures")
	if len(d.Components) != 4 || len(d.Metadata.Properties) != 1 {
		t.Errorf("with examples it has %d components and the properties %v", len(d.Components), d.Metadata.Properties)
	}

	file := filepath.Join(t.TempDir(), "out.cdx.json")
	said, err := run(t, offline(t), false, "sbom", dir, "-o", file, "--fixtures")
	must(t, err)
	if want := "4 components written to " + file + "\nIt is not complete; the document says why in 1 place:\n"; !strings.HasPrefix(said, want) {
		t.Errorf("it says %q, want %q", said, want)
	}
	if _, err := os.Stat(file); err != nil {
		t.Error(err)
	}
	for name, content := range lock("ledger", "4.18.2", "2.6.9") { // the same packages again
		must(t, os.MkdirAll(filepath.Join(dir, "second"), 0o755))
		must(t, os.WriteFile(filepath.Join(dir, "second", name), []byte(content), 0o644))
	}
	said, err = run(t, offline(t), false, "sbom", dir, "-o", file)
	must(t, err)
	text, err := os.ReadFile(file)
	must(t, err)
	d = document{}
	must(t, json.Unmarshal(text, &d))
	if want := fmt.Sprintf("%d components written", len(d.Components)); !strings.HasPrefix(said, want) {
		t.Errorf("it says %q, want %q", said, want)
	}
	if _, err := run(t, offline(t), false, "sbom", dir, "-o", filepath.Join(dir, "no", "such", "folder")); err == nil || !strings.Contains(err.Error(), "cannot be written") {
		t.Errorf("a file that cannot be written gives %v", err)
	}
	if _, err := run(t, offline(t), false, "sbom", filepath.Join(dir, "nothing")); err == nil || !strings.Contains(err.Error(), "no such folder") {
		t.Errorf("a folder that is not there gives %v", err)
	}
}

// TestBillsOfRealLocks: how many releases the lock files hold was counted independently.
func TestBillsOfRealLocks(t *testing.T) {
	if _, err := os.Stat(locks); err != nil {
		t.Fatalf("the real lock files are not beside the project: %v", err)
	}
	for name, want := range map[string]int{"koel": 202 + 804, "lobsters": 180, "ripgrep": 71, "saleor": 225 + 230, "memos": 147 + 549} {
		t.Run(name, func(t *testing.T) {
			d := bill(t, filepath.Join(locks, name))
			if diff := want - len(d.Components); diff != 0 {
				t.Errorf("%d components, want %d", len(d.Components), want)
			}
			for _, c := range d.Components {
				if c.Version == "" {
					t.Errorf("%s has no version though a lock file pins it", c.Ref)
				}
			}
		})
	}
	for _, name := range []string{"bicep", "git-proxy", "gradle-vuln", "jellyfin", "spring-petclinic"} {
		t.Run(name, func(t *testing.T) {
			d := bill(t, filepath.Join(locks, name))
			if len(d.Components) == 0 {
				t.Error("no components")
			}
			incomplete := slices.ContainsFunc(d.Metadata.Properties, func(p struct{ Name, Value string }) bool { return p.Name == "steward:incomplete" })
			if !incomplete {
				t.Error("nothing says that build files without a lock leave transitives open")
			}
		})
	}
}

func TestWhoUsesCommand(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		root := t.TempDir()
		repository(t, filepath.Join(root, "ledger"), lock("ledger", "4.18.2", "2.6.9"))
		repository(t, filepath.Join(root, "tools"), map[string]string{"package.json": `{"name": "tools", "devDependencies": {"debug": "^4.1.0"}}`, "testdata/package.json": `{"dependencies": {"only-in-tests": "1.0.0"}}`})
		h.look(root)
		said, err := run(t, h.sbom, false, "who-uses", "debug@<4")
		must(t, err)
		want := `1 component found in <4: 0 directly, 1 through other packages
of pkg:npm/debug
2 of 2 repositories read; 1 with unresolved transitives; default branch main

  ledger  2.6.9  production   ledger:package-lock.json:7  (through express 4.18.2 → body-parser 1.0.0)

1 component may include it: a range is declared and no lock file says which version

  tools  ^4.1.0  development  tools:package.json:1  (direct)
`
		if diff := cmp.Diff(want, said); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		said, err = run(t, h.sbom, false, "who-uses", "left-pad")
		must(t, err)
		if want := "Nobody is known to use left-pad.\n2 of 2 repositories read; 1 with unresolved transitives; default branch main.\n"; said != want {
			t.Errorf("it says %q, want %q", said, want)
		}
		said, err = run(t, h.sbom, false, "who-uses", "only-in-tests")
		must(t, err)
		if !strings.Contains(said, "Only test data or examples use it; --fixtures shows them.") {
			t.Errorf("it says %q", said)
		}
		said, err = run(t, h.sbom, true, "who-uses", "pkg:npm/debug@2.6.9")
		must(t, err)
		var a sbom.Answer
		must(t, json.Unmarshal([]byte(said), &a))
		if a.Found.Components != 1 || a.MayInclude.Components != 1 || a.Question.Range != "2.6.9" {
			t.Errorf("as JSON it says %s", said)
		}
	})
}

func TestParseQuestion(t *testing.T) {
	for text, want := range map[string]sbom.Question{
		"lodash":                       {Name: "lodash"},
		" log4j-core@<2.17 ":           {Name: "log4j-core", Range: "<2.17"},
		"@angular/core":                {Name: "@angular/core"},
		"@angular/core@^17":            {Name: "@angular/core", Range: "^17"},
		"g:a@[1,2)":                    {Name: "g:a", Range: "[1,2)"},
		"pkg:npm/%40angular/core@17.1": {Name: "pkg:npm/%40angular/core", Range: "17.1"},
		"pkg:maven/g/a":                {Name: "pkg:maven/g/a"},
	} {
		got, err := sbom.ParseQuestion(text)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%q: %v (-want +got):\n%s", text, err, diff)
		}
	}
	for _, text := range []string{"", "  ", "pkg:", "pkg:npm"} {
		if q, err := sbom.ParseQuestion(text); err == nil {
			t.Errorf("%q gives %+v", text, q)
		}
	}
}

func FuzzParseQuestion(f *testing.F) {
	f.Add("log4j-core@<2.17")
	f.Add("pkg:npm/%40a/b@1")
	f.Fuzz(func(t *testing.T, text string) {
		if q, err := sbom.ParseQuestion(text); err == nil && q.Name == "" {
			t.Errorf("%q gives a question without a name", text)
		}
	})
}
