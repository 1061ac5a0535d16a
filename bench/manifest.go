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
		bill := filepath.Join(b.dir, "bill.json")
		for _, ours := range []struct {
			what string
			args []string
		}{
			{"Steward, manifests", []string{"sbom", "-o", bill, dir}},
			{"Steward, all analysers", []string{"scan", "--json", dir}},
		} {
			one, err := several(b.runs, nil, func(int) (cost, error) { return measure(nil, b.steward, ours.args...) })
			if err != nil {
				return err
			}
			words := strings.NewReplacer(dir, f.Name(), bill, "bill.json").Replace("steward " + strings.Join(ours.args, " "))
			rows = append(rows, row(f.Name()+": "+ours.what, words, one))
		}
		for _, peer := range b.peers() {
			args, words := peer.args(dir, f.Name())
			theirs, err := several(b.runs, nil, func(int) (cost, error) { return measureAny(peer.program, args...) })
			if err != nil {
				return err
			}
			rows = append(rows, row(f.Name()+": "+peer.name, words, theirs))
		}
	}
	about := fmt.Sprintf("Lock files of real projects. Medians of %d runs.", b.runs)
	if len(b.peers()) == 0 {
		about += " No peer was named (`SCALIBR=path`, `OSV_SCANNER=path`), so none was measured."
	}
	b.report.table("Manifests", about, costHead, rows)
	return nil
}

// peer is another program that reads manifests.
type peer struct {
	name, program string
	args          func(dir, name string) (args []string, words string)
}

// peers are those whose programs were named.
func (b *bench) peers() []peer {
	var all []peer
	if program := os.Getenv("SCALIBR"); program != "" {
		flags := os.Getenv("SCALIBR_FLAGS")
		all = append(all, peer{"osv-scalibr", program, func(dir, name string) ([]string, string) {
			return append([]string{"--root=" + dir, "--result=" + filepath.Join(b.dir, "scalibr.textproto")}, strings.Fields(flags)...),
				strings.TrimSpace("scalibr --root=" + name + " --result=out.textproto " + flags)
		}})
	}
	if program := os.Getenv("OSV_SCANNER"); program != "" {
		flags := "scan source --offline --all-packages --format=json -r"
		all = append(all, peer{"osv-scanner", program, func(dir, name string) ([]string, string) {
			return append(strings.Fields(flags), dir), "osv-scanner " + flags + " " + name
		}})
	}
	return all
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
