package manifest_test

import (
	"context"
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"steward/internal/format/manifest"
)

// brittle is a tree in which one file brings its reader down.
type brittle map[string]string

func (b brittle) Paths() []string { return []string{"Gemfile.lock", "go.mod"} }

func (b brittle) ReadFile(path string) ([]byte, error) {
	text, ok := b[path]
	switch {
	case !ok:
		return nil, fs.ErrNotExist
	case text == "panic":
		panic("index out of range")
	}
	return []byte(text), nil
}

func TestAReaderThatPanicsStopsNoOther(t *testing.T) {
	manifests, failures := manifest.Read(context.Background(), brittle{"go.mod": "panic", "Gemfile.lock": "GEM\n  remote: https://rubygems.org/\n  specs:\n    rake (13.0.6)\n\nDEPENDENCIES\n  rake\n"})
	read := []string{}
	for _, m := range manifests {
		read = append(read, m.Path)
	}
	if diff := cmp.Diff([]string{"Gemfile.lock"}, read); diff != "" {
		t.Errorf("read, want -, got +:\n%s", diff)
	}
	if len(failures) != 1 || failures[0].Path != "" || !strings.Contains(failures[0].Err.Error(), "index out of range") {
		t.Errorf("failures: %v", failures)
	}
}
