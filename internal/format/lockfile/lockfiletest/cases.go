// Package lockfiletest runs a reader of manifests over cases: each a txtar
// file with a small tree and, in its last section "want", everything that the
// reader must say about it.
package lockfiletest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"steward/internal/format/lockfile"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

// Cases reads testdata/*.txtar with r and compares; with update it writes what
// the reader says into the files instead, for a person to check.
func Cases(t *testing.T, r lockfile.Reader, update bool) {
	t.Helper()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases in testdata: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			tree, want := map[string][]byte{}, ""
			var inputs []txtar.File
			for _, f := range archive.Files {
				if f.Name == "want" {
					want = string(f.Data)
					continue
				}
				inputs = append(inputs, f)
				if r.Wants(f.Name) {
					tree[f.Name] = f.Data
				}
			}
			got := Render(r.Read(lockfile.NewTree(tree)))
			if update {
				archive.Files = append(inputs, txtar.File{Name: "want", Data: []byte(got)})
				if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// Render writes every field of manifests and failures as lines of text. Empty
// fields are left out, dependencies are named by their place in the list.
func Render(manifests []lockfile.Manifest, failures []lockfile.Failure) string {
	var b strings.Builder
	for _, m := range manifests {
		fmt.Fprintf(&b, "%s: %s, %s", m.Path, m.Format, m.Ecosystem)
		flag(&b, m.Lock, "lock")
		flag(&b, m.HasEdges, "edges")
		field(&b, "project", m.Project.String())
		field(&b, "licence", m.ProjectLicence)
		field(&b, "covers", strings.Join(m.Covers, " "))
		field(&b, "resolved by", m.ResolvedBy)
		b.WriteByte('\n')
		for i, u := range m.Uses {
			fmt.Fprintf(&b, "\t%d %s line %d %s", i, u.Package, u.Line, u.Scope)
			flag(&b, u.Direct, "direct")
			flag(&b, u.ByMember, "by member")
			field(&b, "range", u.Requirement)
			field(&b, "alias", u.Alias)
			field(&b, "origin", string(u.Origin))
			field(&b, "from", u.From)
			if len(u.DependsOn) > 0 {
				fmt.Fprintf(&b, " needs %v", u.DependsOn)
			}
			b.WriteByte('\n')
		}
		if m.Unresolved != "" {
			fmt.Fprintf(&b, "\tunresolved: %s\n", m.Unresolved)
		}
		for _, n := range m.Notes {
			fmt.Fprintf(&b, "\tnote line %d: %s\n", n.Line, n.Reason)
		}
	}
	for _, f := range failures {
		fmt.Fprintf(&b, "failure %v\n", f)
	}
	return b.String()
}

func flag(b *strings.Builder, set bool, name string) {
	if set {
		b.WriteString(" " + name)
	}
}

func field(b *strings.Builder, name, value string) {
	if value != "" {
		fmt.Fprintf(b, " %s=%q", name, value)
	}
}

// Seeds adds the inputs of testdata/*.txtar to a fuzz target that takes a path
// and its bytes.
func Seeds(f *testing.F) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		f.Fatalf("no cases in testdata: %v", err)
	}
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for _, in := range archive.Files {
			if in.Name != "want" {
				f.Add(filepath.Base(in.Name), in.Data)
			}
		}
	}
}

// Check reports what no reading may say, whatever the input: edges out of
// range, unsorted or to itself, and uses without a scope or of another type.
func Check(t *testing.T, manifests []lockfile.Manifest) {
	t.Helper()
	for _, m := range manifests {
		for i, u := range m.Uses {
			if u.Scope == "" || u.Package.Type != m.Ecosystem {
				t.Errorf("%s: use %d is of type %q in scope %q", m.Path, i, u.Package.Type, u.Scope)
			}
			for k, to := range u.DependsOn {
				if to < 0 || to >= len(m.Uses) || to == i || k > 0 && to <= u.DependsOn[k-1] {
					t.Errorf("%s: use %d depends on %v", m.Path, i, u.DependsOn)
					break
				}
			}
		}
	}
}
