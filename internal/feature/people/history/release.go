package history

import (
	"cmp"
	"encoding/hex"
	"regexp"
	"slices"
	"strings"
	"time"

	"steward/internal/platform/gitrepo"
	"steward/internal/platform/store"
)

// Release is a tag that looks like a version.
type Release struct {
	Name    string    `json:"name"`
	Commit  string    `json:"commit"`
	At      time.Time `json:"at"`      // when it was tagged; zero when not known
	Preview bool      `json:"preview"` // alpha, beta, release candidate and the like
}

const (
	maxReleases    = 20_000
	maxReleaseName = 300
)

// versionTag is a version with two numbers or more, behind a name or "v", as
// in v1.2.3, release-2.0, lib/api/v1.4.0, @scope/pkg@2.1.0, REL_15_3, or v252
// alone; behind a word that says release also with dashes between its numbers,
// as in release-1-2-3. Its group is what follows the numbers. Names such as
// nightly, latest, 2.3.x and bare numbers are no releases.
var versionTag = regexp.MustCompile(`(?i)^(?:(?:[^\s]*[/@_-])?(?:v|ver|version|r|rel|release|[a-z][a-z0-9]*(?:[._-][a-z][a-z0-9]*)*[._-])?[._-]?\d{1,10}(?:[._]\d{1,10}){1,4}` +
	`|(?:[^\s]*/)?(?:v|ver|version|rel|release)[._-]?\d{1,10}(?:-\d{1,10}){1,4})([._+~-]?[a-z][0-9a-z._+~-]*|[+~-][0-9a-z._+~-]+)?$|^v\d{1,6}$`)

// preview finds, in what follows the numbers of a version, a word of versions
// that are not final. A single letter is one with a number behind it (2.0b1) or
// a sign before it (1.3.0.b): 1.0.2b is the second mend of 1.0.2. What follows
// a + tells how it was built (semver.org, 10).
var preview = regexp.MustCompile(`(?i)^[^+]*?(?:^|[._~-])(?:rc|cr|alpha|beta|milestone|pr|pre|preview|prerelease|dev|snapshot|nightly|canary|next|test|insiders?|ea|unstable|experimental)(?:[\d._+~-]|$)` +
	`|^(?:[abcm]\d|[._~-][abcm](?:[\d._+~-]|$))`)

// releasesOf picks the tags that look like versions, the latest first. Dates
// after latest (µs) count as unknown.
func releasesOf(tags []gitrepo.Tag, latest int64) []Release {
	var all []Release
	seen := map[string]bool{}
	for _, t := range tags {
		name := store.Text(t.Name)
		parts := versionTag.FindStringSubmatch(name)
		if len(name) > maxReleaseName || seen[name] || parts == nil || strings.HasSuffix(strings.ToLower(name), ".x") {
			continue
		}
		seen[name] = true
		r := Release{Name: name, Commit: t.Commit, Preview: preview.MatchString(parts[1])}
		if _, err := hex.DecodeString(t.Commit); err != nil {
			r.Commit = ""
		}
		if t.Time >= earliest && t.Time <= latest {
			r.At = store.FromMicros(t.Time)
		}
		all = append(all, r)
	}
	slices.SortFunc(all, func(a, b Release) int { return cmp.Or(b.At.Compare(a.At), cmp.Compare(b.Name, a.Name)) })
	return all[:min(len(all), maxReleases)]
}

// LastRelease is the newest one with a date, a final one when there is any.
func LastRelease(all []Release) *Release {
	var last *Release
	for i := range all {
		if all[i].At.IsZero() {
			continue
		}
		if !all[i].Preview {
			return &all[i]
		}
		if last == nil {
			last = &all[i]
		}
	}
	return last
}

// Cadence is the median of the days between days with final releases, or with
// any when fewer than three days have final ones. At least two days are needed.
func Cadence(all []Release) (days int64, ok bool) {
	for _, previews := range []bool{false, true} {
		var at []int64
		for _, r := range all {
			if !r.At.IsZero() && (previews || !r.Preview) {
				at = append(at, store.Micros(r.At)/(24*3600*1e6))
			}
		}
		slices.Sort(at)
		at = slices.Compact(at)
		if len(at) < 3 && !previews || len(at) < 2 {
			continue
		}
		gaps := make([]int64, 0, len(at))
		for i := 1; i < len(at); i++ {
			gaps = append(gaps, at[i]-at[i-1])
		}
		slices.Sort(gaps)
		return gaps[len(gaps)/2], true
	}
	return 0, false
}
