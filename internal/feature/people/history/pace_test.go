package history

import (
	"testing"
	"time"
)

func TestPaceSaysWhichTimeItIsTakenFrom(t *testing.T) {
	at := func(year, month int) Release {
		return Release{At: time.Date(year, time.Month(month), 3, 0, 0, 0, 0, time.UTC)}
	}
	for _, c := range []struct {
		all  []Release
		days int64
		want string
	}{
		{nil, 0, "0 releases"},
		{[]Release{at(2020, 5)}, 0, "1 release"},
		{[]Release{{}, {}}, 0, "2 releases"},
		{[]Release{at(2020, 5), at(2019, 6), at(2018, 1), {}}, 8, "4 releases from Jan 2018 to May 2020, half of them at most 8 days after the one before"},
		{[]Release{at(2020, 5), at(2020, 5)}, 1, "2 releases from May 2020 to May 2020, half of them at most 1 day after the one before"},
	} {
		if got := Pace(c.all, c.days); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}
