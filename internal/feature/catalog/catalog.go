// Package catalog keeps the components of the estate: what each folder of code
// is, who owns it, and what it relates to.
//
// A manifest outside test data, or a catalogue entry (catalog-info.yaml), makes
// a component; an entry and a manifest in one folder are one. A repository with
// neither is one component when it has code. What a component is known by,
// first match first, also among those that had vanished:
//
//	entity ref          it has a catalogue entry
//	folder              it has none, or has just got one
//	name in manifest    the folder moved
//
// Owners. Every claim is kept with its source, file and line:
//
//	confirmed  by a person in the hub; stays through every reading
//	declared   written in catalog-info.yaml, CODEOWNERS, OWNERS or MAINTAINERS
//	inferred   by who changed it, when the evidence is strong
//
// The strongest wins in this order. When two written sources name different
// teams and nobody has confirmed one, the owner is disputed and both are shown.
// That a declared owner has not been seen for twelve months is computed when
// it is read. An owner is a team first; names of people come from owner files
// alone and obey the setting people.mode.
//
// Entries are kept word for word, of all kinds; relations by entity ref, also
// to what is not known.
package catalog

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"steward/internal/feature/catalog/ownership"
	"steward/internal/feature/catalog/survey"
	"steward/internal/feature/catalog/value"
	"steward/internal/feature/estate"
	"steward/internal/feature/people"
	"steward/internal/platform/access"
	"steward/internal/platform/listing"
	"steward/internal/platform/mount"
	"steward/internal/platform/store"
	"steward/internal/platform/web"
)

// Panel is a part of the component page that another feature brings.
type Panel = web.Panel[Component]

// Dependents answers which components use packages of the given ones: by id of
// the used component the ids of its users that the viewer may see.
type Dependents func(ctx context.Context, v access.Viewer, of []int64) (map[int64][]int64, error)

// Licences answers the licences of a repository's folders with what they rest
// on, as people read them. A folder that is not in it has that of the nearest
// above; an empty value says that none was found.
type Licences func(ctx context.Context, r store.Reader, v access.Viewer, repository int64) (map[string]Stated, error)

// Config is what New needs beside the platform; the zero value works.
type Config struct {
	Panels     []Panel
	Dependents Dependents // nil: nothing is known of who uses packages
	Licences   Licences   // nil: nothing is known of licences
	// Used is the condition that others use packages which the component c makes, with {visible …}
	// for the users' repositories as in listing.Spec; "" is nothing known of who uses packages.
	Used string
	// Columns and Filters are more of the list of components, over c (component) and r (repository).
	Columns []listing.Column
	Filters []listing.Filter
}

// Feature is the catalogue of one firm.
type Feature struct {
	p          mount.Platform
	db         *store.DB
	people     *people.Feature
	panels     []Panel
	dependents Dependents
	licences   Licences
	stale      string // condition: unchanged for two years though others use it; "" when that is not known
	components listing.Spec
	server     *web.Server // draws panels; set when pages are mounted
	ids        block
}

// New returns the catalogue over the platform's database.
func New(p mount.Platform, who *people.Feature, c Config) *Feature {
	f := &Feature{p: p, db: p.DB, people: who, dependents: c.Dependents, licences: c.Licences}
	f.components = componentList
	f.components.Columns = append(slices.Clone(componentList.Columns), c.Columns...)
	f.components.Filters = append(slices.Clone(componentList.Filters), c.Filters...)
	if c.Used != "" {
		f.stale = "(" + unchanged + " AND " + value.Live + " AND " + c.Used + ")"
		f.components.Filters = append(f.components.Filters, listing.Filter{Key: "used", Label: "Used by others", SQL: c.Used, Kind: listing.Yes})
		f.components.Views = append(slices.Clone(componentList.Views), listing.View{Key: "stale", Label: "Stale: unchanged two years, in use", Where: f.stale, Sort: listing.Sort{Column: "changed"}})
	}
	f.panels = append([]Panel{f.ownersPanel(), f.relationsPanel(), f.factsPanel()}, c.Panels...)
	return f
}

// block is a range of component ids that this process took from the sequence,
// so that a reading's transaction never waits for another's.
type block struct {
	mu        sync.Mutex
	next, end int64
}

// blockSize is how many ids are taken at once.
const blockSize = 1000

// takeIDs gives out n ids and returns the first; ids may have gaps.
func (f *Feature) takeIDs(ctx context.Context, n int64) (int64, error) {
	f.ids.mu.Lock()
	defer f.ids.mu.Unlock()
	if f.ids.end-f.ids.next < n {
		size := max(n, blockSize)
		var last int64
		err := f.db.Tx(ctx, func(tx *store.Tx) error {
			return tx.QueryRow(ctx, `INSERT INTO catalog_sequence (kind, last) VALUES ('component', $1)
				ON CONFLICT (kind) DO UPDATE SET last = catalog_sequence.last + $1 RETURNING last`, size).Scan(&last)
		})
		if err != nil {
			return 0, fmt.Errorf("take %d ids of components: %w", size, err)
		}
		f.ids.next, f.ids.end = last-size+1, last+1
	}
	first := f.ids.next
	f.ids.next += n
	return first, nil
}

// Owner is who owns a component and how that is known.
type Owner = ownership.Owner

// Analyser learns the components of a repository, their entries and owners.
func (f *Feature) Analyser() estate.Analyser {
	return estate.Analyser{Name: "catalog", Version: 6, Begin: estate.OfContent(f.analyse)}
}

func (f *Feature) analyse(ctx context.Context, s *estate.Snapshot) (estate.Result, error) {
	r, err := survey.Take(ctx, s)
	if err != nil {
		return estate.Result{}, err
	}
	result := estate.Result{Notes: r.Notes, Facts: r.Facts(), Summary: r.Summary()}
	if f.db == nil || f.db.ReadOnly() {
		return result, nil
	}
	first, err := f.takeIDs(ctx, int64(len(r.Components)))
	if err != nil {
		return estate.Result{}, err
	}
	result.Write = func(ctx context.Context, tx *store.Tx, at estate.Target) error { return f.write(ctx, tx, at, r, first) }
	return result, nil
}
