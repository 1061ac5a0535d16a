// Package search keeps one document per record that people look for and finds
// them while they type.
//
// A document is written in the same transaction as its record. Words are split
// here, alike for both engines, at everything that is not a letter or a digit
// and where the case changes, so that "databind" finds jackson-databind and
// "quartz" finds QuartzScheduler. Up to two letters find titles that begin with
// them; from three letters on, at most maxCandidates full-text matches and the
// heaviest titles that begin with the text are ranked in Go.
package search

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"steward/internal/platform/access"
	"steward/internal/platform/store"
)

// Migrations holds the tables of documents and words.
//
//go:embed migration
var Migrations embed.FS

// Limits of a document and of an answer.
const (
	maxTitle      = 500
	maxBody       = 2000
	maxWords      = 200
	maxCandidates = 500
	maxByTitle    = 50
	maxKinds      = 20 // of one question
)

// Document is what can be found of one record.
type Document struct {
	Kind         string // repository, component, package, team, licence, ...
	ID           string // unique within the kind
	URL          string // page of the record
	Visibility   string // access.Internal or access.Restricted
	Title        string
	Body         string // one or two sentences; found too, shown beneath the title
	Weight       int    // 0..100: what people probably mean; more first
	RepositoryID int64  // whose replacing drops it; 0 when it is not of one repository
}

// Put writes documents, replacing those of the same kind and id.
func Put(ctx context.Context, tx *store.Tx, docs []Document) error {
	for _, d := range docs {
		if err := put(ctx, tx, d); err != nil {
			return fmt.Errorf("put search document %s %q: %w", d.Kind, d.ID, err)
		}
	}
	return nil
}

func put(ctx context.Context, tx *store.Tx, d Document) error {
	title, body := cut(d.Title, maxTitle), cut(d.Body, maxBody)
	args := []any{d.Kind, d.ID, d.URL, d.Visibility, d.RepositoryID, d.Weight, title, strings.ToLower(title), body}
	words := documentWords(title, body)
	const upsert = `INSERT INTO search_document (kind, id, url, visibility, repository_id, weight, title, title_key, body%s) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9%s)
		ON CONFLICT (kind, id) DO UPDATE SET url = excluded.url, visibility = excluded.visibility, repository_id = excluded.repository_id, weight = excluded.weight,
		title = excluded.title, title_key = excluded.title_key, body = excluded.body%s RETURNING rowid`
	var rowid int64
	if tx.Engine() == store.PostgreSQL {
		return tx.QueryRow(ctx, fmt.Sprintf(upsert, ", words", ", to_tsvector('simple', $10)", ", words = excluded.words"), append(args, words)...).Scan(&rowid)
	}
	if err := tx.QueryRow(ctx, fmt.Sprintf(upsert, "", "", ""), args...).Scan(&rowid); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM search_words WHERE rowid = $1`, rowid); err != nil {
		return err
	}
	return putWords(ctx, tx, rowid, words)
}

// Rebuild makes the words of all documents anew, after the documents themselves were restored.
func Rebuild(ctx context.Context, tx *store.Tx) error {
	if tx.Engine() == store.SQLite {
		if _, err := tx.Exec(ctx, `INSERT INTO search_words (search_words) VALUES ('delete-all')`); err != nil {
			return fmt.Errorf("rebuild the search: %w", err)
		}
	}
	type document struct {
		rowid       int64
		title, body string
	}
	for last := int64(-1 << 62); ; {
		some, err := store.Collect(func(row store.Scanner) (d document, err error) {
			return d, row.Scan(&d.rowid, &d.title, &d.body)
		})(tx.Query(ctx, `SELECT rowid, title, body FROM search_document WHERE rowid > $1 ORDER BY rowid LIMIT 1000`, last))
		if err != nil || len(some) == 0 {
			return err
		}
		for _, d := range some {
			if err := putWords(ctx, tx, d.rowid, documentWords(d.title, d.body)); err != nil {
				return fmt.Errorf("rebuild the search: %w", err)
			}
			last = d.rowid
		}
	}
}

// documentWords are the words by which a document is found, between spaces.
func documentWords(title, body string) string {
	return strings.Join(splitWords(title+" "+body, true), " ")
}

// putWords adds the words of a document that has none.
func putWords(ctx context.Context, tx *store.Tx, rowid int64, words string) error {
	if tx.Engine() == store.PostgreSQL {
		_, err := tx.Exec(ctx, `UPDATE search_document SET words = to_tsvector('simple', $2) WHERE rowid = $1`, rowid, words)
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO search_words (rowid, words) VALUES ($1, $2)`, rowid, words)
	return err
}

// Replace writes the documents of one kind of one repository and drops those
// that it no longer has.
func Replace(ctx context.Context, tx *store.Tx, kind string, repository int64, docs []Document) error {
	keep := make(map[string]bool, len(docs))
	for i := range docs {
		docs[i].Kind, docs[i].RepositoryID = kind, repository
		keep[docs[i].ID] = true
	}
	old, err := store.Collect(func(row store.Scanner) (string, error) {
		var id string
		err := row.Scan(&id)
		return id, err
	})(tx.Query(ctx, `SELECT id FROM search_document WHERE repository_id = $1 AND kind = $2`, repository, kind))
	if err != nil {
		return fmt.Errorf("list search documents: %w", err)
	}
	for _, id := range old {
		if !keep[id] {
			if err := Remove(ctx, tx, kind, id); err != nil {
				return err
			}
		}
	}
	return Put(ctx, tx, docs)
}

// Remove drops one document; it is no error when there is none.
func Remove(ctx context.Context, tx *store.Tx, kind, id string) error {
	var rowid int64
	err := tx.QueryRow(ctx, `DELETE FROM search_document WHERE kind = $1 AND id = $2 RETURNING rowid`, kind, id).Scan(&rowid)
	if errors.Is(err, store.ErrNoRows) {
		return nil
	}
	if err == nil && tx.Engine() == store.SQLite {
		_, err = tx.Exec(ctx, `DELETE FROM search_words WHERE rowid = $1`, rowid)
	}
	if err != nil {
		return fmt.Errorf("remove search document %s %q: %w", kind, id, err)
	}
	return nil
}

// FollowVisibility gives the documents of a repository its new visibility.
func FollowVisibility(ctx context.Context, tx *store.Tx, repository int64, visibility string) error {
	_, err := tx.Exec(ctx, `UPDATE search_document SET visibility = $2 WHERE repository_id = $1`, repository, visibility)
	return err
}

// Query is what somebody looks for.
type Query struct {
	Text  string
	Kinds []string // empty: all
	Limit int      // of hits; 0 is 20
}

// Hit is one record found.
type Hit struct {
	Kind  string `json:"kind"`
	ID    string `json:"id"`
	URL   string `json:"url"`
	Title string `json:"title"`
	Body  string `json:"body"`
	score int
}

// Results are the best hits, and how many there are of each kind.
type Results struct {
	Hits   []Hit          `json:"hits"`
	Kinds  map[string]int `json:"kinds"`  // among the candidates
	Capped bool           `json:"capped"` // there are more than were looked at
}

// Find answers a query with what the viewer may see.
func Find(ctx context.Context, db store.Reader, v access.Viewer, q Query) (Results, error) {
	text := strings.TrimSpace(cut(q.Text, 200))
	r := Results{Kinds: map[string]int{}, Hits: []Hit{}}
	if text == "" || !v.Can(access.ReadEstate) {
		return r, nil
	}
	candidates, capped, err := among(ctx, db, v, text, nil)
	if err != nil {
		return r, err
	}
	r.Capped = capped
	if capped && len(q.Kinds) > 0 { // those of other kinds may have taken all the room
		more, _, err := among(ctx, db, v, text, q.Kinds[:min(len(q.Kinds), maxKinds)])
		if err != nil {
			return r, err
		}
		candidates = append(candidates, more...)
	}
	r.Hits = rank(candidates, text, q, r.Kinds)
	return r, nil
}

// among gives the candidates of some kinds, of all when none is named, and whether there are more.
func among(ctx context.Context, db store.Reader, v access.Viewer, text string, kinds []string) ([]Hit, bool, error) {
	candidates, err := byTitle(ctx, db, v, strings.ToLower(text), kinds)
	if err != nil {
		return nil, false, err
	}
	capped := len(candidates) == maxByTitle
	if words := splitWords(text, false); len([]rune(text)) >= 3 && len(words) > 0 {
		more, err := byWords(ctx, db, v, words, kinds)
		if err != nil {
			return nil, false, err
		}
		capped = len(more) == maxCandidates
		candidates = append(candidates, more...)
	}
	return candidates, capped, nil
}

// ofKinds is the condition of being of one of some kinds, with its arguments behind those given.
func ofKinds(kinds []string, args ...any) (string, []any) {
	if len(kinds) == 0 {
		return "", args
	}
	marks := make([]string, len(kinds))
	for i, k := range kinds {
		args = append(args, k)
		marks[i] = fmt.Sprintf("$%d", len(args))
	}
	return " AND d.kind IN (" + strings.Join(marks, ", ") + ")", args
}

const hitColumns = `d.kind, d.id, d.url, d.title, d.body, d.weight`

func scanHit(row store.Scanner) (Hit, error) {
	var h Hit
	err := row.Scan(&h.Kind, &h.ID, &h.URL, &h.Title, &h.Body, &h.score)
	return h, err
}

func byTitle(ctx context.Context, db store.Reader, v access.Viewer, text string, kinds []string) ([]Hit, error) {
	of, args := ofKinds(kinds, text, text+"\U0010FFFF", maxByTitle)
	hits, err := store.Collect(scanHit)(db.Query(ctx, `SELECT `+hitColumns+` FROM search_document d
		WHERE d.title_key >= $1 AND d.title_key < $2 AND `+v.Where("d.visibility")+of+` ORDER BY d.weight DESC, d.title_key LIMIT $3`, args...))
	if err != nil {
		return nil, fmt.Errorf("find titles: %w", err)
	}
	return hits, nil
}

func byWords(ctx context.Context, db store.Reader, v access.Viewer, words, kinds []string) ([]Hit, error) {
	match := strings.Join(words, ":* & ") + ":*"
	if db.Engine() == store.SQLite {
		match = `"` + strings.Join(words, `" * AND "`) + `" *`
	}
	of, args := ofKinds(kinds, match, maxCandidates)
	sql := `SELECT ` + hitColumns + ` FROM search_document d WHERE d.words @@ to_tsquery('simple', $1) AND ` + v.Where("d.visibility") + of + ` LIMIT $2`
	if db.Engine() == store.SQLite {
		sql = `SELECT ` + hitColumns + ` FROM search_words w JOIN search_document d ON d.rowid = w.rowid WHERE search_words MATCH $1 AND ` + v.Where("d.visibility") + of + ` LIMIT $2`
	}
	hits, err := store.Collect(scanHit)(db.Query(ctx, sql, args...))
	if err != nil {
		return nil, fmt.Errorf("find words: %w", err)
	}
	return hits, nil
}

// rank orders candidates: the exact title, then titles that begin with the
// text, then those with it inside, then the rest; weight decides among equals.
func rank(candidates []Hit, text string, q Query, kinds map[string]int) []Hit {
	text = strings.ToLower(text)
	seen := map[[2]string]bool{}
	hits := []Hit{}
	for _, h := range candidates {
		key := [2]string{h.Kind, h.ID}
		if seen[key] {
			continue
		}
		seen[key] = true
		kinds[h.Kind]++
		if len(q.Kinds) > 0 && !slices.Contains(q.Kinds, h.Kind) {
			continue
		}
		title := strings.ToLower(h.Title)
		last := title[strings.LastIndexAny(title, "/:")+1:]
		switch {
		case title == text || last == text:
			h.score += 1000
		case strings.HasPrefix(last, text):
			h.score += 400
		case strings.HasPrefix(title, text):
			h.score += 300
		case strings.Contains(title, text):
			h.score += 200
		}
		hits = append(hits, h)
	}
	slices.SortFunc(hits, func(a, b Hit) int {
		switch {
		case a.score != b.score:
			return b.score - a.score
		case len(a.Title) != len(b.Title):
			return len(a.Title) - len(b.Title)
		case a.Title != b.Title:
			return strings.Compare(a.Title, b.Title)
		}
		return strings.Compare(a.Kind+a.ID, b.Kind+b.ID)
	})
	limit := q.Limit
	if limit <= 0 {
		limit = 20
	}
	return hits[:min(limit, len(hits))]
}

// splitWords returns the lower-case words of a text, without repeats, at most
// maxWords; with parts also those that a change of case makes.
func splitWords(text string, parts bool) []string {
	var words []string
	seen := map[string]bool{}
	add := func(w string) {
		if w = strings.ToLower(w); w != "" && !seen[w] && len(words) < maxWords {
			seen[w] = true
			words = append(words, w)
		}
	}
	for _, whole := range strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		add(whole)
		start := 0
		runes := []rune(whole)
		for i := 1; parts && i < len(runes); i++ {
			if unicode.IsLower(runes[i-1]) && unicode.IsUpper(runes[i]) {
				add(string(runes[start:i]))
				start = i
			}
		}
		if start > 0 {
			add(string(runes[start:]))
		}
	}
	return words
}

func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}
