package match

import (
	"context"
	"fmt"
	"slices"

	"steward/internal/platform/access"
	"steward/internal/platform/store"
)

// Load reads by which names the repositories and components are known that the viewer may see.
func Load(ctx context.Context, r store.Reader, v access.Viewer) (*Index, error) {
	addresses := map[int64][]string{}
	_, err := store.Collect(func(row store.Scanner) (struct{}, error) {
		var id int64
		var address, remote string
		err := row.Scan(&id, &address, &remote)
		for _, one := range []string{remote, address} {
			if one != "" && !slices.Contains(addresses[id], one) {
				addresses[id] = append(addresses[id], one)
			}
		}
		return struct{}{}, err
	})(r.Query(ctx, `SELECT l.repository_id, l.address, l.remote FROM location l JOIN repository r ON r.id = l.repository_id
		WHERE r.joined_into = 0 AND `+v.Where("r.visibility")+` ORDER BY l.repository_id, l.first_seen_at, l.id`))
	if err != nil {
		return nil, fmt.Errorf("load addresses of repositories: %w", err)
	}
	repositories, err := store.Collect(func(row store.Scanner) (Repository, error) {
		var one Repository
		err := row.Scan(&one.ID, &one.Name)
		one.Addresses = addresses[one.ID]
		return one, err
	})(r.Query(ctx, `SELECT r.id, r.name FROM repository r WHERE r.joined_into = 0 AND `+v.Where("r.visibility")+` ORDER BY r.id`))
	if err != nil {
		return nil, fmt.Errorf("load names of repositories: %w", err)
	}
	components, err := store.Collect(func(row store.Scanner) (Component, error) {
		var one Component
		err := row.Scan(&one.ID, &one.RepositoryID, &one.Name, &one.Ref, &one.Folder)
		return one, err
	})(r.Query(ctx, `SELECT c.id, c.repository_id, c.name, c.ref, c.root FROM component c JOIN repository r ON r.id = c.repository_id
		WHERE c.gone_at = 0 AND r.joined_into = 0 AND `+v.Where("r.visibility")+` ORDER BY c.id`))
	if err != nil {
		return nil, fmt.Errorf("load names of components: %w", err)
	}
	return New(repositories, components), nil
}

// LoadFormer reads names and addresses that repositories had before, and those of repositories that
// were joined into another one. What is found is the repository of today.
func LoadFormer(ctx context.Context, r store.Reader, v access.Viewer) (*Index, error) {
	former, err := store.Collect(func(row store.Scanner) (Repository, error) {
		var one Repository
		var address string
		err := row.Scan(&one.ID, &one.Name, &address)
		if address != "" {
			one.Addresses = []string{address}
		}
		return one, err
	})(r.Query(ctx, `SELECT t.id, o.name, '' FROM repository o JOIN repository t ON t.id = o.joined_into WHERE `+v.Where("o.visibility")+` AND `+v.Where("t.visibility")+`
		UNION ALL SELECT r.id, r.name, a.value FROM repository_alias a JOIN repository r ON r.id = a.repository_id WHERE r.joined_into = 0 AND `+v.Where("r.visibility")+` ORDER BY 1, 2, 3`))
	if err != nil {
		return nil, fmt.Errorf("load former names of repositories: %w", err)
	}
	return New(former, nil), nil
}
