package gitrepo

import (
	"fmt"
	"net"
	"path/filepath"
	"strings"
)

// address is a place that Mirror copies from.
type address struct {
	text   string // as git takes it, without secrets
	scheme string // http, https, ssh or file
	host   string
	port   string
	path   string // of a file address
}

func (a address) local() bool { return a.scheme == "file" }

// loopback reports whether the address never leaves this machine.
func (a address) loopback() bool {
	ip := net.ParseIP(a.host)
	return a.host == "localhost" || ip != nil && ip.IsLoopback()
}

// parseAddress takes an address apart and refuses what could be read as an
// option, run a program or carry a password.
func parseAddress(text string) (address, error) {
	text = strings.TrimSpace(text)
	if text == "" || strings.ContainsFunc(text, func(c rune) bool { return c < 0x20 || c == 0x7f }) {
		return address{}, fmt.Errorf("the address is empty or has control characters: %w", ErrUnsupported)
	}
	scheme, host, path := splitAddress(text)
	a := address{text: text, scheme: scheme}
	switch scheme {
	case "file":
		a.path = path
		if !strings.HasPrefix(text, "/") {
			a.path = "/" + strings.TrimLeft(strings.TrimPrefix(path, "localhost"), "/")
		}
		a.path = filepath.Clean(a.path)
		return a, nil
	case "git+ssh", "ssh+git":
		a.scheme = "ssh"
	case "http", "https", "ssh":
	default:
		return address{}, fmt.Errorf("addresses of the kind %q are not copied: %w; use https, ssh or a path", scheme, ErrUnsupported)
	}
	user := ""
	if at := strings.LastIndexByte(host, '@'); at >= 0 {
		user, host = host[:at], host[at+1:]
	}
	if strings.Contains(user, ":") || a.scheme != "ssh" && user != "" {
		return address{}, fmt.Errorf("the address has credentials in it: %w; put the token into a file and name the file", ErrAccess)
	}
	a.host, a.port = host, defaultPorts[a.scheme]
	if h, p, err := net.SplitHostPort(host); err == nil {
		a.host, a.port = h, p
	}
	a.host = strings.ToLower(strings.Trim(a.host, "[]"))
	if a.host == "" || strings.Trim(path, "/") == "" || strings.HasPrefix(a.host, "-") || strings.HasPrefix(user, "-") ||
		strings.HasPrefix(path, "-") || strings.ContainsAny(a.host, " /\\%$`;|&<>'\"") || strings.Trim(a.port, "0123456789") != "" {
		return address{}, fmt.Errorf("the address has no valid host or path: %w", ErrUnsupported)
	}
	return a, nil
}

// configValue quotes a value for a configuration file of git.
func configValue(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`).Replace(s) + `"`
}
