// Package spread computes the picture of how components are spread over the
// versions of a package.
package spread

import (
	"fmt"
	"math"
	"strings"

	"steward/internal/platform/web/piece"
)

// Count is how many components use one version of a package.
type Count struct {
	Version    string `json:"version"` // empty: only a range is known
	Components int64  `json:"components"`
	Matches    bool   `json:"matches"` // it is in the range that was asked for
}

// Picture is how components are spread over versions, as columns of a picture.
type Picture struct {
	Sentence   string // what it shows, for those who do not see it
	Components string // "10 components"
	Versions   string
	Range      string // asked for; empty when any
	Columns    []Column
	Rows       []Count // all of them, for the table
}

// Column is one version, or several old ones.
type Column struct {
	Label, Full, Count          string
	X, Y, Width, Height, Middle float64
	Class                       string
	CountY                      float64
}

const (
	maxColumns     = 12
	left, step     = 12.0, 55.0
	top, bottom    = 26.0, 126.0
	width, longest = 34.0, 9
	tableRows      = 60 // rows of the table below the picture; the versions page has all
)

// Of draws versions from the oldest to the newest; what does not fit is
// one column of older ones at the start. A component with several versions
// stands in several columns.
func Of(counts []Count, components, versions, rangeText string) Picture {
	s := Picture{Range: rangeText, Components: components, Versions: versions}
	var columns []Count
	var matching int64
	for _, c := range counts {
		if c.Matches {
			matching++
		}
	}
	older := max(len(counts)-maxColumns+1, 0)
	if len(counts) <= maxColumns {
		older = 0
	}
	if older > 0 {
		sum := Count{Version: fmt.Sprintf("%d older", older)}
		for _, c := range counts[:older] {
			sum.Components += c.Components
			sum.Matches = sum.Matches || c.Matches
		}
		columns = append(columns, sum)
	}
	columns = append(columns, counts[older:]...)
	largest := int64(1)
	for _, c := range columns {
		largest = max(largest, c.Components)
	}
	for i, c := range columns {
		height := math.Max(float64(c.Components)/float64(largest)*(bottom-top), 2)
		one := Column{
			Label: short(c.Version), Full: c.Version, Count: piece.Number(c.Components), X: left + float64(i)*step, Width: width,
			Height: round(height), Y: round(bottom - height), Class: "f1",
		}
		if c.Version == "" {
			one.Label, one.Full, one.Class = "range", "only a range is known", "fline"
		}
		if c.Matches && rangeText != "" {
			one.Class = "fbad"
		}
		one.Middle, one.CountY = one.X+width/2, round(one.Y-6)
		s.Columns = append(s.Columns, one)
	}
	s.Sentence = "Components by version: " + s.Components + " in " + s.Versions
	if rangeText != "" {
		s.Sentence += ", " + piece.Number(matching) + " of the versions within " + rangeText
	}
	s.Rows = counts[max(len(counts)-tableRows, 0):]
	return s
}

func short(version string) string {
	runes := []rune(version)
	if len(runes) <= longest {
		return version
	}
	return strings.TrimRight(string(runes[:longest-1]), ".-+") + "…"
}

func round(x float64) float64 { return math.Round(x*10) / 10 }
