package door_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"steward/internal/platform/fault"
	"steward/internal/platform/web/door"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// pair makes a certificate for steward.example, valid from a day before to ten days after noon.
func pair(t *testing.T, serial int64) (chain, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "Steward"}, DNSNames: []string{"steward.example", "*.steward.example"},
		NotBefore: noon.Add(-24 * time.Hour), NotAfter: noon.Add(240 * time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}))
}

func put(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestWrongFilesAreNamed(t *testing.T) {
	dir := t.TempDir()
	chain, key := pair(t, 1)
	_, otherKey := pair(t, 2)
	c, k := filepath.Join(dir, "hub.pem"), filepath.Join(dir, "hub.key")
	sealed := strings.ReplaceAll(key, "PRIVATE KEY", "ENCRYPTED PRIVATE KEY")
	cases := []struct {
		name       string
		chain, key string
		now        time.Time
		kind       fault.Kind
		says       string
	}{
		{"good", chain, key, noon, 0, ""},
		{"chain and key in one file", chain + key, chain + key, noon, 0, ""},
		{"exchanged", key, chain, noon, fault.Invalid, "other way round"},
		{"no certificate", "x", key, noon, fault.Invalid, "hub.pem holds no certificate"},
		{"no key", chain, "", noon, fault.Invalid, "hub.key holds no private key"},
		{"key twice", key, key, noon, fault.Invalid, "hub.pem holds no certificate"},
		{"passphrase", chain, sealed, noon, fault.Invalid, "passphrase"},
		{"key of another", chain, otherKey, noon, fault.Invalid, "is not the one of the certificate"},
		{"damaged", strings.Replace(chain, "\nMI", "\nAA", 1), key, noon, fault.Invalid, "damaged"},
		{"expired", chain, key, noon.Add(241 * time.Hour), fault.Invalid, "expired on 2 December 2026 12:00 UTC"},
		{"not yet", chain, key, noon.Add(-25 * time.Hour), fault.Invalid, "valid from 21 November 2026 12:00 UTC"},
	}
	for _, one := range cases {
		put(t, c, one.chain)
		put(t, k, one.key)
		got, err := door.OpenCertificate(c, k, func() time.Time { return one.now }, nil)
		kind, _ := fault.KindOf(err)
		if kind != one.kind || !strings.Contains(fault.Sentence(err), one.says) {
			t.Errorf("%s: %v", one.name, err)
		}
		if one.kind == 0 && (err != nil || !got.Expires().Equal(noon.Add(240*time.Hour)) || !cmp.Equal(got.Names(), []string{"steward.example"})) {
			t.Errorf("%s: %v %+v", one.name, err, got)
		}
		if body, _, _ := strings.Cut(strings.TrimPrefix(one.key, "-----BEGIN PRIVATE KEY-----\n"), "\n"); err != nil && len(body) > 20 && strings.Contains(err.Error(), body) {
			t.Errorf("%s: the error repeats the key", one.name)
		}
	}
	if _, err := door.OpenCertificate(c, filepath.Join(dir, "none"), nil, nil); !errors.Is(err, fault.Unavailable) || !strings.Contains(fault.Sentence(err), "none cannot be read") {
		t.Errorf("no file: %v", err)
	}
}

// serve serves h until the test ends and returns its address, and what ends it early.
func serve(t *testing.T, c door.Config) (address string, stop func() error) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- door.Serve(ctx, l, c) }()
	var result error
	ended := false
	stop = func() error {
		cancel()
		if !ended {
			result, ended = <-done, true
		}
		return result
	}
	t.Cleanup(func() { _ = stop() })
	return l.Addr().String(), stop
}

func TestARenewedCertificateIsTakenUp(t *testing.T) {
	dir := t.TempDir()
	c, k := filepath.Join(dir, "hub.pem"), filepath.Join(dir, "hub.key")
	first, firstKey := pair(t, 1)
	put(t, c, first)
	put(t, k, firstKey)
	now := noon
	certificate, err := door.OpenCertificate(c, k, func() time.Time { return now }, nil)
	if err != nil {
		t.Fatal(err)
	}
	address, _ := serve(t, door.Config{Certificate: certificate, Handler: http.NotFoundHandler()})
	serial := func() int64 {
		t.Helper()
		conn, err := tls.Dial("tcp", address, &tls.Config{InsecureSkipVerify: true})
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if v := conn.ConnectionState().Version; v < tls.VersionTLS12 {
			t.Errorf("TLS version %x", v)
		}
		return conn.ConnectionState().PeerCertificates[0].SerialNumber.Int64()
	}
	got := []int64{serial()}
	second, secondKey := pair(t, 2)
	put(t, c, second) // half of a renewal
	now = now.Add(2 * time.Second)
	got = append(got, serial())
	put(t, k, secondKey)
	now = now.Add(2 * time.Second)
	got = append(got, serial())
	put(t, c, "nonsense")
	now = now.Add(2 * time.Second)
	got = append(got, serial())
	if diff := cmp.Diff([]int64{1, 1, 2, 2}, got); diff != "" {
		t.Errorf("certificates shown, want -, got +:\n%s", diff)
	}
	if _, err := tls.Dial("tcp", address, &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS11}); err == nil {
		t.Error("TLS 1.1 is spoken")
	}
}

// TestAFullHouseStillLetsPeopleIn: connections that only wait give their places up.
func TestAFullHouseStillLetsPeopleIn(t *testing.T) {
	address, _ := serve(t, door.Config{Connections: 3, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "in") })})
	for i := range 20 { // each keeps its connection open
		client := &http.Client{Transport: &http.Transport{}, Timeout: 20 * time.Second}
		t.Cleanup(client.CloseIdleConnections)
		answer, err := client.Get("http://" + address)
		if err != nil {
			t.Fatalf("number %d: %v", i, err)
		}
		_, _ = io.Copy(io.Discard, answer.Body)
		_ = answer.Body.Close()
	}
}

func TestRunningRequestsFinish(t *testing.T) {
	entered, leave := make(chan struct{}), make(chan struct{})
	address, stop := serve(t, door.Config{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(entered)
		<-leave
		_, _ = io.WriteString(w, "finished")
	})})
	answered := make(chan string, 1)
	go func() {
		answer, err := http.Get("http://" + address)
		if err != nil {
			answered <- err.Error()
			return
		}
		defer answer.Body.Close()
		b, err := io.ReadAll(answer.Body)
		answered <- string(b) + errorText(err)
	}()
	<-entered
	stopped := make(chan error, 1)
	go func() { stopped <- stop() }()
	for { // until nobody is let in any more
		c, err := net.Dial("tcp", address)
		if err != nil {
			break
		}
		_ = c.Close()
	}
	close(leave)
	if got := <-answered; got != "finished" {
		t.Errorf("the running request got %q", got)
	}
	if err := <-stopped; err != nil {
		t.Errorf("stopping: %v", err)
	}
	http.DefaultClient.CloseIdleConnections()
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
