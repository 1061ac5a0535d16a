package gitrepo_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"steward/internal/platform/gitrepo"
	"steward/internal/platform/gitrepo/address"
)

const testToken = "s3cret-token-of-the-test"

// here are the hosts of the servers of tests.
var here = []string{"127.0.0.1", "localhost"}

// serve offers the repositories below root over smart http on the loopback.
// With a token, others are asked to authenticate.
func serve(t *testing.T, root, token string) (address string, requests *int) {
	t.Helper()
	handler, requests := backend(t, root, token)
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL, requests
}

// backend is git's own server as a handler.
func backend(t *testing.T, root, token string) (handler http.Handler, requests *int) {
	t.Helper()
	path, err := exec.Command("git", "--exec-path").Output()
	if err != nil {
		t.Fatal(err)
	}
	backend := &cgi.Handler{
		Path: filepath.Join(strings.TrimSpace(string(path)), "git-http-backend"),
		Env:  []string{"GIT_PROJECT_ROOT=" + root, "GIT_HTTP_EXPORT_ALL=1", "GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=safe.directory", "GIT_CONFIG_VALUE_0=*"},
	}
	requests = new(int)
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		*requests++
		if strings.HasPrefix(req.URL.Path, "/away/") {
			http.Redirect(w, req, "http://localhost:1/"+strings.TrimPrefix(req.URL.String(), "/away/"), http.StatusFound)
			return
		}
		if user, got, _ := req.BasicAuth(); token != "" && (got != token || user != "oauth2") {
			w.Header().Set("WWW-Authenticate", `Basic realm="test"`)
			http.Error(w, "no", http.StatusUnauthorized)
			return
		}
		backend.ServeHTTP(w, req)
	}), requests
}

func refNames(r *gitrepo.Repo) map[string]string {
	m := map[string]string{}
	for _, ref := range r.Refs() {
		m[ref.Name] = ref.Object
	}
	return m
}

func TestMirror(t *testing.T) {
	ctx := context.Background()
	for _, format := range []string{"sha1", "sha256"} {
		for _, kind := range []string{"path", "file", "http", "http with token"} {
			t.Run(format+" "+kind, func(t *testing.T) {
				root := t.TempDir()
				dir := filepath.Join(root, "src")
				git(t, root, "init", "-q", "-b", "trunk", "--object-format="+format, dir)
				commit(t, dir, "one", "a", "1")
				git(t, dir, "tag", "-m", "x", "v1")
				git(t, dir, "branch", "gone")
				address, opts := dir, gitrepo.MirrorOptions{}
				switch kind {
				case "file":
					address = "file://" + dir
				case "http":
					base, _ := serve(t, root, "")
					address = base + "/src/.git"
				case "http with token":
					base, _ := serve(t, root, testToken)
					address = base + "/src/.git"
					opts.TokenHosts = here
					opts.TokenFile = filepath.Join(t.TempDir(), "to 'ken")
					write(t, opts.TokenFile, testToken+"\r\n")
				}
				copied := filepath.Join(t.TempDir(), "deep", "copy.git")
				check := func() *gitrepo.Repo {
					t.Helper()
					if err := gitrepo.Mirror(ctx, address, copied, opts); err != nil {
						t.Fatal(err)
					}
					r := open(t, copied)
					if diff := cmp.Diff(refNames(open(t, dir)), refNames(r)); diff != "" {
						t.Errorf("refs (-source +copy):\n%s", diff)
					}
					return r
				}
				r := check()
				if b, err := r.DefaultBranch(); b.Name != "trunk" || err != nil {
					t.Errorf("DefaultBranch = %v, %v", b, err)
				}
				if got := r.Remotes(); len(got) != 1 || got[0].URL != address {
					t.Errorf("Remotes = %v", got)
				}
				before := r.Fingerprint()
				if after := check().Fingerprint(); after != before {
					t.Error("the fingerprint changed without a change")
				}
				git(t, dir, "branch", "-D", "gone")
				git(t, dir, "branch", "-m", "trunk", "gone/deeper")
				commit(t, dir, "two", "a", "2")
				r = check()
				if ref, _, _ := r.Head(); ref != "refs/heads/gone/deeper" {
					t.Errorf("Head = %q after the branch was renamed", ref)
				}
				if got := history(t, r, refNames(r)["refs/heads/gone/deeper"]); len(got) != 4 {
					t.Errorf("Log = %q", got)
				}
				if left, _ := filepath.Glob(filepath.Join(filepath.Dir(copied), ".*")); len(left) > 0 {
					t.Errorf("left behind: %v", left)
				}
			})
		}
	}
}

func TestMirrorEmpty(t *testing.T) {
	dir, copied := newRepo(t), filepath.Join(t.TempDir(), "copy")
	if err := gitrepo.Mirror(context.Background(), dir, copied, gitrepo.MirrorOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := open(t, copied).DefaultBranch(); !errors.Is(err, gitrepo.ErrNoHead) {
		t.Errorf("DefaultBranch = %v", err)
	}
}

func TestMirrorRefusals(t *testing.T) {
	root := t.TempDir()
	git(t, root, "init", "-q", "src")
	commit(t, filepath.Join(root, "src"), "one", "a", strings.Repeat("x", 100))
	plain, _ := serve(t, root, "")
	guarded, _ := serve(t, root, testToken)
	token, wrong := filepath.Join(root, "token"), filepath.Join(root, "wrong")
	write(t, token, testToken)
	write(t, wrong, "another-secret")
	refusal := errors.New("not on the list")
	occupied := filepath.Join(root, "occupied")
	write(t, filepath.Join(occupied, "file"), "")
	for _, c := range []struct {
		name, address string
		opts          gitrepo.MirrorOptions
		dir           string
		want          error
		says          string
	}{
		{name: "helper", address: "ext::sh -c true", want: address.ErrInvalid},
		{name: "git protocol", address: "git://127.0.0.1/x", want: address.ErrInvalid},
		{name: "relative", address: "../x", want: address.ErrInvalid},
		{name: "option", address: "--upload-pack=touch x", want: address.ErrInvalid},
		{name: "option as host", address: "ssh://-oProxyCommand=x/y", want: address.ErrInvalid},
		{name: "shell in host", address: "$(touch x):y", want: address.ErrInvalid},
		{name: "password", address: "https://me:" + testToken + "@127.0.0.1/x", want: address.ErrCredentials, says: "file"},
		{name: "token as user", address: "https://" + testToken + "@127.0.0.1/x", want: address.ErrCredentials},
		{name: "token over http", address: "http://example.org/x", opts: gitrepo.MirrorOptions{TokenFile: token, TokenHosts: []string{"example.org"}}, want: gitrepo.ErrAccess, says: "https"},
		{name: "token file missing", address: guarded + "/src/.git", opts: gitrepo.MirrorOptions{TokenFile: root + "/none", TokenHosts: here}, want: gitrepo.ErrAccess},
		{name: "no credentials", address: guarded + "/src/.git", want: gitrepo.ErrAccess, says: "token file"},
		{name: "token of another host", address: guarded + "/src/.git", opts: gitrepo.MirrorOptions{TokenFile: token, TokenHosts: []string{"git.example.com"}}, want: gitrepo.ErrAccess, says: "--token-host"},
		{name: "wrong token", address: guarded + "/src/.git", opts: gitrepo.MirrorOptions{TokenFile: wrong, TokenHosts: here}, want: gitrepo.ErrAccess, says: "valid"},
		{name: "not there", address: plain + "/other", want: gitrepo.ErrNotRepository, says: "check the address"},
		{name: "no such path", address: root + "/nothing", want: os.ErrNotExist},
		{name: "redirect", address: plain + "/away/src/.git", want: gitrepo.ErrUnreachable, says: "redirects"},
		{name: "nobody listens", address: "http://127.0.0.1:1/x", want: gitrepo.ErrUnreachable, says: "network"},
		{name: "refused by rule", address: plain + "/src/.git", want: refusal, opts: gitrepo.MirrorOptions{
			Resolve: func(context.Context, string, string) ([]netip.Addr, error) { return nil, refusal },
		}},
		{name: "occupied", address: plain + "/src/.git", dir: occupied, want: gitrepo.ErrUnsupported},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := c.dir
			if dir == "" {
				dir = filepath.Join(t.TempDir(), "copy")
			}
			err := gitrepo.Mirror(context.Background(), c.address, dir, c.opts)
			if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("Mirror = %v; want %v saying %q", err, c.want, c.says)
			}
			if err != nil && (strings.Contains(err.Error(), testToken) || strings.Contains(err.Error(), "another-secret")) {
				t.Errorf("the error has the token in it: %v", err)
			}
			if _, err := os.Lstat(filepath.Join(dir, "HEAD")); err == nil {
				t.Error("a copy was left behind")
			}
		})
	}
}

func TestMirrorPinsAddresses(t *testing.T) {
	root := t.TempDir()
	git(t, root, "init", "-q", "src")
	commit(t, filepath.Join(root, "src"), "one", "a", "1")
	base, _ := serve(t, root, "")
	port := base[strings.LastIndex(base, ":")+1:]
	t.Setenv("no_proxy", "*")
	asked := ""
	opts := gitrepo.MirrorOptions{Resolve: func(_ context.Context, host, port string) ([]netip.Addr, error) {
		asked = host + " " + port
		return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
	}}
	err := gitrepo.Mirror(context.Background(), "http://git.invalid:"+port+"/src/.git", filepath.Join(t.TempDir(), "copy"), opts)
	if err != nil || asked != "git.invalid "+port {
		t.Errorf("Mirror of a name that only Resolve knows = %v; it was asked for %q", err, asked)
	}
}

func TestMirrorLimits(t *testing.T) {
	// A server that takes the connection and never answers.
	stuck := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	t.Cleanup(stuck.Close)
	err := gitrepo.Mirror(context.Background(), stuck.URL+"/x", filepath.Join(t.TempDir(), "copy"), gitrepo.MirrorOptions{Timeout: 200 * time.Millisecond})
	if !errors.Is(err, gitrepo.ErrTooLarge) {
		t.Errorf("Mirror from a silent server = %v", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	err = gitrepo.Mirror(ctx, stuck.URL+"/x", filepath.Join(t.TempDir(), "copy"), gitrepo.MirrorOptions{})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Mirror under a context that ends = %v", err)
	}
}
