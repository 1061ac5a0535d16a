package app

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"steward/internal/app/measured"
	"steward/internal/platform/access"
)

// ask answers a page for programs as it is.
func (v visitor) ask(address string, into any) {
	v.t.Helper()
	r := httptest.NewRequest(http.MethodGet, "http://localhost"+address, nil)
	r.Header.Set("Cookie", v.session)
	w := httptest.NewRecorder()
	v.handler.ServeHTTP(w, r)
	if err := json.Unmarshal(w.Body.Bytes(), into); w.Code != http.StatusOK || err != nil {
		v.t.Fatalf("%s answers %d: %v\n%.500s", address, w.Code, err, w.Body)
	}
}

// countsAreTotals checks that each number of a sheet is the total of the list that it leads to, for the
// same reader, and returns how many lists there were.
func (v visitor) countsAreTotals(scope string) int {
	v.t.Helper()
	var sheet any
	v.ask("/api/v1/report"+scope, &sheet)
	lists := 0
	var walk func(any)
	walk = func(at any) {
		switch at := at.(type) {
		case []any:
			for _, one := range at {
				walk(one)
			}
		case map[string]any:
			page, _ := at["page"].(string)
			if n, ok := at["value"].(float64); ok && strings.Count(strings.Split(page, "?")[0], "/") == 1 {
				var list struct {
					Total float64 `json:"total"`
				}
				v.ask("/api/v1"+page, &list)
				if lists++; list.Total != n {
					v.t.Errorf("the sheet %q says %v where %s has %v rows", scope, n, page, list.Total)
				}
			}
			for key, one := range at {
				if key == "missing" {
					v.t.Errorf("a section of %q is missing: %v", scope, one)
				}
				walk(one)
			}
		}
	}
	walk(sheet)
	return lists
}

// TestListsThatFiguresCountAreThoseOfTheHub: a list that a capability names for figures is the one that it mounts.
func TestListsThatFiguresCountAreThoseOfTheHub(t *testing.T) {
	o, _, routes, _ := hubOf(t)
	lists := measured.Lists(o.capabilities)
	if len(lists) < 8 {
		t.Errorf("only %d lists can be counted", len(lists))
	}
	narrowed := 0
	for _, l := range lists {
		if _, mounted := routes["GET /"+l.Spec.Name]; !mounted {
			t.Errorf("the list %s is counted and not shown", l.Spec.Name)
		}
		if l.Needs != access.ReadEstate {
			t.Errorf("the list %s needs %q", l.Spec.Name, l.Needs)
		}
		if err := l.Spec.Check(); err != nil {
			t.Error(err)
		}
		if slices.Contains([]string{"repositories", "components", "packages", "applications", "licence-uses", "technology-uses", "coverage-notes"}, l.Spec.Name) {
			narrowed++
			if l.Spec.IDs == nil {
				t.Errorf("the list %s cannot be narrowed down to a unit", l.Spec.Name)
			}
		}
	}
	if narrowed != 7 {
		t.Errorf("%d of 7 lists can be counted in a unit", narrowed)
	}
}
