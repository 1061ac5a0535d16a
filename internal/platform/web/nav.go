package web

import (
	"context"
	"fmt"
	"strings"

	"steward/internal/platform/access"
	"steward/internal/platform/listing"
	"steward/internal/platform/web/kept"
)

// Area is one of the parts of the navigation, which never change.
type Area string

// The areas. Top and Foot have no heading of their own.
const (
	Top       Area = ""
	Estate    Area = "Estate"
	Health    Area = "Health"
	Outbound  Area = "Outbound"
	People    Area = "People"
	Learn     Area = "Learn"
	Programme Area = "Programme"
	Foot      Area = "Foot"
)

var areas = []Area{Estate, Health, Outbound, People, Learn, Programme}

// maxPlaces is how many places an area has room for; more become views or panels.
const maxPlaces = 6

// Nav is a place in the navigation.
type Nav struct {
	Area  Area
	Order int      // within the area, ascending
	Label string   // "Repositories"
	Icon  string   // name of a symbol in static/icons.svg
	Path  string   // "/repositories"
	Also  []string // further addresses at which the place is the current one
	Needs access.Action
	// Shown says whether there is such a place now, asked on every page; nil: always.
	Shown func(context.Context) bool
	// Count is the number beside the place, nil for none. It is kept for ten seconds (see package kept)
	// and left out when it takes more than 200 ms or fails. Beyond 10,000 it is shown as more than that.
	Count func(context.Context, access.Viewer) (Count, error)
	// Filled is set for a place that is left out while its Count is 0: what it is for is not used here. While the
	// count is not known the place stays.
	Filled bool
}

// Count is the number beside a place.
type Count struct {
	N    int64
	More bool // there are more than N
	Due  bool // it is overdue work of this viewer
}

// Nav adds a place.
func (s *Server) Nav(n Nav) { s.places = append(s.places, n) }

func (s *Server) checkPlaces() []error {
	var problems []error
	perArea, paths := map[Area]int{}, map[string]bool{}
	for _, n := range s.places {
		perArea[n.Area]++
		switch {
		case n.Label == "" || !strings.HasPrefix(n.Path, "/"):
			problems = append(problems, fmt.Errorf("web: place %q has no label or no address", n.Label+n.Path))
		case paths[n.Path]:
			problems = append(problems, fmt.Errorf("web: two places have the address %s", n.Path))
		case n.Filled && n.Count == nil:
			problems = append(problems, fmt.Errorf("web: place %q is left out while its count is 0, and has none", n.Label))
		case !s.static.Icon(n.Icon):
			problems = append(problems, fmt.Errorf("web: place %q has the icon %q, which static/icons.svg does not hold", n.Label, n.Icon))
		}
		paths[n.Path] = true
	}
	for area, n := range perArea {
		if n > maxPlaces {
			problems = append(problems, fmt.Errorf("web: area %q has %d places, more than %d", area, n, maxPlaces))
		}
	}
	return problems
}

// place is a Nav as it is drawn.
type place struct {
	Nav
	Number  *Count
	Current bool
}

type navArea struct {
	Name   Area
	Open   bool
	Places []place
}

// navigation is all that the side shows to one viewer on one page.
type navigation struct {
	Top, Foot []place
	Areas     []navArea
}

func (s *Server) navigation(r *Request) navigation {
	visible := []Nav{{Label: "Home", Icon: "home", Path: "/"}}
	for _, n := range s.places {
		if (n.Needs == "" || r.Viewer.Can(n.Needs)) && (n.Shown == nil || n.Shown(r.Context())) {
			visible = append(visible, n)
		}
	}
	visible, numbers := withoutEmpty(visible, s.numbers(r, visible))
	current := currentPlace(visible, r.URL.Path)
	opened := openAreas(r)
	var out navigation
	byArea := map[Area][]place{}
	for i, n := range visible {
		byArea[n.Area] = append(byArea[n.Area], place{Nav: n, Number: numbers[i], Current: i == current})
	}
	out.Top, out.Foot = byArea[Top], byArea[Foot]
	for _, area := range areas {
		if places := byArea[area]; len(places) > 0 {
			open := opened == nil || opened[area]
			for _, p := range places {
				open = open || p.Current
			}
			out.Areas = append(out.Areas, navArea{Name: area, Open: open, Places: places})
		}
	}
	return out
}

// withoutEmpty leaves out the places that are there only when filled, with their numbers.
func withoutEmpty(places []Nav, numbers []*Count) (left []Nav, of []*Count) {
	for i, n := range places {
		if !n.Filled || numbers[i] == nil || numbers[i].N > 0 {
			left, of = append(left, n), append(of, numbers[i])
		}
	}
	return left, of
}

// currentPlace is the place with the longest address that the path lies under, or -1.
func currentPlace(places []Nav, path string) int {
	best, length := -1, 0
	for i, n := range places {
		for _, address := range append([]string{n.Path}, n.Also...) {
			under := path == address || address != "/" && strings.HasPrefix(path, address+"/")
			if under && len(address) > length {
				best, length = i, len(address)
			}
		}
	}
	return best
}

// openAreas reads which areas the user left open; nil when never said.
func openAreas(r *Request) map[Area]bool {
	c, err := r.Cookie("steward-nav")
	if err != nil {
		return nil
	}
	open := map[Area]bool{}
	for _, name := range strings.Split(c.Value, ".") {
		open[Area(name)] = true
	}
	return open
}

// numbers gives the number beside each place, nil where there is none in time.
func (s *Server) numbers(r *Request, places []Nav) []*Count {
	var asks []kept.Ask[Count]
	var of []int
	for i, n := range places {
		if n.Count == nil {
			continue
		}
		of = append(of, i)
		asks = append(asks, kept.Ask[Count]{Key: "place\x00" + n.Path + "\x00" + who(r.Viewer), Read: func(ctx context.Context) (Count, error) {
			c, err := n.Count(ctx, r.Viewer)
			bounded := listing.Bounded(c.N) // as the list itself counts
			c.N, c.More = bounded.N, bounded.More || c.More
			return c, err
		}})
	}
	out := make([]*Count, len(places))
	for i, number := range s.counts.Of(r.Context(), asks) {
		out[of[i]] = number
	}
	return out
}

// who tells viewers apart who may see different things.
func who(v access.Viewer) string { return v.AccountID() + "\x00" + string(v.Role()) }
