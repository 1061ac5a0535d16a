package e2e

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// bigHazards are repositories with too much of something.
func bigHazards() []hazard {
	return []hazard{
		{name: "one-gigabyte-file", state: "read", says: []string{"LICENSE", "package-lock.json", "larger than Steward reads"}, make: func(t *testing.T, dir string) {
			fastImport(t, dir, func(w io.Writer) {
				fmt.Fprintf(w, "blob\nmark :1\ndata %d\n", 1<<30)
				zeros := make([]byte, 1<<20)
				for range 1 << 10 {
					_, _ = w.Write(zeros)
				}
				fmt.Fprintln(w)
				commitOf(w)
				for _, name := range []string{"README.md", "LICENSE", "CODEOWNERS", "catalog-info.yaml", "package-lock.json", "pom.xml", "main.go", "image.bin", ".gitmodules", ".mailmap", "OWNERS", "MAINTAINERS", "Dockerfile"} {
					fmt.Fprintf(w, "M 100644 :1 %s\n", name)
				}
			})
		}},
		{name: "200000-files", state: "read", make: func(t *testing.T, dir string) {
			fastImport(t, dir, func(w io.Writer) {
				fmt.Fprint(w, "blob\nmark :1\ndata 13\npackage main\n\n")
				commitOf(w)
				kinds := []string{"txt", "go", "png", "json", "dat", "html", "md", "h", "xml", "log"}
				for i := range 200_000 {
					fmt.Fprintf(w, "M 100644 :1 dir%03d/file%06d.%s\n", i%500, i, kinds[i%len(kinds)])
				}
			})
		}},
		{name: "20000-manifests", state: "read", make: func(t *testing.T, dir string) {
			fastImport(t, dir, func(w io.Writer) {
				const manifest = `{"name": "x", "dependencies": {"left-pad": "^1.3.0"}}`
				fmt.Fprintf(w, "blob\nmark :1\ndata %d\n%s\n", len(manifest), manifest)
				commitOf(w)
				for i := range 20_000 {
					fmt.Fprintf(w, "M 100644 :1 services/s%05d/package.json\n", i)
				}
			})
		}},
		{name: "2000-folders-deep", state: "read", make: func(t *testing.T, dir string) {
			fastImport(t, dir, func(w io.Writer) {
				fmt.Fprint(w, "blob\nmark :1\ndata 2\n{}\n")
				commitOf(w)
				fmt.Fprintf(w, "M 100644 :1 %spackage.json\n", strings.Repeat("d/", 2000))
			})
		}},
		{name: "path-over-the-limit", state: "read", says: []string{"longer than 4096 bytes: 1"}, make: func(t *testing.T, dir string) {
			fastImport(t, dir, func(w io.Writer) {
				fmt.Fprint(w, "blob\nmark :1\ndata 2\n{}\n")
				commitOf(w)
				fmt.Fprintf(w, "M 100644 :1 package.json\nM 100644 :1 %spackage.json\n", strings.Repeat("long-folder-name/", 1000))
			})
		}},
		{name: "20000-branches", state: "read", make: func(t *testing.T, dir string) {
			simple(t, dir)
			id := output(t, dir, "rev-parse", "HEAD")
			var refs strings.Builder
			for i := range 20_000 {
				fmt.Fprintf(&refs, "%s refs/heads/b%06d\n%s refs/tags/v%d.0\n", id, i, id, i)
			}
			put(t, dir, ".git/packed-refs", refs.String())
		}},
		{name: "message-of-64-megabytes", state: "read", make: func(t *testing.T, dir string) {
			fastImport(t, dir, func(w io.Writer) {
				fmt.Fprint(w, "blob\nmark :1\ndata 2\n{}\n")
				fmt.Fprintf(w, "commit refs/heads/main\ncommitter Sample Author <author@firm.example> 1700000000 +0000\ndata %d\n", 64<<20)
				_, _ = w.Write([]byte(strings.Repeat("a long story. \n", 64<<20/15+1)[:64<<20]))
				fmt.Fprintf(w, "\nM 100644 :1 package.json\n")
			})
		}},
		{name: "name-of-a-megabyte", state: "read", make: func(t *testing.T, dir string) {
			fastImport(t, dir, func(w io.Writer) {
				fmt.Fprint(w, "blob\nmark :1\ndata 2\n{}\n")
				fmt.Fprintf(w, "commit refs/heads/main\ncommitter %s <%s@firm.example> 1700000000 +0000\ndata 2\nhi\nM 100644 :1 package.json\n", strings.Repeat("N", 1<<20), strings.Repeat("e", 1<<20))
			})
		}},
	}
}

// commitOf begins a commit in a fast-import stream; its files follow.
func commitOf(w io.Writer) {
	fmt.Fprint(w, "commit refs/heads/main\ncommitter Sample Author <author@firm.example> 1700000000 +0000\ndata 5\nfirst\n")
}

// fastImport makes a bare repository from a stream (git-fast-import(1)): files
// that no work tree could hold, and many of them in little time.
func fastImport(t *testing.T, dir string, write func(io.Writer)) {
	t.Helper()
	folder(t, dir)
	git(t, dir, "init", "-q", "--bare", "-b", "main")
	cmd := exec.Command("git", "-c", "core.compression=1", "-c", "core.bigFileThreshold=1m", "-c", "fastimport.unpackLimit=0", "fast-import", "--quiet", "--done")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1")
	var said strings.Builder
	cmd.Stderr = &said
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriterSize(in, 1<<20)
	write(w)
	fmt.Fprint(w, "done\n")
	_ = w.Flush()
	_ = in.Close()
	if err := cmd.Wait(); err != nil {
		t.Fatalf("git fast-import into %s: %v\n%.1000s", dir, err, said.String())
	}
}
