package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// history compares the reading of history with git's own listing of it.
func history(b *bench) error {
	generated := filepath.Join(b.dir, "history")
	if err := generate(generated, 10_000, 400); err != nil {
		return err
	}
	about := fmt.Sprintf("Medians of %d runs (3 of a repository of your own). %s", b.runs, counted(b, generated))
	var rows [][]string
	for _, one := range []struct{ what, path, shown string }{{"10,000 generated commits", generated, "history"}, {"BENCH_REPO", b.big, "$BENCH_REPO"}} {
		if one.path == "" {
			continue
		}
		runs := b.runs
		if one.path == b.big {
			runs = 3
		}
		plain, err := several(runs, nil, func(int) (cost, error) {
			return measure(nil, "git", "-C", one.path, "log", "--raw", "-z", "--no-renames", "--no-abbrev")
		})
		if err != nil {
			return err
		}
		without, err := several(runs, nil, func(int) (cost, error) { return measure(nil, b.steward, "scan", "--json", one.path) })
		if err != nil {
			return err
		}
		with, err := several(runs, nil, func(int) (cost, error) {
			return measure(nil, b.steward, "scan", "--json", "--history", one.path)
		})
		if err != nil {
			return err
		}
		data := filepath.Join(b.dir, "history-data")
		ours, err := several(runs, func(int) error { return os.RemoveAll(data) }, func(int) (cost, error) {
			return measure(nil, b.steward, "up", "--once", "--data", data, one.path)
		})
		if err != nil {
			return err
		}
		again, err := several(runs, nil, func(int) (cost, error) { return measure(nil, b.steward, "up", "--once", "--data", data) })
		if err != nil {
			return err
		}
		rows = append(rows, row(one.what+": git alone", "git -C "+one.shown+" log --raw -z --no-renames --no-abbrev > /dev/null", plain),
			row(one.what+": Steward, files alone", "steward scan --json "+one.shown, without), row(one.what+": Steward, files and history", "steward scan --json --history "+one.shown, with),
			[]string{"ratio of CPU, what history adds to git", "", fmt.Sprintf("%.2f", (with.cpu-without.cpu).Seconds()/plain.cpu.Seconds()), "", ""},
			row(one.what+": Steward, everything into a new database", "steward up --once --data new "+one.shown, ours), row(one.what+": again, unchanged", "steward up --once --data same", again),
			[]string{"ratio of CPU, everything to git", "", fmt.Sprintf("%.2f", ours.cpu.Seconds()/plain.cpu.Seconds()), "", ""})
	}
	b.report.table("History", about, costHead, rows)
	return nil
}

// counted says whether this build of Steward reads the whole history at all:
// without that its figures are worth nothing.
func counted(b *bench, generated string) string {
	out, err := exec.Command(b.steward, "scan", "--json", "--history", generated).Output()
	if err != nil {
		return "Whether all commits were read could not be checked: steward scan --history fails (" + err.Error() + ")."
	}
	var learnt struct {
		Facts map[string]any `json:"facts"`
	}
	if err := json.Unmarshal(out, &learnt); err != nil {
		return "Whether all commits were read could not be checked: " + err.Error() + "."
	}
	if n, ok := learnt.Facts["history.commits"].(float64); !ok || n != 10_000 {
		return fmt.Sprintf("This build counted %v of the 10,000 commits: its figures are not those of reading them all.", learnt.Facts["history.commits"])
	}
	return "All 10,000 commits were counted."
}

// generate writes a repository of so many commits over so many files.
func generate(dir string, commits, files int) error {
	if out, err := exec.Command("git", "init", "-q", "-b", "main", dir).CombinedOutput(); err != nil {
		return fmt.Errorf("git init: %w: %s", err, out)
	}
	c := exec.Command("git", "-C", dir, "fast-import", "--quiet")
	in, err := c.StdinPipe()
	if err != nil {
		return err
	}
	c.Stderr = os.Stderr
	if err := c.Start(); err != nil {
		return err
	}
	data := func(s string) { fmt.Fprintf(in, "data %d\n%s\n", len(s), s) }
	for i := range commits {
		fmt.Fprintf(in, "commit refs/heads/main\ncommitter Dev %d <dev%d@example.com> %d +0000\n", i%37, i%37, 1_500_000_000+i*3600)
		data(fmt.Sprintf("Change %d\n\nSome words on why.", i))
		if i == 0 {
			for name, body := range project(dir) {
				fmt.Fprintf(in, "M 100644 inline %s\n", name)
				data(body)
			}
		}
		for j := range 1 + i%3 {
			fmt.Fprintf(in, "M 100644 inline src/part%d/file%d.go\n", (i+j)%20, (i*7+j)%files)
			data(fmt.Sprintf("package part\n\n// F%d is changed by commit %d.\nfunc F%d() int { return %d }\n", j, i, j, i))
		}
		fmt.Fprintln(in)
	}
	if err := in.Close(); err != nil {
		return err
	}
	if err := c.Wait(); err != nil {
		return fmt.Errorf("git fast-import: %w", err)
	}
	if out, err := exec.Command("git", "-C", dir, "reset", "-q", "--hard").CombinedOutput(); err != nil {
		return fmt.Errorf("git reset: %w: %s", err, out)
	}
	return nil
}

// project gives the files of a small service, different by the name of its folder.
func project(dir string) map[string]string {
	name := filepath.Base(dir)
	return map[string]string{
		"README.md":        "# " + name + "\n\nA service that keeps the books of " + name + ".\n",
		"LICENSE":          licence,
		"CODEOWNERS":       fmt.Sprintf("* @northwind/team-%d\n", len(name)+int(name[len(name)-1])%20),
		"go.mod":           "module example.com/" + name + "\n\ngo 1.24\n\nrequire (\n\tgithub.com/google/uuid v1.6.0\n\tgithub.com/jackc/pgx/v5 v5.7.1\n\tgolang.org/x/sync v0.10.0 // indirect\n)\n",
		"web/package.json": `{"name":"` + name + `-web","license":"MIT","dependencies":{"react":"^18.2.0","zod":"3.23.8"},"devDependencies":{"vite":"^5.0.0"}}` + "\n",
		"main.go":          "package main\n\nfunc main() {}\n",
	}
}

const licence = `MIT License

Copyright (c) 2020 Northwind

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
`
