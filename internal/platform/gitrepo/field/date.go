package field

import "bytes"

// maxSecond is the end of the year 9999.
const maxSecond = 253402300799

// Date reads git's raw date, "<seconds> <±hhmm>", as µs since 1970 UTC and minutes east of UTC; 0 for
// what cannot be read or lies after the year 9999.
func Date(b []byte) (micros int64, offsetMin int) {
	second, zone, _ := bytes.Cut(b, []byte{' '})
	sec, ok := parseSigned(second)
	if !ok || sec > maxSecond || sec < -maxSecond {
		return 0, 0
	}
	z, ok := parseSigned(zone)
	if !ok || z > 2359 || z < -2359 {
		return sec * 1e6, 0
	}
	return sec * 1e6, int(z/100*60 + z%100)
}

func parseSigned(b []byte) (int64, bool) {
	sign := int64(1)
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		if b[0] == '-' {
			sign = -1
		}
		b = b[1:]
	}
	if len(b) == 0 || len(b) > 18 {
		return 0, false
	}
	var n int64
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return sign * n, true
}
