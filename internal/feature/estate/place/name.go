package place

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"steward/internal/platform/gitrepo/address"
	"steward/internal/platform/store"
)

// A repository is called by the shortest end of its address that no other one's address has: "tool",
// or "acme/tool" and "other/tool". What is restricted, or has vanished, makes no other name longer: it
// gives way itself. So a name tells nothing of what its reader may not see.
//
//	one that is            is told apart from
//	internal               internal ones
//	internal, vanished     those, and internal ones that vanished
//	restricted             those, and restricted ones
//	restricted, vanished   all
//
// Two that lay at one address one after the other are told apart by the whole address of the one that vanished.

// Base is the last part of a path or an address, without .git.
func Base(address string) string {
	return ends(address)[0]
}

// ends are the ends of an address at its slashes, the shortest first, and then the address itself.
func ends(text string) []string {
	whole := text
	if normal, err := address.Normalise(text); err == nil {
		whole = normal
	}
	parts := strings.Split(strings.Trim(whole, "/"), "/")
	all := make([]string, 0, len(parts)+1)
	for i := len(parts) - 1; i >= 0; i-- {
		if parts[i] != "" {
			all = append(all, strings.Join(parts[i:], "/"))
		}
	}
	return append(all, text)
}

// called is one repository among those with the same last part.
type called struct {
	id         int64
	name       string
	address    string
	restricted bool
	vanished   bool
	ends       []string
}

// rank is how far a repository gives way: it is told apart from those of its rank and below.
func (c called) rank() int {
	rank := 0
	if c.restricted {
		rank += 2
	}
	if c.vanished {
		rank++
	}
	return rank
}

// Put keeps by which address a repository is called.
func Put(ctx context.Context, tx *store.Tx, repository int64, address string, c *Change) error {
	var was string
	if err := tx.QueryRow(ctx, `SELECT base FROM repository WHERE id = $1`, repository).Scan(&was); err != nil {
		return fmt.Errorf("find by what a repository is called: %w", err)
	}
	if _, err := tx.Exec(ctx, `UPDATE repository SET place = $2, base = $3 WHERE id = $1`, repository, address, Base(address)); err != nil {
		return fmt.Errorf("put by what a repository is called: %w", err)
	}
	note(&c.bases, was)
	c.Repository(repository)
	return nil
}

// Renamed is a repository that has another name now.
type Renamed struct {
	Repository int64
	Was        string
}

// Rename gives new names to the repositories that the changed ones made ambiguous, or no longer do.
func Rename(ctx context.Context, tx *store.Tx, c *Change) ([]Renamed, error) {
	bases := c.bases
	for part := range slices.Chunk(c.Repositories(), batch) {
		if _, err := store.Collect(func(row store.Scanner) (base string, err error) {
			err = row.Scan(&base)
			note(&bases, base)
			return base, err
		})(tx.Query(ctx, `SELECT DISTINCT base FROM repository WHERE base <> '' AND id IN (`+store.Marks(1, len(part))+`)`, store.Args(part)...)); err != nil {
			return nil, fmt.Errorf("find which names may change: %w", err)
		}
	}
	if len(bases) == 0 {
		return nil, nil
	}
	// Two transactions that name the same things go one after the other.
	if _, err := tx.Exec(ctx, `UPDATE estate_sequence SET last = last WHERE kind = 'repository'`); err != nil {
		return nil, fmt.Errorf("begin to name repositories: %w", err)
	}
	return rename(ctx, tx, bases)
}

func rename(ctx context.Context, tx *store.Tx, bases map[string]bool) ([]Renamed, error) {
	groups := map[string][]called{}
	for part := range slices.Chunk(sorted(bases), batch) {
		if _, err := store.Collect(func(row store.Scanner) (base string, err error) {
			var one called
			err = row.Scan(&one.id, &base, &one.name, &one.address, &one.restricted, &one.vanished)
			one.ends = ends(one.address)
			groups[base] = append(groups[base], one)
			return base, err
		})(tx.Query(ctx, `SELECT r.id, r.base, r.name, r.place, r.visibility <> 'internal', r.vanished_at > 0 FROM repository r
			WHERE r.base IN (`+store.Marks(1, len(part))+`) AND `+Given+` ORDER BY r.id`, store.Args(part)...)); err != nil {
			return nil, fmt.Errorf("load names of repositories: %w", err)
		}
	}
	var all []Renamed
	for _, base := range sorted(bases) {
		for i, name := range names(groups[base]) {
			one := groups[base][i]
			if one.name == name {
				continue
			}
			if _, err := tx.Exec(ctx, `UPDATE repository SET name = $2 WHERE id = $1`, one.id, name); err != nil {
				return nil, fmt.Errorf("rename %q: %w", one.name, err)
			}
			all = append(all, Renamed{one.id, one.name})
		}
	}
	return all, nil
}

// names chooses for each of a group that has the same last part.
func names(group []called) []string {
	var times [4]map[string]int // by rank, how many of that rank and below have an end
	for rank := range times {
		times[rank] = map[string]int{}
		for _, one := range group {
			if one.rank() > rank {
				continue
			}
			for _, end := range slices.Compact(slices.Clone(one.ends)) {
				times[rank][end]++
			}
		}
	}
	all := make([]string, len(group))
	for i, one := range group {
		all[i] = one.address
		if at := slices.IndexFunc(one.ends, func(end string) bool { return times[one.rank()][end] == 1 }); at >= 0 {
			all[i] = one.ends[at]
		}
	}
	return all
}
