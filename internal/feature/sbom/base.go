package sbom

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
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
	Unresolved   int64      `json:"unresolved"`    // repositories of the ecosystem with manifests whose transitives are not known
	Unread       int64      `json:"unread"`        // manifests that could not be read, of any ecosystem
	Branches     []string   `json:"branches"`      // default branches, the most frequent first, at most three
	MoreBranches int64      `json:"more_branches"` // different default branches beside those
	Uncovered    []Language `json:"uncovered"`     // main languages that have packages which no reader knows
}

// Language is a language with the number of repositories that are mainly in it.
type Language struct {
	Name         string `json:"name"`
	Repositories int64  `json:"repositories"`
}

// String says it in one sentence part: "186 of 200 repositories read; 37 with
// unresolved transitives; default branch main".
func (b Base) String() string {
	parts := []string{b.Base.String()}
	if b.Unresolved > 0 {
		parts = append(parts, fmt.Sprintf("%d with unresolved transitives", b.Unresolved))
	}
	if b.Unread > 0 {
		parts = append(parts, reading.Counted(int(b.Unread), "manifest")+" not readable")
	}
	if branches := b.branches(); branches != "" {
		parts = append(parts, branches)
	}
	if names := b.uncovered(); names != "" {
		parts = append(parts, "no reader for "+names)
	}
	return strings.Join(parts, "; ")
}

// plainBranch are names that read as a branch inside a sentence; others, such
// as 274, are quoted.
var plainBranch = regexp.MustCompile(`^[A-Za-z0-9._/-]*[A-Za-z][A-Za-z0-9._/-]*$`)

// branches says which branches were read: "default branches main, master and 3 others".
func (b Base) branches() string {
	var names []string
	for _, name := range b.Branches {
		if !plainBranch.MatchString(name) {
			name = strconv.Quote(name)
		}
		names = append(names, name)
	}
	last := len(names) - 1
	switch {
	case last < 0:
		return ""
	case last == 0:
		return "default branch " + names[0]
	case b.MoreBranches > 0: // at least two others then, so that one word fits
		return fmt.Sprintf("default branches %s and %d others", strings.Join(names[:last], ", "), b.MoreBranches+1)
	}
	return "default branches " + strings.Join(names[:last], ", ") + " and " + names[last]
}

// shownBranches is how many default branches an answer names.
const shownBranches = 3

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
		narrowed = ` AND m.ecosystem IN (` + store.Marks(1, len(ecosystems)) + `)`
	}
	if err := f.db.QueryRow(ctx, `SELECT COUNT(DISTINCT m.repository_id) FROM manifest_read m JOIN repository r ON r.id = m.repository_id
		WHERE m.unresolved <> '' AND m.fixture = 0 AND r.joined_into = 0 AND `+v.Where("r.visibility")+narrowed, store.Args(ecosystems)...).Scan(&b.Unresolved); err != nil {
		return b, fmt.Errorf("count repositories with unresolved packages: %w", err)
	}
	if err := f.db.QueryRow(ctx, `SELECT COUNT(*) FROM coverage_note n JOIN repository r ON r.id = n.repository_id
		WHERE n.kind = 'failed' AND n.source = 'sbom' AND r.joined_into = 0 AND `+v.Where("r.visibility")).Scan(&b.Unread); err != nil {
		return b, fmt.Errorf("count manifests that could not be read: %w", err)
	}
	all, err := store.Collect(oneText)(f.db.Query(ctx, `SELECT default_branch FROM repository WHERE joined_into = 0 AND default_branch <> '' AND `+v.Where("visibility")+`
		GROUP BY default_branch ORDER BY COUNT(*) DESC, default_branch`))
	if err != nil {
		return b, fmt.Errorf("list default branches: %w", err)
	}
	b.Branches = all[:min(len(all), shownBranches)]
	b.MoreBranches = int64(len(all) - len(b.Branches))
	languages, err := store.Collect(func(row store.Scanner) (Language, error) {
		var l Language
		err := row.Scan(&l.Name, &l.Repositories)
		return l, err
	})(f.db.Query(ctx, `SELECT main_language, COUNT(*) FROM repository WHERE joined_into = 0 AND main_language <> '' AND `+v.Where("visibility")+` GROUP BY main_language ORDER BY COUNT(*) DESC, main_language`))
	if err != nil {
		return b, fmt.Errorf("count languages: %w", err)
	}
	b.Uncovered = []Language{}
	for _, l := range languages {
		if manifest.Unread(l.Name) {
			b.Uncovered = append(b.Uncovered, l)
		}
	}
	return b, nil
}
