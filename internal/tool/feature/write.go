package main

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"go/format"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"text/template"
	"time"
)

//go:embed template
var templates embed.FS

// stranger is a name that nobody takes: rendered with it, the templates show which names they use.
const stranger = "zzstranger"

// wish is what somebody asked for.
type wish struct {
	word    string
	reads   []string
	because string
	now     time.Time
}

// writeFeature writes the folder and wires it, or nothing.
func writeFeature(root string, w wish, stdout io.Writer) error {
	if err := checkName(root, w.word); err != nil {
		return err
	}
	n := namesOf(w.word)
	if err := checkTaken(root, n); err != nil {
		return err
	}
	stamp, err := freeStamp(root, w.now)
	if err != nil {
		return err
	}
	if err := checkAgainstTemplates(n); err != nil {
		return err
	}
	files, err := render(n, stamp)
	if err != nil {
		return err
	}
	changed, err := wire(root, n, w)
	if err != nil {
		return err
	}
	folder := path.Join("internal/feature", n.Word)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if err := write(root, path.Join(folder, name), files[name]); err != nil {
			return errors.Join(err, os.RemoveAll(filepath.Join(root, folder)))
		}
		fmt.Fprintf(stdout, "wrote    %s\n", path.Join(folder, name))
	}
	for _, name := range slices.Sorted(maps.Keys(changed)) {
		if err := write(root, name, changed[name]); err != nil {
			return err
		}
		fmt.Fprintf(stdout, "changed  %s\n", name)
	}
	fmt.Fprintf(stdout, next, n.Word, n.Plural)
	return nil
}

const next = `
Next:
  1. go test ./internal/feature/%[1]s ./internal/arch     it passes as it is
  2. make run, and open /%[2]s; steward %[1]s lists the same
  3. Say in %[1]s.go what it keeps, change table, type and list to that, and move its place in mount.go to where it belongs.
  4. Drop what it does not need. To learn from repositories instead: doc/howto/add-an-analyser.md
`

// render makes the files of the folder, by name.
func render(n names, stamp string) (map[string][]byte, error) {
	files := map[string][]byte{}
	err := fs.WalkDir(templates, "template", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		t, err := template.New(path.Base(p)).Delims("[[", "]]").Option("missingkey=error").ParseFS(templates, p)
		if err != nil {
			return err
		}
		var out bytes.Buffer
		if err := t.Execute(&out, n); err != nil {
			return err
		}
		name := fileName(strings.TrimPrefix(p, "template/"), n, stamp)
		files[name] = out.Bytes()
		if strings.HasSuffix(name, ".go") {
			if files[name], err = format.Source(out.Bytes()); err != nil {
				return fmt.Errorf("format %s: %w", name, err)
			}
		}
		return nil
	})
	return files, err
}

// fileName is where a template goes: page templates keep their ending, which the hub looks for.
func fileName(p string, n names, stamp string) string {
	switch p {
	case "migration/create.sql.tmpl":
		return "migration/" + stamp + "_" + n.Word + "_create.sql"
	case "feature.go.tmpl":
		return n.Word + ".go"
	case "feature_test.go.tmpl":
		return n.Word + "_test.go"
	}
	if strings.HasPrefix(p, "page/") {
		return p
	}
	return strings.TrimSuffix(p, ".tmpl")
}

// checkAgainstTemplates refuses a word that the written code uses for something else.
func checkAgainstTemplates(n names) error {
	files, err := render(namesOf(stranger), "20000101000000")
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if !strings.HasSuffix(name, ".go") {
			continue
		}
		if err := checkShadow(n, "the code of a new feature ("+name+")", files[name]); err != nil {
			return err
		}
	}
	return nil
}

func write(root, name string, content []byte) error {
	file := filepath.Join(root, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, content, 0o644)
}
