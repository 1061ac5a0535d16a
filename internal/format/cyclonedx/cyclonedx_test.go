package cyclonedx_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	cdx "github.com/CycloneDX/cyclonedx-go"
	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"steward/internal/format/cyclonedx"
	"steward/internal/format/purl"
	"steward/internal/format/spdx"
)

var update = flag.Bool("update", false, "renew the golden files")

// schema compiles the official schema; formats are checked as well.
func schema(t testing.TB) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	for _, name := range []string{"bom-1.6", "spdx", "jsf-0.82"} {
		file := name + ".SNAPSHOT.schema.json"
		f, err := os.Open(filepath.Join("testdata", "schema", file))
		if err != nil {
			t.Fatal(err)
		}
		doc, err := jsonschema.UnmarshalJSON(f)
		_ = f.Close() // read only
		if err != nil {
			t.Fatal(err)
		}
		for _, address := range []string{"http://cyclonedx.org/schema/" + file} {
			if err := c.AddResource(address, doc); err != nil {
				t.Fatal(err)
			}
		}
	}
	s, err := c.Compile("http://cyclonedx.org/schema/bom-1.6.SNAPSHOT.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func write(t testing.TB, d cyclonedx.Document) []byte {
	t.Helper()
	var b bytes.Buffer
	if _, err := cyclonedx.Write(&b, d); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func validate(t testing.TB, s *jsonschema.Schema, data []byte) {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Validate(doc); err != nil {
		t.Errorf("the schema refuses it: %v\n%s", err, data)
	}
}

// payments is a document with everything in it.
func payments() cyclonedx.Document {
	express := purl.NPM("express", "4.21.0")
	debug := purl.NPM("debug", "2.6.9")
	return cyclonedx.Document{
		SerialNumber: "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79",
		Timestamp:    time.Date(2026, 3, 1, 12, 0, 0, 0, time.FixedZone("", 3600)),
		ToolVersion:  "0.1.0",
		Root:         cyclonedx.Component{Ref: "payments", Name: "payments", Version: "1.4.0", Licence: "LicenseRef-Example-Proprietary"},
		Components: []cyclonedx.Component{
			{PURL: express, Use: cyclonedx.Runtime, Licence: "MIT", Basis: cyclonedx.Declared, Places: []cyclonedx.Place{{File: "package-lock.json", Line: 812}, {File: "api/package-lock.json", Line: 40}}},
			{PURL: debug, Use: cyclonedx.Development, Places: []cyclonedx.Place{{File: "package-lock.json", Line: 700}}},
			{PURL: debug, Use: cyclonedx.Runtime, Places: []cyclonedx.Place{{File: "package-lock.json", Line: 700}, {File: "package-lock.json", Line: 12}}},
			{PURL: purl.NPM("@types/node", "22.0.0"), Use: cyclonedx.Development, Licence: "MIT OR Apache-2.0 WITH LLVM-exception", Basis: cyclonedx.Concluded},
			{PURL: purl.NPM("fsevents", "2.3.3"), Use: cyclonedx.Optional, Licence: "see <LICENSE> & co"},
			{PURL: purl.New("maven", "junit", "junit", ""), Use: cyclonedx.Test, Licence: "EPL-1.0", Unresolved: "the version comes from a parent that is not here"},
			{Name: "libhouse.so", Kind: cyclonedx.File, Version: "3"},
		},
		Dependencies: []cyclonedx.Dependency{
			{Ref: "payments", On: []string{express.String(), "pkg:npm/%40types/node@22.0.0", express.String()}},
			{Ref: express.String(), On: []string{debug.String(), "pkg:npm/lost@1.0.0", express.String()}},
			{Ref: "pkg:npm/gone@1", On: []string{debug.String()}},
		},
		Incomplete: []string{"pom.xml: no lock file; versions of parents are not known"},
	}
}

func TestWriteGolden(t *testing.T) {
	got := write(t, payments())
	validate(t, schema(t), got)
	file := filepath.Join("testdata", "payments.cdx.json")
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestWriteIsRead: another reader of the format sees the same packages.
func TestWriteIsRead(t *testing.T) {
	var bom cdx.BOM
	if err := cdx.NewBOMDecoder(bytes.NewReader(write(t, payments())), cdx.BOMFileFormatJSON).Decode(&bom); err != nil {
		t.Fatal(err)
	}
	var refs, entries []string
	for _, c := range *bom.Components {
		refs = append(refs, c.BOMRef)
	}
	for _, d := range *bom.Dependencies {
		entries = append(entries, d.Ref)
	}
	want := []string{"libhouse.so@3", "pkg:maven/junit/junit", "pkg:npm/%40types/node@22.0.0", "pkg:npm/debug@2.6.9", "pkg:npm/express@4.21.0", "pkg:npm/fsevents@2.3.3"}
	if diff := cmp.Diff(want, refs); diff != "" {
		t.Errorf("components (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(append([]string{"payments"}, want...), entries); diff != "" {
		t.Errorf("entries of the graph (-want +got):\n%s", diff)
	}
}

// TestWriteIsDeterministic: the order in which things were found does not matter.
func TestWriteIsDeterministic(t *testing.T) {
	d := payments()
	for _, licence := range []string{"", "MIT", "ISC"} {
		d.Components = append(d.Components, cyclonedx.Component{PURL: purl.NPM("twice", "1"), Licence: licence})
	}
	want := write(t, d)
	slices.Reverse(d.Components)
	slices.Reverse(d.Dependencies)
	for i := range d.Components {
		slices.Reverse(d.Components[i].Places)
	}
	if diff := cmp.Diff(string(want), string(write(t, d))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestWriteDocuments: small and odd documents keep to the schema.
func TestWriteDocuments(t *testing.T) {
	s := schema(t)
	root := cyclonedx.Component{Name: "x"}
	odd := cyclonedx.Component{Name: "a\x00\xff\u2028\"<b>", Version: "\n", Places: []cyclonedx.Place{{File: "../ü \x01", Line: -4}, {}}}
	var all []cyclonedx.Component
	for _, l := range spdx.All() {
		all = append(all, cyclonedx.Component{PURL: purl.NPM("p-"+strings.ToLower(strings.NewReplacer("+", "-later").Replace(l.ID)), "1"), Licence: l.ID})
	}
	for name, d := range map[string]cyclonedx.Document{
		"smallest":      {Root: root},
		"root again":    {Root: root, Components: []cyclonedx.Component{{Name: "x"}}},
		"odd text":      {Root: root, Components: []cyclonedx.Component{odd}, Incomplete: []string{"", "\x00"}},
		"every licence": {Root: root, Components: all},
	} {
		t.Run(name, func(t *testing.T) { validate(t, s, write(t, d)) })
	}
}

func TestWriteRefuses(t *testing.T) {
	for says, d := range map[string]cyclonedx.Document{
		"the root: it has neither":    {},
		"component 1: it has neither": {Root: cyclonedx.Component{Name: "x"}, Components: []cyclonedx.Component{{Name: "y"}, {Version: "1"}}},
		"serial number":               {SerialNumber: "1", Root: cyclonedx.Component{Name: "x"}},
	} {
		_, err := cyclonedx.Write(&bytes.Buffer{}, d)
		if !errors.Is(err, cyclonedx.ErrDocument) || !strings.Contains(err.Error(), says) {
			t.Errorf("got %v, want an error that says %q", err, says)
		}
	}
}

func FuzzWrite(f *testing.F) {
	s := schema(f)
	f.Add("express", "4.21.0", "MIT", "package-lock.json", 3, "a reason")
	f.Add("\x00\xff", "", "GPL-2.0+ WITH x", "", -1, "")
	f.Fuzz(func(t *testing.T, name, version, licence, file string, line int, reason string) {
		d := cyclonedx.Document{
			Root:         cyclonedx.Component{Name: "root", Licence: licence},
			Components:   []cyclonedx.Component{{Name: name, Version: version, Licence: licence, Places: []cyclonedx.Place{{File: file, Line: line}}, Unresolved: reason}, {PURL: purl.NPM(name, version)}},
			Dependencies: []cyclonedx.Dependency{{Ref: "root", On: []string{name, version}}, {Ref: name, On: []string{file}}},
			Incomplete:   []string{reason},
		}
		var b bytes.Buffer
		if _, err := cyclonedx.Write(&b, d); err != nil {
			if !errors.Is(err, cyclonedx.ErrDocument) {
				t.Fatal(err)
			}
			return
		}
		validate(t, s, b.Bytes())
	})
}

func Example() {
	var b bytes.Buffer
	_, err := cyclonedx.Write(&b, cyclonedx.Document{
		Root:       cyclonedx.Component{Name: "payments", Version: "1.4.0"},
		Components: []cyclonedx.Component{{PURL: purl.NPM("express", "4.21.0"), Use: cyclonedx.Runtime, Licence: "MIT"}},
	})
	fmt.Println(strings.Count(b.String(), "pkg:npm/express@4.21.0"), err)
	// Output: 4 <nil>
}
