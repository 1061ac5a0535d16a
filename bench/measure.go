package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

// cost is what one run of a program took.
type cost struct {
	wall, cpu time.Duration
	peak      int64 // bytes of memory at the highest
}

// measure runs a program once, its output thrown away.
func measure(env []string, name string, args ...string) (cost, error) {
	c := exec.Command(name, args...)
	c.Env = append(os.Environ(), env...)
	var said bytes.Buffer
	c.Stderr = &said
	start := time.Now()
	err := c.Run()
	wall := time.Since(start)
	if err != nil {
		return cost{}, fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, lastLine(said.String()))
	}
	return costOf(c.ProcessState, wall), nil
}

// measureAny is measure of a program whose exit code says what it found: any will do when it wrote something.
func measureAny(name string, args ...string) (cost, error) {
	c := exec.Command(name, args...)
	var out, said bytes.Buffer
	c.Stdout, c.Stderr = &out, &said
	start := time.Now()
	err := c.Run()
	wall := time.Since(start)
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || out.Len() == 0 && said.Len() == 0) {
		return cost{}, fmt.Errorf("%s %s: %w", name, strings.Join(args, " "), err)
	}
	return costOf(c.ProcessState, wall), nil
}

func costOf(p *os.ProcessState, wall time.Duration) cost {
	one := cost{wall: wall, cpu: p.UserTime() + p.SystemTime()}
	if usage, ok := p.SysUsage().(*syscall.Rusage); ok {
		one.peak = int64(usage.Maxrss)
		if runtime.GOOS == "linux" {
			one.peak <<= 10 // kilobytes there
		}
	}
	return one
}

func lastLine(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return lines[len(lines)-1]
}

// several measures n runs and gives the median of each figure. before prepares each run.
func several(n int, before func(run int) error, f func(run int) (cost, error)) (cost, error) {
	var walls, cpus []time.Duration
	var peaks []int64
	for i := range n {
		if before != nil {
			if err := before(i); err != nil {
				return cost{}, err
			}
		}
		one, err := f(i)
		if err != nil {
			return cost{}, err
		}
		walls, cpus, peaks = append(walls, one.wall), append(cpus, one.cpu), append(peaks, one.peak)
	}
	return cost{wall: share(walls, 0.5), cpu: share(cpus, 0.5), peak: share(peaks, 0.5)}, nil
}

// share returns the value below which a part of all values lies.
func share[T time.Duration | int64](values []T, part float64) T {
	sorted := slices.Sorted(slices.Values(values))
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(int(float64(len(sorted))*part), len(sorted)-1)]
}
