package door

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"

	"steward/internal/platform/fault"
)

const (
	// lookAgain is how often the files are read again, at most.
	lookAgain = time.Second
	// maxPEM is the most that is read of a file, in bytes.
	maxPEM = 1 << 20
)

// Certificate is what the hub shows over https: a chain and its key, from two PEM files. It is safe
// for use by many goroutines.
type Certificate struct {
	files  [2]string // of the chain, of the key
	now    func() time.Time
	logger *slog.Logger

	mu     sync.Mutex
	looked time.Time
	texts  [2][]byte // as read last, good or not
	pair   *tls.Certificate
}

// OpenCertificate reads a certificate (the hub's own first, then its chain) and its key. A file that
// cannot be read is fault.Unavailable; one that holds something else, a key of another certificate,
// and a certificate that is not valid now are fault.Invalid. A nil clock means time.Now.
func OpenCertificate(certFile, keyFile string, now func() time.Time, logger *slog.Logger) (*Certificate, error) {
	if now == nil {
		now = time.Now
	}
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	c := &Certificate{files: [2]string{certFile, keyFile}, now: now, logger: logger}
	var err error
	if c.texts, err = c.read(); err != nil {
		return nil, err
	}
	if c.pair, err = c.parse(c.texts); err != nil {
		return nil, err
	}
	c.looked = now()
	return c, nil
}

// Expires returns until when the certificate is valid.
func (c *Certificate) Expires() time.Time { return c.newest().Leaf.NotAfter }

// Names returns the host names that the certificate is for, without those that stand for many.
func (c *Certificate) Names() (names []string) {
	for _, name := range c.newest().Leaf.DNSNames {
		if !strings.Contains(name, "*") {
			names = append(names, name)
		}
	}
	return names
}

func (c *Certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) { return c.newest(), nil }

// newest returns what the files hold, or held when they were last good: a renewal that is half done
// or wrong is logged and changes nothing.
func (c *Certificate) newest() *tls.Certificate {
	c.mu.Lock()
	defer c.mu.Unlock()
	if age := c.now().Sub(c.looked); 0 <= age && age < lookAgain {
		return c.pair
	}
	c.looked = c.now()
	texts, err := c.read()
	if bytes.Equal(texts[0], c.texts[0]) && bytes.Equal(texts[1], c.texts[1]) {
		return c.pair
	}
	c.texts = texts
	var pair *tls.Certificate
	if err == nil {
		pair, err = c.parse(texts)
	}
	if err != nil {
		c.logger.Error("the certificate was changed and cannot be used; the one before is still shown", "error", err)
		return c.pair
	}
	c.pair = pair
	c.logger.Info("the certificate was changed", "expires", pair.Leaf.NotAfter.UTC())
	return c.pair
}

func (c *Certificate) read() (texts [2][]byte, err error) {
	for i, name := range c.files {
		if texts[i], err = readPEM(name); err != nil {
			return texts, fault.Wrap(fault.Unavailable, err, "The file %s cannot be read. Check that it is there and that this user may read it.", name)
		}
	}
	return texts, nil
}

func readPEM(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxPEM))
}

// parse checks the pair and says which of the two files is wrong.
func (c *Certificate) parse(texts [2][]byte) (*tls.Certificate, error) {
	chain, key := kinds(texts[0]), kinds(texts[1])
	switch {
	case !chain["CERTIFICATE"] && hasKey(chain) && key["CERTIFICATE"]:
		return nil, fault.New(fault.Invalid, "%s holds the key and %s the certificate. Give them the other way round.", c.files[0], c.files[1])
	case !chain["CERTIFICATE"]:
		return nil, fault.New(fault.Invalid, "%s holds no certificate in PEM. Give the file with the certificate of the hub and, after it, those of its authorities.", c.files[0])
	case key["ENCRYPTED PRIVATE KEY"] || bytes.Contains(texts[1], []byte("Proc-Type: 4,ENCRYPTED")):
		return nil, fault.New(fault.Invalid, "The key %s is protected by a passphrase. Give one without, which only this user may read: openssl pkey -in %s -out FILE.", c.files[1], c.files[1])
	case !hasKey(key):
		return nil, fault.New(fault.Invalid, "%s holds no private key in PEM. Give the file with the key of the certificate.", c.files[1])
	}
	pair, err := tls.X509KeyPair(texts[0], texts[1])
	if err != nil {
		if certificateOf(texts[0]) == nil {
			return nil, fault.Wrap(fault.Invalid, err, "The certificate in %s is damaged. Take it from its authority again.", c.files[0])
		}
		return nil, fault.Wrap(fault.Invalid, err, "The key %s is not the one of the certificate %s. Give the two that were made together; the certificate of the hub stands first in its file.", c.files[1], c.files[0])
	}
	switch now := c.now(); {
	case now.After(pair.Leaf.NotAfter):
		return nil, fault.New(fault.Invalid, "The certificate %s expired on %s. Renew it.", c.files[0], day(pair.Leaf.NotAfter))
	case now.Before(pair.Leaf.NotBefore):
		return nil, fault.New(fault.Invalid, "The certificate %s is valid from %s only. Check the clock of this machine, or give another.", c.files[0], day(pair.Leaf.NotBefore))
	}
	return &pair, nil
}

func day(t time.Time) string { return t.UTC().Format("2 January 2006 15:04 UTC") }

// kinds returns the types of the PEM blocks in a text.
func kinds(text []byte) map[string]bool {
	all := map[string]bool{}
	for {
		block, rest := pem.Decode(text)
		if block == nil {
			return all
		}
		all[block.Type], text = true, rest
	}
}

func hasKey(kinds map[string]bool) bool {
	for kind := range kinds {
		if strings.HasSuffix(kind, "PRIVATE KEY") {
			return true
		}
	}
	return false
}

// certificateOf returns the first certificate of a text, nil when it cannot be read.
func certificateOf(text []byte) *x509.Certificate {
	for {
		block, rest := pem.Decode(text)
		if block == nil {
			return nil
		}
		if block.Type == "CERTIFICATE" {
			if c, err := x509.ParseCertificate(block.Bytes); err == nil {
				return c
			}
			return nil
		}
		text = rest
	}
}
