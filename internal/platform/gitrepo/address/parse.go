package address

import (
	"fmt"
	"net"
	"strings"
)

// Address is a place that a repository may be copied from.
type Address struct {
	Text   string // as git takes it, without secrets
	Scheme string // http, https, ssh or file
	Host   string // lower case, without brackets
	Port   string
	Path   string // of a file address
}

// Local reports whether the address is a path of this machine.
func (a Address) Local() bool { return a.Scheme == "file" }

// Loopback reports whether the address never leaves this machine.
func (a Address) Loopback() bool {
	ip := net.ParseIP(a.Host)
	return a.Host == "localhost" || ip != nil && ip.IsLoopback()
}

// Parse takes an address apart and refuses what could be read as an
// option, run a program or carry a password. Errors: ErrInvalid, ErrCredentials.
func Parse(text string) (Address, error) {
	text = strings.TrimSpace(text)
	if text == "" || strings.ContainsFunc(text, func(c rune) bool { return c < 0x20 || c == 0x7f }) {
		return Address{}, fmt.Errorf("the address is empty or has control characters: %w", ErrInvalid)
	}
	scheme, host, path := splitAddress(text)
	a := Address{Text: text, Scheme: scheme}
	switch scheme {
	case "file":
		if path == "" {
			return Address{}, fmt.Errorf("the address has no path: %w", ErrInvalid)
		}
		a.Path = path
		return a, nil
	case "git+ssh", "ssh+git":
		a.Scheme = "ssh"
	case "http", "https", "ssh":
	default:
		return Address{}, fmt.Errorf("addresses of the kind %q are not copied: %w", scheme, ErrInvalid)
	}
	user := ""
	if at := strings.LastIndexByte(host, '@'); at >= 0 {
		user, host = host[:at], host[at+1:]
	}
	if strings.Contains(user, ":") || a.Scheme != "ssh" && user != "" {
		return Address{}, fmt.Errorf("user part of the address: %w", ErrCredentials)
	}
	a.Host, a.Port = host, defaultPorts[a.Scheme]
	if h, p, err := net.SplitHostPort(host); err == nil {
		a.Host, a.Port = h, p
	}
	a.Host = strings.ToLower(strings.Trim(a.Host, "[]"))
	if a.Host == "" || strings.Trim(path, "/") == "" || strings.HasPrefix(a.Host, "-") || strings.HasPrefix(user, "-") ||
		strings.HasPrefix(path, "-") || strings.ContainsAny(a.Host, " /\\%$`;|&<>'\"") || strings.Trim(a.Port, "0123456789") != "" {
		return Address{}, fmt.Errorf("the address has no valid host or path: %w", ErrInvalid)
	}
	return a, nil
}
