package gitrepo_test

import (
	"context"
	"os"
	"testing"

	"steward/internal/platform/gitrepo"
)

// BenchmarkLog reads the whole history of the repository that
// STEWARD_BENCH_REPO names.
func BenchmarkLog(b *testing.B) {
	r, err := gitrepo.Open(context.Background(), os.Getenv("STEWARD_BENCH_REPO"), gitrepo.Config{})
	if err != nil {
		b.Skip(err)
	}
	defer r.Close()
	_, head, _ := r.Head()
	for b.Loop() {
		commits, changes := 0, 0
		if err := r.Log(context.Background(), head, nil, func(c *gitrepo.Commit) error {
			commits++
			changes += len(c.Changes)
			return nil
		}); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(commits), "commits")
		b.ReportMetric(float64(changes), "changes")
	}
}
