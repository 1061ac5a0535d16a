package app

import (
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"steward/internal/app/secret"
	"steward/internal/platform/fault"
)

func TestWhereTheHubIsReached(t *testing.T) {
	type where struct {
		Address string
		Hosts   []string
		Secure  bool
	}
	cases := map[string]struct {
		front front
		want  where // PORT stands for the port
	}{
		"this machine":          {front{Listen: "127.0.0.1:0"}, where{"http://127.0.0.1:PORT", []string{"127.0.0.1:PORT", "127.0.0.1:PORT"}, false}},
		"a host":                {front{Listen: "127.0.0.1:0", Host: []string{"a.example:81"}}, where{"http://a.example:81", []string{"a.example:81", "127.0.0.1:PORT", "127.0.0.1:PORT"}, false}},
		"any host":              {front{Listen: "127.0.0.1:0", Host: []string{"*"}}, where{"http://127.0.0.1:PORT", []string{"*", "127.0.0.1:PORT", "127.0.0.1:PORT"}, false}},
		"every address":         {front{Listen: "0.0.0.0:0"}, where{"http://localhost:PORT", []string{"[::]:PORT", "localhost:PORT"}, false}},
		"behind a proxy":        {front{Listen: "127.0.0.1:0", PublicURL: "https://Steward.Example/"}, where{"https://steward.example", []string{"127.0.0.1:PORT", "127.0.0.1:PORT", "steward.example"}, true}},
		"a proxy without https": {front{Listen: "127.0.0.1:0", PublicURL: "http://steward.example:8080"}, where{"http://steward.example:8080", []string{"127.0.0.1:PORT", "127.0.0.1:PORT", "steward.example:8080"}, false}},
	}
	for name, c := range cases {
		e, err := c.front.open(nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		at := e.listener.Addr().String()
		port := at[strings.LastIndex(at, ":")+1:]
		got := where{strings.ReplaceAll(e.address, port, "PORT"), strings.Split(strings.ReplaceAll(strings.Join(e.hosts, " "), port, "PORT"), " "), e.secure}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: want -, got +:\n%s", name, diff)
		}
		if err := e.listener.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestPublicURLs(t *testing.T) {
	for _, bad := range []string{"steward.example", "https://", "ftp://a", "https://a/b", "https://u:p@a", "https://a?b", "https://a#b", "://", "https:a"} {
		if u, err := publicURL(bad); !errors.Is(err, fault.Invalid) || strings.Contains(err.Error(), "u:p") {
			t.Errorf("%q: %v %v", bad, u, err)
		}
	}
	for in, want := range map[string]string{"https://A.example": "https://a.example", "http://a:1/": "http://a:1", "https://[::1]:8443": "https://[::1]:8443"} {
		u, err := publicURL(in)
		if err != nil {
			t.Errorf("%q: %v", in, err)
			u = &url.URL{}
		}
		if u.String() != want {
			t.Errorf("%q is %q, want %q", in, u, want)
		}
	}
}

func TestTheSecretForMetrics(t *testing.T) {
	file := filepath.Join(t.TempDir(), "secret")
	for _, c := range []struct {
		text, want string
		mode       os.FileMode
		kind       fault.Kind
	}{
		{"0123456789abcdef", "0123456789abcdef", 0o600, 0},
		{" 0123456789abcdef \r\nmore\n", "0123456789abcdef", 0o640, 0},
		{"0123456789abcdef", "", 0o644, fault.Unavailable},
		{"tiny\n", "", 0o600, fault.Invalid},
		{"\n0123456789abcdef", "", 0o600, fault.Invalid},
		{"", "", 0o600, fault.Invalid},
	} {
		if err := errors.Join(os.WriteFile(file, []byte(c.text), c.mode), os.Chmod(file, c.mode)); err != nil {
			t.Fatal(err)
		}
		got, err := secret.ForMetrics(file)
		if kind, _ := fault.KindOf(err); got != c.want || kind != c.kind || err != nil && len(c.text) > 5 && strings.Contains(err.Error(), strings.TrimSpace(c.text)) {
			t.Errorf("%q with %o: %q, %v", c.text, c.mode, got, err)
		}
	}
	if _, err := secret.ForMetrics(file + "-none"); !errors.Is(err, fault.Unavailable) {
		t.Errorf("no file: %v", err)
	}
	if got, err := secret.ForMetrics(""); got != "" || err != nil {
		t.Errorf("none named: %q, %v", got, err)
	}
}

// TestTheTokenForSources: it is checked as any other secret, before anything is done with it, by all who take one.
func TestTheTokenForSources(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "token")
	for _, c := range []struct {
		mode os.FileMode
		says string // "" is that it is taken
	}{{0o600, ""}, {0o640, ""}, {0o644, "Run: chmod o= " + file}, {0o606, "Run: chmod o= " + file}} {
		if err := errors.Join(os.WriteFile(file, []byte("0123456789abcdef"), c.mode), os.Chmod(file, c.mode)); err != nil {
			t.Fatal(err)
		}
		for _, words := range [][]string{{"up", "--once"}, {"doctor", "--sources"}} {
			code, _, messages := call(t, append(words, "--data", filepath.Join(dir, "data"), "--token-file", file, "--token-host", "git.example.com")...)
			refused := strings.Contains(messages, "the token for sources")
			if strings.Contains(messages, "0123456789abcdef") || refused != (c.says != "") || !strings.Contains(messages, c.says) || refused && code != 3 {
				t.Errorf("%s with %o: %d, %s", words[0], c.mode, code, messages)
			}
		}
	}
	for _, none := range []string{dir, filepath.Join(dir, "none")} {
		if _, err := (remote{TokenFile: none}).options(); !errors.Is(err, fault.Unavailable) {
			t.Errorf("%s: %v", none, err)
		}
	}
}

func TestHalfACertificateIsRefused(t *testing.T) {
	for _, f := range []tlsFiles{{TLSCert: "a"}, {TLSKey: "a"}} {
		if _, err := f.open(nil); !errors.Is(err, fault.Invalid) {
			t.Errorf("%+v: %v", f, err)
		}
	}
}
