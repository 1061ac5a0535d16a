package e2e

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// pathHazards are trees with names and entries that mislead.
func pathHazards() []hazard {
	return []hazard{
		{name: "odd-paths", state: "read", make: func(t *testing.T, dir string) {
			folders := []string{
				"new\nline", "quo\"te", "back\\slash", "tab\there", "bell\a\x1b[31mred", "not-utf8-\xff\xfe", "del\x7f", " leading", "trailing ",
				"<script>alert(1)</script>", "'; DROP TABLE repository; --", "--upload-pack=sh", "-rf", "$(touch x)", "`id`", "%s%n%x", "\xe2\x80\xaegnp.js", "..x", "ｗｉｄｅ",
				strings.Repeat("long-name/", 380) + "x", "con", "a:b", "*?[]",
			}
			odd(t, dir, folders, "package.json", `{"name": "x", "dependencies": {"left-pad": "^1.3.0"}}`)
		}},
		{name: "odd-names-of-code", state: "read", make: func(t *testing.T, dir string) {
			odd(t, dir, []string{"a\nb", "\xff\xfe", "\"q\"", "\x01\x02"}, "CODEOWNERS", "* @payments/core\n\xff\xfe @x\n")
		}},
		{name: "same-but-for-case", state: "read", make: func(t *testing.T, dir string) {
			odd(t, dir, []string{"A", "a", "Å", "A\u030a"}, "go.mod", "module example.com/x\n")
		}},
		{name: "committed-links", state: "read", says: []string{"symbolic links are not followed"}, make: func(t *testing.T, dir string) {
			links := map[string]string{
				"README.md": "/etc/passwd", "package-lock.json": "../../../../../../../../etc/passwd", "CODEOWNERS": "CODEOWNERS", "a": "b", "b": "a",
				"LICENSE": "/dev/zero", "root": "/", "catalog-info.yaml": "/proc/self/environ", ".gitattributes": "/etc/passwd", ".mailmap": "/etc/passwd", ".gitmodules": "/etc/passwd",
			}
			fastImport(t, dir, func(w io.Writer) {
				commitOf(w)
				for name, to := range links {
					fmt.Fprintf(w, "M 120000 inline %s\ndata %d\n%s\n", name, len(to), to)
				}
			})
		}},
		{name: "submodules", state: "read", says: []string{"submodules"}, make: func(t *testing.T, dir string) {
			modules := "[submodule \"../../x\"]\n\tpath = ../../etc\n\turl = ext::sh -c touch% /tmp/x\n\tupdate = !touch x\n[submodule \"-u\"]\n\tpath = --x\n\turl = -u./payload\n[submodule \"a\"]\n\tpath = lib\n\turl = https://me:hunter2@git.example.com/lib.git\n[broken\n"
			fastImport(t, dir, func(w io.Writer) {
				commitOf(w)
				fmt.Fprintf(w, "M 100644 inline .gitmodules\ndata %d\n%s\n", len(modules), modules)
				fmt.Fprintf(w, "M 160000 %s lib\nM 160000 %s third/party\n", strings.Repeat("1", 40), strings.Repeat("2", 40))
			})
		}},
		{name: "lfs-pointers", state: "read", says: []string{"package-lock.json", "pom.xml", "LICENSE", "kept in Git LFS"}, make: func(t *testing.T, dir string) {
			const pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n"
			repository(t, dir, map[string]string{
				".gitattributes": "*.json filter=lfs diff=lfs merge=lfs -text\n", "package-lock.json": pointer, "package.json": pointer, "README.md": pointer,
				"LICENSE": pointer, "pom.xml": pointer, "catalog-info.yaml": pointer, "go.mod": pointer, "image.png": pointer,
			})
		}},
	}
}

// odd commits one file in each folder, whatever the bytes of its name are.
func odd(t *testing.T, dir string, folders []string, file, content string) {
	t.Helper()
	fastImport(t, dir, func(w io.Writer) {
		fmt.Fprintf(w, "blob\nmark :1\ndata %d\n%s\n", len(content), content)
		commitOf(w)
		for _, folder := range folders {
			fmt.Fprintf(w, "M 100644 :1 %s\n", quoted(folder+"/"+file))
		}
	})
}

// quoted writes a path as git-fast-import(1) wants it, in C style.
func quoted(path string) string {
	var b strings.Builder
	for i := range len(path) {
		fmt.Fprintf(&b, `\%03o`, path[i])
	}
	return `"` + b.String() + `"`
}

// placeHazards are repositories that point to places outside of them. The
// secret repository is not below the folder that is read.
func placeHazards(t *testing.T) []hazard {
	t.Helper()
	secret := repository(t, filepath.Join(t.TempDir(), "secret"), map[string]string{"README.md": "# Secret\n\nhunter2\n", "main.go": "package main\n"})
	return []hazard{
		{name: "link-in-the-work-tree", state: "read", make: func(t *testing.T, dir string) {
			simple(t, dir)
			for name, to := range map[string]string{"self": ".", "up": "..", "loop": "loop", "outside": "/", "README.md": "/etc/passwd", "secret": secret} {
				_ = os.Remove(filepath.Join(dir, name))
				symlink(t, to, filepath.Join(dir, name))
			}
			if err := syscall.Mkfifo(filepath.Join(dir, "package.json"), 0o644); err != nil {
				t.Fatal(err)
			}
		}},
		{name: "gitdir-outside", state: "failed", says: []string{"outside", "give a folder"}, make: func(t *testing.T, dir string) {
			put(t, dir, ".git", "gitdir: "+filepath.Join(secret, ".git")+"\n")
		}},
		{name: "git-is-a-link", state: "failed", says: []string{"outside", "give a folder"}, make: func(t *testing.T, dir string) {
			folder(t, dir)
			symlink(t, filepath.Join(secret, ".git"), filepath.Join(dir, ".git"))
		}},
		{name: "git-is-a-loop", state: "failed", says: []string{"leads nowhere"}, make: func(t *testing.T, dir string) {
			folder(t, dir)
			symlink(t, ".git", filepath.Join(dir, ".git"))
		}},
		{name: "alternates-outside", state: "failed", says: []string{"outside of what was given", "git repack"}, make: func(t *testing.T, dir string) {
			folder(t, dir)
			git(t, dir, "init", "-q", "-b", "main")
			put(t, dir, ".git/objects/info/alternates", filepath.Join(secret, ".git/objects")+"\n")
			put(t, dir, ".git/refs/heads/main", output(t, secret, "rev-parse", "HEAD")+"\n")
		}},
		{name: "ref-is-a-link", state: "read", make: func(t *testing.T, dir string) {
			simple(t, dir)
			symlink(t, filepath.Join(secret, ".git/refs/heads/main"), filepath.Join(dir, ".git/refs/heads/stolen"))
			symlink(t, "/etc/passwd", filepath.Join(dir, ".git/refs/heads/passwd"))
		}},
		{name: "head-is-a-link-outside", state: "failed", says: []string{"HEAD"}, make: func(t *testing.T, dir string) {
			simple(t, dir)
			remove(t, dir, ".git/HEAD")
			symlink(t, "/etc/passwd", filepath.Join(dir, ".git/HEAD"))
		}},
		{name: "head-is-a-pipe", state: "failed", says: []string{"HEAD"}, make: func(t *testing.T, dir string) {
			simple(t, dir)
			remove(t, dir, ".git/HEAD")
			if err := syscall.Mkfifo(filepath.Join(dir, ".git/HEAD"), 0o644); err != nil {
				t.Fatal(err)
			}
		}},
		{name: "object-is-a-pipe", state: "failed", make: func(t *testing.T, dir string) {
			simple(t, dir)
			name := object(output(t, dir, "rev-parse", "HEAD"))
			remove(t, dir, name)
			if err := syscall.Mkfifo(filepath.Join(dir, name), 0o644); err != nil {
				t.Fatal(err)
			}
		}},
	}
}

func symlink(t *testing.T, to, name string) {
	t.Helper()
	if err := os.Symlink(to, name); err != nil {
		t.Fatal(err)
	}
}
