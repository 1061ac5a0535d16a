package match

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFind(t *testing.T) {
	x := New([]Repository{
		{ID: 1, Name: "mono", Addresses: []string{"git.bank.example/core/mono", "/src/mono"}},
		{ID: 2, Name: "portal", Addresses: []string{"git.bank.example/web/portal"}},
		{ID: 3, Name: "portal", Addresses: []string{"git.bank.example/mobile/portal"}},
		{ID: 4, Name: "core"},
	}, []Component{
		{ID: 11, RepositoryID: 1, Name: "ledger", Ref: "component:default/ledger", Folder: "services/ledger"},
		{ID: 12, RepositoryID: 1, Name: "Batch", Ref: "component:risk/batch", Folder: "batch"},
		{ID: 21, RepositoryID: 2, Name: "api"},
		{ID: 31, RepositoryID: 3, Name: "api"},
	})
	two := []string{"git.bank.example/web/portal", "git.bank.example/mobile/portal"}
	cases := []struct {
		repository, component string
		want                  Found
	}{
		{"mono", "", Found{RepositoryID: 1}},
		{"Core/Mono", "", Found{RepositoryID: 1}},
		{"/core/mono.git/", "", Found{RepositoryID: 1}},
		{"https://user@GIT.bank.example:443/core/mono.git", "", Found{RepositoryID: 1}},
		{"git@git.bank.example:core/mono", "", Found{RepositoryID: 1}},
		{"ssh://git@git.other.example/core/mono", "", Found{Why: "no repository has this name or address", Candidates: []string{"mono"}}},
		{"no", "", Found{Why: "no repository has this name or address"}},
		{"re/mono", "", Found{Why: "no repository has this name or address", Candidates: []string{"mono"}}},
		{"portal", "", Found{Why: "several repositories have this name; give more of the address", Candidates: two}},
		{"mobile/portal", "", Found{RepositoryID: 3}},
		{"portl", "", Found{Why: "no repository has this name or address", Candidates: []string{"portal"}}},
		{"", "ledger", Found{RepositoryID: 1, ComponentID: 11}},
		{"", "Component:default/Ledger", Found{RepositoryID: 1, ComponentID: 11}},
		{"", "component:ledger", Found{RepositoryID: 1, ComponentID: 11}},
		{"", "risk/batch", Found{RepositoryID: 1, ComponentID: 12}},
		{"", "default/batch", Found{Why: "no component has this name"}},
		{"", "api", Found{Why: "several components have this name; name the repository too", Candidates: []string{"api in portal", "api in portal"}}},
		{"web/portal", "api", Found{RepositoryID: 2, ComponentID: 21}},
		{"mono", "services/ledger", Found{RepositoryID: 1, ComponentID: 11}},
		{"mono", "api", Found{Why: "the repository has no such component", Candidates: []string{"ledger", "Batch"}}},
		{"portal", "api", Found{Why: "several repositories have this name; give more of the address", Candidates: two}},
	}
	for _, c := range cases {
		if diff := cmp.Diff(c.want, x.Find(c.repository, c.component)); diff != "" {
			t.Errorf("%q %q: want -, got +:\n%s", c.repository, c.component, diff)
		}
		if c.want.Why == noRepository || c.want.Why == noComponent {
			c.want.Candidates = nil
		}
		if diff := cmp.Diff(c.want, x.Exact(c.repository, c.component)); diff != "" {
			t.Errorf("exactly %q %q: want -, got +:\n%s", c.repository, c.component, diff)
		}
	}
}
