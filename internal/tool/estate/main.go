// Command estate makes an estate of git repositories to measure Steward on:
//
//	go run ./internal/tool/estate -n 10000 [-seed 1] DIR
//
// The same seed and number make the same repositories with the same commits, byte for byte. Nothing
// in them is real: names are made of syllables, people are numbered. At the end it prints how files,
// commits, manifests and packages are spread, so that whoever reads a figure knows what it stands
// on. Sizes are drawn from log-normal distributions with a given median and 99th percentile; work is
// spread over the years before 2026, as a few people doing most of it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run returns 0 when the estate stands, 2 when the words of the call were refused, 3 when something else went wrong.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("estate", flag.ContinueOnError)
	flags.SetOutput(stderr)
	n := flags.Int("n", 1000, "how many `repositories`")
	seed := flags.Uint64("seed", 1, "another `number` makes another estate")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	if flags.NArg() != 1 || *n < 1 {
		fmt.Fprintln(stderr, "estate: name one new folder and a number above 0: go run ./internal/tool/estate -n 100 DIR")
		return 2
	}
	if err := os.Mkdir(flags.Arg(0), 0o755); err != nil {
		fmt.Fprintf(stderr, "estate: %v; name a folder that does not exist yet\n", err)
		return 2
	}
	sizes, err := build(ctx, flags.Arg(0), *n, *seed, stderr)
	if err != nil {
		fmt.Fprintf(stderr, "estate: %v\n", err)
		return 3
	}
	fmt.Fprint(stdout, spread(sizes))
	return 0
}

// build makes repositories 0 to n-1, as many at once as there are processors.
func build(ctx context.Context, dir string, n int, seed uint64, progress io.Writer) ([]size, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	sizes, errs := make([]size, n), make([]error, runtime.NumCPU())
	var next, done atomic.Int64
	var all sync.WaitGroup
	for worker := range errs {
		all.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				r := draw(seed, i, n)
				if err := r.write(ctx, filepath.Join(dir, r.path)); err != nil {
					errs[worker] = fmt.Errorf("repository %s: %w", r.path, err)
					cancel()
					return
				}
				sizes[i] = r.size
				if d := done.Add(1); d%1000 == 0 {
					fmt.Fprintf(progress, "%d of %d\n", d, n)
				}
			}
		})
	}
	all.Wait()
	return sizes, errors.Join(append(errs, ctx.Err())...)
}
