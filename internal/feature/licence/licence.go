// Package licence knows under which licence each component of the estate is,
// by what its manifests declare and what its licence files say.
//
// A licence is named by its Key: a canonical SPDX expression, or one of the
// answers that are no licence and never pass for one:
//
//	changed:MIT   the text of MIT with restrictions added to it
//	unknown       there is a text or a declaration, and nobody knows which licence it is
//	none          nothing was found
//
// How a component root gets its answer, the first that says something:
//
//	a licence file with added restrictions   changed, whatever a manifest declares
//	for the root: a text that its manifests contradict   measured
//	the manifests at the root                written
//	the licence files at the root            measured; several that differ are joined by AND and only suspected
//	the nearest folder above with a text, or with a manifest of the same ecosystem that says something   inferred
//	for the root: all components say one     inferred
//	nothing                                  none
//
// What a manifest declares it says for its own folder, and for what lies below
// in its ecosystem. Where manifest and text differ, the manifest counts, but for
// the repository as a whole the text does; the difference is kept in words, also
// for each component below that takes its answer from there. Test data, vendored code and the texts of third parties
// decide nothing.
package licence

import (
	"context"
	"embed"
	"fmt"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"steward/internal/feature/estate"
	"steward/internal/format/spdx"
	"steward/internal/platform/access"
	"steward/internal/platform/api"
	"steward/internal/platform/mount"
	"steward/internal/platform/store"
	"steward/internal/platform/web"
	"steward/internal/platform/web/piece"
)

//go:embed migration
var migrations embed.FS

//go:embed page
var pages embed.FS

// Key names a licence or the lack of one, see the package comment.
type Key string

// The keys that are no licence.
const (
	Unknown Key = "unknown"
	None    Key = "none"
)

const changed = "changed:"

// Changed is the key of a licence's text with restrictions added to it.
func Changed(base string) Key { return Key(changed + base) }

// Base returns the licence that restrictions were added to.
func (k Key) Base() (expression string, ok bool) { return strings.CutPrefix(string(k), changed) }

// Known says whether the key is a licence.
func (k Key) Known() bool {
	_, restricted := k.Base()
	return k != "" && k != Unknown && k != None && !restricted
}

// Title is the key in words for people.
func (k Key) Title() string {
	switch base, restricted := k.Base(); {
	case k == None:
		return "None found"
	case k == Unknown:
		return "Unknown"
	case restricted:
		return base + " with added restrictions"
	}
	return string(k)
}

// Name is the full name of a single licence of the SPDX list; empty for others.
func (k Key) Name() string {
	one, ok := spdx.Find(string(k))
	if !ok || one.Name == one.ID {
		return ""
	}
	return one.Name
}

// Certainty says how sure an answer is. To the words of licencetext come
// "written" for what a manifest declares and "none".
type Certainty string

// Written and Nothing are the certainties beside those of licencetext.
const (
	Written Certainty = "written"
	Nothing Certainty = "none"
)

// Answer is the licence of one component root.
type Answer struct {
	Root      string       `json:"root"` // "" is the repository's own
	Licence   Key          `json:"licence"`
	Basis     estate.Basis `json:"basis,omitempty"`
	Certainty Certainty    `json:"certainty"`
	File      string       `json:"file,omitempty"`
	Line      int          `json:"line,omitempty"`
	Matched   float64      `json:"matched"` // share of the text's words that licences explain, 0..1; 0 where a manifest says it
	Why       string       `json:"why"`
	Dispute   string       `json:"dispute,omitempty"`
}

// File is one place that says something about a licence.
type File struct {
	Kind         Kind      `json:"kind"`
	Path         string    `json:"path"`
	Line         int       `json:"line,omitempty"`
	Root         string    `json:"root"`
	Counts       bool      `json:"counts"` // it decides the licence of its root
	Licence      Key       `json:"licence"`
	Certainty    Certainty `json:"certainty"`
	Matched      float64   `json:"matched"`
	Said         string    `json:"said,omitempty"` // declared, verbatim
	Restrictions []string  `json:"restrictions,omitempty"`
	Reasons      []string  `json:"reasons,omitempty"`
}

// Kind says what a File is.
type Kind string

// The kinds of files.
const (
	Text     Kind = "text"     // a licence file
	Declared Kind = "declared" // a field of a manifest
)

// Config is what other features bring; the zero value brings nothing.
type Config struct {
	// Shared is an SQL condition over the row r of table repository: other
	// repositories use packages that are made of it.
	Shared string
	// OnWritten follows what was read of a repository's licences, in that transaction; may be nil.
	OnWritten func(ctx context.Context, tx *store.Tx, repository int64) error
}

// Feature keeps the licences of the estate.
type Feature struct {
	db     *store.DB
	shared string
	wrote  func(ctx context.Context, tx *store.Tx, repository int64) error
	server *web.Server // draws panels; set when pages are mounted
}

// New returns the feature over the platform's database.
func New(p mount.Platform, c Config) *Feature {
	if c.Shared == "" {
		c.Shared = "1 = 0"
	}
	return &Feature{db: p.DB, shared: c.Shared, wrote: c.OnWritten}
}

// Mount hands over what licences add to the program. Rows are replaced with
// each reading of their repository.
func (f *Feature) Mount() mount.Capability {
	lists := []web.Listed{{Spec: licenceList, Needs: access.ReadEstate}, {Spec: useList(f.shared), Needs: access.ReadEstate}}
	return mount.Capability{Name: "licence", Migrations: migrations, Lists: lists, Pages: f.mountPages, API: f.mountAPI}
}

func (f *Feature) mountAPI(a huma.API) {
	api.Get(a, api.Doc{
		Path: "/api/v1/licences/{id}", Tag: "Licences", Summary: "One licence, and how often the estate has it", Needs: access.ReadEstate,
		Text: "The id is an SPDX expression, changed: and the expression for a text with added restrictions, unknown, or none.",
	}, f.licenceOf)
	api.Get(a, api.Doc{
		Path: "/api/v1/repositories/{id}/licences", Tag: "Repositories", Summary: "The licence of each folder of a repository, and the places that say it", Needs: access.ReadEstate,
	}, f.repositoryOf)
	api.Get(a, api.Doc{
		Path: "/api/v1/components/{id}/licences", Tag: "Components", Summary: "The licence of a component, and the places that say it", Needs: access.ReadEstate,
		Text: "A folder that has no licence of its own has that of the nearest above it.",
	}, f.componentOf)
}

func (f *Feature) mountPages(s *web.Server) {
	f.server = s
	s.Templates("licence", pages)
	s.Nav(web.Nav{Area: web.Estate, Order: 40, Label: "Licences", Icon: "licence", Path: "/licences", Needs: access.ReadEstate, Count: f.count})
	s.List(licenceList, f.db, web.ListOptions{
		Area: web.Estate, Needs: access.ReadEstate,
		Lede: "What the code of the firm itself is licensed under, one row a licence. Licences of the packages that it uses are on their pages.",
	})
	s.List(useList(f.shared), f.db, web.ListOptions{Area: web.Estate, Needs: access.ReadEstate})
	s.List(fileList, f.db, web.ListOptions{Area: web.Estate, Needs: access.ReadEstate})
	s.Page("/licences/{id}", access.ReadEstate, f.licencePage)
	s.Attention(f.attention)
	s.Figure(web.Figure{Order: 60, Needs: access.ReadEstate, Of: f.figure})
}

// Analyser learns the licences of a repository.
func (f *Feature) Analyser() estate.Analyser {
	return estate.Analyser{Name: "licence", Version: 3, Begin: estate.OfContent(f.analyse)}
}

// count is the number of rows of the list: licences, and the lack of one.
func (f *Feature) count(ctx context.Context, v access.Viewer) (web.Count, error) {
	var n int64
	err := f.db.QueryRow(ctx, `SELECT COUNT(*) FROM (SELECT DISTINCT c.licence FROM component_licence c JOIN repository r ON r.id = c.repository_id
		WHERE r.joined_into = 0 AND `+v.Where("r.visibility")+`) licences`).Scan(&n)
	if err != nil {
		return web.Count{}, fmt.Errorf("count licences: %w", err)
	}
	return web.Count{N: n}, nil
}

// figure is the number of licences on home.
func (f *Feature) figure(ctx context.Context, v access.Viewer) (web.Amount, error) {
	amount := web.Amount{Label: "Licences", Href: "/licences"}
	var all, without int64
	err := f.db.QueryRow(ctx, `SELECT COUNT(DISTINCT c.licence), CAST(COALESCE(SUM(CASE WHEN c.licence = 'none' THEN 1 ELSE 0 END), 0) AS bigint)
		FROM component_licence c JOIN repository r ON r.id = c.repository_id WHERE r.joined_into = 0 AND `+v.Where("r.visibility")).Scan(&all, &without)
	if err != nil {
		return amount, fmt.Errorf("count licences: %w", err)
	}
	amount.Value = piece.Number(all)
	if without > 0 {
		amount.Change, err = piece.Plural(without, "part without", "parts without")
	}
	return amount, err
}
