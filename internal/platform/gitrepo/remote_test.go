package gitrepo_test

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"steward/internal/platform/gitrepo"
)

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
