package billed

import (
	"context"
	"fmt"
	"strings"

	"steward/internal/format/manifest"
	"steward/internal/platform/access"
	"steward/internal/platform/store"
)

// part is what a bill is laid beside: a repository, a component of it, or with zeros the whole estate.
type part struct{ repository, component int64 }

// where narrows rows of a repository and a component; columns of the program, numbers of the store.
func (p part) where(repository, component string) string {
	narrow := ""
	if p.repository > 0 {
		narrow += fmt.Sprintf(" AND %s = %d", repository, p.repository)
	}
	if p.component > 0 && component != "" {
		narrow += fmt.Sprintf(" AND %s = %d", component, p.component)
	}
	return narrow
}

// ecosystem counts manifests that are no test data.
type ecosystem struct {
	manifests, unresolved, failed int64
	firstUnresolved, firstFailed  string
}

// holding is what a part of the estate uses, as the viewer sees it.
type holding struct {
	all        []*release            // by address and version
	releases   map[string][]*release // by key
	byName     map[string][]string   // addresses by full name, folded
	projects   map[string]string     // keys of what is made here, with the repository
	ecosystems map[string]ecosystem
}

func load(ctx context.Context, r store.Reader, v access.Viewer, at part) (*holding, error) {
	h := &holding{releases: map[string][]*release{}, byName: map[string][]string{}, projects: map[string]string{}, ecosystems: map[string]ecosystem{}}
	var err error
	h.all, err = store.Collect(func(row store.Scanner) (*release, error) {
		var one release
		var name string
		err := row.Scan(&one.uid, &one.address, &name, &one.version, &one.fixture, &one.product, &one.requirement, &one.repositories, &one.first)
		one.key = keyOf(one.address)
		h.releases[one.key] = append(h.releases[one.key], &one)
		if all := h.byName[name]; len(all) == 0 || all[len(all)-1] != one.address {
			h.byName[name] = append(all, one.address)
		}
		return &one, err
	})(r.Query(ctx, `SELECT p.uid, p.purl, p.full_key, u.version, CASE WHEN u.fixture = 1 THEN TRUE ELSE FALSE END, CASE WHEN MAX(CASE WHEN u.scope IN ('production', 'optional') THEN 1 ELSE 0 END) = 1 THEN TRUE ELSE FALSE END,
			MAX(u.requirement), COUNT(DISTINCT u.repository_id), MIN(r.name)
		FROM package_use u JOIN package p ON p.id = u.package_id JOIN repository r ON r.id = u.repository_id
		WHERE r.joined_into = 0 AND `+v.Where("r.visibility")+at.where("u.repository_id", "u.component_id")+`
		GROUP BY p.uid, p.purl, p.full_key, u.version, u.fixture ORDER BY p.purl, u.version, u.fixture`))
	if err != nil {
		return nil, fmt.Errorf("load releases of packages: %w", err)
	}
	if _, err = store.Collect(func(row store.Scanner) (struct{}, error) {
		var project, repository string
		err := row.Scan(&project, &repository)
		h.projects[keyOf(project)] = repository
		return struct{}{}, err
	})(r.Query(ctx, `SELECT m.project, MIN(r.name) FROM manifest_read m JOIN repository r ON r.id = m.repository_id
		WHERE m.project <> '' AND m.fixture = 0 AND r.joined_into = 0 AND `+v.Where("r.visibility")+` GROUP BY m.project`)); err != nil {
		return nil, fmt.Errorf("load packages made here: %w", err)
	}
	return h, h.loadEcosystems(ctx, r, v, at)
}

func (h *holding) loadEcosystems(ctx context.Context, r store.Reader, v access.Viewer, at part) error {
	if _, err := store.Collect(func(row store.Scanner) (struct{}, error) {
		var typ string
		var e ecosystem
		err := row.Scan(&typ, &e.manifests, &e.unresolved, &e.firstUnresolved)
		h.ecosystems[typ] = e
		return struct{}{}, err
	})(r.Query(ctx, `SELECT m.ecosystem, COUNT(*), COUNT(CASE WHEN m.unresolved <> '' THEN 1 END), COALESCE(MIN(CASE WHEN m.unresolved <> '' THEN m.path || ' in ' || r.name END), '')
		FROM manifest_read m JOIN repository r ON r.id = m.repository_id
		WHERE m.fixture = 0 AND r.joined_into = 0 AND `+v.Where("r.visibility")+at.where("m.repository_id", "m.component_id")+` GROUP BY m.ecosystem`)); err != nil {
		return fmt.Errorf("count manifests: %w", err)
	}
	type failure struct{ path, repository string }
	failures, err := store.Collect(func(row store.Scanner) (failure, error) {
		var one failure
		err := row.Scan(&one.path, &one.repository)
		return one, err
	})(r.Query(ctx, `SELECT DISTINCT n.path, r.name FROM coverage_note n JOIN repository r ON r.id = n.repository_id
		WHERE n.kind = 'failed' AND n.source = 'sbom' AND n.path <> '' AND r.joined_into = 0 AND `+v.Where("r.visibility")+at.where("n.repository_id", "")+` ORDER BY n.path, r.name`))
	if err != nil {
		return fmt.Errorf("list manifests that could not be read: %w", err)
	}
	for _, f := range failures {
		for _, reader := range manifest.Readers() {
			if reader.Wants(f.path) {
				e := h.ecosystems[reader.Ecosystem]
				if e.failed++; e.failed == 1 {
					e.firstFailed = strings.TrimSpace(f.path + " in " + f.repository)
				}
				h.ecosystems[reader.Ecosystem] = e
				break
			}
		}
	}
	return nil
}
