package remote_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"steward/internal/feature/estate/remote"
	"steward/internal/feature/estate/source"
	"steward/internal/platform/fault"
	"steward/internal/platform/gitrepo"
	"steward/internal/platform/gitrepo/address"
)

func TestReachSaysWhyASourceCannotBeRead(t *testing.T) {
	dir := t.TempDir()
	full, empty := filepath.Join(dir, "full"), filepath.Join(dir, "empty")
	for _, p := range []string{filepath.Join(full, "below"), empty} {
		if err := os.MkdirAll(p, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		source source.Source
		kind   fault.Kind
		holds  string
	}{
		{source.Source{Kind: source.Folder, Address: full}, 0, ""},
		{source.Source{Kind: source.Folder, Address: empty}, fault.NotFound, "is empty"},
		{source.Source{Kind: source.Folder, Address: filepath.Join(dir, "gone")}, fault.NotFound, "not there any more"},
	} {
		err := remote.Reach(t.Context(), c.source, gitrepo.MirrorOptions{})
		if kind, _ := fault.KindOf(err); kind != c.kind || err != nil && !strings.Contains(fault.Sentence(err), c.holds) {
			t.Errorf("%s: %v", c.source.Address, err)
		}
	}
	for _, text := range []string{"https://127.0.0.1:9/a/b.git", "https://169.254.169.254/a/b.git", "ext::sh -c x"} {
		if err := remote.Reach(t.Context(), source.Source{Kind: source.URL, Address: text}, gitrepo.MirrorOptions{}); err == nil {
			t.Errorf("%s can be read", text)
		}
	}
}

func TestReachAsksARepositoryWithoutCopying(t *testing.T) {
	dir, scratch := t.TempDir(), t.TempDir()
	for _, args := range [][]string{{"init", "-q"}, {"-c", "user.name=A", "-c", "user.email=a@example.com", "commit", "-q", "--allow-empty", "-m", "first"}} {
		cmd := exec.Command("git", args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	options := gitrepo.MirrorOptions{Read: gitrepo.Config{Scratch: scratch}}
	if err := remote.Reach(t.Context(), source.Source{Kind: source.URL, Address: "file://" + dir}, options); err != nil {
		t.Error(err)
	}
	if left, err := os.ReadDir(scratch); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
	if err := remote.Reach(t.Context(), source.Source{Kind: source.URL, Address: "file://" + scratch}, options); err == nil {
		t.Error("an empty folder is a repository")
	}
}

func TestPlaceAndOptions(t *testing.T) {
	for text, want := range map[string]string{
		"https://Git.Example.com/a/b.git": "git.example.com:443", "ssh://git@example.com:2222/a/b": "example.com:2222", "git@example.com:a/b": "example.com:22", "https://[2001:db8::1]/a/b": "[2001:db8::1]:443",
	} {
		a, err := address.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := remote.Place(a); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
		options, err := remote.Options(a, gitrepo.MirrorOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if options.Resolve == nil {
			t.Errorf("%s: every place may be contacted", text)
			continue
		}
		if _, err := options.Resolve(t.Context(), "elsewhere.example.com", a.Port); err == nil {
			t.Errorf("%s: another host may be contacted", text)
		}
	}
}
