package lockfile

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"steward/internal/format/purl"
)

func TestMember(t *testing.T) {
	npm := func(name, version string) purl.PURL { return purl.NPM(name, version) }
	lock := Manifest{
		Path: "package-lock.json", Covers: []string{"package.json", "apps/shop/package.json", "own/package.json"},
		Uses: []Use{
			{Package: npm("react", "17.0.2"), Requirement: "^17.0.0", Direct: true},
			{Package: npm("react", "18.3.1"), Requirement: "^18.0.0", Direct: true},
			{Package: npm("react", "18.1.0"), Requirement: "18.1.0", Direct: true},
			{Package: npm("lodash", "4.17.21"), Direct: true},
			{Package: npm("through", "1.0.0")},
			{Package: npm("tool", ""), Origin: Git, From: "https://example.org/tool#abc", Direct: true},
		},
	}
	covered := Covered{}
	covered.Add(Manifest{Path: "own/package-lock.json", Covers: []string{"own/package.json"}})
	covered.Add(lock)
	for _, p := range []string{"package.json", "own/package.json", "other/package.json"} {
		if covered.Member(p) != nil {
			t.Errorf("%s is taken for a member", p)
		}
	}
	member := covered.Member("apps/shop/package.json")
	if member == nil {
		t.Fatal("apps/shop is no member")
	}
	asks := func(name, requirement string) Use {
		return Use{Package: npm(name, ""), Requirement: requirement, Scope: Test, Direct: true, Line: 7}
	}
	got := member.Member(Manifest{
		Path: "apps/shop/package.json", Unresolved: "no lock file", Project: npm("shop", "1.0.0"), ProjectLicence: "MIT",
		Uses: []Use{asks("react", "^17.0.0"), asks("react", ">=18.2"), asks("lodash", "*"), asks("through", "^1"), asks("absent", "1"), asks("tool", "")},
	})
	want := Manifest{
		Path: "apps/shop/package.json", ResolvedBy: "package-lock.json", Project: npm("shop", "1.0.0"), ProjectLicence: "MIT",
		Uses: []Use{
			{Package: npm("react", "17.0.2"), Requirement: "^17.0.0", Scope: Test, Direct: true, Line: 7},
			{Package: npm("react", "18.3.1"), Requirement: ">=18.2", Scope: Test, Direct: true, Line: 7},
			{Package: npm("lodash", "4.17.21"), Requirement: "*", Scope: Test, Direct: true, Line: 7},
			{Package: npm("tool", ""), Origin: Git, From: "https://example.org/tool#abc", Scope: Test, Direct: true, Line: 7},
		},
		Notes: []Note{{Reason: "packages that package-lock.json does not have, so that they are not installed: 2"}},
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
