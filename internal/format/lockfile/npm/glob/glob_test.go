package glob_test

import (
	"testing"

	"steward/internal/format/lockfile/npm/glob"
)

func TestMatcher(t *testing.T) {
	match := glob.Matcher([]string{"./packages/*", "apps/**", "{tools,libs}/x", "!apps/skip", "!**/fixtures"})
	for dir, want := range map[string]bool{
		"packages/a": true, "packages/a/b": false, "packages": false, "apps/a/b": true, "apps/skip": false,
		"tools/x": true, "libs/x": true, "libs/y": false, "apps/a/fixtures": false, ".": false,
	} {
		if got := match(dir); got != want {
			t.Errorf("match(%q) = %t, want %t", dir, got, want)
		}
	}
}
