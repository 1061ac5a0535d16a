package layout

import (
	"strings"
	"testing"
)

// FuzzConfig reads configuration: no panic, and nothing secret in addresses.
func FuzzConfig(f *testing.F) {
	f.Add("[remote \"origin\"]\n\turl = https://u:p@h/x\n")
	f.Add("[a.b]c=\"d\\\"\\\ne\" # f\n;g\n[h")
	f.Fuzz(func(t *testing.T, text string) {
		s, byName := settings{}, map[string]int{}
		parseConfig([]byte(text), func(section, sub, key, value string) {
			if section != strings.ToLower(section) || key != strings.ToLower(key) {
				t.Errorf("%q.%q is not in lower case", section, key)
			}
			s.remote(byName, sub, "url", value)
		})
	})
}
