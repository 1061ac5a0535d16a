package app

import (
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/jackc/pgx/v5/pgconn"

	"steward/internal/feature/estate"
	"steward/internal/platform/command"
	"steward/internal/platform/gitrepo/address"
)

// place is an address that Steward contacts.
type place struct {
	Address string   `json:"address"` // host:port
	For     []string `json:"for"`     // sources as given, "database", or "proxy for …"
}

// egress lists every address that would be contacted: those of the sources, or of the proxy that
// stands before them, and the database. Nothing else is contacted: there is no telemetry, no look
// for updates, and addresses found in content are never followed.
func egress(sources []estate.Source, dsn string) []place {
	reasons := map[string][]string{}
	for _, s := range sources {
		a, err := address.Parse(s.Address)
		if err != nil || a.Local() {
			continue // a folder, or an address that is refused
		}
		where, why := net.JoinHostPort(a.Host, a.Port), s.Given
		if proxy := proxyFor(a); proxy != "" {
			where, why = proxy, "proxy for "+s.Given
		}
		reasons[where] = append(reasons[where], why)
	}
	if dsn != "" {
		if c, err := pgconn.ParseConfig(dsn); err == nil && c.Host != "" && c.Host[0] != '/' {
			where := net.JoinHostPort(c.Host, strconv.Itoa(int(c.Port)))
			reasons[where] = append(reasons[where], "database")
		}
	}
	all := make([]place, 0, len(reasons))
	for where, why := range reasons {
		all = append(all, place{where, why})
	}
	slices.SortFunc(all, func(a, b place) int {
		if a.Address < b.Address {
			return -1
		}
		return 1
	})
	return all
}

// proxyFor is host:port of the proxy that the environment names for an address, "" for none.
func proxyFor(a address.Address) string {
	if a.Scheme != "http" && a.Scheme != "https" {
		return ""
	}
	proxy, err := http.ProxyFromEnvironment(&http.Request{URL: &url.URL{Scheme: a.Scheme, Host: net.JoinHostPort(a.Host, a.Port)}})
	if err != nil || proxy == nil {
		return ""
	}
	port := proxy.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443", "socks5": "1080"}[proxy.Scheme]
	}
	return net.JoinHostPort(proxy.Hostname(), port)
}

// shownReasons is how many reasons are printed an address; --json has all.
const shownReasons = 3

func printEgress(c *command.Context, all []place) {
	c.Printf("\nAddresses that Steward contacts:\n")
	if len(all) == 0 {
		c.Printf("  none\n")
	}
	for _, p := range all {
		c.Printf("  %s\n", oneLine(p.Address))
		for i, why := range p.For {
			if i == shownReasons {
				c.Printf("    and %d more\n", len(p.For)-i)
				break
			}
			c.Printf("    %s\n", oneLine(why))
		}
	}
	c.Printf("Nothing else: no telemetry, no look for updates, no address found in content.\n")
}
