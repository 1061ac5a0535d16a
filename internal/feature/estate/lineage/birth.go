package lineage

import (
	"context"
	"fmt"
	"slices"
	"time"

	"steward/internal/platform/access"
	"steward/internal/platform/store"
)

// Birth says that one repository was made from another one as a template: the files of its first
// commit are those that the template had, all or nearly all, and the two have no first commit in
// common. It is inferred, because nothing in git says so.
type Birth struct {
	UID      string    // of the other repository: the template, or what was made from it
	Name     string    // of the other repository
	Root     string    // first commit of the one that was made
	At       string    // commit of the template with the same files; where not all are, its newest by then, or ""
	First    bool      // the template had them from its own first commit on: both may come from a third that is not known
	Files    int64     // of the first commit that the template had
	Compared int64     // files of the first commit that were looked for; 0: all are the same
	Telling  int64     // files of the first commit that can show where it comes from; Compared is a sample of them
	Made     time.Time // when the first commit was made
}

// Evidence says on what it stands.
func (b Birth) Evidence() string {
	if b.Compared > 0 {
		return b.nearly()
	}
	text := fmt.Sprintf("the %d files of the first commit %.7s are those of the template at %.7s", b.Files, b.Root, b.At)
	if b.First {
		text += ", its own first commit: both may come from a third one that is not known here"
	}
	return text
}

func (b Birth) nearly() string {
	text := fmt.Sprintf("%d of %d files of the first commit %.7s are the same", b.Files, b.Compared, b.Root)
	if b.Telling > b.Compared {
		text = fmt.Sprintf("%d of %d files of the first commit %.7s, a sample of %d, are the same", b.Files, b.Compared, b.Root, b.Telling)
	}
	text += " as in the template"
	switch {
	case b.First:
		text += " since its own first commit: both may come from a third one that is not known here"
	case b.At != "":
		text += fmt.Sprintf(" by then, when it was at %.7s", b.At)
	default:
		text += " by then"
	}
	return text + "; files that many have alike are left out"
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

// Templates are what a repository was made from, one at most, as far as the viewer may see it.
func Templates(ctx context.Context, r store.Reader, v access.Viewer, repository int64) ([]Birth, error) {
	return find(ctx, r, v, repository, "tr", exact("b.repository_id = $1"), nearly(ownRoot, "TRUE"))
}

// Children are the repositories that were made from this one, newest first, at most 100, as far as the viewer may see them.
func Children(ctx context.Context, r store.Reader, v access.Viewer, repository int64) ([]Birth, error) {
	return find(ctx, r, v, repository, "c", exact("t.repository_id = $1"), nearly(rootsWithFiles, "template = $1"))
}

// exact is SQL for the births from the same files that a condition on b (the child's first commit) or t (the template's tree) chooses.
func exact(where string) string {
	return `SELECT b.repository_id AS child, t.repository_id AS template, b.commit_id AS root, t.commit_id AS at_commit,
		EXISTS (SELECT 1 FROM repository_root o WHERE o.repository_id = t.repository_id AND o.commit_id = t.commit_id) AS own,
		b.files AS same, 0 AS looked, b.telling, b.committed_at AS made FROM repository_root b, ` + births(where)
}

// find runs queries for births; shown is the other repository: c, the child, or tr, the template.
func find(ctx context.Context, r store.Reader, v access.Viewer, repository int64, shown string, queries ...string) ([]Birth, error) {
	var all []Birth
	for _, q := range queries {
		some, err := store.Collect(scanBirth)(r.Query(ctx, `SELECT `+shown+`.uid, `+shown+`.name, root, at_commit, own, same, looked, telling, made
			FROM (`+q+`) f JOIN repository c ON c.id = f.child AND c.joined_into = 0 JOIN repository tr ON tr.id = f.template AND tr.joined_into = 0
			WHERE `+v.Where(shown+".visibility")+` ORDER BY made DESC, c.id LIMIT $2`, repository, limit))
		if err != nil {
			return nil, fmt.Errorf("find what was made from a template: %w", err)
		}
		all = append(all, some...)
	}
	slices.SortStableFunc(all, func(a, b Birth) int { return b.Made.Compare(a.Made) })
	return all[:min(len(all), limit)], nil
}

func scanBirth(row store.Scanner) (b Birth, err error) {
	var made int64
	err = row.Scan(&b.UID, &b.Name, &b.Root, &b.At, &b.First, &b.Files, &b.Compared, &b.Telling, &made)
	b.Made = store.FromMicros(made)
	return b, err
}
