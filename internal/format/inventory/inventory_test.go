package inventory

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"steward/internal/format/purl"
	"steward/internal/format/table"
)

func lodash(place string) Package {
	return Package{Place: place, Name: "lodash", Version: "4.17.21", PURL: purl.NPM("lodash", "4.17.21"), Kind: "library"}
}

func TestRead(t *testing.T) {
	day := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	for name, one := range map[string]struct {
		in   string
		want List
	}{
		"CycloneDX JSON": {
			`{"bomFormat":"CycloneDX","specVersion":"1.6","metadata":{"timestamp":"2026-03-01T11:00:00+01:00","tools":{"components":[{"name":"syft","version":"1.4"}]},"component":{"name":"ledger","version":"2"}},
			"components":[{"type":"library","name":"lodash","version":"4.17.21","purl":"pkg:npm/lodash@4.17.21","components":[{"type":"operating-system","name":"debian","version":"12"}]},{"type":"file","name":"a.txt"},{"type":"library","group":"org.x","name":"y","purl":"no address"}]}`,
			List{Form: CycloneDX, Tool: "syft 1.4", Subject: "ledger 2", At: day, Packages: []Package{
				lodash("entry 1"), {Place: "entry 2", Name: "debian", Version: "12", Kind: "operating-system"}, {Place: "entry 3", Name: "org.x/y", Kind: "library"},
			}, Notes: []string{"Entries that are files, not packages, were left aside: 1."}},
		},
		"CycloneDX JSON of old tools": {
			`{"bomFormat":"CycloneDX","specVersion":"1.2","metadata":{"tools":[{"vendor":"v","name":"cdxgen"}]},"components":[{"type":"library","name":"lodash","purl":"pkg:npm/lodash@4.17.21"}]}`,
			List{Form: CycloneDX, Tool: "cdxgen", Packages: []Package{lodash("entry 1")}},
		},
		"CycloneDX XML": {
			`<?xml version="1.0" encoding="UTF-8"?><bom xmlns="http://cyclonedx.org/schema/bom/1.4"><metadata><timestamp>2026-03-01T10:00:00Z</timestamp><tools><tool><name>mvn</name></tool></tools><component type="application"><group>bank</group><name>ledger</name></component></metadata>
			<components><component type="library"><name>lodash</name><version>4.17.21</version><purl>pkg:npm/lodash@4.17.21</purl></component></components></bom>`,
			List{Form: CycloneDX, Tool: "mvn", Subject: "bank/ledger", At: day, Packages: []Package{lodash("entry 1")}},
		},
		"SPDX": {
			`{"spdxVersion":"SPDX-2.3","SPDXID":"SPDXRef-DOCUMENT","name":"doc","creationInfo":{"created":"2026-03-01T10:00:00Z","creators":["Organization: x","Tool: syft-1.4"]},
			"packages":[{"SPDXID":"SPDXRef-root","name":"ledger","versionInfo":"NOASSERTION"},{"SPDXID":"SPDXRef-a","name":"lodash","versionInfo":"4.17.21","primaryPackagePurpose":"LIBRARY","externalRefs":[{"referenceCategory":"SECURITY","referenceType":"cpe23Type","referenceLocator":"cpe"},{"referenceCategory":"PACKAGE-MANAGER","referenceType":"purl","referenceLocator":"pkg:npm/lodash@4.17.21"}]}],
			"relationships":[{"spdxElementId":"SPDXRef-DOCUMENT","relationshipType":"DESCRIBES","relatedSpdxElement":"SPDXRef-root"}]}`,
			List{Form: SPDX, Tool: "syft-1.4", Subject: "ledger", At: day, Packages: []Package{lodash("entry 2")}},
		},
		"Backstage JSON": {
			`{"items":[{"apiVersion":"backstage.io/v1alpha1","kind":"Component","metadata":{"name":"Ledger","annotations":{"backstage.io/source-location":"url:https://git.bank.example/core/mono/-/tree/main/ledger/"}},"spec":{"owner":"payments"}},{"kind":"Group","metadata":{"name":"g"}},{"kind":"component","metadata":{"name":"b","namespace":"risk","annotations":{"github.com/project-slug":"bank/b"}},"spec":{"owner":7}}]}`,
			List{Form: Catalogue, Owners: true, Records: []Record{
				{Place: "entry 1", Component: "component:default/Ledger", Repository: "https://git.bank.example/core/mono", Owner: "payments"}, {Place: "entry 3", Component: "component:risk/b", Repository: "bank/b"},
			}, Notes: []string{"Entities that are no components (groups, systems, APIs and others) were left aside: 1."}},
		},
		"Backstage YAML": {
			"apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: ledger\nspec:\n  owner: payments\n---\nkind: [",
			List{Form: Catalogue, Owners: true, Records: []Record{{Place: "line 1", Component: "component:default/ledger", Owner: "payments"}}, Notes: []string{"Line 8: "}},
		},
		"Dependency-Track projects": {
			`[{"uuid":"1","name":"portal","version":"1","active":true,"lastBomImport":1772359200000,"externalReferences":[{"type":"vcs","url":"https://git.bank.example/web/portal/tree/main"}]},{"uuid":"2","name":"portal","version":"2","externalReferences":[{"type":"vcs","url":"https://git.bank.example/web/portal"}]},{"uuid":"3","name":"old"}]`,
			List{Form: Projects, Tool: "Dependency-Track", At: day, Records: []Record{{Place: "entry 1", Name: "portal", Repository: "https://git.bank.example/web/portal"}, {Place: "entry 3", Name: "old"}}, Notes: []string{"Projects that are another version of one before were left aside: 1."}},
		},
		"Dependency-Track components": {
			`[{"uuid":"1","name":"lodash","version":"4.17.21","classifier":"LIBRARY","purl":"pkg:npm/lodash@4.17.21","project":{"name":"portal","version":"1"}}]`,
			List{Form: Components, Tool: "Dependency-Track", Subject: "portal 1", Packages: []Package{lodash("entry 1")}},
		},
		"CSV": {
			"\xef\xbb\xbfRepo;Owning team;Remarks\nmono;payments;x\n;core;\nhttps://git.bank.example/web/portal;;\n",
			List{Form: Table, Owners: true, Records: []Record{{Place: "line 2", Repository: "mono", Owner: "payments"}, {Place: "line 4", Repository: "https://git.bank.example/web/portal"}}, Notes: []string{`Columns: "Repo" as repository, "Owning team" as owner.`, "Rows that name no repository or component were left aside: 1."}},
		},
		"CSV of packages": {
			"purl,count\npkg:npm/lodash@4.17.21,3\n",
			List{Form: Table, Packages: []Package{{Place: "line 2", Name: "pkg:npm/lodash@4.17.21", Version: "4.17.21", PURL: purl.NPM("lodash", "4.17.21")}}, Notes: []string{`Columns: "purl" as package url.`}},
		},
	} {
		got, err := Read([]byte(one.in), nil)
		if name == "Backstage YAML" && len(got.Notes) == 1 {
			got.Notes[0] = got.Notes[0][:8] // the words are those of the reader of entities
		}
		if diff := cmp.Diff(one.want, got); err != nil || diff != "" {
			t.Errorf("%s: %v; want -, got +:\n%s", name, err, diff)
		}
	}
}

func TestAColumnIsWhatPeopleSay(t *testing.T) {
	heading, field, err := ParseField("Where it lies=Repository")
	if err != nil {
		t.Fatal(err)
	}
	got, err := Read([]byte("Name,Where it lies\nx,mono\n"), map[string]Field{heading: field})
	if diff := cmp.Diff([]Record{{Place: "line 2", Repository: "mono"}}, got.Records); err != nil || diff != "" {
		t.Errorf("%v; want -, got +:\n%s", err, diff)
	}
	for _, wrong := range []string{"", "=repository", "a=b", "a"} {
		if _, _, err := ParseField(wrong); err == nil {
			t.Errorf("%q is taken", wrong)
		}
	}
}

func TestWhatIsRefused(t *testing.T) {
	for in, want := range map[string]string{
		"":  "empty",
		"{": "line 1",
		"{\"bomFormat\":\"CycloneDX\",\n\"components\":[{\"name\":7}]}":     "line 2",
		"{\"bomFormat\":\"CycloneDX\"}":                                     "names nothing",
		"{\"spdxVersion\":\"SPDX-3.0\"}":                                    "SPDX 2.3",
		"{\"@context\":\"https://spdx.org/rdf/3.0.1/spdx-context.jsonld\"}": "SPDX 2.3",
		"{\"a\":1}":                  "no bill of materials",
		"[]":                         "empty",
		"[1]":                        "cannot be read",
		"[{\"a\":1}]":                "none that Steward knows",
		"<html></html>":              "no CycloneDX",
		"<bom>":                      "damaged",
		"SPDXVersion: SPDX-2.3":      "SPDX JSON",
		"a,b\n1,2\n":                 "no column",
		"repository\n":               "names nothing",
		strings.Repeat("[", 100_000): "cannot be read",
		"{\"bomFormat\":\"CycloneDX\",\"components\":" + strings.Repeat("[{\"components\":", 20_000): "cannot be read",
	} {
		_, err := Read([]byte(in), nil)
		var own *Error
		var place *table.Error
		if err == nil || !errors.As(err, &own) && !errors.As(err, &place) || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: %v, want %q", in, err, want)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		`{"bomFormat":"CycloneDX","metadata":{"tools":[{"name":"a"}],"component":{"name":"x"}},"components":[{"name":"a","purl":"pkg:npm/a@1"}]}`, `{"spdxVersion":"SPDX-2.3","packages":[{"name":"a"}]}`,
		`[{"kind":"Component","metadata":{"name":"a","annotations":{"a":1}},"spec":{"owner":"x"}}]`, `[{"uuid":"1","name":"a","active":true}]`, `[{"uuid":"1","name":"a","project":{"name":"p"}}]`,
		`<bom xmlns="http://cyclonedx.org/schema/bom/1.4"><components><component><name>a</name></component></components></bom>`, "apiVersion: a/b\nkind: Component\nmetadata:\n  name: a\n", "repository,owner\na,b\n", "purl\npkg:npm/a\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		l, err := Read(b, nil)
		var own *Error
		var place *table.Error
		if err != nil && !errors.As(err, &own) && !errors.As(err, &place) {
			t.Fatalf("an error that says nothing: %v", err)
		}
		for _, r := range l.Records {
			if r.String() == "" || r.Place == "" {
				t.Fatalf("a record without name or place: %+v", r)
			}
		}
		for _, p := range l.Packages {
			if p.Place == "" || len(p.Name) > 2*MaxValue+10 {
				t.Fatalf("package %+v", p)
			}
		}
	})
}
