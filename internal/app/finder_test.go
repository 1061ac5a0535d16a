package app

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"steward/internal/platform/web"
)

func TestWordsThatNarrowDown(t *testing.T) {
	text, kinds, hits := narrowed(`log4j is:package Licence:MIT uses: http://x owner:pay/core`)
	if diff := cmp.Diff("log4j uses: http://x", text); diff != "" {
		t.Errorf("text (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff([]string{"package"}, kinds); diff != "" {
		t.Errorf("kinds (-want +got)\n%s", diff)
	}
	want := []web.Hit{
		{Kind: "list", Icon: "search", Title: "Components under MIT", Href: "/components?licence=MIT"},
		{Kind: "list", Icon: "search", Title: "Components owned by pay/core", Href: "/components?owner=pay%2Fcore"},
	}
	if diff := cmp.Diff(want, hits); diff != "" {
		t.Errorf("hits (-want +got)\n%s", diff)
	}
}
