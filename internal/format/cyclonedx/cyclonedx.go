// Package cyclonedx writes software bills of materials as CycloneDX 1.6 JSON.
//
// Source of the format: ECMA-424 (CycloneDX 1.6) and its JSON schema. The same
// Document always gives the same bytes: nothing is taken from the clock or from
// chance, and lists are sorted.
//
// What the format has no field for stands in properties:
//
//	steward:use         development or test, on a component that only these need
//	steward:unresolved  why what a component needs is not wholly known, on the component
//	steward:incomplete  why the document may lack components, on the metadata
package cyclonedx

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	cdx "github.com/CycloneDX/cyclonedx-go"

	"steward/internal/format/purl"
)

// Names of the properties that Write uses.
const (
	PropertyUse        = "steward:use"
	PropertyUnresolved = "steward:unresolved"
	PropertyIncomplete = "steward:incomplete"
)

// ErrDocument is wrapped by the errors of Write about what it was given.
var ErrDocument = errors.New("not a bill of materials")

// Document is one bill of materials.
type Document struct {
	SerialNumber string    // urn:uuid:…, or empty
	Timestamp    time.Time // written in UTC to the second; left out when zero
	ToolVersion  string    // version of Steward
	Root         Component // what the bill is about
	Components   []Component
	// Dependencies are the known edges. Every component gets an entry in the
	// graph, with or without edges.
	Dependencies []Dependency
	// Incomplete are the reasons why components may be missing: a file that
	// could not be read, a manifest without a lock.
	Incomplete []string
}

// Component is a package or a product. Name, or a PURL with a name, is needed.
// Components with one Ref are merged.
type Component struct {
	Ref        string // unique in the document; the PURL's text when empty
	Kind       Kind   // Library when empty; of the root Application
	PURL       purl.PURL
	Name       string // FullName of the PURL without its namespace when empty
	Version    string // the PURL's when empty
	Use        Use    // the strongest of merged ones counts
	Licence    string // an SPDX expression, or a name that is none; empty when not known
	Basis      Basis  // how the licence is known
	Places     []Place
	Unresolved string // why what it needs is not wholly known; empty when its edges are complete
}

// Kind is the type of a component.
type Kind string

// The kinds in use.
const (
	Library         Kind = "library"
	Application     Kind = "application"
	Framework       Kind = "framework"
	Container       Kind = "container"
	OperatingSystem Kind = "operating-system"
	File            Kind = "file"
)

// Use says what needs a component.
type Use string

// Uses, the strongest first. Runtime is scope required, Optional is optional;
// Development and Test are excluded, with the property steward:use.
const (
	Runtime     Use = "runtime"
	Optional    Use = "optional"
	Development Use = "development"
	Test        Use = "test"
	NotKnown    Use = "" // no scope is written, which readers take as required
)

// Basis says how a licence is known.
type Basis string

// The bases.
const (
	Declared  Basis = "declared"  // the package says so
	Concluded Basis = "concluded" // found in its files or decided by a person
)

// Place is where a component was found.
type Place struct {
	File string // slash-separated, from the root of the repository
	Line int    // from 1; 0 when not known
}

// Dependency says what one component needs, by Refs.
type Dependency struct {
	Ref string
	On  []string
}

var serialNumber = regexp.MustCompile(`^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

// Write writes the document as indented JSON. A dependency on a Ref that is not
// in the document is left out and told as unresolved. Errors of w come back as
// they are.
func Write(w io.Writer, d Document) (components int, err error) {
	if d.SerialNumber != "" && !serialNumber.MatchString(d.SerialNumber) {
		return 0, fmt.Errorf("%w: serial number %q is not urn:uuid: and a lower-case UUID", ErrDocument, d.SerialNumber)
	}
	root, all, err := collect(d)
	if err != nil {
		return 0, err
	}
	graph, dangling := edges(d.Dependencies, root, all)
	for i := range all {
		all[i].Unresolved = joinReasons(all[i].Unresolved, dangling[all[i].Ref])
	}
	root.Unresolved = joinReasons(root.Unresolved, dangling[root.Ref])

	bom := cdx.NewBOM()
	bom.SerialNumber = d.SerialNumber
	bom.Metadata = metadata(d, root)
	list := make([]cdx.Component, len(all))
	for i, c := range all {
		list[i] = component(c)
	}
	bom.Components = &list
	bom.Dependencies = &graph
	bom.Compositions = compositions(root, all, len(d.Incomplete) > 0)
	if err := cdx.NewBOMEncoder(w, cdx.BOMFileFormatJSON).SetPretty(true).SetEscapeHTML(false).EncodeVersion(bom, cdx.SpecVersion1_6); err != nil {
		return 0, fmt.Errorf("write CycloneDX of %q: %w", root.Name, err)
	}
	return len(all), nil
}

func metadata(d Document, root Component) *cdx.Metadata {
	m := &cdx.Metadata{
		Tools: &cdx.ToolsChoice{Components: &[]cdx.Component{{Type: cdx.ComponentTypeApplication, Name: "Steward", Version: d.ToolVersion}}},
	}
	if !d.Timestamp.IsZero() {
		m.Timestamp = d.Timestamp.UTC().Format(time.RFC3339)
	}
	c := component(root)
	m.Component = &c
	if reasons := sortedUnique(d.Incomplete); len(reasons) > 0 {
		properties := make([]cdx.Property, len(reasons))
		for i, r := range reasons {
			properties[i] = cdx.Property{Name: PropertyIncomplete, Value: r}
		}
		m.Properties = &properties
	}
	return m
}

// compositions say of which parts the document knows everything.
func compositions(root Component, components []Component, incomplete bool) *[]cdx.Composition {
	aggregate := cdx.CompositionAggregateComplete
	if incomplete {
		aggregate = cdx.CompositionAggregateIncomplete
	}
	list := []cdx.Composition{{Aggregate: aggregate, Assemblies: &[]cdx.BOMReference{cdx.BOMReference(root.Ref)}}}
	var known, open []cdx.BOMReference
	for _, c := range append([]Component{root}, components...) {
		if c.Unresolved == "" && (!incomplete || c.Ref != root.Ref) {
			known = append(known, cdx.BOMReference(c.Ref))
		} else {
			open = append(open, cdx.BOMReference(c.Ref))
		}
	}
	if len(known) > 0 {
		list = append(list, cdx.Composition{Aggregate: cdx.CompositionAggregateComplete, Dependencies: &known})
	}
	if len(open) > 0 {
		list = append(list, cdx.Composition{Aggregate: cdx.CompositionAggregateIncomplete, Dependencies: &open})
	}
	return &list
}

// edges makes the graph, with an entry for the root and every component, and
// tells the edges that lead nowhere.
func edges(given []Dependency, root Component, components []Component) (graph []cdx.Dependency, dangling map[string][]string) {
	on := map[string][]string{root.Ref: nil}
	for _, c := range components {
		on[c.Ref] = nil
	}
	dangling = map[string][]string{}
	for _, d := range given {
		if _, ok := on[d.Ref]; !ok {
			continue // what is not in the document needs nothing in it
		}
		for _, ref := range d.On {
			if _, ok := on[ref]; !ok {
				dangling[d.Ref] = append(dangling[d.Ref], fmt.Sprintf("needs %s, which was not found", ref))
				continue
			}
			if ref != d.Ref {
				on[d.Ref] = append(on[d.Ref], ref)
			}
		}
	}
	for _, c := range append([]Component{root}, components...) {
		entry := cdx.Dependency{Ref: c.Ref}
		if refs := sortedUnique(on[c.Ref]); len(refs) > 0 {
			entry.Dependencies = &refs
		}
		graph = append(graph, entry)
	}
	return graph, dangling
}

func joinReasons(first string, more []string) string {
	if first != "" {
		more = append(more, first)
	}
	return strings.Join(sortedUnique(more), "; ")
}

func sortedUnique(list []string) []string {
	list = slices.Clone(list)
	slices.Sort(list)
	return slices.Compact(list)
}
