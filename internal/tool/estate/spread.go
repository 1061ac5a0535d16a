package main

import (
	"fmt"
	"slices"
	"strings"
)

// spread says in a table how the sizes are distributed.
func spread(sizes []size) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d repositories\n%-10s %10s %10s %10s %12s\n", len(sizes), "", "median", "p99", "mean", "all")
	for _, c := range []struct {
		name string
		of   func(size) int
	}{
		{"files", func(s size) int { return s.files }},
		{"commits", func(s size) int { return s.commits }},
		{"manifests", func(s size) int { return s.manifests }},
		{"packages", func(s size) int { return s.packages }},
	} {
		values, all := make([]int, len(sizes)), 0
		for i, s := range sizes {
			values[i] = c.of(s)
			all += values[i]
		}
		slices.Sort(values)
		fmt.Fprintf(&b, "%-10s %10d %10d %10.1f %12d\n", c.name, values[len(values)/2], values[len(values)*99/100], float64(all)/float64(len(values)), all)
	}
	return b.String()
}
