package app

import (
	"net"
	"slices"
	"strconv"

	"github.com/jackc/pgx/v5/pgconn"

	"steward/internal/feature/estate"
	reach "steward/internal/feature/estate/remote"
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
		where, why := reach.Place(a), s.Given
		if proxy := reach.Proxy(a); proxy != "" {
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

// shownReasons is how many reasons are printed an address; --json has all.
const shownReasons = 3

func printEgress(c *command.Context, all []place) {
	c.Printf("\nAddresses that Steward contacts:\n")
	if len(all) == 0 {
		c.Printf("  none\n")
	}
	for _, p := range all {
		c.Printf("  %s\n", command.OneLine(p.Address))
		for i, why := range p.For {
			if i == shownReasons {
				c.Printf("    and %d more\n", len(p.For)-i)
				break
			}
			c.Printf("    %s\n", command.OneLine(why))
		}
	}
	c.Printf("Nothing else: no telemetry, no look for updates, no address found in content.\n")
}
