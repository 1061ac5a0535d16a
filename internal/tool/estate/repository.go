package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os/exec"
	"strings"
	"time"
)

// size is what one repository has been given.
type size struct {
	files, commits, manifests, packages int
}

// repository is one that is to be made.
type repository struct {
	path   string
	team   int
	kind   ecosystem
	people []int // numbers of those who work on it, the busiest first
	begun  time.Time
	size
	rng *rand.Rand
}

// newest is where all histories end. Nothing depends on the day of the run.
var newest = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// draw decides the sizes of repository i of n. Equal arguments give equal repositories.
func draw(seed uint64, i, n int) *repository {
	rng := rand.New(rand.NewPCG(seed, uint64(i)))
	r := &repository{rng: rng, kind: pick(rng)}
	r.files = lognormal(rng, 40, 5000, 1, 20000)
	r.commits = lognormal(rng, 60, 8000, 1, 50000)
	r.manifests = min(lognormal(rng, 1, 40, 1, 200), r.files)
	r.team = zipf(rng, max(1, n/40))
	r.path = fmt.Sprintf("team-%04d/%s-%s-%05d", r.team, word(uint64(i)*2654435761), pickOf(rng, "service", "library", "web", "jobs", "tools", "infra"), i)
	for range 1 + lognormal(rng, 3, 60, 1, 400) {
		r.people = append(r.people, r.team*20+zipf(rng, max(20, n/2)))
	}
	years := 0.2 + 9*rng.Float64()
	r.begun = newest.Add(-time.Duration(years * 365 * 24 * float64(time.Hour)))
	return r
}

// write makes the bare repository at dir from one stream into git fast-import.
func (r *repository) write(ctx context.Context, dir string) error {
	if out, err := exec.CommandContext(ctx, "git", "init", "-q", "--bare", "--template=", "--initial-branch=main", dir).CombinedOutput(); err != nil {
		return fmt.Errorf("git init: %w: %s", err, out)
	}
	c := exec.CommandContext(ctx, "git", "-C", dir, "-c", "core.compression=1", "-c", "core.fsync=none", "fast-import", "--quiet", "--force")
	in, err := c.StdinPipe()
	if err != nil {
		return err
	}
	var said bytes.Buffer
	c.Stderr = &said
	if err := c.Start(); err != nil {
		return err
	}
	w := bufio.NewWriterSize(in, 1<<16)
	r.stream(w)
	werr := w.Flush()
	if err := in.Close(); werr == nil {
		werr = err
	}
	if err := c.Wait(); err != nil {
		return fmt.Errorf("git fast-import: %w: %s", err, bytes.TrimSpace(said.Bytes()))
	}
	return werr
}

// stream writes all commits: the first brings the files, each later one changes a file.
func (r *repository) stream(w io.Writer) {
	files := r.contents()
	step := newest.Sub(r.begun) / time.Duration(r.commits)
	source := files[len(files)-1].path
	for i := range r.commits {
		who := r.people[zipf(r.rng, len(r.people))]
		at := r.begun.Add(time.Duration(i) * step).Unix()
		message := fmt.Sprintf("%s %s\n", pickOf(r.rng, "Add", "Mend", "Simplify", "Speed up", "Document"), word(r.rng.Uint64()))
		fmt.Fprintf(w, "commit refs/heads/main\ncommitter Person %05d <p%05d@firm.example> %d +0000\ndata %d\n%s", who, who, at, len(message), message)
		if i == 0 {
			for _, f := range files {
				fmt.Fprintf(w, "M 100644 inline %s\ndata %d\n%s\n", f.path, len(f.text), f.text)
			}
			continue
		}
		if n := len(files) - r.fixed(); n > 0 {
			source = files[r.fixed()+zipf(r.rng, n)].path
		}
		text := fmt.Sprintf("%s\n// step %d\n", sourceText(r.rng, 3), i)
		fmt.Fprintf(w, "M 100644 inline %s\ndata %d\n%s\n", source, len(text), text)
		if i%50 == 49 {
			fmt.Fprintf(w, "reset refs/tags/v%d.%d.0\nfrom refs/heads/main\n\n", i/500, i/50%10)
		}
	}
	fmt.Fprintln(w, "done")
}

// lognormal draws a size whose median and 99th percentile are given, cut to [low, high].
func lognormal(rng *rand.Rand, median, p99 float64, low, high int) int {
	const z99 = 2.3263478740408408 // the standard normal distribution's 99th percentile
	v := median * math.Exp(rng.NormFloat64()*math.Log(p99/median)/z99)
	return min(max(int(math.Round(v)), low), high)
}

// zipf draws from [0, n), small ones most often: half of all draws fall on about the root of n.
func zipf(rng *rand.Rand, n int) int {
	return int(math.Pow(float64(n), rng.Float64())) - 1 + rng.IntN(2)*min(1, n-1)
}

func pickOf(rng *rand.Rand, words ...string) string { return words[rng.IntN(len(words))] }

// word makes a name of three syllables out of a number.
func word(n uint64) string {
	const consonants, vowels = "bdfgklmnprstvz", "aeiou"
	n ^= n >> 29
	var b strings.Builder
	for range 3 {
		b.WriteByte(consonants[n%14])
		n /= 14
		b.WriteByte(vowels[n%5])
		n /= 5
	}
	return b.String()
}
