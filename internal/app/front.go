package app

import (
	"errors"
	"log/slog"
	"net"
	"net/url"
	"os"
	"strings"
	"syscall"
	"time"

	"steward/internal/app/secret"
	"steward/internal/platform/fault"
	"steward/internal/platform/web/door"
)

// front says under which address the hub is reached.
type front struct {
	Listen string   `help:"Address of the hub." default:"127.0.0.1:7411" env:"STEWARD_LISTEN" placeholder:"HOST:PORT"`
	Host   []string `help:"Further name under which the hub is reached, with its port; may be repeated. The names in the certificate are known." env:"STEWARD_HOST"`
	tlsFiles
	PublicURL         string `name:"public-url" help:"Address of the hub as people type it, when a proxy stands before Steward: https://steward.example.com." env:"STEWARD_PUBLIC_URL" placeholder:"URL"`
	MetricsSecretFile string `help:"File with the secret, on its first line, for which /metrics is given to a program: Authorization: Bearer SECRET." type:"path" env:"STEWARD_METRICS_SECRET_FILE" placeholder:"FILE"`
}

// tlsFiles name a certificate and its key.
type tlsFiles struct {
	TLSCert string `name:"tls-cert" help:"PEM file with the hub's certificate and its chain: serves https. A renewed one needs no restart." type:"path" env:"STEWARD_TLS_CERT" placeholder:"FILE"`
	TLSKey  string `name:"tls-key" help:"PEM file with the key of the certificate." type:"path" env:"STEWARD_TLS_KEY" placeholder:"FILE"`
}

// open reads the certificate; it is nil when none is named.
func (f tlsFiles) open(logger *slog.Logger) (*door.Certificate, error) {
	switch {
	case f.TLSCert == "" && f.TLSKey == "":
		return nil, nil
	case f.TLSKey == "":
		return nil, fault.New(fault.Invalid, "A certificate is named, but not its key. Give --tls-key FILE too.")
	case f.TLSCert == "":
		return nil, fault.New(fault.Invalid, "A key is named, but not its certificate. Give --tls-cert FILE too.")
	}
	return door.OpenCertificate(f.TLSCert, f.TLSKey, time.Now, logger)
}

// entrance is a front that listens.
type entrance struct {
	listener    net.Listener
	certificate *door.Certificate // nil: http
	address     string            // as people type it, without a slash at its end
	hosts       []string
	secure      bool // people come by https
	metrics     string
}

// open listens and reads what else is named. The caller closes the listener.
func (f front) open(logger *slog.Logger) (*entrance, error) {
	certificate, err := f.tlsFiles.open(logger)
	if err != nil {
		return nil, err
	}
	e := &entrance{certificate: certificate, secure: certificate != nil, hosts: f.Host}
	if e.metrics, err = secret.ForMetrics(f.MetricsSecretFile); err != nil {
		return nil, err
	}
	public, err := publicURL(f.PublicURL)
	if err != nil {
		return nil, err
	}
	if e.listener, err = listen(f.Listen); err != nil {
		return nil, err
	}
	e.name(public)
	return e, nil
}

// name finds the address that people type, and the names that are answered to.
func (e *entrance) name(public *url.URL) {
	scheme, port := "http", "80"
	if e.certificate != nil {
		scheme, port = "https", "443"
	}
	host, bound, _ := net.SplitHostPort(e.listener.Addr().String())
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "localhost" // listens on every address: this one is right on this machine
	}
	withPort := func(name string) string {
		if bound == port {
			return name
		}
		return net.JoinHostPort(name, bound)
	}
	if e.certificate != nil {
		for _, name := range e.certificate.Names() {
			e.hosts = append(e.hosts, withPort(name))
		}
	}
	e.hosts = append(e.hosts, e.listener.Addr().String(), net.JoinHostPort(host, bound))
	if public != nil {
		e.hosts = append(e.hosts, public.Host)
		e.address, e.secure = public.String(), e.secure || public.Scheme == "https"
		return
	}
	e.address = scheme + "://" + net.JoinHostPort(host, bound)
	if first := e.hosts[0]; first != "*" && first != e.listener.Addr().String() {
		e.address = scheme + "://" + first
	}
}

// publicURL reads the address that people type; nil when none is given.
func publicURL(text string) (*url.URL, error) {
	if text == "" {
		return nil, nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return nil, fault.New(fault.Invalid, "--public-url is not the address of a hub. Write it as https://steward.example.com or https://steward.example.com:8443, without a path.")
	}
	u.Path, u.Host = "", strings.ToLower(u.Host)
	return u, nil
}

func listen(address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fault.New(fault.Busy, "The address %s is in use: is Steward running already? Stop it, or give another with --listen 127.0.0.1:7412.", address)
	case errors.Is(err, os.ErrPermission):
		return nil, fault.New(fault.Denied, "This user may not listen on %s. Give a port above 1024 with --listen.", address)
	case err != nil:
		return nil, fault.Wrap(fault.Invalid, err, "Steward cannot listen on %s. Give an address such as 127.0.0.1:7411 with --listen.", address)
	}
	return l, nil
}
