package codeowners

import (
	"fmt"
	"strings"
	"testing"
)

// 2,000 rules and 20,000 paths per iteration. The hostile rules share no key, so that each is tried for each path.
func BenchmarkOwners(b *testing.B) {
	shapes := map[string]func(i int) string{
		"mixed": func(i int) string {
			return []string{
				fmt.Sprintf("/src/team%d/", i), fmt.Sprintf("*.ext%d", i), fmt.Sprintf("lib%d", i),
				fmt.Sprintf("/src/*/mod%d/**/*.go", i), fmt.Sprintf("**/gen%d/*", i),
			}[i%5]
		},
		"hostile": func(i int) string { return fmt.Sprintf("*a*b%d*", i) },
	}
	paths := make([]string, 20_000)
	for i := range paths {
		paths[i] = fmt.Sprintf("src/team%d/mod%d/internal/handler/file%d.go", i%2500, i%700, i)
	}
	for name, shape := range shapes {
		var text strings.Builder
		for i := range 2000 {
			fmt.Fprintf(&text, "%s @org/team%d\n", shape(i), i)
		}
		for _, d := range []Dialect{GitHub, GitLab} {
			b.Run(name+"/"+string(d), func(b *testing.B) {
				f, _ := Parse([]byte(text.String()), d)
				for b.Loop() {
					for _, p := range paths {
						f.Owners(p)
					}
				}
			})
		}
	}
}
