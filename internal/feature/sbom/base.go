package sbom

import (
	"context"
	"fmt"
	"strings"

	"steward/internal/feature/estate"
	"steward/internal/feature/sbom/reading"
	"steward/internal/format/manifest"
	"steward/internal/platform/access"
	"steward/internal/platform/store"
)

// Base says what an answer stands on.
type Base struct {
	estate.Base
	Unresolved int64      `json:"unresolved"` // repositories of the ecosystem with manifests whose transitives are not known
	Unread     int64      `json:"unread"`     // manifests that could not be read, of any ecosystem
	Branches   []string   `json:"branches"`   // default branches, the most frequent first, at most three
	Uncovered  []Language `json:"uncovered"`  // main languages whose packages no reader knows
}

// Language is a language with the number of repositories that are mainly in it.
type Language struct {
	Name         string `json:"name"`
	Repositories int64  `json:"repositories"`
}

// String says it in one sentence part: "186 of 200 repositories read; 37 with
// unresolved transitives; branch main".
func (b Base) String() string {
	parts := []string{b.Base.String()}
	if b.Unresolved > 0 {
		parts = append(parts, fmt.Sprintf("%d with unresolved transitives", b.Unresolved))
	}
	if b.Unread > 0 {
		parts = append(parts, reading.Counted(int(b.Unread), "manifest")+" not readable")
	}
	switch len(b.Branches) {
	case 0:
	case 1:
		parts = append(parts, "branch "+b.Branches[0])
	default:
		parts = append(parts, "default branches ("+strings.Join(b.Branches, ", ")+")")
	}
	if names := b.uncovered(); names != "" {
		parts = append(parts, "no reader for "+names)
	}
	return strings.Join(parts, "; ")
}

// shownLanguages is how many languages without a reader a sentence names.
const shownLanguages = 4

func (b Base) uncovered() string {
	var names []string
	for i, l := range b.Uncovered {
		if i == shownLanguages {
			names = append(names, fmt.Sprintf("%d more languages", len(b.Uncovered)-i))
			break
		}
		names = append(names, fmt.Sprintf("%s (%d)", l.Name, l.Repositories))
	}
	return strings.Join(names, ", ")
}

// base reads what an answer about packages of some ecosystems stands on; none means all.
func (f *Feature) base(ctx context.Context, v access.Viewer, ecosystems []string) (Base, error) {
	var b Base
	var err error
	if b.Base, err = f.estate.Base(ctx, v); err != nil {
		return b, err
	}
	narrowed := ""
	if len(ecosystems) > 0 {
		narrowed = ` AND m.ecosystem IN (` + places(1, len(ecosystems)) + `)`
	}
	if err := f.db.QueryRow(ctx, `SELECT COUNT(DISTINCT m.repository_id) FROM manifest_read m JOIN repository r ON r.id = m.repository_id
		WHERE m.unresolved <> '' AND m.fixture = 0 AND r.joined_into = 0 AND `+v.Where("r.visibility")+narrowed, anys(ecosystems)...).Scan(&b.Unresolved); err != nil {
		return b, fmt.Errorf("count repositories with unresolved packages: %w", err)
	}
	if err := f.db.QueryRow(ctx, `SELECT COUNT(*) FROM coverage_note n JOIN repository r ON r.id = n.repository_id
		WHERE n.kind = 'failed' AND n.source = 'sbom' AND r.joined_into = 0 AND `+v.Where("r.visibility")).Scan(&b.Unread); err != nil {
		return b, fmt.Errorf("count manifests that could not be read: %w", err)
	}
	if b.Branches, err = store.Collect(oneText)(f.db.Query(ctx, `SELECT default_branch FROM repository WHERE joined_into = 0 AND default_branch <> '' AND `+v.Where("visibility")+`
		GROUP BY default_branch ORDER BY COUNT(*) DESC, default_branch LIMIT 3`)); err != nil {
		return b, fmt.Errorf("list default branches: %w", err)
	}
	languages, err := store.Collect(func(row store.Scanner) (Language, error) {
		var l Language
		err := row.Scan(&l.Name, &l.Repositories)
		return l, err
	})(f.db.Query(ctx, `SELECT main_language, COUNT(*) FROM repository WHERE joined_into = 0 AND main_language <> '' AND `+v.Where("visibility")+` GROUP BY main_language ORDER BY COUNT(*) DESC, main_language`))
	if err != nil {
		return b, fmt.Errorf("count languages: %w", err)
	}
	readers := manifest.Languages()
	b.Uncovered = []Language{}
	for _, l := range languages {
		if len(readers[l.Name]) == 0 {
			b.Uncovered = append(b.Uncovered, l)
		}
	}
	return b, nil
}
