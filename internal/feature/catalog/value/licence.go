package value

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"steward/internal/platform/store"
)

// Stated is a value with where it comes from.
type Stated struct {
	Value string `json:"value"`
	Basis string `json:"basis,omitempty"` // corrected, written, measured, inferred
	From  string `json:"from,omitempty"`  // "file:line", or the evidence in words
}

// PutLicences gives the components of a repository the licences of their folders.
func PutLicences(ctx context.Context, tx *store.Tx, repository int64, folders map[string]Stated) error {
	type licensed struct {
		id   int64
		root string
		Stated
	}
	all, err := store.Collect(func(row store.Scanner) (licensed, error) {
		var c licensed
		err := row.Scan(&c.id, &c.root, &c.Value, &c.Basis, &c.From)
		return c, err
	})(tx.Query(ctx, `SELECT id, root, licence, licence_basis, licence_from FROM component WHERE repository_id = $1 AND gone_at = 0 ORDER BY id`, repository))
	if err != nil {
		return fmt.Errorf("load the licences of components: %w", err)
	}
	changed := map[Stated][]int64{}
	for _, c := range all {
		if now := nearest(folders, c.root); now != c.Stated {
			changed[now] = append(changed[now], c.id)
		}
	}
	for now, ids := range changed {
		for chunk := range slices.Chunk(ids, 400) {
			if _, err := tx.Exec(ctx, `UPDATE component SET licence = $1, licence_basis = $2, licence_from = $3 WHERE id IN (`+store.Marks(4, len(chunk))+`)`,
				append([]any{now.Value, now.Basis, now.From}, store.Args(chunk)...)...); err != nil {
				return fmt.Errorf("put the licences of components: %w", err)
			}
		}
	}
	return nil
}

// nearest is what the folder has, or the first above it.
func nearest(folders map[string]Stated, dir string) Stated {
	for {
		if s, ok := folders[dir]; ok || dir == "" {
			return s
		}
		dir = dir[:max(0, strings.LastIndexByte(dir, '/'))]
	}
}
