package sbom

import (
	"fmt"
	"math"
	"strings"

	"steward/internal/platform/web/piece"
)

// spread is how components are spread over versions, as columns of a picture.
type spread struct {
	Sentence   string
	Components string
	Versions   string
	Range      string
	Columns    []spreadColumn
	Rows       []VersionCount // all of them, for the table
}

type spreadColumn struct {
	Label, Full, Count          string
	X, Y, Width, Height, Middle float64
	Class                       string
	CountY                      float64
}

const (
	spreadColumns            = 12
	spreadLeft, spreadStep   = 12.0, 55.0
	spreadTop, spreadBottom  = 26.0, 126.0
	spreadWidth, spreadLabel = 34.0, 9
	spreadTable              = 60 // rows of the table below the picture; the versions page has all
)

// spreadOf draws versions from the oldest to the newest; what does not fit is
// one column of older ones at the start. A component with several versions
// stands in several columns.
func spreadOf(p Package, counts []VersionCount, rangeText string) spread {
	s := spread{Range: rangeText}
	var columns []VersionCount
	var matching int64
	for _, c := range counts {
		if c.Matches {
			matching++
		}
	}
	older := max(len(counts)-spreadColumns+1, 0)
	if len(counts) <= spreadColumns {
		older = 0
	}
	if older > 0 {
		sum := VersionCount{Version: fmt.Sprintf("%d older", older)}
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
		height := math.Max(float64(c.Components)/float64(largest)*(spreadBottom-spreadTop), 2)
		one := spreadColumn{Label: short(c.Version), Full: c.Version, Count: piece.Number(c.Components), X: spreadLeft + float64(i)*spreadStep, Width: spreadWidth,
			Height: round(height), Y: round(spreadBottom - height), Class: "f1"}
		if c.Version == "" {
			one.Label, one.Full, one.Class = "range", "only a range is known", "fline"
		}
		if c.Matches && rangeText != "" {
			one.Class = "fbad"
		}
		one.Middle, one.CountY = one.X+spreadWidth/2, round(one.Y-6)
		s.Columns = append(s.Columns, one)
	}
	s.Components, s.Versions = countedBig(p.Components, "component", "components"), countedBig(p.Versions, "version", "versions")
	s.Sentence = "Components by version: " + s.Components + " in " + s.Versions
	if rangeText != "" {
		s.Sentence += ", " + piece.Number(matching) + " of the versions within " + rangeText
	}
	s.Rows = counts[max(len(counts)-spreadTable, 0):]
	return s
}

func short(version string) string {
	runes := []rune(version)
	if len(runes) <= spreadLabel {
		return version
	}
	return strings.TrimRight(string(runes[:spreadLabel-1]), ".-+") + "…"
}

func round(x float64) float64 { return math.Round(x*10) / 10 }
