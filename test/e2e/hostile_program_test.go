package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// programHazards are repositories that would make git run a program or reach
// out. Whatever runs leaves a file in canaries.
func programHazards(canaries string) []hazard {
	return []hazard{
		{name: "configuration", state: "read", make: func(t *testing.T, dir string) {
			simple(t, dir)
			config(t, dir, canaries, "")
		}},
		{name: "attributes", state: "read", make: func(t *testing.T, dir string) {
			repository(t, dir, map[string]string{".gitattributes": "* filter=x diff=x merge=x\n", "README.md": "# Attributes\n\nWith drivers.\n", "package-lock.json": portalLock})
			put(t, dir, ".git/info/attributes", "* filter=x diff=x merge=x\n")
			config(t, dir, canaries, "")
		}},
		{name: "hooks", state: "read", make: func(t *testing.T, dir string) {
			simple(t, dir)
			for _, hook := range []string{"post-checkout", "reference-transaction", "post-index-change", "fsmonitor-watchman", "pre-auto-gc", "proc-receive", "update", "post-update", "pre-receive", "post-receive", "pre-commit", "post-merge"} {
				put(t, dir, ".git/hooks/"+hook, "#!/bin/sh\n: > '"+filepath.Join(canaries, "hook-"+hook)+"'\n")
				if err := os.Chmod(filepath.Join(dir, ".git/hooks", hook), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			config(t, dir, canaries, "[core]\n\thooksPath = .git/hooks\n")
		}},
		{name: "signed-commits", state: "read", make: func(t *testing.T, dir string) {
			simple(t, dir)
			raw := output(t, dir, "cat-file", "commit", "HEAD")
			put(t, dir, ".git/signed", strings.Replace(raw, "\n\n", "\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n iQ==\n -----END PGP SIGNATURE-----\n\n", 1)+"\n")
			git(t, dir, "update-ref", "HEAD", output(t, dir, "hash-object", "-t", "commit", "-w", ".git/signed"))
			config(t, dir, canaries, "")
		}},
		{name: "promisor-by-a-program", state: "read", says: []string{"content of 1 files"}, make: func(t *testing.T, dir string) {
			simple(t, dir)
			remove(t, dir, object(output(t, dir, "rev-parse", "HEAD:package-lock.json")))
			config(t, dir, canaries, "[extensions]\n\tpartialClone = origin\n")
		}},
		{name: "promisor-without-its-commit", state: "failed", says: []string{"missing"}, make: func(t *testing.T, dir string) {
			simple(t, dir)
			remove(t, dir, object(output(t, dir, "rev-parse", "HEAD")))
			config(t, dir, canaries, "[extensions]\n\tpartialClone = origin\n")
		}},
		{name: "bare-in-a-work-tree", state: "read", make: func(t *testing.T, dir string) {
			simple(t, dir)
			inner := filepath.Join(dir, "vendor", "inner.git")
			folder(t, inner)
			git(t, inner, "init", "-q", "--bare", "-b", "main")
			put(t, inner, "config", "[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tworktree = ..\n\tfsmonitor = "+trap(t, canaries, "inner")+"\n")
		}},
		{name: "grafts-and-replacements", state: "read", make: func(t *testing.T, dir string) {
			simple(t, dir)
			head := output(t, dir, "rev-parse", "HEAD")
			put(t, dir, ".git/info/grafts", head+" "+strings.Repeat("c", 40)+"\n")
			put(t, dir, ".git/refs/replace/"+head, strings.Repeat("d", 40)+"\n")
			put(t, dir, ".git/objects/info/commit-graph", "CGPH\x01\x01 not one\n")
			put(t, dir, ".git/objects/pack/multi-pack-index", "MIDX not one\n")
		}},
	}
}

// trap is a program that leaves a file in canaries.
func trap(t *testing.T, canaries, name string) string {
	t.Helper()
	path := filepath.Join(filepath.Dir(canaries), "trap-"+name)
	put(t, filepath.Dir(path), filepath.Base(path), fmt.Sprintf("#!/bin/sh\n: > '%s'\nexit 1\n", filepath.Join(canaries, name)))
	if err := os.Chmod(path, 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

// config writes every setting that we know to make git run a program, reach
// out or write (git-config(1)), and more.
func config(t *testing.T, dir, canaries, more string) {
	t.Helper()
	set := func(name string) string { return trap(t, canaries, name) }
	put(t, dir, ".git/more", "[core]\n\tfsmonitor = "+set("included")+"\n[diff]\n\texternal = "+set("included-diff")+"\n")
	put(t, dir, ".git/config", `[core]
	repositoryformatversion = 1
	bare = false
	fsmonitor = `+set("fsmonitor")+`
	sshCommand = `+set("ssh")+`
	pager = `+set("pager")+`
	editor = `+set("editor")+`
	alternateRefsCommand = `+set("alternate")+`
	gitProxy = `+set("proxy")+`
	askPass = `+set("askpass")+`
	attributesFile = more
[include]
	path = more
[includeIf "gitdir:**"]
	path = more
[gpg]
	program = `+set("gpg")+`
[gpg "ssh"]
	program = `+set("gpg-ssh")+`
[log]
	showSignature = true
[filter "x"]
	clean = `+set("clean")+`
	smudge = `+set("smudge")+`
	process = `+set("process")+`
	required = true
[diff]
	external = `+set("external")+`
[diff "x"]
	textconv = `+set("textconv")+`
	command = `+set("diff")+`
[merge "x"]
	driver = `+set("merge")+`
[credential]
	helper = !`+set("credential")+`
[uploadpack]
	packObjectsHook = `+set("packobjects")+`
[alias]
	log = !`+set("alias")+`
	cat-file = !`+set("alias-cat-file")+`
[pager]
	log = `+set("pager-log")+`
[protocol]
	allow = always
[protocol "ext"]
	allow = always
[trace2]
	eventTarget = `+filepath.Join(canaries, "trace")+`
[remote "origin"]
	url = "ext::`+set("ext")+` %S"
	promisor = true
	partialclonefilter = blob:none
	uploadpack = `+set("uploadpack")+`
[url "ext::`+set("instead")+`"]
	insteadOf = /
`+more)
}
