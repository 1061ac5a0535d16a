package technology

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// summary is what `steward scan` shows of technologies.
type summary struct {
	Files        int64 `json:"files"`
	Bytes        int64 `json:"bytes"`
	Technologies []Use `json:"technologies"`
}

// Lines gives label and text pairs for people.
func (s summary) Lines() [][2]string {
	lines := [][2]string{{"Files", fmt.Sprintf("%d files, %.1f MB", s.Files, float64(s.Bytes)/1e6)}}
	total := int64(0)
	for _, u := range s.Technologies {
		if u.Kind == Language {
			total += u.Bytes
		}
	}
	for _, kind := range []Kind{Language, Build, CI, Container, Practice} {
		var names []string
		for _, u := range bySize(s.Technologies, kind) {
			if kind == Language && total > 0 {
				names = append(names, u.Name+" "+percent(u.Bytes, total))
			} else {
				names = append(names, u.Name)
			}
			if len(names) == 6 {
				break
			}
		}
		if len(names) > 0 {
			lines = append(lines, [2]string{labels[kind], strings.Join(names, ", ")})
		}
	}
	return lines
}

// percent never says 0 of something that is there.
func percent(part, total int64) string {
	if 200*part < total {
		return "under 1 %"
	}
	return fmt.Sprintf("%.0f %%", 100*float64(part)/float64(total))
}

var labels = map[Kind]string{Language: "Languages", Build: "Build", CI: "CI", Container: "Containers", Practice: "Practices"}

// bySize picks the uses of a kind, the largest first.
func bySize(uses []Use, kind Kind) []Use {
	some := slices.DeleteFunc(slices.Clone(uses), func(u Use) bool { return u.Kind != kind })
	slices.SortStableFunc(some, func(a, b Use) int { return cmp.Compare(b.Bytes, a.Bytes) })
	return some
}
