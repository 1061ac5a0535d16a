package survey

import (
	"fmt"
	"strings"

	"steward/internal/feature/catalog/ownership"
	"steward/internal/feature/estate"
)

// summary is what `steward scan` prints of components and owners. It names no people.
type summary struct {
	Components []summaryComponent `json:"components"`
	Entities   int                `json:"entities"`
}

type summaryComponent struct {
	Name   string   `json:"name"` // empty: the repository's own
	Root   string   `json:"root"`
	Type   string   `json:"type,omitempty"`
	Ref    string   `json:"ref,omitempty"`
	Owners []string `json:"owners"` // teams, as files name them
	People int      `json:"people"` // that files name as owners
}

// Summary is what `steward scan` prints of it.
func (r *Survey) Summary() estate.Summary {
	s := summary{Entities: len(r.Entries), Components: []summaryComponent{}}
	for _, c := range r.Components {
		one := summaryComponent{Name: c.Name, Root: c.Root, Type: c.Type, Ref: c.Ref, Owners: []string{}}
		for _, o := range c.Claims {
			switch {
			case !o.Decides:
			case o.Kind == ownership.Team:
				one.Owners = append(one.Owners, o.Handle)
			default:
				one.People++
			}
		}
		s.Components = append(s.Components, one)
	}
	return s
}

// Lines are the components, the first ones by name, and where owners are named.
func (s summary) Lines() [][2]string {
	const shown = 5
	var names []string
	owned := 0
	for i, c := range s.Components {
		if len(c.Owners)+c.People > 0 {
			owned++
		}
		if i >= shown {
			continue
		}
		name := c.Name
		if name == "" {
			name = "the repository"
		}
		if c.Type != "" {
			name += " (" + c.Type + ")"
		}
		names = append(names, name)
	}
	text := strings.Join(names, ", ")
	if more := len(s.Components) - shown; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	if text == "" {
		text = "none"
	}
	return [][2]string{{"Components", text}, {"Owners", fmt.Sprintf("named for %d of %d components", owned, len(s.Components))}}
}
