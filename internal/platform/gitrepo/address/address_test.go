package address_test

import (
	"errors"
	"testing"

	"steward/internal/platform/gitrepo/address"
)

func TestNormalise(t *testing.T) {
	for in, want := range map[string]string{
		"https://User:pw@Host.Example:443/a/b.git/": "host.example/a/b",
		"git@host.example:a/b.git":                  "host.example/a/b",
		"git@host.example:/a/b":                     "host.example/a/b",
		"host.example:a/b":                          "host.example/a/b",
		"ssh://git@host.example:22/a/b":             "host.example/a/b",
		"ssh://git@host.example:7999/a/b.git":       "host.example:7999/a/b",
		"https://host.example:8443/scm/A/b":         "host.example:8443/scm/A/b",
		"http://host.example:80/a%20b?x=y#z":        "host.example/a b",
		"git+ssh://git@host.example/a":              "host.example/a",
		"git://host.example:9418/a/b.git":           "host.example/a/b",
		"ssh://git@[::1]:22/a":                      "[::1]/a",
		"HTTPS://HOST.example./a":                   "host.example/a",
		"file:///srv/git/a.git":                     "/srv/git/a",
		"/srv/git/a/.git":                           "/srv/git/a",
		"/srv/./git//a.git/":                        "/srv/git/a",
		"file:///srv/./git/b/../a/":                 "/srv/git/a",
		"file://localhost/srv/git/a%20b":            "/srv/git/a b",
		"file://localhosts/a":                       "/localhosts/a",
		"FILE:///srv/git/a%zz":                      "/srv/git/a%zz",
	} {
		if got, err := address.Normalise(in); got != want || err != nil {
			t.Errorf("Normalise(%q) = %q, %v; want %q", in, got, err, want)
		}
	}
	for _, in := range []string{"", "  ", "../a", "a/b", "ext::sh -c x", "https://", "https://host", "https://host/", "host:", "ftp://h/a", "a\nb", "file://", "https://h ost/a"} {
		if got, err := address.Normalise(in); !errors.Is(err, address.ErrInvalid) {
			t.Errorf("Normalise(%q) = %q, %v; want ErrInvalid", in, got, err)
		}
	}
}

func TestRedact(t *testing.T) {
	for in, want := range map[string]string{
		"fatal: https://me:pw@h/x: no":              "fatal: https://h/x: no",
		"https://tok@h/x and ssh://git@h/y":         "https://h/x and ssh://h/y",
		"https://a@b@h/x":                           "https://h/x",
		"get /x?a=1&access_token=abc&b=2":           "get /x?a=1&access_token=…&b=2",
		"Authorization: Bearer abc.def":             "Authorization: Bearer …",
		"token ghp_0123456789abcdefghij was wrong":  "token … was wrong",
		"nothing here: a@b.example and key: value?": "nothing here: a@b.example and key: value?",
	} {
		if got := address.Redact(in); got != want {
			t.Errorf("Redact(%q) = %q; want %q", in, got, want)
		}
	}
}
