// Package within says which versions of a package a range holds.
package within

import (
	"errors"
	"slices"
	"strings"

	"steward/internal/feature/sbom/reading"
	"steward/internal/format/version"
	"steward/internal/platform/fault"
)

// Versions are those of one package, in their order, what is no version last.
type Versions struct {
	All     []string
	Rank    map[string]int  // place in All
	Matches map[string]bool // in the range
	Unclear map[string]bool // no version, or one that cannot be compared: it may be in the range
}

// Sort orders versions of a package URL type and compares them with a range; without one every
// version matches. A range that cannot be read is fault.Invalid.
func Sort(typ, rangeText string, versions []string) (Versions, error) {
	out := Versions{All: slices.Clone(versions), Rank: map[string]int{}, Matches: map[string]bool{}, Unclear: map[string]bool{}}
	readable := map[string]bool{}
	for _, v := range versions {
		_, err := version.Compare(typ, v, v)
		readable[v] = err == nil
	}
	slices.SortFunc(out.All, func(a, b string) int {
		switch {
		case readable[a] && readable[b]:
			if c, err := version.Compare(typ, a, b); err == nil && c != 0 {
				return c
			}
		case readable[a]:
			return -1
		case readable[b]:
			return 1
		}
		return strings.Compare(b, a) // what has no version at all comes last
	})
	for i, v := range out.All {
		out.Rank[v] = i
	}
	if strings.TrimSpace(rangeText) == "" {
		for _, v := range versions {
			out.Matches[v] = true
		}
		return out, nil
	}
	wanted, err := version.ParseRange(typ, rangeText)
	if err != nil {
		return out, fault.Wrap(fault.Invalid, err, "%q is not a range of %s versions. Write it like <2.17 or >=1.2,<3 or ^1.2 or [1,2).", rangeText, reading.EcosystemName(typ))
	}
	for _, v := range versions {
		ok, err := wanted.Contains(v)
		switch {
		case v == "", errors.Is(err, version.ErrVersion):
			out.Unclear[v] = true
		case err != nil:
			return out, err
		case ok:
			out.Matches[v] = true
		}
	}
	return out, nil
}
