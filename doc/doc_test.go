// Package doc_test holds the documentation to what is there.
package doc_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const root = ".."

// pages are all documents, by path from the root.
func pages(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	add := func(p string) {
		b, err := os.ReadFile(filepath.Join(root, p))
		if err != nil {
			t.Fatal(err)
		}
		all[p] = string(b)
	}
	add("README.md")
	add("CHANGELOG.md")
	err := filepath.WalkDir(".", func(p string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(p, ".md") {
			add(filepath.Join("doc", p))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 10 {
		t.Fatalf("%d documents only: the test looks in the wrong place", len(all))
	}
	return all
}

var (
	link    = regexp.MustCompile(`\]\(([^)#\s]*)(#[^)\s]*)?\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.+)$`)
	fence   = regexp.MustCompile("(?ms)^```[a-z]+ (internal/\\S+)\n(.*?)^```$")
)

// TestLinks follows each link inside the repository, and to headings of the same document.
func TestLinks(t *testing.T) {
	for name, text := range pages(t) {
		anchors := map[string]bool{}
		for _, h := range heading.FindAllStringSubmatch(text, -1) {
			anchors["#"+anchor(h[1])] = true
		}
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			switch {
			case strings.Contains(m[1], "://"):
			case m[1] == "" && !anchors[m[2]]:
				t.Errorf("%s: there is no heading %s", name, m[2])
			case m[1] != "":
				if _, err := os.Stat(filepath.Join(root, filepath.Dir(name), m[1])); err != nil {
					t.Errorf("%s links to %s, which is not there", name, m[1])
				}
			}
		}
	}
}

// anchor is the name that hosts of code give a heading.
func anchor(heading string) string {
	heading = strings.Map(func(r rune) rune {
		if strings.ContainsRune("`.,:;?!'’()*/", r) {
			return -1
		}
		return r
	}, strings.ToLower(heading))
	return strings.ReplaceAll(heading, " ", "-")
}

// TestQuotedCode finds each line of a block that names its file in that file.
func TestQuotedCode(t *testing.T) {
	quoted := 0
	for name, text := range pages(t) {
		for _, m := range fence.FindAllStringSubmatch(text, -1) {
			b, err := os.ReadFile(filepath.Join(root, m[1]))
			if err != nil {
				t.Errorf("%s quotes %s: %v", name, m[1], err)
				continue
			}
			source := "\n" + string(b)
			for line := range strings.Lines(m[2]) {
				if line = strings.TrimSuffix(line, "\n"); line != "" && !strings.Contains(source, "\n"+line+"\n") {
					t.Errorf("%s quotes a line that %s no longer has:\n%s", name, m[1], line)
				}
				quoted++
			}
		}
	}
	if quoted == 0 {
		t.Error("no code is quoted: the test looks in the wrong place")
	}
}
