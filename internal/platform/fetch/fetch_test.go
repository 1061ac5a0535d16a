package fetch_test

import (
	"context"
	"encoding/pem"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"steward/internal/platform/fetch"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func gate(t *testing.T, cfg fetch.Config) *fetch.Gate {
	t.Helper()
	if cfg.Proxy == nil {
		cfg.Proxy = func(*http.Request) (*url.URL, error) { return nil, nil }
	}
	g, err := fetch.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestCheck(t *testing.T) {
	g := gate(t, fetch.Config{Allow: []string{"Git.Example.:443", "api.example", "*.wide.example:8443", "[2001:db8::1]:22", "10.0.0.7:*", "169.254.169.254:80"}})
	for _, c := range []struct {
		host, port string
		want       bool
	}{
		{"git.example", "443", true},
		{"GIT.EXAMPLE.", "443", true},
		{"git.example", "80", false},
		{"api.example", "443", true},
		{"a.wide.example", "8443", true},
		{"wide.example", "8443", false},
		{"notwide.example", "8443", false},
		{"2001:db8::1", "22", true},
		{"2001:0db8:0::1", "22", true},
		{"10.0.0.7", "1", true},
		{"::ffff:10.0.0.7", "1", true},
		{"other.example", "443", false},
		{"", "443", false},
		{"169.254.169.254", "80", false},
	} {
		err := g.Check(c.host, c.port)
		if (err == nil) != c.want || err != nil && !errors.Is(err, fetch.ErrRefused) {
			t.Errorf("Check(%s, %s) = %v; want allowed %v", c.host, c.port, err, c.want)
		}
	}
	want := []string{"*.wide.example:8443", "10.0.0.7:*", "169.254.169.254:80", "[2001:db8::1]:22", "api.example:443", "git.example:443"}
	if diff := cmp.Diff(want, g.Places()); diff != "" {
		t.Errorf("Places (-want +got):\n%s", diff)
	}
	for _, bad := range []string{"", "*", "https://x.example", "x.example:", "x.example:http", "a*.example:1", "user@x:1"} {
		if _, err := fetch.New(fetch.Config{Allow: []string{bad}}); err == nil {
			t.Errorf("New with %q succeeded", bad)
		}
	}
}

func TestResolveRefusesForbiddenAddresses(t *testing.T) {
	for address, want := range map[string]bool{
		"192.0.2.1": true, "10.1.2.3": true, "127.0.0.1": true, "::1": true, "2001:db8::5": true, "64:ff9b::c000:201": true,
		"169.254.169.254": false, "169.254.0.1": false, "::ffff:169.254.169.254": false, "fe80::1": false, "64:ff9b::a9fe:a9fe": false,
		"2002:a9fe:a9fe::1": false, "::a9fe:a9fe": false, "fd00:ec2::254": false, "168.63.129.16": false, "100.100.100.200": false,
		"0.0.0.0": false, "0.1.2.3": false, "::": false, "224.0.0.1": false, "ff02::1": false,
	} {
		g := gate(t, fetch.Config{Allow: []string{"x.example:443"}, Lookup: func(context.Context, string) ([]netip.Addr, error) {
			return []netip.Addr{netip.MustParseAddr("192.0.2.9"), netip.MustParseAddr(address)}, nil
		}})
		got, err := g.Resolve(context.Background(), "x.example", "443")
		if (err == nil) != want || err != nil && !errors.Is(err, fetch.ErrRefused) {
			t.Errorf("Resolve to %s = %v, %v; want allowed %v", address, got, err, want)
		}
	}
}

func TestClient(t *testing.T) {
	inside := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if to := r.URL.Query().Get("to"); to != "" {
			http.Redirect(w, r, to, http.StatusFound)
			return
		}
		io.WriteString(w, "hello")
	}))
	defer inside.Close()
	touched := false
	outside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { touched = true }))
	defer outside.Close()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: inside.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	place := strings.TrimPrefix(inside.URL, "https://")
	get := func(cfg fetch.Config, address string) (string, error) {
		c := gate(t, cfg).Client()
		defer c.CloseIdleConnections()
		resp, err := c.Get(address)
		if err != nil {
			return "", err
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		return string(body), err
	}
	allowed := fetch.Config{Allow: []string{place}, CAFile: ca}
	if body, err := get(allowed, inside.URL); body != "hello" || err != nil {
		t.Errorf("Get = %q, %v", body, err)
	}
	if body, err := get(allowed, inside.URL+"?to=/there"); body != "hello" || err != nil {
		t.Errorf("Get through a redirect = %q, %v", body, err)
	}
	if _, err := get(fetch.Config{Allow: []string{place}}, inside.URL); err == nil {
		t.Error("an unknown certificate authority was trusted")
	}
	for _, address := range []string{outside.URL, inside.URL + "?to=" + url.QueryEscape(outside.URL)} {
		if _, err := get(allowed, address); !errors.Is(err, fetch.ErrRefused) {
			t.Errorf("Get(%s) = %v; want ErrRefused", address, err)
		}
	}
	// Allowed, but a redirect may not leave encryption.
	both := fetch.Config{Allow: []string{place, strings.TrimPrefix(outside.URL, "http://")}, CAFile: ca}
	if _, err := get(both, inside.URL+"?to="+url.QueryEscape(outside.URL)); !errors.Is(err, fetch.ErrRefused) {
		t.Errorf("redirect from https to http = %v", err)
	}
	if touched {
		t.Error("the other server was contacted")
	}
}

func TestProxyIsUsedForAllowedPlacesOnly(t *testing.T) {
	asked := []string{}
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.Host)
		io.WriteString(w, "by proxy")
	}))
	defer proxy.Close()
	via, err := url.Parse(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	c := gate(t, fetch.Config{Allow: []string{"only-the-proxy-knows.invalid:80"}, Proxy: http.ProxyURL(via)}).Client()
	defer c.CloseIdleConnections()
	resp, err := c.Get("http://only-the-proxy-knows.invalid/x")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if _, err := c.Get("http://other.invalid/x"); !errors.Is(err, fetch.ErrRefused) {
		t.Errorf("Get of another place = %v", err)
	}
	if diff := cmp.Diff([]string{"only-the-proxy-knows.invalid"}, asked); diff != "" {
		t.Errorf("the proxy was asked (-want +got):\n%s", diff)
	}
}
