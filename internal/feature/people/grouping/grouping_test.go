package grouping

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"steward/internal/format/identity"
)

func member(name, email, account string) Member {
	m := Member{Named: Named{name, email, account}, Kind: identity.Unknown}
	m.ID = m.Named.ID()
	m.Person = m.ID
	return m
}

func TestAccountsJoinTheOneWithTheirLogin(t *testing.T) {
	g := Grouping{Members: []Member{
		member("Ann Example", "1+annex@users.noreply.github.com", ""), member("", "", "annex"), member("ann", "ann@x.test", "annex"),
		member("", "", "twice"), member("a", "twice@users.noreply.github.com", ""), member("b", "5-twice@users.noreply.gitlab.com", ""),
	}}
	g.Assign()
	person := func(i int) int64 { return g.Members[i].Person }
	if person(0) != person(1) || person(1) != person(2) {
		t.Error("the account and its noreply address are not one person")
	}
	if person(3) == person(4) || person(3) == person(5) || person(4) == person(5) {
		t.Error("a login that two persons have joined somebody")
	}
}

func TestBestNameAndKind(t *testing.T) {
	a, b := member("zed", "ann@bank.example", ""), member("Ann Example", "ANN@bank.example", "")
	b.Kind = identity.Ours
	g := Grouping{Members: []Member{a, b}}
	persons := g.Assign()
	if len(persons) != 1 || persons[0].NameOf != b.ID || persons[0].Kind != identity.Ours {
		t.Errorf("%+v", persons)
	}
}

// Grouping again changes nothing; a person's id is one of its identities, no
// two persons share one, and whoever is apart stays alone.
func TestGroupingIsStable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var g Grouping
		g.Persons = map[int64]Person{}
		settle := func() {
			for _, p := range g.Assign() {
				g.Persons[p.ID] = p
			}
		}
		add := func() {
			m := member(rapid.SampledFrom([]string{"Ann Lee", "Bob Roe", "x", ""}).Draw(t, "name"), rapid.SampledFrom([]string{"a@x.test", "b@x.test", "1+ann@users.noreply.github.com", "c@y.test", ""}).Draw(t, "mail"),
				rapid.SampledFrom([]string{"", "", "ann"}).Draw(t, "account"))
			if !slices.ContainsFunc(g.Members, func(o Member) bool { return o.ID == m.ID }) {
				g.Members = append(g.Members, m)
			}
		}
		for range rapid.IntRange(1, 10).Draw(t, "steps") {
			g.Now++
			switch rapid.IntRange(0, 3).Draw(t, "step") {
			case 0, 1:
				add()
			case 2:
				if len(g.Members) > 0 {
					i := rapid.IntRange(0, len(g.Members)-1).Draw(t, "apart")
					g.Members[i].Apart = !g.Members[i].Apart
				}
			case 3:
				if len(g.Members) > 1 {
					g.Ties = [][2]int64{{g.Members[0].ID, g.Members[len(g.Members)-1].ID}}
				}
			}
			settle()
		}
		before := slices.Clone(g.Members)
		settle()
		if !slices.Equal(before, g.Members) {
			t.Fatalf("grouping again changed persons:\n%+v\n%+v", before, g.Members)
		}
		byID := map[int64]Member{}
		for _, m := range g.Members {
			byID[m.ID] = m
		}
		for _, m := range g.Members {
			if byID[m.Person].Person != m.Person {
				t.Fatalf("person %d is not one of its own identities", m.Person)
			}
			if p := g.Persons[m.Person]; p.MergedInto != 0 {
				t.Fatalf("somebody is in a person that was merged: %+v", p)
			}
		}
		for id, p := range g.Persons {
			if m, ok := byID[id]; ok && m.Person != id && p.MergedInto != m.Person {
				t.Fatalf("the old address of %d leads to %d, not to %d", id, p.MergedInto, m.Person)
			}
		}
	})
}
