// Command bench measures the Steward binary from outside, as its users run it,
// beside the plain tool for the same work, and writes doc/benchmarks.md with
// the command of each figure.
//
//	make bench                         all of it; about ten minutes on two cores
//	BENCH_ONLY=history,pages make bench
//	BENCH_REPO=/src/linux make bench   also a big repository of your own
//	BENCH_SRC=/src make bench          also a folder of repositories of your own
//	SCALIBR=/usr/bin/scalibr OSV_SCANNER=/usr/bin/osv-scanner make bench
//	BENCH_N=5000 make bench            that many generated repositories; 1,000 unless told
//
// CPU seconds (user and system) and peak memory are those that the kernel
// counted for the process and the processes it waited for (rusage), so that the
// git processes of Steward are in its figures. Each figure is the median of its
// runs. Everything is made in a temporary folder, which is removed at the end.
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// bench is one run of all measurements.
type bench struct {
	dir     string // temporary
	steward string
	data    string // lock files of real projects
	big     string // a repository of the user's; empty for none
	src     string // a folder of repositories of the user's; empty for none
	n       int    // generated repositories
	runs    int
	report  report
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(3)
	}
}

func run() (err error) {
	b := &bench{n: 1000, runs: 5, big: os.Getenv("BENCH_REPO"), src: os.Getenv("BENCH_SRC")}
	if b.steward, err = filepath.Abs(filepath.Join("..", "bin", "steward")); err != nil {
		return err
	}
	if _, err := os.Stat(b.steward); err != nil {
		return fmt.Errorf("build Steward first (make build): %w", err)
	}
	if b.data, err = filepath.Abs(filepath.Join("..", "..", "shared", "data", "locks")); err != nil {
		return err
	}
	if n := os.Getenv("BENCH_N"); n != "" {
		if b.n, err = strconv.Atoi(n); err != nil || b.n < 1 {
			return fmt.Errorf("BENCH_N is a number of repositories, not %q", n)
		}
	}
	if b.dir, err = os.MkdirTemp("", "steward-bench-"); err != nil {
		return err
	}
	defer os.RemoveAll(b.dir)
	parts := []struct {
		name string
		f    func(*bench) error
	}{{"history", history}, {"manifests", manifests}, {"scan", small}, {"estate", estate}, {"yours", yours}}
	var failed error
	only := strings.Split(os.Getenv("BENCH_ONLY"), ",")
	for _, p := range parts {
		if only[0] != "" && !contains(only, p.name) {
			continue
		}
		fmt.Fprintln(os.Stderr, "measuring", p.name)
		if err := p.f(b); err != nil { // the others are measured all the same
			failed = errors.Join(failed, fmt.Errorf("%s: %w", p.name, err))
			b.report.missing(p.name)
		}
	}
	out := filepath.Join("..", "doc", "benchmarks.md")
	if only[0] != "" {
		_, err := os.Stdout.WriteString(b.report.text())
		return errors.Join(failed, err) // a part is shown, and does not replace the whole
	}
	return errors.Join(failed, os.WriteFile(out, []byte(b.report.text()), 0o644))
}

func contains(all []string, one string) bool {
	for _, s := range all {
		if s == one {
			return true
		}
	}
	return false
}
