package composer

import (
	"errors"
	"strings"
	"testing"

	"steward/internal/format/lockfile"
)

// TestHostile feeds files that are made to break a reader. Each must end, and
// with the error that it names.
func TestHostile(t *testing.T) {
	tests := []struct {
		name, file, text string
		want             error
	}{
		{"nested objects", "composer.lock", `{"packages":[` + strings.Repeat(`{"require":`, 10_000), lockfile.ErrTooDeep},
		{"a string for an object", "composer.json", `{"require":"none"}`, lockfile.ErrSyntax},
		{"not text", "composer.json", "{\"name\":\"\xff\"}", lockfile.ErrSyntax},
		{"truncated", "composer.lock", `{"packages":[{"name":"a/b"`, lockfile.ErrSyntax},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			manifests, failures := read(lockfile.NewTree(map[string][]byte{test.file: []byte(test.text)}), lockfile.NewRoom())
			if len(manifests) != 0 || len(failures) != 1 || !errors.Is(failures[0], test.want) {
				t.Errorf("%d manifests, failures %v, want %v", len(manifests), failures, test.want)
			}
		})
	}
}
