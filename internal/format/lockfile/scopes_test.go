package lockfile

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSpreadScopes(t *testing.T) {
	uses := []Use{
		{Direct: true, Scope: Test, DependsOn: []int{1, 2}},
		{DependsOn: []int{3}}, // a ring with 3
		{},
		{DependsOn: []int{1, 2}},
		{Direct: true, Scope: Development, DependsOn: []int{5}},
		{Direct: true, Scope: Production, DependsOn: []int{2}},
		{Direct: true, Scope: Optional, DependsOn: []int{4}}, // stronger than what 4 was declared for
		{Scope: Test},
	}
	SpreadScopes(uses)
	var got []Scope
	for _, u := range uses {
		got = append(got, u.Scope)
	}
	want := []Scope{Test, Test, Production, Test, Optional, Production, Optional, Production}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
