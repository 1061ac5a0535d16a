package place

import (
	"context"
	"fmt"
	"time"

	"steward/internal/platform/access"
	"steward/internal/platform/store"
)

// Location is one place where a repository lies.
type Location struct {
	ID        string    `json:"id"`
	Role      string    `json:"role"` // canonical, copy
	Address   string    `json:"address"`
	Path      string    `json:"-"`
	Named     bool      `json:"-"` // by a source that has not been removed
	Remote    string    `json:"remote,omitempty"`
	SplitFrom int64     `json:"-"`
	FirstSeen time.Time `json:"first_seen"`
	LastSeen  time.Time `json:"last_seen"`
	Missing   time.Time `json:"missing"`
}

const locationColumns = `l.id, l.role, l.address, l.path, EXISTS (SELECT 1 FROM location_source n WHERE n.location_id = l.id), l.remote, l.split_from,
	l.first_seen_at, l.last_seen_at, l.missing_since`

// Of lists where a repository lies, the one that is read first; none for who may not see it.
func Of(ctx context.Context, r store.Reader, v access.Viewer, repository int64) ([]Location, error) {
	all, err := store.Collect(func(row store.Scanner) (Location, error) {
		var l Location
		var first, last, missing int64
		err := row.Scan(&l.ID, &l.Role, &l.Address, &l.Path, &l.Named, &l.Remote, &l.SplitFrom, &first, &last, &missing)
		l.FirstSeen, l.LastSeen, l.Missing = store.FromMicros(first), store.FromMicros(last), store.FromMicros(missing)
		return l, err
	})(r.Query(ctx, `SELECT `+locationColumns+` FROM location l JOIN repository r ON r.id = l.repository_id WHERE l.repository_id = $1 AND `+v.Where("r.visibility")+`
		ORDER BY CASE WHEN l.missing_since = 0 THEN 0 ELSE 1 END, l.role, l.first_seen_at, l.id`, repository))
	if err != nil {
		return nil, fmt.Errorf("list locations: %w", err)
	}
	return all, nil
}

// Folders are those of the sources that name a location: its repository may point to what lies in them.
func (l Location) Folders(ctx context.Context, r store.Reader, v access.Viewer) ([]string, error) {
	all, err := store.Collect(func(row store.Scanner) (folder string, err error) { return folder, row.Scan(&folder) })(
		r.Query(ctx, `SELECT s.address FROM location_source n JOIN source s ON s.id = n.source_id JOIN location l ON l.id = n.location_id
			JOIN repository r ON r.id = l.repository_id WHERE n.location_id = $1 AND s.kind = 'folder' AND `+v.Where("r.visibility")+` ORDER BY s.address`, l.ID))
	if err != nil {
		return nil, fmt.Errorf("find the sources of %s: %w", l.Address, err)
	}
	return all, nil
}
