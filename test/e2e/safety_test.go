package e2e

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// certificate writes a certificate for localhost and its key, and returns who trusts it.
func certificate(t *testing.T, dir string, serial int64) (cert, key string, pool *x509.CertPool) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "hub"}, DNSNames: []string{"localhost"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(100*24*time.Hour + time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	cert, key, pool = filepath.Join(dir, "hub.pem"), filepath.Join(dir, "hub.key"), x509.NewCertPool()
	chain := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	pool.AppendCertsFromPEM(chain)
	for name, text := range map[string][]byte{cert: chain, key: pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})} {
		if err := os.WriteFile(name, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key, pool
}

func TestHTTPSOfItsOwn(t *testing.T) {
	root, n := estate(t)
	data, dir := t.TempDir(), t.TempDir()
	cert, key, pool := certificate(t, dir, 1)
	secret := filepath.Join(dir, "secret")
	if err := os.WriteFile(secret, []byte("0123456789abcdef0123456789abcdef\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := up(t, data, "--tls-cert", cert, "--tls-key", key, "--metrics-secret-file", secret, root)
	if !strings.HasPrefix(s.address, "https://localhost:") {
		t.Fatalf("the link leads to %s", s.address)
	}
	s.trust = pool
	s.signIn()
	s.idle(n)
	at, _ := url.Parse(s.address)
	cookies := s.client.Jar.Cookies(at)
	if len(cookies) != 1 || cookies[0].Name != "__Host-steward" {
		t.Errorf("cookies: %v", cookies)
	}
	out, errs, code := run(t, "doctor", "--data", data)
	if code != 0 || !regexp.MustCompile(`ok +certificate +valid for 100 more days`).MatchString(out) {
		t.Errorf("doctor: %d\n%s%s", code, out, errs)
	}
	if out, _, _ := run(t, "link", "--data", data); !strings.HasPrefix(out, s.address+"/login?link=") {
		t.Errorf("another link: %s", out)
	}

	metrics := func(authorization string) (int, string) {
		request, err := http.NewRequest(http.MethodGet, s.address+"/metrics", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", authorization)
		client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, DisableKeepAlives: true}}
		answer, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		b, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answer.StatusCode, string(b)
	}
	if status, body := metrics("Bearer 0123456789abcdef0123456789abcdef"); status != 200 || !strings.Contains(body, "steward_http_request_seconds_count") || !strings.Contains(body, "go_goroutines") || !strings.Contains(body, "steward_certificate_expires_timestamp_seconds") {
		t.Errorf("metrics with the secret: %d", status)
	}
	for _, wrong := range []string{"", "Bearer ", "Bearer 0123456789abcdef0123456789abcdeX", "0123456789abcdef0123456789abcdef"} {
		if status, body := metrics(wrong); status != 403 || strings.Contains(body, "steward_http") {
			t.Errorf("metrics with %q: %d", wrong, status)
		}
	}

	_, _, renewed := certificate(t, dir, 2)
	for range 100 {
		conn, err := tls.Dial("tcp", at.Host, &tls.Config{RootCAs: renewed})
		if err == nil {
			_ = conn.Close()
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Error("the renewed certificate is not shown")
}

// TestASecondKeyIsRefused: two data folders on one PostgreSQL sign the audit log with one key.
func TestASecondKeyIsRefused(t *testing.T) {
	dsn := postgres(t)
	root, _ := estate(t)
	first, second := t.TempDir(), t.TempDir()
	s := up(t, first, "--database", dsn, root)
	for _, command := range [][]string{{"serve", "--listen", "127.0.0.1:0"}, {"work"}} {
		_, errs, code := run(t, append(command, "--database", dsn, "--data", second)...)
		if code != 3 || !strings.Contains(errs, "Copy audit.key") || strings.Count(errs, "\n") != 1 {
			t.Errorf("%s: exit %d, want 3 and what to do:\n%s", command[0], code, errs)
		}
	}
	if _, errs, code := run(t, "link", "--database", dsn, "--data", second); code != 0 {
		t.Errorf("a link needs no key: %d\n%s", code, errs)
	}
	key, err := os.ReadFile(filepath.Join(first, "audit.key"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(second, "audit.key"), key, 0o600); err != nil {
		t.Fatal(err)
	}
	work := exec.Command(binary(t), "work", "--database", dsn, "--data", second)
	printed, err := work.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := work.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(printed).ReadString('\n')
	_ = work.Process.Signal(os.Interrupt)
	if waited := work.Wait(); err != nil || waited != nil || !strings.Contains(line, "reads") {
		t.Errorf("with the key copied: %q, %v, %v", line, err, waited)
	}
	s.signIn()
	if _, body := s.get("/api/v1/audit/verification"); !strings.Contains(body, `"ok":true`) {
		t.Errorf("the log does not verify: %s", body)
	}
}

// TestARequestThatNeverEnds: headers and bodies that come a byte at a time, or never, are cut off and
// hold nobody else up.
func TestARequestThatNeverEnds(t *testing.T) {
	root, n := estate(t)
	s := up(t, t.TempDir(), root)
	s.signIn()
	s.idle(n)
	at := strings.TrimPrefix(s.address, "http://")
	for _, beginning := range []string{"", "GET / HTTP/1.1\r\nHost: " + at + "\r\nX-Slow: "} {
		for range 200 {
			c, err := net.Dial("tcp", at)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = c.Close() })
			if _, err := io.WriteString(c, beginning); err != nil {
				t.Fatal(err)
			}
		}
	}
	if status, _ := s.get("/repositories"); status != 200 {
		t.Errorf("beside slow requests: %d", status)
	}
	c, err := net.Dial("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(30 * time.Second))
	if _, err := io.WriteString(c, "GET / HTTP/1.1\r\nHost: "+at+"\r\nX-Slow: "); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(c); err != nil {
		t.Errorf("a header that never ends is not cut off within 30 s: %v", err)
	}
}

// TestPostgresDiesAndComesBack: while the database is away requests are told to try again, and when it
// is back everybody is still signed in and all that was to be read is read, without a restart.
func TestPostgresDiesAndComesBack(t *testing.T) {
	p := newServer(t)
	root := t.TempDir()
	const n = 60
	for i := range n {
		repository(t, filepath.Join(root, fmt.Sprintf("repo-%02d", i)), map[string]string{"README.md": fmt.Sprintf("# Repo %d\n\nNumber %d.\n", i, i), "main.go": "package main\n", "package-lock.json": portalLock})
	}
	s := up(t, t.TempDir(), "--database", p.dsn, "--workers", "2", root)
	s.signIn()
	for range 2 { // while it reads, and soon after
		p.end(syscall.SIGKILL)
		for path, want := range map[string]int{"/repositories": 503, "/api/v1/repositories": 503, "/readyz": 503, "/healthz": 200} {
			answer, err := s.client.Get(s.address + path)
			if err != nil {
				t.Fatal(err)
			}
			body, _ := io.ReadAll(answer.Body)
			_ = answer.Body.Close()
			if answer.StatusCode != want || want == 503 && path != "/readyz" && (answer.Header.Get("Retry-After") == "" || !strings.Contains(string(body), "E-")) {
				t.Errorf("%s while the database is away: %d, want %d\n%.500s", path, answer.StatusCode, want, body)
			}
		}
		time.Sleep(2 * time.Second)
		p.start()
		back := false
		for range 100 {
			if status, _ := s.get("/repositories"); status == 200 {
				back = true
				break
			}
			time.Sleep(100 * time.Millisecond)
		}
		if !back {
			t.Fatalf("not back within 10 s:\n%s", s.out)
		}
	}
	s.idle(n)
}

// TestStoppingIsQuick: SIGTERM while repositories are read, and while somebody keeps a connection open,
// ends the program with 0, soon, and the session works after the next start.
func TestStoppingIsQuick(t *testing.T) {
	root := t.TempDir()
	for i := range 40 {
		repository(t, filepath.Join(root, fmt.Sprintf("repo-%02d", i)), map[string]string{"main.go": "package main\n", "package-lock.json": portalLock})
	}
	data := t.TempDir()
	s := up(t, data, "--workers", "1", root)
	s.signIn()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- s.cmd.Wait() }()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("it ended with %v:\n%s", err, s.out)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("it still runs after 30 s")
	}
	again := start(t, exec.Command(binary(t), "up", "--data", data, "--listen", strings.TrimPrefix(s.address, "http://"), root))
	again.client = s.client
	again.idle(40)
}

// TestManyAtOnce: two thousand requests at the same moment are all answered.
func TestManyAtOnce(t *testing.T) {
	root, n := estate(t)
	s := up(t, t.TempDir(), root)
	s.signIn()
	s.idle(n)
	const many = 2000
	statuses := make(chan string, many)
	client := &http.Client{Jar: s.client.Jar, Timeout: 2 * time.Minute, Transport: &http.Transport{DisableKeepAlives: true}}
	for i := range many {
		go func() {
			answer, err := client.Get(s.address + []string{"/", "/repositories", "/packages", "/api/v1/components"}[i%4])
			if err != nil {
				statuses <- err.Error()
				return
			}
			_, _ = io.Copy(io.Discard, answer.Body)
			_ = answer.Body.Close()
			statuses <- answer.Status
		}()
	}
	counted := map[string]int{}
	for range many {
		counted[<-statuses]++
	}
	if counted["200 OK"] != many {
		t.Errorf("answers: %v", counted)
	}
}
