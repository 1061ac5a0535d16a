package gitrepo_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"steward/internal/platform/gitrepo"
)

func TestRefsAndFingerprint(t *testing.T) {
	dir := newRepo(t)
	empty := open(t, dir)
	if ref, commit, ok := empty.Head(); ref != "refs/heads/main" || commit != "" || ok {
		t.Errorf("Head of an empty repository = %q, %q, %v", ref, commit, ok)
	}
	if _, err := empty.DefaultBranch(); !errors.Is(err, gitrepo.ErrNoHead) {
		t.Errorf("DefaultBranch of an empty repository = %v", err)
	}
	one := commit(t, dir, "one", "a", "1")
	git(t, dir, "tag", "-m", "release", "v1")
	git(t, dir, "branch", "feature/x")
	git(t, dir, "update-ref", "refs/remotes/origin/main", one)
	git(t, dir, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
	tag := git(t, dir, "rev-parse", "v1")
	loose := open(t, dir)
	want := []gitrepo.Ref{
		{Name: "refs/heads/feature/x", Object: one},
		{Name: "refs/heads/main", Object: one},
		{Name: "refs/remotes/origin/HEAD", Object: one, Target: "refs/remotes/origin/main"},
		{Name: "refs/remotes/origin/main", Object: one},
		{Name: "refs/tags/v1", Object: tag},
	}
	if diff := cmp.Diff(want, loose.Refs()); diff != "" {
		t.Errorf("loose refs (-want +got):\n%s", diff)
	}
	git(t, dir, "pack-refs", "--all")
	packed := open(t, dir)
	want[4].Peeled = one
	if diff := cmp.Diff(want, packed.Refs()); diff != "" {
		t.Errorf("packed refs (-want +got):\n%s", diff)
	}
	if loose.Fingerprint() != packed.Fingerprint() {
		t.Error("packing the refs changed the fingerprint")
	}
	two := commit(t, dir, "two", "a", "2")
	moved := open(t, dir)
	if ref, _ := moved.Ref("refs/heads/main"); ref.Object != two {
		t.Errorf("a loose ref does not hide the packed one: %+v", ref)
	}
	if moved.Fingerprint() == packed.Fingerprint() {
		t.Error("a commit left the fingerprint as it was")
	}
	git(t, dir, "checkout", "-q", "feature/x")
	if open(t, dir).Fingerprint() == moved.Fingerprint() {
		t.Error("another HEAD left the fingerprint as it was")
	}
}

func TestDamagedRefs(t *testing.T) {
	dir := newRepo(t)
	one := commit(t, dir, "one", "a", "1")
	for name, content := range map[string]string{
		"refs/heads/short": "abc\n", "refs/heads/empty": "", "refs/heads/up": "ref: ../../etc/passwd\n",
		"refs/heads/loop": "ref: refs/heads/loop\n", "refs/heads/dangling": "ref: refs/heads/none\n",
		"refs/heads/x.lock": one, "refs/heads/long": strings.Repeat("a", 10_000),
		"packed-refs": "# pack-refs with: peeled\nnonsense\n" + one + " refs/heads/../../x\n" + one + " refs/heads/good\n^bad\n" + one,
	} {
		write(t, filepath.Join(dir, ".git", name), content)
	}
	r := open(t, dir)
	want := map[string]string{"refs/heads/main": one, "refs/heads/good": one, "refs/heads/loop": "", "refs/heads/dangling": ""}
	if diff := cmp.Diff(want, refNames(r)); diff != "" {
		t.Errorf("refs (-want +got):\n%s", diff)
	}
	if got := len(r.Problems()); got != 5 {
		t.Errorf("%d problems: %v", got, r.Problems())
	}
	if _, err := gitrepo.Open(context.Background(), dir, gitrepo.Config{Limits: gitrepo.Limits{Refs: 2}}); !errors.Is(err, gitrepo.ErrTooLarge) {
		t.Errorf("Open with more refs than allowed = %v", err)
	}
	many := strings.Repeat(one+" refs/tags/same\n^"+one+"\n", 102) // counted before any is kept
	write(t, filepath.Join(dir, ".git/packed-refs"), many)
	for refs, want := range map[int]error{110: nil, 1: gitrepo.ErrTooLarge} {
		if _, err := gitrepo.Open(context.Background(), dir, gitrepo.Config{Limits: gitrepo.Limits{Refs: refs}}); !errors.Is(err, want) {
			t.Errorf("Open of %d lines with %d refs allowed = %v", 102, refs, err)
		}
	}
	write(t, filepath.Join(dir, ".git/HEAD"), "nonsense")
	if _, err := gitrepo.Open(context.Background(), dir, gitrepo.Config{}); !errors.Is(err, gitrepo.ErrCorrupt) {
		t.Errorf("Open with a damaged HEAD = %v", err)
	}
	for _, ext := range []string{"refStorage = reftable", "objectFormat = md5"} {
		other := newRepo(t)
		write(t, filepath.Join(other, ".git/config"), "[extensions]\n"+ext+"\n")
		if _, err := gitrepo.Open(context.Background(), other, gitrepo.Config{}); !errors.Is(err, gitrepo.ErrUnsupported) {
			t.Errorf("Open with %s = %v", ext, err)
		}
	}
}

func TestDefaultBranch(t *testing.T) {
	for _, c := range []struct {
		name  string
		setup []string // git commands
		want  string   // name and ref
	}{
		{"checked out", nil, "main refs/heads/main"},
		{"on a feature branch", []string{"checkout -q -b feature"}, "main refs/heads/main"},
		{"master", []string{"branch -m master"}, "master refs/heads/master"},
		{"odd and only", []string{"branch -m odd"}, "odd refs/heads/odd"},
		{"odd of two", []string{"branch -m odd", "branch other"}, "odd refs/heads/odd"},
		{"detached", []string{"checkout -q --detach", "branch -D main"}, " HEAD"},
		{"origin says", []string{"update-ref refs/remotes/origin/dev HEAD", "symbolic-ref refs/remotes/origin/HEAD refs/remotes/origin/dev"}, "dev refs/remotes/origin/dev"},
		{"stale local", []string{"update-ref refs/remotes/origin/main HEAD", "checkout -q -b x"}, "main refs/remotes/origin/main"},
		{"local checked out", []string{"update-ref refs/remotes/origin/main HEAD"}, "main refs/heads/main"},
		{"origin names nothing", []string{"symbolic-ref refs/remotes/origin/HEAD refs/remotes/origin/gone"}, "main refs/heads/main"},
		{"configured", []string{"branch release", "config init.defaultBranch release"}, "release refs/heads/release"},
	} {
		dir := newRepo(t)
		id := commit(t, dir, "one", "a", "1")
		for _, args := range c.setup {
			git(t, dir, strings.Fields(args)...)
		}
		b, err := open(t, dir).DefaultBranch()
		if got := b.Name + " " + b.Ref; got != c.want || b.Commit != id || err != nil {
			t.Errorf("%s: DefaultBranch = %q at %s, %v; want %q", c.name, got, b.Commit, err, c.want)
		}
	}
}

func TestShallowTagsAncestry(t *testing.T) {
	ctx := context.Background()
	dir := newRepo(t)
	one := commit(t, dir, "one", "a", "1")
	two := commit(t, dir, "two", "a", "2")
	git(t, dir, "tag", "-m", "first release\n\nmore", "v1", one)
	git(t, dir, "tag", "-m", "of a tag", "v1-again", "v1")
	git(t, dir, "tag", "light", two)
	git(t, dir, "tag", "tree", two+"^{tree}")
	git(t, dir, "update-ref", "refs/tags/gone", two)
	write(t, filepath.Join(dir, ".git/refs/tags/gone"), strings.Repeat("1", 40)+"\n")
	git(t, dir, "checkout", "-q", "--orphan", "other")
	other := commit(t, dir, "other root", "b", "1")
	r := open(t, dir)
	tags, err := r.Tags(ctx)
	want := []gitrepo.Tag{
		{Name: "light", Commit: two, Time: 1700000060e6, OffsetMin: -150},
		{Name: "v1", Commit: one, Annotated: true, Tagger: "Carl", Email: "carl@example.org", Time: 1700000060e6, OffsetMin: -150, Subject: "first release"},
		{Name: "v1-again", Commit: one, Annotated: true, Tagger: "Carl", Email: "carl@example.org", Time: 1700000060e6, OffsetMin: -150, Subject: "of a tag"},
	}
	if diff := cmp.Diff(want, tags); diff != "" || err != nil {
		t.Errorf("Tags, %v (-want +got):\n%s", err, diff)
	}
	if len(r.Problems()) != 1 {
		t.Errorf("Problems = %v; want the tag whose object is gone", r.Problems())
	}
	for _, c := range []struct {
		a, b string
		want bool
	}{{one, two, true}, {two, one, false}, {one, one, true}, {other, two, false}} {
		if got, err := r.IsAncestor(ctx, c.a, c.b); got != c.want || err != nil {
			t.Errorf("IsAncestor(%s, %s) = %v, %v", c.a, c.b, got, err)
		}
	}
	if _, err := r.IsAncestor(ctx, one, strings.Repeat("1", 40)); !errors.Is(err, gitrepo.ErrMissing) {
		t.Errorf("IsAncestor of a missing commit = %v", err)
	}
	if roots, err := r.RootCommits(ctx, two); err != nil || len(roots) != 1 || roots[0] != one {
		t.Errorf("RootCommits = %v, %v", roots, err)
	}
	cut := filepath.Join(t.TempDir(), "cut")
	git(t, dir, "-c", "protocol.file.allow=always", "clone", "-q", "--depth", "1", "-b", "main", "file://"+dir, cut)
	shallow := open(t, cut)
	if !shallow.Shallow() || r.Shallow() {
		t.Error("Shallow is wrong")
	}
	if got := history(t, shallow, two); len(got) != 2 {
		t.Errorf("Log of a shallow clone = %q", got)
	}
	if roots, err := shallow.RootCommits(ctx, two); err != nil || len(roots) != 0 {
		t.Errorf("RootCommits of a shallow clone = %v, %v", roots, err)
	}
	if err := os.Remove(filepath.Join(cut, ".git/shallow")); err != nil {
		t.Fatal(err)
	}
	if err := open(t, cut).Log(ctx, two, nil, func(*gitrepo.Commit) error { return nil }); !errors.Is(err, gitrepo.ErrMissing) {
		t.Errorf("Log of a cut history that does not say so = %v", err)
	}
}
