package people

import (
	"fmt"
	"slices"
	"time"

	"steward/internal/platform/store"
)

// summary is what `steward scan --history` shows; it names nobody.
type summary struct {
	Commits  int64     `json:"commits"`
	First    time.Time `json:"first"`
	Last     time.Time `json:"last"`
	Half     string    `json:"half_of_the_work"` // how many people make it; small groups are not told apart
	Releases []Release `json:"releases"`
	Days     int64     `json:"release_cadence_days,omitempty"`
}

func (l *learnt) summary() summary {
	s := summary{Commits: l.commits, First: store.FromMicros(l.first), Last: store.FromMicros(l.last), Releases: l.releases[:min(len(l.releases), 20)]}
	s.Days, _ = cadence(l.releases)
	var counts []int64
	services := map[int64]bool{}
	for _, a := range l.authors {
		services[a.id] = a.service
	}
	for _, w := range l.work {
		if w.root == whole && w.commits > 0 && !services[w.identity] {
			counts = append(counts, w.commits)
		}
	}
	s.Half = sight{mode: team}.group(half(counts))
	return s
}

// Lines gives label and text pairs for people.
func (s summary) Lines() [][2]string {
	text := fmt.Sprintf("%d commits", s.Commits)
	if !s.First.IsZero() {
		text += fmt.Sprintf(", %s to %s", s.First.Format("2 Jan 2006"), s.Last.Format("2 Jan 2006"))
	}
	lines := [][2]string{{"History", text}, {"Half of it by", s.Half}}
	if last := lastRelease(s.Releases); last != nil {
		text := last.Name + " on " + last.At.Format("2 Jan 2006")
		if s.Days > 0 {
			text += fmt.Sprintf(", one in about %d days", s.Days)
		}
		lines = append(lines, [2]string{"Last release", text})
	}
	return lines
}

// half is the fewest people who make half of the commits.
func half(counts []int64) int64 {
	slices.SortFunc(counts, func(a, b int64) int { return int(min(max(b-a, -1), 1)) })
	total, sum := int64(0), int64(0)
	for _, n := range counts {
		total += n
	}
	for i, n := range counts {
		if sum += n; sum*2 >= total && total > 0 {
			return int64(i + 1)
		}
	}
	return 0
}
