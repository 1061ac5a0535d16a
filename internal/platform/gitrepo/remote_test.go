package gitrepo_test

import (
	"errors"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"steward/internal/platform/gitrepo"
)

func TestNormaliseRemote(t *testing.T) {
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
	} {
		if got, err := gitrepo.NormaliseRemote(in); got != want || err != nil {
			t.Errorf("NormaliseRemote(%q) = %q, %v; want %q", in, got, err, want)
		}
	}
	for _, in := range []string{"", "  ", "../a", "a/b", "ext::sh -c x", "https://", "https://host", "https://host/", "host:", "ftp://h/a", "a\nb", "file://", "https://h ost/a"} {
		if got, err := gitrepo.NormaliseRemote(in); !errors.Is(err, gitrepo.ErrUnsupported) {
			t.Errorf("NormaliseRemote(%q) = %q, %v; want ErrUnsupported", in, got, err)
		}
	}
}

func TestRemotes(t *testing.T) {
	dir := newRepo(t)
	write(t, filepath.Join(dir, ".git/config"), "\ufeff# comment\n[core]\nbare=false\n"+
		"[remote \"origin\"] url = https://me:pw@host.example/a.git?private_token=abc ; x\n\turl = second\n"+
		"\tpushurl = \"ssh://git:pw@host.example:22/\\\n  a.git\"\n\tfetch = +refs/*:refs/*\n"+
		"[Remote \"odd \\\"name\\\\\"]\n\tURL = git@host.example:b\n[remote \"none\"]\n\tprune\n"+
		"[remote \"open\n\turl = lost\n[remote.old]\n\turl = /srv/old \t\n[remote \"token\"]\nurl=https://ghp_0123456789abcdefghij@host.example\n[remote \"cut\"]\nurl = \"x")
	want := []gitrepo.Remote{
		{Name: "origin", URL: "https://host.example/a.git", PushURL: "ssh://git@host.example:22/  a.git"},
		{Name: `odd "name\`, URL: "git@host.example:b"},
		{Name: "old", URL: "/srv/old"},
		{Name: "token", URL: "https://host.example"},
		{Name: "cut", URL: "x"},
	}
	if diff := cmp.Diff(want, open(t, dir).Remotes()); diff != "" {
		t.Errorf("Remotes (-want +got):\n%s", diff)
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
		if got := gitrepo.Redact(in); got != want {
			t.Errorf("Redact(%q) = %q; want %q", in, got, want)
		}
	}
}

func TestTrailers(t *testing.T) {
	message := "subject\nstill subject\n\nCo-authored-by: Ann <ann@x>\nNote: text in the middle\n\nbody\n\nSigned-off-by: Ben <ben@x>\nchange-id: I1\nno trailer\n bad key: x\nempty:\n"
	var got []string
	gitrepo.Trailers([]byte(message), func(k, v []byte) { got = append(got, string(k)+"="+string(v)) })
	want := []string{"Co-authored-by=Ann <ann@x>", "Signed-off-by=Ben <ben@x>", "change-id=I1"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Trailers (-want +got):\n%s", diff)
	}
	if got := string(gitrepo.Subject([]byte("\n\n" + message))); got != "subject still subject" {
		t.Errorf("Subject = %q", got)
	}
}
