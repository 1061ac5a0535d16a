//go:build unix

package gitrepo_test

import (
	"context"
	"fmt"
	"math"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"steward/internal/platform/gitrepo"
)

// benchRepo is the repository that STEWARD_BENCH_REPO names, or one of 12,000
// commits made for the purpose.
func benchRepo(b *testing.B) string {
	if path := os.Getenv("STEWARD_BENCH_REPO"); path != "" {
		return path
	}
	dir := newRepo(b)
	gitInput(b, dir, synthetic(12_000, 400), "fast-import", "--quiet")
	return dir
}

// synthetic is a fast-import stream of commits that change five of the files
// in a tree of 40 directories each.
func synthetic(commits, files int) string {
	var s strings.Builder
	for i := range commits {
		msg := fmt.Sprintf("change %d\n\nCo-authored-by: Person %d <p%d@example.org>\n", i, i%97, i%97)
		fmt.Fprintf(&s, "commit refs/heads/main\nauthor Person %d <p%d@example.org> %d +0100\ncommitter Bot <bot@example.org> %d +0000\ndata %d\n%s",
			i%53, i%53, 1600000000+i*600, 1600000000+i*600, len(msg), msg)
		for j := range 5 {
			n := (i*31 + j*j*77) % files
			body := fmt.Sprintf("%d\n", i)
			fmt.Fprintf(&s, "M 100644 inline module/%d/source/main/file-%d.go\ndata %d\n%s\n", n%40, n, len(body), body)
		}
	}
	return s.String()
}

func cpu(b *testing.B) float64 {
	var total float64
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var u syscall.Rusage
		if err := syscall.Getrusage(who, &u); err != nil {
			b.Fatal(err)
		}
		total += float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
	}
	return total
}

// BenchmarkLog compares the processor time of Log, git's and ours together,
// with that of git alone writing to nowhere. The least of all rounds counts,
// because the machine is shared.
func BenchmarkLog(b *testing.B) {
	path := benchRepo(b)
	r, err := gitrepo.Open(context.Background(), path, gitrepo.Config{Scratch: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	defer r.Close()
	_, head, _ := r.Head()
	alone, ours := math.Inf(1), math.Inf(1)
	commits, changes := 0, 0
	for b.Loop() {
		t0 := cpu(b)
		cmd := exec.Command("git", "log", "--raw", "-z", "--no-renames", "--no-abbrev", head)
		cmd.Env = append(gitEnv(), "GIT_DIR="+r.CommonDir())
		if err := cmd.Run(); err != nil {
			b.Fatal(err)
		}
		t1 := cpu(b)
		commits, changes = 0, 0
		if err := r.Log(context.Background(), head, nil, func(c *gitrepo.Commit) error {
			commits++
			changes += len(c.Changes)
			return nil
		}); err != nil {
			b.Fatal(err)
		}
		alone, ours = min(alone, t1-t0), min(ours, cpu(b)-t1)
	}
	b.ReportMetric(float64(commits), "commits")
	b.ReportMetric(float64(changes), "changes")
	b.ReportMetric(alone, "git-cpu-s")
	b.ReportMetric(ours, "cpu-s")
	b.ReportMetric(ours/alone, "ratio")
}

// BenchmarkFingerprint opens a repository with 100 loose and 1,000 packed refs
// and takes its fingerprint.
func BenchmarkFingerprint(b *testing.B) {
	dir := newRepo(b)
	id := commit(b, dir, "one", "a", "1")
	var refs strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&refs, "create refs/tags/v%d %s\n", i, id)
	}
	gitInput(b, dir, refs.String(), "update-ref", "--stdin")
	git(b, dir, "pack-refs", "--all")
	for i := range 100 {
		write(b, fmt.Sprintf("%s/.git/refs/heads/b%d", dir, i), id+"\n")
	}
	for b.Loop() {
		r, err := gitrepo.Open(context.Background(), dir, gitrepo.Config{})
		if err != nil {
			b.Fatal(err)
		}
		r.Fingerprint()
	}
}

// BenchmarkTree lists 200,000 files.
func BenchmarkTree(b *testing.B) {
	r, head, _ := wide(b)
	for b.Loop() {
		if entries, _, err := r.Tree(context.Background(), head); err != nil || len(entries) != 200_000 {
			b.Fatal(len(entries), err)
		}
	}
}

// BenchmarkBlobs reads 1,000 small files one after the other.
func BenchmarkBlobs(b *testing.B) {
	r, _, entries := wide(b)
	blobs, err := r.Blobs(context.Background())
	if err != nil {
		b.Fatal(err)
	}
	defer blobs.Close()
	for b.Loop() {
		for _, e := range entries[:1000] {
			if _, err := blobs.Read(e.Blob, 1<<20); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// wide is a repository of one commit with 200,000 files.
func wide(b *testing.B) (*gitrepo.Repo, string, []gitrepo.Entry) {
	dir := newRepo(b)
	var s strings.Builder
	s.WriteString("commit refs/heads/main\ncommitter A <a@example.org> 1 +0000\ndata 0\n\n")
	for i := range 200_000 {
		body := fmt.Sprintf("file %d\n", i%5000)
		fmt.Fprintf(&s, "M 100644 inline d%d/e%d/f%d\ndata %d\n%s\n", i%50, i%1000, i, len(body), body)
	}
	gitInput(b, dir, s.String(), "fast-import", "--quiet")
	r := open(b, dir)
	_, head, _ := r.Head()
	entries, _, err := r.Tree(context.Background(), head)
	if err != nil {
		b.Fatal(err)
	}
	return r, head, entries
}
