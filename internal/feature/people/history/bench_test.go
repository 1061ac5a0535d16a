//go:build unix

package history

import (
	"context"
	"math"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	snapshots "steward/internal/feature/estate/snapshot"
	"steward/internal/platform/gitrepo"
)

func cpu(b *testing.B) float64 {
	total := 0.0
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var u syscall.Rusage
		if err := syscall.Getrusage(who, &u); err != nil {
			b.Fatal(err)
		}
		total += float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
	}
	return total
}

// BenchmarkHistory compares the processor time of the whole history (git,
// reading and adding up) with that of git alone writing to nowhere, on the
// repository that STEWARD_BENCH_REPO names. The least of all rounds counts.
func BenchmarkHistory(b *testing.B) {
	path := os.Getenv("STEWARD_BENCH_REPO")
	if path == "" {
		b.Skip("STEWARD_BENCH_REPO names no repository")
	}
	ctx := context.Background()
	r, err := gitrepo.Open(ctx, path, gitrepo.Config{Scratch: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	defer r.Close()
	_, head, _ := r.Head()
	s, done, err := snapshots.OpenCommit(ctx, r, "bench", "", head)
	if err != nil {
		b.Fatal(err)
	}
	defer done()
	s.ComponentRoots() // all analysers share it
	alone, ours, state := math.Inf(1), math.Inf(1), 0
	commits := int64(0)
	for b.Loop() {
		t0 := cpu(b)
		cmd := exec.Command("git", "--git-dir", r.CommonDir(), "log", "--raw", "-z", "--no-renames", "--no-abbrev", head)
		if err := cmd.Run(); err != nil {
			b.Fatal(err)
		}
		t1 := cpu(b)
		f := New(s, time.Now())
		if err := r.Log(ctx, head, nil, func(c *gitrepo.Commit) error { f.Commit(c); return nil }); err != nil {
			b.Fatal(err)
		}
		l := f.Learn()
		kept, err := f.State()
		if err != nil {
			b.Fatal(err)
		}
		commits, state = l.Commits, len(kept)
		alone, ours = min(alone, t1-t0), min(ours, cpu(b)-t1)
	}
	b.ReportMetric(float64(commits), "commits")
	b.ReportMetric(float64(state), "state-bytes")
	b.ReportMetric(alone, "git-cpu-s")
	b.ReportMetric(ours, "cpu-s")
	b.ReportMetric(ours/alone, "ratio")
}

// BenchmarkCommit is adding up alone: 20 paths a commit in directories that are known.
func BenchmarkCommit(b *testing.B) {
	s := snapshot(map[string]string{"a/go.mod": goMod}, 100)
	f := New(s, now)
	c := commit(1, "Ann Lee", "ann@x.test", now, "an ordinary change of the parser", "a/b/c/d1 a/b/c/d2 a/b/x a/b/y a/b/z e/f/g/h1 e/f/g/h2 e/f/i a/1 a/2 a/3 j/1 j/2 j/3 k l m/n/o/p/q r/s t/u v/w", 1)
	b.ReportAllocs()
	for b.Loop() {
		f.Commit(c)
	}
}
