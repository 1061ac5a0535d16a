// Package value makes the values of components correctable: kind, lifecycle, system, title,
// description, language, licence, and that a team owns them.
//
// Each value is a column of the component. A correction in force stands in that column, so that
// lists, search, exports and programs follow; what stood there is kept with the correction, and is
// put back when it ends. A reading writes the columns anew and forgets what was corrected; following
// it, the correction takes its place again.
package value

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"steward/internal/feature/catalog/ownership"
	"steward/internal/feature/estate/column"
	"steward/internal/feature/estate/correction"
	"steward/internal/feature/people/speaker"
	"steward/internal/platform/access"
	"steward/internal/platform/fault"
	"steward/internal/platform/store"
)

// Documents makes the components of a repository found by what they are now.
type Documents func(ctx context.Context, tx *store.Tx, repository int64) error

// kept says where a value is kept, in a component c of a repository r.
type kept struct {
	label  string
	column string
	basis  string   // expression of its basis; one of a column is written to
	from   string   // expression of its place or evidence; one of a column is written to
	source string   // analyser
	value  string   // expression where more than the column is looked at; "" is the column
	offers []string // usual values
}

const fixed = "'" // an expression that begins so is no column

var values = map[string]kept{
	"type":        {label: "Kind", column: "type", basis: "c.type_basis", from: "c.type_from", source: "catalog", offers: []string{"service", "website", "library", "application", "documentation"}},
	"lifecycle":   {label: "Lifecycle", column: "lifecycle", basis: "'written'", from: "c.lifecycle_from", source: "catalog", offers: []string{"experimental", "production", "finished", "deprecated", "archived", "decommissioned"}},
	"system":      {label: "Part of", column: "system", basis: "'written'", from: "c.system_from", source: "catalog"},
	"title":       {label: "Title", column: "title", basis: "'written'", from: "c.entry", source: "catalog"},
	"description": {label: "Description", column: "description", basis: "'written'", from: "c.description_from", source: "catalog", value: "CASE WHEN c.description = '' AND c.root = '' AND " + Original("description") + " THEN r.description ELSE c.description END"},
	"language":    {label: "Language", column: "language", basis: "'measured'", from: "'by bytes'", source: "technology", value: "CASE WHEN c.root = '' AND r.main_language <> '' AND " + Original("language") + " THEN r.main_language ELSE c.language END"},
	"licence":     {label: "Licence", column: "licence", basis: "c.licence_basis", from: "c.licence_from", source: "licence"},
}

// Names are the values that can be corrected.
func Names() []string {
	return []string{"type", "lifecycle", "system", "title", "description", "language", "licence"}
}

// Original is the condition that a value of the component c is what was read.
func Original(name string) string { return "c.corrected NOT LIKE '% " + name + " %'" }

// CorrectedIn reads the column that names what was corrected.
func CorrectedIn(column string) []string { return strings.Fields(column) }

// From is what stands as the origin of a corrected value.
const From = "corrected in Steward"

// Correctable are components as records whose values can be corrected.
func Correctable(documents Documents) correction.Subject {
	return correction.Subject{
		Kind: "component", Plural: "Components", Path: "/components", Find: find, Claims: claims, Field: field,
		Apply: func(ctx context.Context, tx *store.Tx, of correction.Record, c correction.Change) error {
			if err := apply(ctx, tx, of, c); err != nil {
				return fmt.Errorf("put %s of component %s: %w", c.Name, of.ID, err)
			}
			return documents(ctx, tx, of.RepositoryID)
		},
	}
}

func find(ctx context.Context, r store.Reader, v access.Viewer, uid string) (correction.Record, error) {
	record := correction.Record{ID: uid}
	err := r.QueryRow(ctx, `SELECT c.id, c.name, c.repository_id FROM component c JOIN repository r ON r.id = c.repository_id
		WHERE c.uid = $1 AND c.gone_at = 0 AND r.joined_into = 0 AND `+v.Where("r.visibility"), uid).Scan(&record.Key, &record.Name, &record.RepositoryID)
	if errors.Is(err, store.ErrNoRows) {
		return record, fault.New(fault.NotFound, "There is no such component, or you may not see it.")
	}
	return record, err
}

var placed = regexp.MustCompile(`^(.+):([0-9]+)$`)

func claims(ctx context.Context, r store.Reader, v access.Viewer, of correction.Record, name string) ([]correction.Claim, error) {
	if handle, ok := strings.CutPrefix(name, ownerPrefix); ok {
		return ownerClaims(ctx, r, v, of, handle)
	}
	k, ok := values[name]
	if !ok {
		return nil, nil
	}
	expression := k.value
	if expression == "" {
		expression = "c." + k.column
	}
	var c correction.Claim
	var text, from, corrected, own string
	var read int64
	err := r.QueryRow(ctx, `SELECT `+expression+`, c.`+k.column+`, `+k.basis+`, `+k.from+`, c.corrected, r.read_at FROM component c JOIN repository r ON r.id = c.repository_id
		WHERE c.id = $1 AND `+v.Where("r.visibility"), of.Key).Scan(&text, &own, &c.Basis, &from, &corrected, &read)
	if err != nil {
		return nil, fmt.Errorf("read %s of a component: %w", name, err)
	}
	c.Source, c.Observed = k.source, store.FromMicros(read)
	if slices.Contains(CorrectedIn(corrected), name) && c.Basis != column.Corrected && strings.HasPrefix(k.basis, fixed) {
		c.Basis = column.Corrected
	}
	switch {
	case c.Basis == column.Corrected:
		return []correction.Claim{c}, nil
	case text == "":
		return nil, nil
	case own != text: // that of the whole repository
		c.Source, from = "technology", "of the whole repository"
	}
	value, err := json.Marshal(text)
	if err != nil {
		return nil, fmt.Errorf("encode %s of a component: %w", name, err)
	}
	c.Value = string(value)
	if at := placed.FindStringSubmatch(from); at != nil && c.Basis != column.Inferred {
		c.File = at[1]
		c.Line, _ = strconv.Atoi(at[2]) // digits; a number too large is no line
	} else if c.Basis == column.Inferred || strings.Contains(from, " ") {
		c.Words = from
	} else {
		c.File = from
	}
	return []correction.Claim{c}, nil
}

// most is how many values are offered.
const most = 200

func field(ctx context.Context, r store.Reader, v access.Viewer, name string, claims []correction.Claim) (correction.Field, bool, error) {
	if handle, ok := strings.CutPrefix(name, ownerPrefix); ok {
		return ownerField(handle), len(claims) > 0, nil
	}
	k, ok := values[name]
	if !ok {
		return correction.Field{}, false, nil
	}
	f := correction.Field{Label: k.label, Input: correction.Words, Choices: slices.Clone(k.offers)}
	switch name {
	case "title", "description":
		return f, true, nil
	case "system":
		f.Check = func(words string) (string, error) {
			if !strings.Contains(words, ":") {
				words = "system:default/" + words
			}
			return strings.ToLower(words), nil
		}
	}
	all, err := store.Collect(func(row store.Scanner) (value string, err error) { return value, row.Scan(&value) })(
		r.Query(ctx, `SELECT DISTINCT c.`+k.column+` FROM component c JOIN repository r ON r.id = c.repository_id
			WHERE c.`+k.column+` <> '' AND c.gone_at = 0 AND r.joined_into = 0 AND `+v.Where("r.visibility")+` ORDER BY 1 LIMIT $1`, most))
	if err != nil {
		return f, false, fmt.Errorf("list values to be offered: %w", err)
	}
	f.Choices = append(f.Choices, all...)
	slices.Sort(f.Choices)
	f.Choices = slices.Compact(f.Choices)
	if name == "licence" {
		f = f.ForLicence()
	}
	return f, true, nil
}

func apply(ctx context.Context, tx *store.Tx, of correction.Record, c correction.Change) error {
	if handle, ok := strings.CutPrefix(c.Name, ownerPrefix); ok {
		return applyOwner(ctx, tx, of, handle, c)
	}
	k := values[c.Name]
	var corrected string
	if err := tx.QueryRow(ctx, `SELECT corrected FROM component WHERE id = $1`, of.Key).Scan(&corrected); err != nil {
		return err
	}
	names := slices.DeleteFunc(CorrectedIn(corrected), func(name string) bool { return name == c.Name })
	var text, basis, from string
	switch {
	case c.Value != "":
		var value *string
		if err := json.Unmarshal([]byte(c.Value), &value); err != nil {
			return err
		}
		if value != nil {
			text = *value
		}
		names, basis, from = append(names, c.Name), string(column.Corrected), From
	case c.Original != nil && (c.Original.Source == k.source || c.Name != "description" && c.Name != "language"):
		if err := json.Unmarshal([]byte(c.Original.Value), &text); err != nil {
			return err
		}
		basis, from = string(c.Original.Basis), c.Original.Words
		if c.Original.File != "" {
			from = ownership.Place(c.Original.File, c.Original.Line)
		}
	}
	corrected = ""
	if len(names) > 0 {
		slices.Sort(names)
		corrected = " " + strings.Join(names, " ") + " "
	}
	sets, args := []string{k.column + " = $2", "corrected = $3"}, []any{of.Key, text, corrected}
	put := func(expression, value string) {
		if name, ok := strings.CutPrefix(expression, "c."); ok && name != "entry" {
			args = append(args, value)
			sets = append(sets, fmt.Sprintf("%s = $%d", name, len(args)))
		}
	}
	put(k.basis, basis)
	put(k.from, from)
	_, err := tx.Exec(ctx, `UPDATE component SET `+strings.Join(sets, ", ")+` WHERE id = $1`, args...)
	return err
}

// Speaks is the condition that the account w speaks for the confirmed owner of what the correction c
// is about: of the component, or of all components of the repository.
const Speaks = `(c.subject_kind = 'component' AND EXISTS (SELECT 1 FROM component o WHERE o.uid = c.subject_id AND ` + spokenFor + `)
	OR c.subject_kind = 'repository' AND EXISTS (SELECT 1 FROM component o WHERE o.repository_id = c.repository_id AND o.gone_at = 0)
		AND NOT EXISTS (SELECT 1 FROM component o WHERE o.repository_id = c.repository_id AND o.gone_at = 0 AND NOT (` + spokenFor + `)))`

// spokenFor is the condition that the account w speaks for the confirmed owner of the component o.
const spokenFor = `o.owner_state = 'confirmed' AND EXISTS (SELECT 1 FROM team_speaker s WHERE s.team_id = o.owner_team_id AND s.account_id = w.id AND ` + speaker.InForce + `)`
