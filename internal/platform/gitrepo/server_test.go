package gitrepo_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"steward/internal/platform/gitrepo"
)

const proxyPassword = "s3cret-of-the-proxy"

// outcome is what a copy is to come to.
type outcome struct {
	kind error  // nil: it is made
	says string // a part of the sentence
}

// wantCopy copies an address and looks that no secret is in the error or in what started processes
// get as arguments; their environment may hold what allowed gives.
func wantCopy(t *testing.T, address string, opts gitrepo.MirrorOptions, want outcome, secrets, allowed []string) {
	t.Helper()
	started := filepath.Join(t.TempDir(), "started")
	opts.Git = filepath.Join(t.TempDir(), "git")
	write(t, opts.Git, "#!/bin/sh\nprintf '%s\\n' \"$*\" >>'"+started+".args'\nenv >>'"+started+".env'\nexec git \"$@\"\n")
	if err := os.Chmod(opts.Git, 0o755); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "copy.git")
	err := gitrepo.Mirror(t.Context(), address, dir, opts)
	switch {
	case want.kind == nil && err != nil:
		t.Errorf("copy %s: %v", address, err)
	case want.kind != nil && (!errors.Is(err, want.kind) || !strings.Contains(err.Error(), want.says)):
		t.Errorf("copy %s: %v, want %q with the words %q", address, err, want.kind, want.says)
	}
	texts := map[string]string{"the error": fmt.Sprint(err)}
	for _, what := range []string{"args", "env"} {
		text, err := os.ReadFile(started + "." + what)
		if err != nil && want.kind == nil {
			t.Fatal(err)
		}
		texts[what] = string(text)
	}
	_ = filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() {
			text, _ := os.ReadFile(path)
			texts[path] = string(text)
		}
		return nil
	})
	for _, secret := range secrets {
		for where, text := range texts {
			if strings.Contains(text, secret) && !(where == "env" && strings.Contains(strings.Join(allowed, " "), secret)) {
				t.Errorf("a secret is in %s", where)
			}
		}
	}
}

// tlsServer offers the repositories below root over https, and its authority as a PEM file.
func tlsServer(t *testing.T, root, token string) (address, ca string) {
	t.Helper()
	handler, _ := backend(t, root, token)
	server := httptest.NewUnstartedServer(handler)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	ca = filepath.Join(t.TempDir(), "ca of the firm.pem")
	write(t, ca, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})))
	return server.URL, ca
}

// anotherAuthority is a certificate that signed nothing here.
func anotherAuthority(t *testing.T) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	plan := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Another"}, NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	made, err := x509.CreateCertificate(rand.Reader, plan, plan, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: made}))
}

// newRepoAt makes a repository with one commit.
func newRepoAt(t *testing.T, dir string) {
	t.Helper()
	write(t, filepath.Join(dir, "a"), "1")
	git(t, dir, "init", "-q", "-b", "main")
	commit(t, dir, "one")
}

func TestMirrorOverTLS(t *testing.T) {
	root := t.TempDir()
	newRepoAt(t, filepath.Join(root, "ledger.git"))
	address, ca := tlsServer(t, root, testToken)
	address += "/ledger.git/.git"
	other := filepath.Join(t.TempDir(), "other.pem")
	write(t, other, anotherAuthority(t))
	token, wrong := filepath.Join(t.TempDir(), "token"), filepath.Join(t.TempDir(), "wrong")
	write(t, token, testToken+"\n")
	write(t, wrong, "not-"+testToken+"\n")
	home := t.TempDir()
	write(t, filepath.Join(home, ".gitconfig"), "[credential]\n\thelper = \"!f() { echo username=oauth2; echo password=$(cat '"+token+"'); }; f\"\n")
	for name, c := range map[string]struct {
		opts gitrepo.MirrorOptions
		want outcome
	}{
		"the firm's authority and a token file": {gitrepo.MirrorOptions{CAFile: ca, TokenFile: token, TokenHosts: here}, outcome{}},
		"a credential helper":                   {gitrepo.MirrorOptions{CAFile: ca, UserConfig: true}, outcome{}},
		"the environment's authority":           {gitrepo.MirrorOptions{TokenFile: token, TokenHosts: here}, outcome{gitrepo.ErrUnreachable, "certificate authorities"}},
		"another authority":                     {gitrepo.MirrorOptions{CAFile: other, TokenFile: token, TokenHosts: here}, outcome{gitrepo.ErrUnreachable, "certificate authorities"}},
		"a wrong token":                         {gitrepo.MirrorOptions{CAFile: ca, TokenFile: wrong, TokenHosts: here}, outcome{gitrepo.ErrAccess, "check that the token is valid"}},
		"no credentials":                        {gitrepo.MirrorOptions{CAFile: ca}, outcome{gitrepo.ErrAccess, "name a token file and its host (--token-file, --token-host) or set up a credential helper"}},
		"no token file":                         {gitrepo.MirrorOptions{CAFile: ca, TokenFile: token + "x", TokenHosts: here}, outcome{gitrepo.ErrAccess, "token file cannot be read"}},
		"an authority file that is not there":   {gitrepo.MirrorOptions{CAFile: ca + "x", TokenFile: token, TokenHosts: here}, outcome{gitrepo.ErrUnreachable, "certificate authorities"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("HOME", home)
			t.Setenv("GIT_SSL_CAINFO", other) // what is given for Steward counts
			wantCopy(t, address, c.opts, c.want, []string{testToken}, nil)
		})
	}
}

// proxy is a forward proxy that knows CONNECT alone and wants a password. It opens tunnels to the
// places that it allows and counts them.
type proxy struct {
	allow string
	mu    sync.Mutex
	count int
}

func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	want := "Basic " + base64.StdEncoding.EncodeToString([]byte("steward:"+proxyPassword))
	switch {
	case r.Header.Get("Proxy-Authorization") != want:
		w.Header().Set("Proxy-Authenticate", `Basic realm="firm"`)
		w.WriteHeader(http.StatusProxyAuthRequired)
		return
	case r.Method != http.MethodConnect || r.Host != p.allow:
		w.WriteHeader(http.StatusForbidden)
		return
	}
	there, err := net.Dial("tcp", r.Host)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	defer there.Close()
	here, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	defer here.Close()
	p.mu.Lock()
	p.count++
	p.mu.Unlock()
	fmt.Fprint(here, "HTTP/1.1 200 OK\r\n\r\n")
	go func() { _, _ = io.Copy(there, here) }()
	_, _ = io.Copy(here, there)
}

func TestMirrorThroughAProxy(t *testing.T) {
	root := t.TempDir()
	newRepoAt(t, filepath.Join(root, "ledger.git"))
	address, ca := tlsServer(t, root, testToken)
	token := filepath.Join(t.TempDir(), "token")
	write(t, token, testToken+"\n")
	door := &proxy{allow: strings.TrimPrefix(address, "https://")}
	server := httptest.NewServer(door)
	t.Cleanup(server.Close)
	place := strings.TrimPrefix(server.URL, "http://")
	address += "/ledger.git/.git"
	for _, c := range []struct {
		name, proxy, allow string
		want               outcome
	}{
		{"with its password", "http://steward:" + proxyPassword + "@" + place, door.allow, outcome{}},
		{"with a wrong password", "http://steward:wrong-" + proxyPassword + "@" + place, door.allow, outcome{gitrepo.ErrAccess, "the proxy wants other credentials"}},
		{"without one", "http://" + place, door.allow, outcome{gitrepo.ErrAccess, "the proxy wants other credentials"}},
		{"that refuses the place", "http://steward:" + proxyPassword + "@" + place, "git.example.com:443", outcome{gitrepo.ErrUnreachable, "the proxy does not let it through"}},
		{"that does not answer", "http://steward:" + proxyPassword + "@127.0.0.1:1", door.allow, outcome{gitrepo.ErrUnreachable, "check host, network and proxy"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			door.allow = c.allow
			before := door.count
			t.Setenv("https_proxy", c.proxy)
			t.Setenv("GIT_SSL_CAINFO", ca)
			t.Setenv("no_proxy", "")
			t.Setenv("NO_PROXY", "")
			wantCopy(t, address, gitrepo.MirrorOptions{CAFile: ca, TokenFile: token, TokenHosts: here}, c.want, []string{testToken, proxyPassword}, []string{proxyPassword})
			if c.want.kind == nil && door.count == before {
				t.Error("it did not go through the proxy")
			}
		})
	}
}

// sshServer starts a real one on the loopback and returns its port and its public host key. The
// keys below dir "good" may sign in.
func sshServer(t *testing.T, dir string) (port, hostKey string) {
	t.Helper()
	program, err := exec.LookPath("sshd")
	if err != nil {
		program = "/usr/sbin/sshd"
	}
	if _, err := os.Stat(program); err != nil {
		t.Fatal("no ssh server for the test; make test installs it (Debian: apt-get install openssh-server)")
	}
	for _, key := range []string{"host", "other-host", "good", "stranger"} {
		if out, err := exec.Command("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", key, "-f", filepath.Join(dir, key)).CombinedOutput(); err != nil {
			t.Fatalf("ssh-keygen: %v\n%s", err, out)
		}
	}
	public, err := os.ReadFile(filepath.Join(dir, "good.pub"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "authorized"), string(public))
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ = net.SplitHostPort(free.Addr().String())
	free.Close()
	write(t, filepath.Join(dir, "sshd.conf"), "ListenAddress 127.0.0.1\nPort "+port+"\nHostKey "+filepath.Join(dir, "host")+"\nAuthorizedKeysFile "+filepath.Join(dir, "authorized")+
		"\nPidFile none\nStrictModes no\nUsePAM no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin yes\n")
	if os.Getuid() == 0 {
		_ = os.MkdirAll("/run/sshd", 0o755) // where it locks itself in; made by the system's start elsewhere
	}
	server := exec.Command(program, "-D", "-e", "-f", filepath.Join(dir, "sshd.conf"))
	var said strings.Builder
	server.Stderr = &said
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Process.Kill(); _ = server.Wait() })
	for range 100 {
		conn, err := net.Dial("tcp", "127.0.0.1:"+port)
		if err == nil {
			conn.Close()
			key, err := os.ReadFile(filepath.Join(dir, "host.pub"))
			if err != nil {
				t.Fatal(err)
			}
			return port, strings.TrimSpace(string(key))
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("the ssh server does not answer: %s", said.String())
	return "", ""
}

func TestMirrorOverSSH(t *testing.T) {
	root, keys := t.TempDir(), t.TempDir()
	newRepoAt(t, filepath.Join(root, "ledger.git"))
	port, hostKey := sshServer(t, keys)
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	client, err := exec.LookPath("ssh")
	if err != nil {
		t.Fatal(err)
	}
	otherKey, err := os.ReadFile(filepath.Join(keys, "other-host.pub"))
	if err != nil {
		t.Fatal(err)
	}
	name := "git.bank.example"
	address := "ssh://" + me.Username + "@" + name + ":" + port + filepath.Join(root, "ledger.git")
	opts := gitrepo.MirrorOptions{Resolve: func(context.Context, string, string) ([]netip.Addr, error) {
		return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
	}}
	place := "[" + name + "]:" + port + " "
	for _, c := range []struct {
		name, known, key, path string
		want                   outcome
	}{
		{"a known host and a good key", place + hostKey, "good", "", outcome{}},
		{"an unknown host", "", "good", "", outcome{gitrepo.ErrUnreachable, "add the host's key to known_hosts after checking it"}},
		{"a host with another key than before", place + string(otherKey), "good", "", outcome{gitrepo.ErrUnreachable, "the host shows another key than the one in known_hosts"}},
		{"a key that may not sign in", place + hostKey, "stranger", "", outcome{gitrepo.ErrAccess, "load a key that may read it into the ssh agent"}},
		{"a repository that is not there", place + hostKey, "good", "x", outcome{gitrepo.ErrNotRepository, "check the address"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			// The person's own ssh settings, without touching those of who runs the test.
			dir := t.TempDir()
			write(t, filepath.Join(dir, "known"), c.known+"\n")
			write(t, filepath.Join(dir, "config"), "IdentityFile "+filepath.Join(keys, c.key)+"\nIdentitiesOnly yes\nIdentityAgent none\nUserKnownHostsFile "+filepath.Join(dir, "known")+"\nGlobalKnownHostsFile /dev/null\n")
			write(t, filepath.Join(dir, "ssh"), "#!/bin/sh\nexec '"+client+"' -F '"+filepath.Join(dir, "config")+"' \"$@\"\n")
			if err := os.Chmod(filepath.Join(dir, "ssh"), 0o755); err != nil {
				t.Fatal(err)
			}
			t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
			wantCopy(t, address+c.path, opts, c.want, nil, nil)
		})
	}
}
