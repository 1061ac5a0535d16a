package sbom

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"steward/internal/feature/sbom/reach"
	"steward/internal/feature/sbom/reading"
	"steward/internal/format/manifest"
	"steward/internal/format/purl"
	"steward/internal/platform/access"
	"steward/internal/platform/fault"
	"steward/internal/platform/store"
)

// Package is one package that the estate uses, with the figures that the
// viewer may see. Test data and examples are in none of them.
type Package struct {
	ID           int64  `json:"-"`
	UID          string `json:"id"`
	PURL         string `json:"purl"` // without version
	Type         string `json:"type"` // of the package URL: npm, maven
	Namespace    string `json:"namespace"`
	Name         string `json:"name"`
	FullName     string `json:"full_name"`    // as people of the ecosystem write it
	Internal     bool   `json:"internal"`     // a repository of the estate makes it
	Repositories int64  `json:"repositories"` // that use it
	Components   int64  `json:"components"`
	Direct       int64  `json:"direct"`   // components that name it themselves
	Unpinned     int64  `json:"unpinned"` // components where only a range is known
	Versions     int64  `json:"versions"` // distinct known ones
}

// Ecosystem is the name that people use: npm, Maven, Python.
func (p Package) Ecosystem() string { return reading.EcosystemName(p.Type) }

// Title is the name that its page has: of Maven the artifact alone, as its group stands below it.
func (p Package) Title() string {
	if p.Type == "maven" {
		return p.Name
	}
	return p.FullName
}

const packageColumns = `p.id, p.uid, p.purl, p.type, p.namespace, p.name, p.full_name, COALESCE(s.ours, 0), COALESCE(s.repositories, 0), COALESCE(s.components, 0), COALESCE(s.direct, 0), COALESCE(s.unpinned, 0), COALESCE(s.versions, 0)`

func scanPackage(row store.Scanner) (Package, error) {
	var p Package
	var ours int64
	err := row.Scan(&p.ID, &p.UID, &p.PURL, &p.Type, &p.Namespace, &p.Name, &p.FullName, &ours, &p.Repositories, &p.Components, &p.Direct, &p.Unpinned, &p.Versions)
	p.Internal = ours != 0
	return p, err
}

// known is the condition that a viewer sees at least one use of a package.
func known(v access.Viewer) string {
	return `(s.repositories > 0 OR EXISTS (SELECT 1 FROM package_use u JOIN repository r ON r.id = u.repository_id
		WHERE u.package_id = p.id AND u.fixture = 1 AND r.joined_into = 0 AND ` + v.Where("r.visibility") + `))`
}

// PackageByUID finds a package by its public id. One that nobody uses where
// the viewer may look is fault.NotFound.
func (f *Feature) PackageByUID(ctx context.Context, v access.Viewer, uid string) (Package, error) {
	p, err := scanPackage(f.db.QueryRow(ctx, `SELECT `+packageColumns+` FROM package p LEFT JOIN package_reach s ON s.package_id = p.id AND s.reach = $1
		WHERE p.uid = $2 AND `+known(v), reach.Of(v), uid))
	if errors.Is(err, store.ErrNoRows) {
		return p, fault.New(fault.NotFound, "There is no such package in use, or you may not see who uses it.")
	}
	if err != nil {
		return p, fmt.Errorf("find package: %w", err)
	}
	return p, nil
}

// maxMatches is how many packages of one name are answered for at once.
const maxMatches = 20

// Find finds packages by name: those whose name in their ecosystem it is, or a
// package URL; else those whose last part it is, such as log4j-core. Others are
// those of the second kind when there are some of the first.
func (f *Feature) Find(ctx context.Context, v access.Viewer, name string) (matches, others []Package, err error) {
	if err := v.Require(access.ReadEstate); err != nil {
		return nil, nil, err
	}
	name = strings.TrimSpace(name)
	keys, last, err := spellings(name)
	if err != nil {
		return nil, nil, err
	}
	args := append([]any{reach.Of(v), strings.ToLower(name), last}, store.Args(keys)...)
	all, err := store.Collect(scanPackage)(f.db.Query(ctx, `SELECT `+packageColumns+` FROM package p LEFT JOIN package_reach s ON s.package_id = p.id AND s.reach = $1
		WHERE p.id IN (SELECT id FROM package WHERE full_key = $2 UNION SELECT id FROM package WHERE name_key = $3 UNION SELECT id FROM package WHERE purl IN (`+store.Marks(4, len(keys))+`))
		AND `+known(v)+` ORDER BY COALESCE(s.components, 0) DESC, p.purl LIMIT 200`, args...))
	if err != nil {
		return nil, nil, fmt.Errorf("find packages called %q: %w", name, err)
	}
	exact := map[string]bool{}
	for _, k := range keys {
		exact[k] = true
	}
	for _, p := range all {
		if exact[p.PURL] || strings.EqualFold(p.FullName, name) {
			matches = append(matches, p)
		} else {
			others = append(others, p)
		}
	}
	if len(matches) == 0 {
		matches, others = others, nil
	}
	return matches, others, nil
}

// spellings gives the package URLs that a name may stand for, one an
// ecosystem, and the text that is compared with last parts.
func spellings(name string) (keys []string, last string, err error) {
	if len(name) > reading.MaxPURL || name == "" {
		return nil, "", fault.New(fault.Invalid, "Name a package, such as log4j-core, @angular/core or pkg:maven/org.slf4j/slf4j-api.")
	}
	if strings.HasPrefix(strings.ToLower(name), "pkg:") {
		p, err := purl.Parse(name)
		if err != nil {
			return nil, "", fault.Wrap(fault.Invalid, err, "%q is not a package URL. One looks like pkg:npm/lodash or pkg:maven/org.slf4j/slf4j-api.", name)
		}
		return []string{keyOf(p)}, "", nil
	}
	seen := map[string]bool{}
	for _, r := range manifest.Readers() {
		if key := keyOf(purl.New(r.Ecosystem, "", name, "")); !seen[key] {
			seen[key] = true
			keys = append(keys, key)
		}
	}
	return keys, strings.ToLower(name), nil
}
