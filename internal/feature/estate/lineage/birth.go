package lineage

import (
	"context"
	"fmt"
	"time"

	"steward/internal/platform/access"
	"steward/internal/platform/store"
)

// Birth says that one repository was made from another one as a template: the files of its first
// commit are those that the template had, and the two have no first commit in common. It is
// inferred, because nothing in git says so.
type Birth struct {
	UID   string    // of the other repository: the template, or what was made from it
	Name  string    // of the other repository
	Root  string    // first commit of the one that was made
	At    string    // commit of the template with the same files
	First bool      // At is the template's own first commit: both may come from a third that is not known
	Files int64     // that both have
	Made  time.Time // when the first commit was made
}

// Evidence says on what it stands.
func (b Birth) Evidence() string {
	text := fmt.Sprintf("the %d files of the first commit %.7s are those of the template at %.7s", b.Files, b.Root, b.At)
	if b.First {
		text += ", its own first commit: both may come from a third one that is not known here"
	}
	return text
}

// candidates is SQL for the trees %[1]s, in repositories %[1]sr, that the root b may come from: the same
// files, no first commit in common, and there before b was. Within one second the one that had a
// history by then was there before.
const candidates = `repository_tree %[1]s JOIN repository %[1]sr ON %[1]sr.id = %[1]s.repository_id
	WHERE b.tree <> 0 AND %[1]s.tree = b.tree AND %[1]s.repository_id <> b.repository_id AND %[1]sr.joined_into = 0
	AND NOT EXISTS (SELECT 1 FROM repository_root mine JOIN repository_root other ON other.commit_id = mine.commit_id
		WHERE mine.repository_id = b.repository_id AND other.repository_id = %[1]s.repository_id)
	AND (%[1]s.committed_at < b.committed_at OR (%[1]s.committed_at = b.committed_at AND NOT EXISTS (
		SELECT 1 FROM repository_root f WHERE f.repository_id = %[1]s.repository_id AND f.commit_id = %[1]s.commit_id)))`

// births is SQL for the births that a condition on b (the child's first commit) or t (the template's
// tree) chooses: of several candidates the one that had the files first.
func births(where string) string {
	return fmt.Sprintf(candidates, "t") + ` AND ` + where + ` AND NOT EXISTS (SELECT 1 FROM ` + fmt.Sprintf(candidates, "e") + `
		AND (e.committed_at < t.committed_at OR (e.committed_at = t.committed_at AND e.repository_id < t.repository_id)))`
}

// limit is how many repositories a page names as made from one template.
const limit = 100

// Templates are what a repository was made from, one at most for each of its first commits, as far as the viewer may see it.
func Templates(ctx context.Context, r store.Reader, v access.Viewer, repository int64) ([]Birth, error) {
	return find(ctx, r, `SELECT tr.uid, tr.name`, births("b.repository_id = $1"), "tr", v, repository)
}

// Children are the repositories that were made from this one, newest first, at most 100, as far as the viewer may see them.
func Children(ctx context.Context, r store.Reader, v access.Viewer, repository int64) ([]Birth, error) {
	return find(ctx, r, `SELECT c.uid, c.name`, births("t.repository_id = $1"), "c", v, repository)
}

func find(ctx context.Context, r store.Reader, other, births, shown string, v access.Viewer, repository int64) ([]Birth, error) {
	all, err := store.Collect(func(row store.Scanner) (Birth, error) {
		var b Birth
		var made int64
		err := row.Scan(&b.UID, &b.Name, &b.Root, &b.At, &b.First, &b.Files, &made)
		b.Made = store.FromMicros(made)
		return b, err
	})(r.Query(ctx, other+`, b.commit_id, t.commit_id, EXISTS (SELECT 1 FROM repository_root o WHERE o.repository_id = t.repository_id AND o.commit_id = t.commit_id),
		b.files, b.committed_at FROM repository_root b JOIN repository c ON c.id = b.repository_id AND c.joined_into = 0, `+births+`
		AND `+v.Where(shown+".visibility")+` ORDER BY b.committed_at DESC, c.id LIMIT $2`, repository, limit))
	if err != nil {
		return nil, fmt.Errorf("find what was made from a template: %w", err)
	}
	return all, nil
}
