package people

import (
	"fmt"
	"time"

	"steward/internal/feature/people/history"
	"steward/internal/platform/store"
)

// summary is what `steward scan --history` shows; it names nobody.
type summary struct {
	Commits  int64             `json:"commits"`
	First    time.Time         `json:"first"`
	Last     time.Time         `json:"last"`
	Half     string            `json:"half_of_the_work"` // how many people make it; small groups are not told apart
	Releases []history.Release `json:"releases"`
	Days     int64             `json:"release_cadence_days,omitempty"`
	Pace     string            `json:"-"` // of all releases, in words
}

func summaryOf(l *history.Learnt) summary {
	s := summary{Commits: l.Commits, First: store.FromMicros(l.First), Last: store.FromMicros(l.Last), Releases: l.Releases[:min(len(l.Releases), 20)]}
	s.Days, _ = history.Cadence(l.Releases)
	s.Pace = history.Pace(l.Releases, s.Days)
	var counts []int64
	services := map[int64]bool{}
	for _, a := range l.Authors {
		services[a.ID] = a.Service
	}
	for _, w := range l.Work {
		if w.Root == history.Whole && w.Commits > 0 && !services[w.Identity] {
			counts = append(counts, w.Commits)
		}
	}
	s.Half = sight{mode: team}.group(history.Half(counts))
	return s
}

// Lines gives label and text pairs for people.
func (s summary) Lines() [][2]string {
	text := fmt.Sprintf("%d commits", s.Commits)
	if !s.First.IsZero() {
		text += fmt.Sprintf(", %s to %s", s.First.Format("2 Jan 2006"), s.Last.Format("2 Jan 2006"))
	}
	lines := [][2]string{{"History", text}, {"Half of it by", s.Half}}
	if last := history.LastRelease(s.Releases); last != nil {
		text := last.Name + " on " + last.At.Format("2 Jan 2006")
		if s.Days > 0 {
			text += "; " + s.Pace
		}
		lines = append(lines, [2]string{"Last release", text})
	}
	return lines
}
