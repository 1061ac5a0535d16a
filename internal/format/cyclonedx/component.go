package cyclonedx

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	cdx "github.com/CycloneDX/cyclonedx-go"

	"steward/internal/format/spdx"
)

// collect fills in what the PURLs say, merges components with one Ref, drops
// those that are the root itself, and sorts.
func collect(d Document) (root Component, components []Component, err error) {
	root = d.Root
	if root.Kind == "" {
		root.Kind = Application
	}
	if root, err = fill(root); err != nil {
		return root, nil, fmt.Errorf("%w: the root: %w", ErrDocument, err)
	}
	at := map[string]int{}
	for i, c := range d.Components {
		if c, err = fill(c); err != nil {
			return root, nil, fmt.Errorf("%w: component %d: %w", ErrDocument, i, err)
		}
		if c.Ref == root.Ref {
			root.Places = append(slices.Clone(root.Places), c.Places...)
			continue
		}
		j, seen := at[c.Ref]
		if !seen {
			at[c.Ref] = len(components)
			components = append(components, c)
			continue
		}
		components[j] = merge(components[j], c)
	}
	slices.SortFunc(components, func(a, b Component) int { return cmp.Compare(a.Ref, b.Ref) })
	return root, components, nil
}

func fill(c Component) (Component, error) {
	if c.Kind == "" {
		c.Kind = Library
	}
	if c.Name == "" {
		c.Name = c.PURL.Name
	}
	if c.Version == "" {
		c.Version = c.PURL.Version
	}
	if c.Name == "" {
		return c, fmt.Errorf("it has neither a name nor a package URL")
	}
	if c.Ref == "" {
		c.Ref = c.PURL.String()
	}
	if c.Ref == "" {
		c.Ref = strings.TrimSuffix(c.Name+"@"+c.Version, "@")
	}
	return c, nil
}

// strength orders uses; not known is weakest.
var strength = map[Use]int{Runtime: 4, Optional: 3, Development: 2, Test: 1}

func merge(a, b Component) Component {
	if strength[b.Use] > strength[a.Use] {
		a.Use = b.Use
	}
	if betterLicence(b, a) {
		a.Licence, a.Basis = b.Licence, b.Basis
	}
	a.Places = append(slices.Clone(a.Places), b.Places...)
	var more []string
	if b.Unresolved != "" {
		more = append(more, b.Unresolved)
	}
	a.Unresolved = joinReasons(a.Unresolved, more)
	return a
}

// betterLicence decides between what two finds of a component say, whichever
// came first: something before nothing, concluded before declared, then by text.
func betterLicence(a, b Component) bool {
	if a.Licence == "" || b.Licence == "" {
		return a.Licence != ""
	}
	if (a.Basis == Concluded) != (b.Basis == Concluded) {
		return a.Basis == Concluded
	}
	return a.Licence < b.Licence
}

func component(c Component) cdx.Component {
	out := cdx.Component{
		BOMRef:     c.Ref,
		Type:       cdx.ComponentType(c.Kind),
		Group:      c.PURL.Namespace,
		Name:       c.Name,
		Version:    c.Version,
		PackageURL: c.PURL.String(),
		Licenses:   licences(c),
	}
	var properties []cdx.Property
	switch c.Use {
	case Runtime:
		out.Scope = cdx.ScopeRequired
	case Optional:
		out.Scope = cdx.ScopeOptional
	case Development, Test:
		out.Scope = cdx.ScopeExcluded
		properties = append(properties, cdx.Property{Name: PropertyUse, Value: string(c.Use)})
	}
	if c.Unresolved != "" {
		properties = append(properties, cdx.Property{Name: PropertyUnresolved, Value: c.Unresolved})
	}
	if len(properties) > 0 {
		out.Properties = &properties
	}
	if occurrences := occurrences(c.Places); len(occurrences) > 0 {
		out.Evidence = &cdx.Evidence{Occurrences: &occurrences}
	}
	return out
}

func occurrences(places []Place) []cdx.EvidenceOccurrence {
	places = slices.Clone(places)
	slices.SortFunc(places, func(a, b Place) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	var out []cdx.EvidenceOccurrence
	for _, p := range slices.Compact(places) {
		if p.File == "" {
			continue
		}
		o := cdx.EvidenceOccurrence{Location: p.File}
		if p.Line > 0 {
			o.Line = &p.Line
		}
		out = append(out, o)
	}
	return out
}

// licences writes one id of the list as an id, other expressions as
// expressions, and everything else as a name.
func licences(c Component) *cdx.Licenses {
	if strings.TrimSpace(c.Licence) == "" {
		return nil
	}
	basis := cdx.LicenseAcknowledgement(c.Basis)
	e, err := spdx.Parse(c.Licence)
	if err != nil {
		return &cdx.Licenses{{License: &cdx.License{Name: c.Licence, Acknowledgement: basis}}}
	}
	if l, ok := spdx.Find(e.String()); ok {
		return &cdx.Licenses{{License: &cdx.License{ID: l.ID, Acknowledgement: basis}}}
	}
	choice := cdx.LicenseChoice{Expression: e.String()}
	if basis != "" {
		choice.Acknowledgement = &basis
	}
	return &cdx.Licenses{choice}
}
