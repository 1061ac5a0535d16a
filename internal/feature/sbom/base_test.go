package sbom_test

import (
	"testing"

	"steward/internal/feature/estate"
	"steward/internal/feature/sbom"
)

func TestBaseString(t *testing.T) {
	const read = "2 of 2 repositories read"
	for _, tt := range []struct {
		branches []string
		more     int64
		want     string
	}{
		{nil, 0, read},
		{[]string{"main"}, 0, read + "; default branch main"},
		{[]string{"274"}, 0, read + `; default branch "274"`},
		{[]string{"1.x"}, 0, read + "; default branch 1.x"},
		{[]string{"main", "master"}, 0, read + "; default branches main and master"},
		{[]string{"main", "release/2.0", "274"}, 0, read + `; default branches main, release/2.0 and "274"`},
		{[]string{"main", "master", "274"}, 2, read + "; default branches main, master and 3 others"},
	} {
		b := sbom.Base{Base: estate.Base{Given: 2, Read: 2}, Branches: tt.branches, MoreBranches: tt.more}
		if got := b.String(); got != tt.want {
			t.Errorf("%v and %d more: %q, want %q", tt.branches, tt.more, got, tt.want)
		}
	}
}
