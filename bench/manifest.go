package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// manifests compares the reading of lock files with osv-scalibr's.
func manifests(b *bench) error {
	folders, err := os.ReadDir(b.data)
	if err != nil {
		return fmt.Errorf("the lock files of real projects are not there: %w", err)
	}
	idle, err := several(b.runs, nil, func(int) (cost, error) { return measure(nil, b.steward, "version") })
	if err != nil {
		return err
	}
	rows := [][]string{row("idle: the program that does nothing", "steward version", idle)}
	for _, f := range folders {
		if !f.IsDir() {
			continue
		}
		dir := filepath.Join(b.data, f.Name())
		ours, err := several(b.runs, nil, func(int) (cost, error) { return measure(nil, b.steward, "scan", "--json", dir) })
		if err != nil {
			return err
		}
		rows = append(rows, row(f.Name()+": Steward, all analysers", "steward scan --json "+f.Name(), ours))
		if b.scalibr == "" {
			continue
		}
		args := append([]string{"--root=" + dir, "--result=" + filepath.Join(b.dir, "scalibr.textproto")}, strings.Fields(os.Getenv("SCALIBR_FLAGS"))...)
		theirs, err := several(b.runs, nil, func(int) (cost, error) { return measure(nil, b.scalibr, args...) })
		if err != nil {
			return err
		}
		rows = append(rows, row(f.Name()+": osv-scalibr", strings.TrimSpace("scalibr --root="+f.Name()+" --result=out.textproto "+os.Getenv("SCALIBR_FLAGS")), theirs))
	}
	about := fmt.Sprintf("Lock files of real projects. Medians of %d runs.", b.runs)
	if b.scalibr == "" {
		about += " osv-scalibr was not named (`SCALIBR=path`), so it was not measured."
	}
	b.report.table("Manifests", about, costHead, rows)
	return nil
}

// small is `scan` of a small repository, as a build would run it.
func small(b *bench) error {
	dir := filepath.Join(b.dir, "small")
	if err := generate(dir, 50, 40); err != nil {
		return err
	}
	var rows [][]string
	var failed error
	for _, args := range [][]string{{"scan"}, {"scan", "--json"}, {"scan", "--json", "--history"}} {
		one, err := several(2*b.runs, nil, func(int) (cost, error) { return measure(nil, b.steward, append(args, dir)...) })
		if err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		rows = append(rows, row("50 commits, 46 files", "steward "+strings.Join(args, " ")+" small", one))
	}
	b.report.table("A small repository", fmt.Sprintf("Medians of %d runs.", 2*b.runs), costHead, rows)
	return failed
}
