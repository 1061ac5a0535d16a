package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// report gathers the tables of the document.
type report struct {
	parts []string
}

// table adds a part: a title, what is measured, and rows of a Markdown table.
func (r *report) table(title, about string, head []string, rows [][]string) {
	var b strings.Builder
	fmt.Fprintf(&b, "## %s\n%s\n\n| %s |\n|%s\n", title, about, strings.Join(head, " | "), strings.Repeat("---|", len(head)))
	for _, row := range rows {
		fmt.Fprintf(&b, "| %s |\n", strings.Join(row, " | "))
	}
	r.parts = append(r.parts, b.String())
}

// missing says that a part could not be measured to its end.
func (r *report) missing(part string) {
	r.parts = append(r.parts, fmt.Sprintf("## Not measured\nThe part %q ended with an error; run `BENCH_ONLY=%s make bench` to see it.\n", part, part))
}

func (r *report) text() string {
	version := func(name string, args ...string) string {
		out, err := exec.Command(name, args...).Output()
		if err != nil {
			return name + " (version not known)"
		}
		return strings.TrimSpace(string(out))
	}
	head := fmt.Sprintf("# Benchmarks\nWritten by `make bench`; what each figure means is in `bench/main.go`. CPU is user and system time of the process and of those it waited for, "+
		"peak is the largest resident set of one of them; medians.\n\nOn %d cores (%s), %s, %s.\n", runtime.NumCPU(), processor(), runtime.Version(), version("git", "--version"))
	return head + "\n" + strings.Join(r.parts, "\n")
}

// processor names the kind of processor, where the system says.
func processor() string {
	b, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	for _, line := range strings.Split(string(b), "\n") {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }

func millis(d time.Duration) string { return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000) }

func megabytes(n int64) string { return fmt.Sprintf("%.0f MB", float64(n)/1e6) }

// row is a line of a table of costs.
func row(what, command string, c cost) []string {
	return []string{what, "`" + command + "`", seconds(c.cpu), seconds(c.wall), megabytes(c.peak)}
}

var costHead = []string{"what", "command", "CPU", "wall", "peak"}
