package lockfile

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"steward/internal/format/purl"

	"github.com/google/go-cmp/cmp"
)

func TestLines(t *testing.T) {
	lines := NewLines([]byte("ab\n\nc"))
	got := []int{}
	for i := range 7 {
		got = append(got, lines.At(i))
	}
	if diff := cmp.Diff([]int{1, 1, 1, 2, 3, 3, 3}, got); diff != "" {
		t.Errorf("lines of offsets 0 to 6 (-want +got):\n%s", diff)
	}
}

func TestText(t *testing.T) {
	tests := []struct {
		name, in, want string
		line           int
		err            error
	}{
		{name: "plain", in: "a\r\nb", want: "a\r\nb"},
		{name: "UTF-8 mark", in: "\xEF\xBB\xBFa", want: "a"},
		{name: "UTF-16 little", in: "\xFF\xFEa\x00\n\x00", want: "a\n"},
		{name: "UTF-16 big", in: "\xFE\xFF\x00a\x00\n", want: "a\n"},
		{name: "Latin-1", in: "a\nb\xE9", line: 2, err: ErrSyntax},
		{name: "merge", in: "a\n<<<<<<< HEAD\n", line: 2, err: ErrSyntax},
		{name: "large", in: strings.Repeat("a", MaxBytes+1), err: ErrTooLarge},
	}
	for _, test := range tests {
		got, err := Text([]byte(test.in))
		if string(got) != test.want || !errors.Is(err, test.err) || Fail("p", err).Line != test.line {
			t.Errorf("%s: %.20q, %v", test.name, got, err)
		}
	}
}

func TestCollector(t *testing.T) {
	a, b := purl.NPM("a", "1"), purl.NPM("b", "1")
	var c Collector
	ia := c.Add(Use{Package: a, Scope: Development, Line: 9})
	ib := c.Add(Use{Package: b, Scope: Production, Requirement: "^1", Direct: true, Line: 3})
	c.Add(Use{Package: purl.NPM("c", ""), Requirement: ">1", Scope: Test})
	c.Add(Use{Package: purl.NPM("c", ""), Requirement: ">2", Scope: Test})
	if again := c.Add(Use{Package: a, Scope: Optional, Line: 4}); again != ia {
		t.Errorf("second place of a is %d, want %d", again, ia)
	}
	c.Edge(ib, ia)
	c.Edge(ib, ia)
	c.Edge(ia, ib)
	c.Edge(ia, ia)
	c.Edge(-1, ia)
	c.DeclareByMember(ia, "~2", Production)
	c.Declare(ia, "~1", Development)
	c.DeclareByMember(ia, "~3", Production)
	c.DeclareByMember(c.Add(Use{Package: purl.NPM("d", "1"), Scope: Test}), "~4", Test)
	got, err := c.Uses()
	want := []Use{
		{Package: a, Scope: Production, Requirement: "~1", Direct: true, Line: 4, DependsOn: []int{ib}},
		{Package: b, Scope: Production, Requirement: "^1", Direct: true, Line: 3, DependsOn: []int{ia}},
		{Package: purl.NPM("c", ""), Requirement: ">1", Scope: Test},
		{Package: purl.NPM("c", ""), Requirement: ">2", Scope: Test},
		{Package: purl.NPM("d", "1"), Requirement: "~4", Scope: Test, ByMember: true},
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("uses (-want +got):\n%s, err %v", diff, err)
	}
}

func TestCollectorLimit(t *testing.T) {
	var c Collector
	for i := range MaxUses + 1 {
		c.Add(Use{Package: purl.PURL{Type: "npm", Name: string(rune('a' + i%26)), Version: strings.Repeat("1", i/26%100) + string(rune(i))}})
	}
	if _, err := c.Uses(); len(c.uses) != MaxUses || !errors.Is(err, ErrTooLarge) {
		t.Errorf("%d uses, err %v, want ErrTooLarge", len(c.uses), err)
	}
}

func TestTree(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, b []byte) {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("b/go.mod", []byte("module b"))
	write("a.txt", []byte("a"))
	write(".git/go.mod", []byte("module git"))
	write("big/go.mod", bytes.Repeat([]byte("a"), MaxBytes+1))
	outside := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(outside, []byte("s"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Dir(outside), filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	tree, err := OpenTree(os.DirFS(dir), func(p string) bool { return filepath.Base(p) == "go.mod" })
	if diff := cmp.Diff([]string{"b/go.mod", "big/go.mod"}, tree.Paths()); diff != "" || err != nil {
		t.Errorf("paths (-want +got):\n%s, err %v", diff, err)
	}
	reads := []struct {
		path, want string
		err        error
	}{
		{"b/go.mod", "module b", nil},
		{"a.txt", "a", nil},
		{"big/go.mod", "", ErrTooLarge},
		{"b", "", fs.ErrNotExist},
		{"link/secret", "", fs.ErrNotExist},
		{"../secret", "", fs.ErrNotExist},
		{"none", "", fs.ErrNotExist},
	}
	for _, read := range reads {
		if got, err := tree.ReadFile(read.path); string(got) != read.want || !errors.Is(err, read.err) {
			t.Errorf("read %s: %q, %v, want %q, %v", read.path, got, err, read.want, read.err)
		}
	}
	memory := NewTree(map[string][]byte{"x": []byte("1")})
	if got, err := memory.ReadFile("x"); string(got) != "1" || err != nil {
		t.Errorf("read x from memory: %q, %v", got, err)
	}
	if _, err := memory.ReadFile("y"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("read y from memory: %v", err)
	}
	sub, err := OpenTree(fstest.MapFS{"m/x": {Data: []byte("2")}}, func(string) bool { return true })
	if got, _ := sub.ReadFile("m/x"); string(got) != "2" || err != nil {
		t.Errorf("read m/x: %q, %v", got, err)
	}
}

func TestAddress(t *testing.T) {
	tests := [][2]string{
		{"https://github.com/a/b.git#v1", "https://github.com/a/b.git#v1"},
		{"git+https://user:token@example.org/a/b.git#abc", "git+https://example.org/a/b.git#abc"},
		{"https://token@example.org/a.tgz", "https://example.org/a.tgz"},
		{"https://u:pa/ss@example.org/a.tgz", "https://example.org/a.tgz"},
		{"https://example.org:8443/@scope/a.tgz", "https://example.org:8443/@scope/a.tgz"},
		{"git+ssh://git@github.com/a/b.git", "git+ssh://git@github.com/a/b.git"},
		{"git@github.com:a/b.git", "git@github.com:a/b.git"},
		{"me:secret@example.org:a/b.git", "example.org:a/b.git"},
		{"github:me:secret@a/b", "github:a/b"},
		{"link:@scope/name", "link:@scope/name"},
		{"../packages/@scope/name", "../packages/@scope/name"},
		{"https://example.org/a.tgz?token=x&branch=y", "https://example.org/a.tgz?branch=y"},
		{"https://example.org/a#subdirectory=s&access_token=t", "https://example.org/a#subdirectory=s"},
	}
	for _, test := range tests {
		if got := Address(test[0]); got != test[1] {
			t.Errorf("Address(%q) = %q, want %q", test[0], got, test[1])
		}
	}
}
