package listed

import (
	"context"
	"fmt"
	"strings"
	"time"

	"steward/internal/feature/catalog/match"
	"steward/internal/platform/access"
	"steward/internal/platform/store"
)

// repository is what a comparison needs to know of one.
type repository struct {
	id                        int64
	uid, name, state, failure string
	address                   string    // of its first location
	label                     string    // the name, with the address where several have it
	begun                     time.Time // its first commit, else when it was found
	gone                      time.Time
	never                     bool // it was never read
}

// component is what a comparison needs to know of one.
type component struct {
	id, repository   int64
	uid, name, owner string
}

// note says what a look at a source left out.
type note struct{ path, reason string }

// known is what the viewer may see.
type known struct {
	index, former *match.Index
	all           []repository // by name
	byID          map[int64]repository
	sorted        []component // by name
	component     map[int64]component
	inside        map[int64][]int64 // components by repository
	hosts         map[string]bool   // of which something is known
	notes         []note
}

func load(ctx context.Context, r store.Reader, v access.Viewer) (*known, error) {
	k := &known{byID: map[int64]repository{}, component: map[int64]component{}, inside: map[int64][]int64{}, hosts: map[string]bool{}}
	var err error
	if k.index, err = match.Load(ctx, r, v); err != nil {
		return nil, err
	}
	if k.former, err = match.LoadFormer(ctx, r, v); err != nil {
		return nil, err
	}
	if err := k.loadRepositories(ctx, r, v); err != nil {
		return nil, err
	}
	k.sorted, err = store.Collect(func(row store.Scanner) (component, error) {
		var one component
		err := row.Scan(&one.id, &one.repository, &one.uid, &one.name, &one.owner)
		return one, err
	})(r.Query(ctx, `SELECT c.id, c.repository_id, c.uid, c.name, c.owner_name FROM component c JOIN repository r ON r.id = c.repository_id
		WHERE c.gone_at = 0 AND r.joined_into = 0 AND `+v.Where("r.visibility")+` ORDER BY c.name, r.name, c.root, c.id`))
	if err != nil {
		return nil, fmt.Errorf("load components: %w", err)
	}
	for _, one := range k.sorted {
		k.component[one.id] = one
		k.inside[one.repository] = append(k.inside[one.repository], one.id)
	}
	if !v.Can(access.ManageSources) {
		return k, nil // what a source left out is told to who manages sources
	}
	k.notes, err = store.Collect(func(row store.Scanner) (note, error) {
		var one note
		err := row.Scan(&one.path, &one.reason)
		return one, err
	})(r.Query(ctx, `SELECT path, reason FROM coverage_note WHERE repository_id = 0 AND path <> '' ORDER BY source, seq`))
	if err != nil {
		return nil, fmt.Errorf("load what was left out: %w", err)
	}
	return k, nil
}

func (k *known) loadRepositories(ctx context.Context, r store.Reader, v access.Viewer) error {
	var err error
	k.all, err = store.Collect(func(row store.Scanner) (repository, error) {
		var one repository
		var created, first, gone, read int64
		err := row.Scan(&one.id, &one.uid, &one.name, &one.state, &one.failure, &one.address, &created, &first, &gone, &read)
		one.begun, one.gone = store.FromMicros(first), store.FromMicros(gone)
		one.never = read == 0
		if first == 0 {
			one.begun = store.FromMicros(created)
		}
		return one, err
	})(r.Query(ctx, `SELECT r.id, r.uid, r.name, r.state, r.error, COALESCE((SELECT MIN(l.address) FROM location l WHERE l.repository_id = r.id), ''), r.created_at, r.first_commit_at, r.vanished_at, r.read_at FROM repository r
		WHERE r.joined_into = 0 AND `+v.Where("r.visibility")+` ORDER BY r.name, r.id`))
	if err != nil {
		return fmt.Errorf("load repositories: %w", err)
	}
	same := map[string]int{}
	for _, one := range k.all {
		same[one.name]++
	}
	for i, one := range k.all {
		if one.label = one.name; same[one.name] > 1 && one.address != "" {
			one.label += " (" + one.address + ")"
		}
		k.all[i], k.byID[one.id] = one, one
	}
	hosts, err := store.Collect(func(row store.Scanner) (string, error) {
		var remote string
		err := row.Scan(&remote)
		return remote, err
	})(r.Query(ctx, `SELECT DISTINCT l.remote FROM location l JOIN repository r ON r.id = l.repository_id WHERE l.remote <> '' AND `+v.Where("r.visibility")))
	if err != nil {
		return fmt.Errorf("load hosts: %w", err)
	}
	for _, remote := range hosts {
		host, _, _ := strings.Cut(remote, "/")
		host, _, _ = strings.Cut(host, ":")
		k.hosts[strings.ToLower(host)] = true
	}
	return nil
}
