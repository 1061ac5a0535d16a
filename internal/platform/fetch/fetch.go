// Package fetch decides which addresses Steward contacts and makes the
// connections.
//
// The list of allowed places comes from configuration only: an address that
// was found in a repository, a manifest or an answer is contacted only if
// configuration already allows it. Addresses at which clouds hand out
// credentials, and link-local ones, are refused whatever the list says. Names
// are resolved once, checked, and the connection goes to the checked address,
// so that a name cannot change its meaning in between. Redirects are followed
// to allowed places only.
//
// A proxy from the environment (HTTPS_PROXY, NO_PROXY) is honoured; then the
// proxy resolves the name and the list alone decides.
package fetch

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"steward/internal/platform/fault"
)

// ErrRefused says that a place may not be contacted.
var ErrRefused = fault.New(fault.Denied, "this address may not be contacted; allow it in the configuration if that is right")

// maxRedirects is how many redirects one request follows.
const maxRedirects = 5

// Config says what may be contacted. The zero value allows nothing.
type Config struct {
	// Allow lists places as host:port; host alone means port 443. A host is a
	// name, an address, or *.name for every name below it. "*" as port allows all.
	Allow []string
	// CAFile is a PEM file with certificate authorities that are trusted beside
	// the system's; none when empty.
	CAFile string
	// Proxy chooses the proxy for a request; http.ProxyFromEnvironment when nil.
	Proxy func(*http.Request) (*url.URL, error)
	// Lookup resolves a host name; the system's resolver when nil.
	Lookup func(ctx context.Context, host string) ([]netip.Addr, error)
	// Timeout bounds a connection's set-up and the wait for an answer's head;
	// default 30 seconds. The body is bounded by the request's context.
	Timeout time.Duration
}

// Gate is the only way out. It is safe for concurrent use.
type Gate struct {
	rules   []rule
	roots   *x509.CertPool
	proxy   func(*http.Request) (*url.URL, error)
	lookup  func(ctx context.Context, host string) ([]netip.Addr, error)
	timeout time.Duration
}

type rule struct {
	host   string // lower case, without brackets and final dot
	below  bool   // host stands for every name below it
	port   string // "*" for all
	listed string // as shown
}

// New reads the list and the CA file. Its errors name the wrong entry.
func New(cfg Config) (*Gate, error) {
	g := &Gate{proxy: cfg.Proxy, lookup: cfg.Lookup, timeout: cfg.Timeout}
	if g.proxy == nil {
		g.proxy = http.ProxyFromEnvironment
	}
	if g.lookup == nil {
		g.lookup = func(ctx context.Context, host string) ([]netip.Addr, error) {
			return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
		}
	}
	if g.timeout <= 0 {
		g.timeout = 30 * time.Second
	}
	for _, entry := range cfg.Allow {
		r, err := parseRule(entry)
		if err != nil {
			return nil, err
		}
		g.rules = append(g.rules, r)
	}
	if cfg.CAFile != "" {
		pem, err := os.ReadFile(cfg.CAFile)
		if err != nil {
			return nil, fmt.Errorf("read certificate authorities: %w", err)
		}
		if g.roots, err = x509.SystemCertPool(); err != nil {
			g.roots = x509.NewCertPool()
		}
		if !g.roots.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("read certificate authorities %q: no certificate in PEM form", cfg.CAFile)
		}
	}
	return g, nil
}

func parseRule(entry string) (rule, error) {
	host, port := strings.TrimSpace(entry), "443"
	if h, p, err := net.SplitHostPort(host); err == nil {
		host, port = h, p
	} else if ip, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		host = ip.String()
	}
	r := rule{host: canonical(host), port: port}
	if name, ok := strings.CutPrefix(r.host, "*."); ok {
		r.host, r.below = name, true
	}
	if r.host == "" || strings.ContainsAny(r.host, " */\\@?#[]%") || (port != "*" && (port == "" || strings.Trim(port, "0123456789") != "")) {
		return rule{}, fmt.Errorf("allowed place %q: write it as host, host:port or *.name:port", entry)
	}
	shown := r.host
	if r.below {
		shown = "*." + shown
	}
	r.listed = net.JoinHostPort(shown, port)
	return r, nil
}

func canonical(host string) string {
	host = strings.TrimSuffix(strings.ToLower(strings.Trim(host, "[]")), ".")
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.Unmap().String()
	}
	return host
}

// Places lists what is allowed, sorted, as host:port.
func (g *Gate) Places() []string {
	var places []string
	for _, r := range g.rules {
		places = append(places, r.listed)
	}
	slices.Sort(places)
	return slices.Compact(places)
}

// Check says whether configuration allows a place. It resolves nothing. The
// error is ErrRefused.
func (g *Gate) Check(host, port string) error {
	name := canonical(host)
	if ip, err := netip.ParseAddr(name); err == nil {
		if why := never(ip); why != "" {
			return refused(host, port, why)
		}
	}
	for _, r := range g.rules {
		if (r.port == "*" || r.port == port) && (r.host == name && !r.below || r.below && strings.HasSuffix(name, "."+r.host)) {
			return nil
		}
	}
	return refused(host, port, "it is not on the list of allowed places")
}

// Resolve returns the addresses at which an allowed place may be contacted.
// When a name leads to a forbidden address among others, all are refused.
// Errors: ErrRefused, and those of the resolver.
func (g *Gate) Resolve(ctx context.Context, host, port string) ([]netip.Addr, error) {
	if err := g.Check(host, port); err != nil {
		return nil, err
	}
	name := canonical(host)
	if ip, err := netip.ParseAddr(name); err == nil {
		return []netip.Addr{ip}, nil
	}
	found, err := g.lookup(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("resolve %q: %w", name, err)
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("resolve %q: no address", name)
	}
	for i, ip := range found {
		if why := never(ip); why != "" {
			return nil, refused(host, port, why)
		}
		found[i] = ip.Unmap()
	}
	return found, nil
}

func refused(host, port, why string) error {
	return fmt.Errorf("%s: %w (%s)", net.JoinHostPort(host, port), ErrRefused, why)
}

// metadata are addresses outside of the link-local ranges at which clouds hand
// out credentials: AWS (IPv6), Azure, Alibaba, Oracle.
var metadata = []netip.Addr{
	netip.MustParseAddr("fd00:ec2::254"), netip.MustParseAddr("168.63.129.16"),
	netip.MustParseAddr("100.100.100.200"), netip.MustParseAddr("192.0.0.192"),
}

// embedding are IPv6 prefixes with an IPv4 address inside, and where it starts:
// NAT64 (RFC 6052), 6to4 (RFC 3056), IPv4-compatible (RFC 4291).
var embedding = []struct {
	prefix netip.Prefix
	at     int
}{
	{netip.MustParsePrefix("64:ff9b::/96"), 12},
	{netip.MustParsePrefix("64:ff9b:1::/48"), 12},
	{netip.MustParsePrefix("2002::/16"), 2},
	{netip.MustParsePrefix("::/96"), 12},
}

// never says why an address is refused whatever the list says; empty when it
// is not.
func never(ip netip.Addr) string {
	ip = ip.Unmap().WithZone("")
	switch {
	case !ip.IsValid(), ip.IsUnspecified(), ip.Is4() && ip.As4()[0] == 0:
		return "it is no address of a machine"
	case ip.IsLinkLocalUnicast(), ip.IsMulticast():
		return "it is a link-local or multicast address"
	case slices.Contains(metadata, ip):
		return "a cloud hands out credentials there"
	}
	if ip.Is6() && !ip.IsLoopback() {
		bytes := ip.As16()
		for _, e := range embedding {
			if e.prefix.Contains(ip) {
				return never(netip.AddrFrom4([4]byte(bytes[e.at : e.at+4])))
			}
		}
	}
	return ""
}

// Dial connects to an allowed place at an address that was checked. It fits
// http.Transport and other clients that take a dialler.
func (g *Gate) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("dial %q: %w", address, err)
	}
	addresses, err := g.Resolve(ctx, host, port)
	if err != nil {
		return nil, err
	}
	d := net.Dialer{Timeout: g.timeout}
	var last error
	for _, ip := range addresses {
		conn, err := d.DialContext(ctx, network, net.JoinHostPort(ip.String(), port))
		if err == nil {
			return conn, nil
		}
		last = err
	}
	return nil, last
}

// Client returns an HTTP client that goes through the gate. Each call makes one
// with its own connections; keep it.
func (g *Gate) Client() *http.Client {
	t := &transport{gate: g}
	base := &http.Transport{
		DialContext:           t.dial,
		Proxy:                 g.proxy,
		TLSClientConfig:       &tls.Config{RootCAs: g.roots, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:   g.timeout,
		ResponseHeaderTimeout: g.timeout,
		IdleConnTimeout:       time.Minute,
		MaxIdleConnsPerHost:   4,
		ForceAttemptHTTP2:     true,
		// An answer's head is small; a hostile one is cut off.
		MaxResponseHeaderBytes: 256 << 10,
	}
	t.base = base
	return &http.Client{Transport: t, CheckRedirect: func(req *http.Request, via []*http.Request) error {
		if len(via) > maxRedirects {
			return fmt.Errorf("more than %d redirects", maxRedirects)
		}
		if via[len(via)-1].URL.Scheme == "https" && req.URL.Scheme != "https" {
			return fmt.Errorf("redirect from https to %s: %w", req.URL.Scheme, ErrRefused)
		}
		return nil
	}}
}

type transport struct {
	gate *Gate
	base *http.Transport
}

// RoundTrip checks the place of every request, redirected ones too, before a
// connection or a proxy is chosen.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	port := req.URL.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[req.URL.Scheme]
	}
	if err := t.gate.Check(req.URL.Hostname(), port); err != nil {
		if req.Body != nil {
			req.Body.Close()
		}
		return nil, err
	}
	proxy, err := t.gate.proxy(req)
	if err == nil && proxy != nil {
		req = req.WithContext(context.WithValue(req.Context(), proxied{}, true))
	}
	return t.base.RoundTrip(req)
}

// CloseIdleConnections lets http.Client.CloseIdleConnections reach the base.
func (t *transport) CloseIdleConnections() { t.base.CloseIdleConnections() }

type proxied struct{}

// dial reaches a proxy, which the person who runs Steward has set, directly.
func (t *transport) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if ctx.Value(proxied{}) != nil {
		d := net.Dialer{Timeout: t.gate.timeout}
		return d.DialContext(ctx, network, address)
	}
	return t.gate.Dial(ctx, network, address)
}
