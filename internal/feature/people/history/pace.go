package history

import (
	"time"

	"steward/internal/platform/web/piece"
)

// Pace says in words how many releases there are, in which time those with a
// date were made, and their cadence, the median of days between them; 0 days
// when it is not known. Releases come newest first, those without a date last.
func Pace(all []Release, days int64) string {
	text := count(len(all), "release")
	var first, last time.Time
	for _, r := range all {
		if !r.At.IsZero() {
			first = r.At
		}
		if last.IsZero() {
			last = r.At
		}
	}
	if days == 0 || first.IsZero() {
		return text
	}
	return text + " from " + first.UTC().Format("Jan 2006") + " to " + last.UTC().Format("Jan 2006") + ", half of them at most " + count(int(days), "day") + " after the one before"
}

func count(n int, word string) string {
	if n != 1 {
		word += "s"
	}
	return piece.Number(int64(n)) + " " + word
}
