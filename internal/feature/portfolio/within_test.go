package portfolio

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"steward/internal/platform/access"
	"steward/internal/platform/fault"
	"steward/internal/platform/listing"
	"steward/internal/platform/measure"
	"steward/internal/platform/store"
)

// TestListsAreNarrowedDownToAUnitOrAnApplication asks what is within each, as an administrator and as a member,
// who sees nothing of vault.
func TestListsAreNarrowedDownToAUnitOrAnApplication(t *testing.T) {
	each(t, func(t *testing.T, f *Feature) {
		f.bring(t, Input{Content: []byte(register)})
		lists := map[string]listing.Spec{
			"repositories": {From: "repository r", Key: "r.name", IDs: map[string]string{"repository": "r.id"}},
			"components":   {From: "component c JOIN repository r ON r.id = c.repository_id", Key: "c.name", IDs: map[string]string{"repository": "r.id", "component": "c.id"}},
			"applications": {From: "application a", Key: "a.key", IDs: map[string]string{"application": "a.id"}},
		}
		within := func(v access.Viewer, list, ref string) string {
			t.Helper()
			spec := lists[list]
			where := "1 = 1"
			if list != "applications" {
				where = v.Where("r.visibility")
			}
			condition := listing.Visible(v, strings.ReplaceAll(Within(spec, "")[0].SQL, "{value}", "$1"))
			names, err := store.Collect(func(row store.Scanner) (name string, err error) { return name, row.Scan(&name) })(f.db.Query(context.WithoutCancel(t.Context()),
				`SELECT `+spec.Key+` FROM `+spec.From+` WHERE `+where+` AND (`+condition+`) ORDER BY 1`, ref))
			if err != nil {
				t.Fatal(err)
			}
			return strings.Join(names, " ")
		}
		want, got := map[string]string{}, map[string]string{}
		for _, one := range [][4]string{
			{"unit:Retail", "mono portal", "ledger portal", "A-1 A-2"},
			{"unit:Core", "mono", "ledger", "A-1"},
			{"unit:Treasury", "vault", "vault", "A-3"},
			{"application:A-1", "mono", "ledger", "A-1"},
			{"application:A-2", "portal", "portal", "A-2"},
			{"application:nothing", "", "", ""},
			{"unit:' OR 1=1 --", "", "", ""},
		} {
			for i, list := range []string{"repositories", "components", "applications"} {
				want[list+" "+one[0]], got[list+" "+one[0]] = one[i+1], within(administrator, list, one[0])
			}
		}
		want["member"], got["member"] = "", within(member, "repositories", "unit:Treasury")
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("want -, got +:\n%s", diff)
		}
	})
}

func TestScopesByNameAndById(t *testing.T) {
	each(t, func(t *testing.T, f *Feature) {
		f.bring(t, Input{Content: []byte("Name,Division,Team,Repository\nLedger,Retail,Core,mono\nPortal,Cards,Core,portal\n")})
		one, err := f.Scope(t.Context(), member, "unit:Retail")
		want := measure.Scope{Ref: "unit:Retail", ID: one.ID, Kind: "unit", Name: "Retail", Href: "/units/" + one.ID}
		if diff := cmp.Diff(want, one); diff != "" || err != nil || one.ID == "" {
			t.Errorf("%v: want -, got +:\n%s", err, diff)
		}
		if same, err := f.Scope(t.Context(), member, "unit:"+one.ID); same.ID != one.ID || err != nil {
			t.Errorf("by its id: %+v, %v", same, err)
		}
		for ref, kind := range map[string]error{"unit:Core": fault.Invalid, "unit:": fault.Invalid, "team:Core": fault.Invalid, "unit:Nowhere": fault.NotFound, "application:Retail": fault.NotFound} {
			if _, err := f.Scope(t.Context(), member, ref); !errors.Is(err, kind) {
				t.Errorf("%s: %v, want %v", ref, err, kind)
			}
		}
		if _, err := f.Scope(t.Context(), access.Viewer{}, "unit:Retail"); !errors.Is(err, fault.NotFound) {
			t.Errorf("nobody is told of a unit: %v", err)
		}
	})
}
