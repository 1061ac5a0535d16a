package npm

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"steward/internal/format/lockfile"
)

// TestHostile feeds files that are made to break a reader. Each must end, and
// with the error that it names.
func TestHostile(t *testing.T) {
	deepV1 := strings.Repeat(`{"dependencies":{"a":`, 10_000)
	flat := func(format string, n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	wide := flat(`"d%d":"1",`, 300_000)
	tests := []struct {
		name, file, text string
		want             error
	}{
		{"nested packages", "package-lock.json", deepV1, lockfile.ErrTooDeep},
		{"nested arrays", "package.json", `{"x":` + strings.Repeat("[", 10_000), lockfile.ErrTooDeep},
		{"nested YAML", "pnpm-lock.yaml", "lockfileVersion: 9\n" + deepYAML(1_000), lockfile.ErrTooDeep},
		{"nested flow", "pnpm-lock.yaml", "lockfileVersion: 9\na: " + strings.Repeat("[", 10_000), lockfile.ErrTooDeep},
		{"open flow", "pnpm-lock.yaml", "lockfileVersion: 9\na: {b\n" + strings.Repeat("c\n", 10_000), lockfile.ErrSyntax},
		{
			"a deep place with many needs", "package-lock.json",
			`{"packages":{"` + strings.Repeat("a/", 1000) + `a":{"dependencies":{` + wide + `"z":"1"}}}}`, lockfile.ErrTooLarge,
		},
		{"many packages", "yarn.lock", flat("a@%d:\n  version \"1.0.%[1]d\"\n", lockfile.MaxUses+1), lockfile.ErrTooLarge},
		{"too many places", "bun.lock", `{"packages":{` + flat(`"a%d":["a@1.0.0"],`, maxNodes+1) + `}}`, lockfile.ErrTooLarge},
		{"many declarations", "package.json", `{"dependencies":{` + wide + `"z":"1"}}`, lockfile.ErrTooLarge},
		{"tabs", "pnpm-lock.yaml", "lockfileVersion: 9\n\tpackages:\n", lockfile.ErrSyntax},
		{"not a lock", "yarn.lock", "<html>\n", lockfile.ErrSyntax},
		{"no version", "pnpm-lock.yaml", "a: b\n", lockfile.ErrSyntax},
		{"not text", "package-lock.json", "\xff\x00", lockfile.ErrSyntax},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			manifests, failures := Reader().Read(lockfile.NewTree(map[string][]byte{test.file: []byte(test.text)}))
			if len(manifests) != 0 || len(failures) != 1 || !errors.Is(failures[0], test.want) {
				t.Errorf("%d manifests, failures %v, want %v", len(manifests), failures, test.want)
			}
		})
	}
}

func deepYAML(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return b.String()
}

// TestMarks reads a lock with a byte order mark and Windows line ends.
func TestMarks(t *testing.T) {
	text := "\xEF\xBB\xBF# yarn lockfile v1\r\n\r\na@^1.0.0:\r\n  version \"1.0.0\"\r\n  dependencies:\r\n    b \"^2\"\r\n\r\nb@^2:\r\n  version \"2.0.0\"\r\n"
	manifests, failures := Reader().Read(lockfile.NewTree(map[string][]byte{"yarn.lock": []byte(text)}))
	if len(failures) > 0 || len(manifests) != 1 || len(manifests[0].Uses) != 2 || manifests[0].Uses[1].Line != 8 {
		t.Errorf("%+v, failures %v", manifests, failures)
	}
}
