package nuget

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
		{"nested elements", "a.csproj", strings.Repeat("<Project>", 10_000), lockfile.ErrTooDeep},
		{"nested objects", "packages.lock.json", strings.Repeat(`{"dependencies":`, 10_000), lockfile.ErrTooDeep},
		{"many items", "a.csproj", "<Project><ItemGroup>" + strings.Repeat(`<PackageReference Include="a"/>`, lockfile.MaxUses+1) + "</ItemGroup></Project>", lockfile.ErrTooLarge},
		{"elements that cross", "packages.config", "<packages><package></packages></package>", lockfile.ErrSyntax},
		{"an entity", "a.csproj", `<!DOCTYPE p [<!ENTITY x "y">]><Project>&x;</Project>`, lockfile.ErrSyntax},
		{"not text", "packages.config", "<packages>\xff</packages>", lockfile.ErrSyntax},
		{"unfinished merge", "packages.lock.json", "{\n<<<<<<< HEAD\n}", lockfile.ErrSyntax},
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

// TestGrowth reads properties that double themselves; they stay unknown.
func TestGrowth(t *testing.T) {
	text := "<Project><PropertyGroup><A>aaaaaaaaaaaaaaaa</A>" + strings.Repeat("<A>$(A)$(A)</A>", 100) +
		`</PropertyGroup><ItemGroup><PackageReference Include="p" Version="$(A)"/></ItemGroup></Project>`
	manifests, failures := Reader().Read(lockfile.NewTree(map[string][]byte{"a.csproj": []byte(text)}))
	if len(failures) > 0 || len(manifests) != 1 || manifests[0].Uses[0].Requirement != "$(A)" {
		t.Errorf("%+v, failures %v", manifests, failures)
	}
}
