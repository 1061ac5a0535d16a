package gitrepo_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"steward/internal/platform/gitrepo"
)

func TestTreeBlobsLog(t *testing.T) {
	for _, format := range []string{"sha1", "sha256"} {
		t.Run(format, func(t *testing.T) {
			dir := t.TempDir()
			git(t, dir, "init", "-q", "-b", "main", "--object-format="+format)
			first := commit(t, dir, "first\n\nbody", "a.txt", "one\n", "d/ü\n\"x\"", "two")
			second := commit(t, dir, "second", "a.txt", "three\n")
			r := open(t, dir)

			ref, head, ok := r.Head()
			if ref != "refs/heads/main" || head != second || !ok {
				t.Fatalf("Head = %q, %q, %v; want main at %s", ref, head, ok, second)
			}
			entries, _, err := r.Tree(context.Background(), second)
			if err != nil {
				t.Fatal(err)
			}
			three, two := git(t, dir, "rev-parse", "HEAD:a.txt"), git(t, dir, "rev-parse", "HEAD:d/ü\n\"x\"")
			one := git(t, dir, "rev-parse", first+":a.txt")
			want := []gitrepo.Entry{
				{Path: "a.txt", Blob: three, Size: 6, Mode: gitrepo.ModeFile},
				{Path: "d/ü\n\"x\"", Blob: two, Size: 3, Mode: gitrepo.ModeFile},
			}
			if diff := cmp.Diff(want, entries); diff != "" {
				t.Errorf("Tree (-want +got):\n%s", diff)
			}

			b, err := r.Blobs(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			defer b.Close()
			for _, c := range []struct {
				id    string
				limit int64
				want  string
				err   error
			}{
				{three, 100, "three\n", nil},
				{three, 6, "three\n", nil},
				{three, 5, "", gitrepo.ErrTooLarge},
				{two, 100, "two", nil},
				{strings.Repeat("ab", len(two)/2), 100, "", gitrepo.ErrMissing},
				{second, 1000, "", gitrepo.ErrNotBlob},
				{"HEAD", 1000, "", gitrepo.ErrMissing},
				{"--help", 1000, "", gitrepo.ErrMissing},
				{one, 100, "one\n", nil},
			} {
				data, err := b.Read(c.id, c.limit)
				if string(data) != c.want || !errors.Is(err, c.err) {
					t.Errorf("Read(%s, %d) = %q, %v; want %q, %v", c.id, c.limit, data, err, c.want, c.err)
				}
			}

			got := history(t, r, second)
			wantLog := []string{
				second + " < " + first + " | Ada <ada@example.org> 1700000000000000 60 | Carl <carl@example.org> 1700000060000000 -150 | second\n",
				"  M 100644 100644 " + one + " " + three + " a.txt",
				first + " < | Ada <ada@example.org> 1700000000000000 60 | Carl <carl@example.org> 1700000060000000 -150 | first\n\nbody\n",
				"  A 0 100644  " + one + " a.txt",
				"  A 0 100644  " + two + " d/ü\n\"x\"",
			}
			if diff := cmp.Diff(wantLog, got); diff != "" {
				t.Errorf("Log (-want +got):\n%s", diff)
			}
			if got := history(t, r, second, first); len(got) != 2 {
				t.Errorf("Log without %s = %q", first, got)
			}
		})
	}
}

// history writes a log down, one line for a commit and one for a change.
func history(t testing.TB, r *gitrepo.Repo, from string, exclude ...string) []string {
	t.Helper()
	var lines []string
	err := r.Log(context.Background(), from, exclude, func(c *gitrepo.Commit) error {
		lines = append(lines, describe(c)...)
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	return lines
}

func describe(c *gitrepo.Commit) []string {
	sig := func(s gitrepo.Signature) string {
		return fmt.Sprintf("%s <%s> %d %d", s.Name, s.Email, s.Time, s.OffsetMin)
	}
	parents := ""
	c.EachParent(func(id []byte) { parents += string(id) + " " })
	lines := []string{fmt.Sprintf("%s < %s| %s | %s | %s", c.ID, parents, sig(c.Author), sig(c.Committer), c.Message)}
	for _, ch := range c.Changes {
		lines = append(lines, fmt.Sprintf("  %c %o %o %s %s %s", ch.Status, ch.OldMode, ch.NewMode, ch.OldBlob, ch.NewBlob, ch.Path))
	}
	return lines
}
