package sheet

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"steward/internal/platform/fault"
)

func TestRowsOfOneApplicationAreOne(t *testing.T) {
	got, err := Read([]byte(`APP_ID;App Name;Business Criticality;Install Status;Externally-Facing?;Data Classification;IT Owner;Owning Team;Cost Center;Line of Business;Company;Team;Valid from;Valid to;Repo;Component;Notes
a-1;Ledger;T1;Operational;N;strictly confidential;Jane Miller;Core;4711;Retail;Bank AG;Ledgers;20260301;31/12/26;"mono, portal
web/x";;z
A-1;Books;gold;;;C3;;;;;;;;;;ledger;
;Only a name;Tier 7;;;;John;;;;;;;;mono;"a;b";
;;;;;;;;;;;;;;lost;;
`), nil)
	if err != nil {
		t.Fatal(err)
	}
	want := Sheet{
		Columns: got.Columns, Rows: 4,
		Applications: []Application{
			{
				Key: "a-1", Line: 2, Name: "Ledger", Tier: "Tier 1", Status: "production", External: "no", DataClass: "Strictly confidential", Owner: "Core", OwnerTeam: true, CostCentre: "4711",
				Unit: []Level{{LegalEntity, "Bank AG"}, {Division, "Retail"}, {Team, "Ledgers"}}, From: "2026-03-01",
				Parts: []Part{{Line: 2, Repository: "mono"}, {Line: 2, Repository: "portal"}, {Line: 2, Repository: "web/x"}, {Line: 4, Component: "ledger"}},
			},
			{Key: "Only a name", Line: 5, Name: "Only a name", Tier: "Tier 7", Owner: "John", Parts: []Part{{Line: 5, Repository: "mono", Component: "a"}, {Line: 5, Repository: "mono", Component: "b"}}},
		},
		Unknown: []Unknown{{DataClass, "C3", 1, 4}, {Tier, "Tier 7", 1, 5}, {To, "31/12/26", 1, 2}},
		Notes: []string{
			"Line 4: it has another name than line 2, which counts.", "Line 4: it has another tier than line 2, which counts.",
			"Line 4: it has another data class than line 2, which counts.", "Line 6: it has neither id nor name, and was left out.",
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
	var fields []Field
	for _, c := range got.Columns {
		fields = append(fields, c.Field)
	}
	if diff := cmp.Diff([]Field{ID, Name, Tier, Status, External, DataClass, Owner, OwningTeam, CostCentre, Division, LegalEntity, Team, From, To, Repository, Component, Ignored}, fields); diff != "" {
		t.Errorf("columns: %s", diff)
	}
}

func TestWhatPeopleSayOfColumnsCounts(t *testing.T) {
	said, err := ParseMap([]string{"Service = class=tier", "Name=ignore", "our KEY=id"})
	if err != nil {
		t.Fatal(err)
	}
	got, err := Read([]byte("Our key,Name,Service = class\n1,x,2\n"), said)
	want := []Application{{Key: "1", Line: 2, Name: "1", Tier: "Tier 2"}}
	if diff := cmp.Diff(want, got.Applications); diff != "" || err != nil {
		t.Errorf("%v, want -, got +:\n%s", err, diff)
	}
	for _, wrong := range []string{"tier", "=tier", "x=colour"} {
		if _, err := ParseMap([]string{wrong}); !errors.Is(err, fault.Invalid) {
			t.Errorf("--map %q is taken: %v", wrong, err)
		}
	}
}

func TestWhatIsRefusedSaysWhat(t *testing.T) {
	for content, want := range map[string]string{
		"id,App ID\n1,2\n":   `"id" and "App ID" both look like id`,
		"tier,colour\n1,2\n": "No column holds the id or the name",
		"id,name\n1,\"x\n":   "line 2: a quotation mark",
		"id,tier\n1," + strings.Repeat("x", MaxValue+1) + "\n": `line 2, column "tier"`,
	} {
		if _, err := Read([]byte(content), nil); !errors.Is(err, fault.Invalid) || !strings.Contains(fault.Sentence(err), want) {
			t.Errorf("%.30q: %v, want %s", content, err, want)
		}
	}
	if _, err := Read([]byte("id\n1\n"), map[string]Field{"colour": Tier}); !errors.Is(err, fault.Invalid) {
		t.Errorf("a column that is not there is taken: %v", err)
	}
	got, err := Read([]byte("id,repo\n1,https://user:geheim@git.bank.example/a\n"), nil)
	if err != nil || len(got.Applications) != 1 || strings.Contains(got.Applications[0].Parts[0].Repository, "geheim") {
		t.Errorf("a password is kept: %+v, %v", got.Applications, err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("id,name,repo,team,from\n1,a,\"x;y\",t,2026-01-01\n1,b,z,u,\n"))
	f.Add([]byte("Name;Tier\na;gold\n;1\n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		got, err := Read(content, nil)
		if err != nil {
			return
		}
		met := map[string]bool{}
		for _, a := range got.Applications {
			if key := strings.ToLower(a.Key); key == "" || a.Name == "" || met[key] {
				t.Fatalf("application %+v", a)
			} else {
				met[key] = true
			}
		}
	})
}
