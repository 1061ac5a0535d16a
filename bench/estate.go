package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// estate measures many repositories: read, looked at again, served.
func estate(b *bench) error {
	src, data := filepath.Join(b.dir, "src"), filepath.Join(b.dir, "estate-data")
	for i := range b.n {
		if err := generate(filepath.Join(src, fmt.Sprintf("service-%04d", i)), 5, 10); err != nil {
			return err
		}
	}
	first, err := measure(nil, b.steward, "up", "--once", "--data", data, src)
	if err != nil {
		return err
	}
	again, err := several(b.runs, nil, func(int) (cost, error) { return measure(nil, b.steward, "up", "--once", "--data", data) })
	if err != nil {
		return err
	}
	processes, err := gitProcesses(b, data)
	if err != nil {
		return err
	}
	b.report.table("Many repositories", fmt.Sprintf("%d generated repositories of 5 commits, each a service with two manifests. The first reading was run once, the others are medians of %d runs.", b.n, b.runs),
		costHead, [][]string{
			row("read for the first time", "steward up --once --data new src", first),
			row("looked at again, unchanged", "steward up --once --data same", again),
			{"git processes for looking again", "`git` counted by a wrapper in PATH", fmt.Sprint(processes), "", ""},
		})
	return serve(b, data, fmt.Sprintf("%d generated repositories", b.n))
}

// yours measures the same over a folder of repositories of the user's.
func yours(b *bench) error {
	if b.src == "" {
		return nil
	}
	data := filepath.Join(b.dir, "yours-data")
	first, err := measure(nil, b.steward, "up", "--once", "--data", data, b.src)
	if err != nil {
		return err
	}
	again, err := several(b.runs, nil, func(int) (cost, error) { return measure(nil, b.steward, "up", "--once", "--data", data) })
	if err != nil {
		return err
	}
	h, err := open(b.steward, data)
	if err != nil {
		return err
	}
	var n, components, packages int
	for path, count := range map[string]*int{"repositories": &n, "components": &components, "packages": &packages} {
		if *count, err = h.count(path); err != nil {
			return errors.Join(err, h.close())
		}
	}
	if err := h.close(); err != nil {
		return err
	}
	b.report.table("Real repositories", fmt.Sprintf("BENCH_SRC: %d repositories with %d components and %d packages. The first reading was run once, the others are medians of %d runs.", n, components, packages, b.runs),
		costHead, [][]string{
			row("read for the first time", "steward up --once --data new $BENCH_SRC", first),
			row("looked at again, unchanged", "steward up --once --data same", again),
		})
	return serve(b, data, fmt.Sprintf("%d real repositories", n))
}

// gitProcesses counts the git processes that looking again starts.
func gitProcesses(b *bench, data string) (int, error) {
	git, err := exec.LookPath("git")
	if err != nil {
		return 0, err
	}
	bin, calls := filepath.Join(b.dir, "bin"), filepath.Join(b.dir, "calls")
	if err := os.MkdirAll(bin, 0o755); err != nil {
		return 0, err
	}
	script := fmt.Sprintf("#!/bin/sh\necho >> '%s'\nexec '%s' \"$@\"\n", calls, git)
	if err := os.WriteFile(filepath.Join(bin, "git"), []byte(script), 0o755); err != nil {
		return 0, err
	}
	path := "PATH=" + bin + string(os.PathListSeparator) + os.Getenv("PATH")
	// A run that must read something shows that the wrapper is in use at all.
	if _, err := measure([]string{path}, b.steward, "up", "--once", "--data", filepath.Join(b.dir, "proof"), filepath.Join(b.dir, "src", "service-0000")); err != nil {
		return 0, err
	}
	proof, err := os.ReadFile(calls)
	if err != nil || len(proof) == 0 {
		return 0, fmt.Errorf("the wrapper around git was not used, so nothing can be counted: %v", err)
	}
	if err := os.Remove(calls); err != nil {
		return 0, err
	}
	if _, err := measure([]string{path}, b.steward, "up", "--once", "--data", data); err != nil {
		return 0, err
	}
	counted, err := os.ReadFile(calls)
	if os.IsNotExist(err) {
		return 0, nil
	}
	return bytes.Count(counted, []byte("\n")), err
}

// serve measures the hub over what was read; what says in words what that is.
func serve(b *bench, data, what string) error {
	var starts []time.Duration
	for range b.runs {
		h, err := open(b.steward, data)
		if err != nil {
			return err
		}
		starts = append(starts, h.first)
		if err := h.close(); err != nil {
			return err
		}
	}
	b.report.table("Start on "+what, fmt.Sprintf("From starting the program to the first page, signed in. Median of %d runs.", b.runs),
		[]string{"command", "time"}, [][]string{{"`steward up --data same`, `GET /`", millis(share(starts, 0.5))}})
	h, err := open(b.steward, data)
	if err != nil {
		return err
	}
	rows, err := h.pages()
	if cerr := h.close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	b.report.table("Pages over "+what, fmt.Sprintf("Every kind of page that is linked from the navigation, one request after the other through one connection, %d of each kind, over as many different records as the last column says.", requests), []string{"address", "p50", "p95", "slowest", "size", "different"}, rows)
	return nil
}
