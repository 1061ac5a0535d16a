package gitrepo_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"steward/internal/platform/gitrepo"
)

// trapped makes a repository in which every way that we know to make git run a
// program leaves a file in canaries. One blob is missing, and a promisor remote
// offers to bring it.
func trapped(t *testing.T) (dir, canaries, head, missing string) {
	t.Helper()
	dir, canaries = newRepo(t), t.TempDir()
	trap := func(name string) string {
		path := filepath.Join(canaries, "..", "trap-"+name)
		script := fmt.Sprintf("#!/bin/sh\n: > '%s'\nexit 1\n", filepath.Join(canaries, name))
		if err := os.WriteFile(path, []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
		return path
	}
	commit(t, dir, "first", "a.txt", "one\n", "lost.txt", "lost\n", ".gitattributes", "* filter=x diff=x merge=x\n")
	missing = git(t, dir, "rev-parse", "HEAD:lost.txt")
	// A signature makes git start gpg.program under log.showSignature.
	raw := git(t, dir, "cat-file", "commit", "HEAD")
	signed := strings.Replace(raw, "\n\n", "\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n iQ==\n -----END PGP SIGNATURE-----\n\n", 1) + "\n"
	head = gitInput(t, dir, signed, "hash-object", "-t", "commit", "-w", "--stdin")
	git(t, dir, "update-ref", "HEAD", head)
	git(t, dir, "tag", "-m", "release", "v1")
	if err := os.Remove(filepath.Join(dir, ".git/objects", missing[:2], missing[2:])); err != nil {
		t.Fatal(err)
	}
	included := filepath.Join(dir, ".git", "more")
	write(t, included, fmt.Sprintf("[core]\n\tfsmonitor = %s\n[diff]\n\texternal = %s\n", trap("included"), trap("included")))
	write(t, filepath.Join(dir, ".git/info/attributes"), "* filter=x diff=x\n")
	for _, hook := range []string{"post-checkout", "reference-transaction", "post-index-change", "fsmonitor-watchman", "pre-auto-gc", "proc-receive", "update", "post-update", "pre-receive"} {
		write(t, filepath.Join(dir, ".git/hooks", hook), "#!/bin/sh\n: > '"+filepath.Join(canaries, "hook-"+hook)+"'\n")
		if err := os.Chmod(filepath.Join(dir, ".git/hooks", hook), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	config := `[core]
	repositoryformatversion = 1
	bare = false
	fsmonitor = ` + trap("fsmonitor") + `
	sshCommand = ` + trap("ssh") + `
	pager = ` + trap("pager") + `
	editor = ` + trap("editor") + `
	alternateRefsCommand = ` + trap("alternate") + `
	gitProxy = ` + trap("proxy") + `
	askPass = ` + trap("askpass") + `
[extensions]
	partialClone = origin
	worktreeConfig = true
[include]
	path = more
[includeIf "gitdir:**"]
	path = more
[gpg]
	program = ` + trap("gpg") + `
[log]
	showSignature = true
[filter "x"]
	clean = ` + trap("clean") + `
	smudge = ` + trap("smudge") + `
	process = ` + trap("process") + `
	required = true
[diff "x"]
	textconv = ` + trap("textconv") + `
	command = ` + trap("diff") + `
[credential]
	helper = !` + trap("credential") + `
[uploadpack]
	packObjectsHook = ` + trap("packobjects") + `
[safe]
	directory = *
[pager]
	log = ` + trap("pagerlog") + `
[alias]
	log = !` + trap("alias") + `
[protocol]
	allow = always
[trace2]
	eventTarget = ` + filepath.Join(canaries, "trace") + `
[remote "origin"]
	url = "ext::` + trap("ext") + ` %S"
	promisor = true
	partialclonefilter = blob:none
	uploadpack = ` + trap("uploadpack") + `
[url "ext::` + trap("instead") + `"]
	insteadOf = /
`
	write(t, filepath.Join(dir, ".git/config"), config)
	write(t, filepath.Join(dir, ".git/config.worktree"), "[gpg]\n\tprogram = "+trap("worktreeconfig")+"\n")
	return dir, canaries, head, missing
}

func sprung(t *testing.T, canaries string) []string {
	t.Helper()
	entries, err := os.ReadDir(canaries)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// TestTrapsAreSet shows that git itself walks into the traps; without it
// TestHostileConfiguration would prove nothing.
func TestTrapsAreSet(t *testing.T) {
	dir, canaries, head, missing := trapped(t)
	for _, args := range [][]string{
		{"log", "--raw", head},
		{"cat-file", "-p", missing},
		{"status"},
		{"fetch", "origin"},
		{"-c", "protocol.ext.allow=always", "fetch", "origin"},
	} {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		cmd := exec.CommandContext(ctx, "git", args...)
		cmd.Dir = dir
		cmd.Env = append(gitEnv(), "GIT_ALLOW_PROTOCOL=ext:file")
		_ = cmd.Run() // fails, as traps make it
	}
	got := strings.Join(sprung(t, canaries), " ")
	for _, want := range []string{"worktreeconfig", "ext", "included"} {
		if !strings.Contains(got, want) {
			t.Errorf("git left the trap %q alone; it found %s", want, got)
		}
	}
}

func TestHostileConfiguration(t *testing.T) {
	ctx := context.Background()
	dir, canaries, head, missing := trapped(t)
	r := open(t, dir)
	if !r.Partial() {
		t.Error("Partial = false")
	}
	if got, _, _ := r.Head(); got != "refs/heads/main" {
		t.Errorf("Head = %q", got)
	}
	entries, _, err := r.Tree(ctx, head)
	if err != nil || len(entries) != 3 {
		t.Fatalf("Tree = %v, %v", entries, err)
	}
	for _, e := range entries {
		if (e.Size == -1) != (e.Blob == missing) {
			t.Errorf("entry %+v: only the missing blob has size -1", e)
		}
	}
	b, err := r.Blobs(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if _, err := b.Read(missing, 100); !errors.Is(err, gitrepo.ErrMissing) {
		t.Errorf("Read(missing) = %v", err)
	}
	if data, err := b.Read(entries[1].Blob, 100); string(data) != "one\n" || err != nil {
		t.Errorf("Read after a missing blob = %q, %v", data, err)
	}
	if got := history(t, r, head); len(got) != 4 {
		t.Errorf("Log = %q", got)
	}
	if tags, err := r.Tags(ctx); err != nil || len(tags) != 1 {
		t.Errorf("Tags = %v, %v", tags, err)
	}
	if roots, err := r.RootCommits(ctx, head); err != nil || len(roots) != 1 {
		t.Errorf("RootCommits = %v, %v", roots, err)
	}
	if ok, err := r.IsAncestor(ctx, head, head); err != nil || !ok {
		t.Errorf("IsAncestor = %v, %v", ok, err)
	}
	if err := gitrepo.Discover(ctx, dir, func(gitrepo.Location) error { return nil }); err != nil {
		t.Error(err)
	}
	// The copy cannot be whole, but the attempt must be as harmless.
	if err := gitrepo.Mirror(ctx, dir, filepath.Join(t.TempDir(), "copy"), gitrepo.MirrorOptions{}); err == nil {
		t.Error("Mirror of a repository with a missing blob succeeded")
	}
	if got := sprung(t, canaries); len(got) > 0 {
		t.Errorf("these traps were sprung: %v", got)
	}
}
