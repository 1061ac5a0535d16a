package licence

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"steward/internal/feature/catalog"
	"steward/internal/feature/catalog/ownership"
	"steward/internal/feature/estate"
	"steward/internal/platform/access"
	"steward/internal/platform/search"
	"steward/internal/platform/store"
)

// write replaces what is known of a repository's licences.
func write(ctx context.Context, tx *store.Tx, at estate.Target, answers []Answer, files []File, thirdParty string) error {
	before, err := keysOf(ctx, tx, at.RepositoryID)
	if err != nil {
		return err
	}
	for _, table := range []string{"licence_file", "component_licence", "third_party_code"} {
		if _, err := tx.Exec(ctx, `DELETE FROM `+table+` WHERE repository_id = $1`, at.RepositoryID); err != nil {
			return fmt.Errorf("replace licences: %w", err)
		}
	}
	rows := make([][]any, 0, len(files))
	for i, o := range files {
		rows = append(rows, []any{
			at.RepositoryID, i, string(o.Kind), o.Path, o.Line, o.Root, count(o.Counts), string(o.Licence), string(o.Certainty), o.Matched,
			o.Said, strings.Join(o.Restrictions, "\n"), strings.Join(o.Reasons, "\n"), at.ScanID,
		})
	}
	if _, err := tx.Insert(ctx, "licence_file", []string{
		"repository_id", "seq", "kind", "path", "line", "root", "counts", "licence", "certainty", "matched",
		"said", "restrictions", "reasons", "scan_id",
	}, slices.Values(rows)); err != nil {
		return err
	}
	rows = make([][]any, 0, len(answers))
	after, seen := []Key{}, map[string]bool{}
	for _, a := range answers {
		if seen[store.Text(a.Root)] { // two names of folders that differ in bytes that are no text
			continue
		}
		seen[store.Text(a.Root)] = true
		after = append(after, a.Licence)
		rows = append(rows, []any{at.RepositoryID, a.Root, string(a.Licence), string(a.Basis), string(a.Certainty), a.File, a.Line, a.Matched, a.Why, a.Dispute, at.ScanID})
	}
	if _, err := tx.Insert(ctx, "component_licence", []string{"repository_id", "root", "licence", "basis", "certainty", "file", "line", "matched", "why", "dispute", "scan_id"}, slices.Values(rows)); err != nil {
		return err
	}
	if thirdParty != "" {
		if _, err := tx.Exec(ctx, `INSERT INTO third_party_code (repository_id, path, scan_id) VALUES ($1, $2, $3)`, at.RepositoryID, thirdParty, at.ScanID); err != nil {
			return fmt.Errorf("put third-party code: %w", err)
		}
	}
	return putDocuments(ctx, tx, slices.Concat(without(before, after), without(after, before)))
}

func count(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

func without(a, b []Key) []Key {
	return slices.DeleteFunc(slices.Clone(a), func(k Key) bool { return slices.Contains(b, k) })
}

func keysOf(ctx context.Context, r store.Reader, repository int64) ([]Key, error) {
	keys, err := store.Collect(func(row store.Scanner) (Key, error) {
		var k Key
		err := row.Scan(&k)
		return k, err
	})(r.Query(ctx, `SELECT DISTINCT licence FROM component_licence WHERE repository_id = $1`, repository))
	if err != nil {
		return nil, fmt.Errorf("list licences of a repository: %w", err)
	}
	return keys, nil
}

// FollowVisibility makes search find a licence for those who may see one of
// the repositories that have it. It is an estate.VisibilityHook.
func FollowVisibility(ctx context.Context, tx *store.Tx, repository int64, _ string) error {
	keys, err := keysOf(ctx, tx, repository)
	if err != nil {
		return err
	}
	return putDocuments(ctx, tx, keys)
}

// FollowJoin makes search forget a licence that only a joined repository had,
// and find it again after a split. It is an estate.JoinHook.
func FollowJoin(ctx context.Context, tx *store.Tx, repository int64) error {
	return FollowVisibility(ctx, tx, repository, "")
}

// putDocuments renews what search finds of licences: one document for each
// that a repository has, restricted when only restricted ones have it.
func putDocuments(ctx context.Context, tx *store.Tx, keys []Key) error {
	keys = slices.DeleteFunc(keys, func(k Key) bool { return k == Unknown || k == None })
	slices.Sort(keys) // all writers take them in the same order
	keys = slices.Compact(keys)
	for chunk := range slices.Chunk(keys, 500) {
		if err := putSome(ctx, tx, chunk); err != nil {
			return err
		}
	}
	return nil
}

func putSome(ctx context.Context, tx *store.Tx, keys []Key) error {
	rows, err := tx.Query(ctx, `SELECT c.licence, MIN(CASE WHEN r.visibility = 'internal' THEN 0 ELSE 1 END) FROM component_licence c JOIN repository r ON r.id = c.repository_id
		WHERE r.joined_into = 0 AND c.licence IN (`+store.Marks(1, len(keys))+`) GROUP BY c.licence`, store.Args(keys)...)
	type hidden struct {
		key        Key
		restricted int64
	}
	have, err := store.Collect(func(row store.Scanner) (hidden, error) {
		var h hidden
		err := row.Scan(&h.key, &h.restricted)
		return h, err
	})(rows, err)
	if err != nil {
		return fmt.Errorf("find who has a licence: %w", err)
	}
	visibility := map[Key]string{}
	for _, h := range have {
		visibility[h.key] = access.Internal
		if h.restricted == 1 {
			visibility[h.key] = access.Restricted
		}
	}
	var docs []search.Document
	for _, k := range keys {
		if visibility[k] == "" {
			if err := search.Remove(ctx, tx, "licence", string(k)); err != nil {
				return err
			}
			continue
		}
		docs = append(docs, search.Document{Kind: "licence", ID: string(k), URL: k.page(), Visibility: visibility[k], Title: k.Title(), Body: k.Name(), Weight: 40})
	}
	return search.Put(ctx, tx, docs)
}

func (k Key) page() string { return "/licences/" + url.PathEscape(string(k)) }

const answerColumns = `c.root, c.licence, c.basis, c.certainty, c.file, c.line, c.matched, c.why, c.dispute`

func scanAnswer(row store.Scanner) (Answer, error) {
	var a Answer
	err := row.Scan(&a.Root, &a.Licence, &a.Basis, &a.Certainty, &a.File, &a.Line, &a.Matched, &a.Why, &a.Dispute)
	return a, err
}

// Answers lists the licences of a repository's component roots, its own first.
func (f *Feature) Answers(ctx context.Context, v access.Viewer, repository int64) ([]Answer, error) {
	all, err := store.Collect(scanAnswer)(f.db.Query(ctx, `SELECT `+answerColumns+` FROM component_licence c JOIN repository r ON r.id = c.repository_id
		WHERE c.repository_id = $1 AND `+v.Where("r.visibility")+` ORDER BY c.root`, repository))
	if err != nil {
		return nil, fmt.Errorf("list licences: %w", err)
	}
	return all, nil
}

// AnswerAt returns the licence of a folder of a repository: its own, or that of
// the nearest folder above. It is the zero Answer while nothing has been read.
func (f *Feature) AnswerAt(ctx context.Context, v access.Viewer, repository int64, root string) (Answer, error) {
	args, marks := []any{repository}, []string{}
	for dir := root; ; dir = dirOf(dir) {
		args = append(args, dir)
		marks = append(marks, fmt.Sprintf("$%d", len(args)))
		if dir == "" || len(args) > maxDepth {
			break
		}
	}
	all, err := store.Collect(scanAnswer)(f.db.Query(ctx, `SELECT `+answerColumns+` FROM component_licence c JOIN repository r ON r.id = c.repository_id
		WHERE c.repository_id = $1 AND c.root IN (`+strings.Join(marks, ", ")+`) AND `+v.Where("r.visibility")+` ORDER BY LENGTH(c.root) DESC LIMIT 1`, args...))
	if err != nil {
		return Answer{}, fmt.Errorf("find the licence of a folder: %w", err)
	}
	if len(all) == 0 {
		return Answer{}, nil
	}
	return all[0], nil
}

// OfFolders answers the licences of a repository's component roots, by root and
// as people read them, for whoever keeps what lies in those folders.
func OfFolders(ctx context.Context, r store.Reader, v access.Viewer, repository int64) (map[string]catalog.Stated, error) {
	all, err := store.Collect(scanAnswer)(r.Query(ctx, `SELECT `+answerColumns+` FROM component_licence c JOIN repository r ON r.id = c.repository_id
		WHERE c.repository_id = $1 AND `+v.Where("r.visibility"), repository))
	if err != nil {
		return nil, fmt.Errorf("list licences of folders: %w", err)
	}
	folders := make(map[string]catalog.Stated, len(all))
	for _, a := range all {
		var s catalog.Stated
		if a.Licence != None {
			s = catalog.Stated{Value: a.Licence.Title(), Basis: string(a.Basis), From: ownership.Place(a.File, a.Line)}
		}
		folders[a.Root] = s
	}
	return folders, nil
}

// maxDepth is how many folders above one are asked for an answer.
const maxDepth = 200

// Files lists at most limit places of a repository that say something about a
// licence, those that decide first.
func (f *Feature) Files(ctx context.Context, v access.Viewer, repository int64, limit int) ([]File, error) {
	return f.files(ctx, v, "", repository, limit)
}

// filesOf lists the places of one component root.
func (f *Feature) filesOf(ctx context.Context, v access.Viewer, repository int64, root string, limit int) ([]File, error) {
	return f.files(ctx, v, "l.root = $3 AND ", repository, limit, root)
}

func (f *Feature) files(ctx context.Context, v access.Viewer, where string, args ...any) ([]File, error) {
	all, err := store.Collect(func(row store.Scanner) (File, error) {
		var o File
		var counts int64
		var restrictions, reasons string
		err := row.Scan(&o.Kind, &o.Path, &o.Line, &o.Root, &counts, &o.Licence, &o.Certainty, &o.Matched, &o.Said, &restrictions, &reasons)
		o.Counts, o.Restrictions, o.Reasons = counts == 1, lines(restrictions), lines(reasons)
		return o, err
	})(f.db.Query(ctx, `SELECT l.kind, l.path, l.line, l.root, l.counts, l.licence, l.certainty, l.matched, l.said, l.restrictions, l.reasons
		FROM licence_file l JOIN repository r ON r.id = l.repository_id
		WHERE `+where+`l.repository_id = $1 AND `+v.Where("r.visibility")+` ORDER BY l.counts DESC, l.seq LIMIT $2`, args...))
	if err != nil {
		return nil, fmt.Errorf("list licence files: %w", err)
	}
	return all, nil
}

func lines(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, "\n")
}
