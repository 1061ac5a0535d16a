package diagnosis

import (
	"net"
	"slices"
	"strconv"

	"github.com/jackc/pgx/v5/pgconn"

	"steward/internal/feature/estate"
	reach "steward/internal/feature/estate/remote"
	"steward/internal/format/plain"
	"steward/internal/platform/command"
	"steward/internal/platform/gitrepo/address"
)

// Place is an address that Steward contacts.
type Place struct {
	Address string   `json:"address"` // host:port
	For     []string `json:"for"`     // sources as given, "database", or "proxy for …"
}

// Egress lists every address that would be contacted: those of the sources, or of the proxy that
// stands before them, and the database. Nothing else is contacted: there is no telemetry, no look
// for updates, and addresses found in content are never followed.
func Egress(sources []estate.Source, dsn string) []Place {
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
	all := make([]Place, 0, len(reasons))
	for where, why := range reasons {
		all = append(all, Place{where, why})
	}
	slices.SortFunc(all, func(a, b Place) int {
		if a.Address < b.Address {
			return -1
		}
		return 1
	})
	return all
}

// shownReasons is how many reasons are printed an address; --json has all.
const shownReasons = 3

// PrintEgress lists addresses with what each is for.
func PrintEgress(c *command.Context, all []Place) {
	c.Printf("\nAddresses that Steward contacts:\n")
	if len(all) == 0 {
		c.Printf("  none\n")
	}
	for _, p := range all {
		c.Printf("  %s\n", plain.Line(p.Address))
		for i, why := range p.For {
			if i == shownReasons {
				c.Printf("    and %d more\n", len(p.For)-i)
				break
			}
			c.Printf("    %s\n", plain.Line(why))
		}
	}
	c.Printf("Nothing else: no telemetry, no look for updates, no address found in content.\n")
}
