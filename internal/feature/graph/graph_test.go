package graph_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"steward/internal/feature/catalog"
	catalogneighbour "steward/internal/feature/catalog/neighbour"
	"steward/internal/feature/estate"
	estateneighbour "steward/internal/feature/estate/neighbour"
	"steward/internal/feature/graph"
	"steward/internal/feature/licence"
	licenceneighbour "steward/internal/feature/licence/neighbour"
	"steward/internal/feature/people"
	peopleneighbour "steward/internal/feature/people/neighbour"
	"steward/internal/feature/sbom"
	sbomneighbour "steward/internal/feature/sbom/neighbour"
	"steward/internal/platform/access"
	"steward/internal/platform/api"
	"steward/internal/platform/audit"
	"steward/internal/platform/config"
	"steward/internal/platform/fault"
	"steward/internal/platform/job"
	"steward/internal/platform/mount"
	"steward/internal/platform/relation"
	"steward/internal/platform/search"
	"steward/internal/platform/store"
	"steward/internal/platform/store/storetest"
	"steward/internal/platform/web"
	"steward/internal/platform/web/webtest"
)

var (
	admin  = access.As("a", "admin", access.Admin)
	member = access.As("m", "member", access.Member)
)

func migrations() []store.Migrations {
	all := []store.Migrations{{Feature: "search", FS: search.Migrations}, {Feature: "config", FS: config.Migrations}, audit.Migrations(), job.Migrations()}
	p := mount.Platform{}
	who := people.New(p, people.Config{})
	for _, c := range []mount.Capability{
		estate.New(p, estate.Config{}).Mount(), who.Mount(), catalog.New(p, who, catalog.Config{}).Mount(), licence.New(p, licence.Config{}).Mount(), sbom.New(p).Mount(),
	} {
		all = append(all, store.Migrations{Feature: c.Name, FS: c.Migrations})
	}
	return all
}

// house is a graph over a test database.
type house struct {
	*testing.T
	ctx   context.Context
	db    *store.DB
	graph *graph.Feature
}

func each(t *testing.T, f func(h *house)) {
	storetest.Each(t, migrations(), func(t *testing.T, db *store.DB) {
		p := mount.Platform{DB: db, Log: slog.New(slog.DiscardHandler), Now: time.Now}
		f(&house{T: t, ctx: t.Context(), db: db, graph: graph.New(p, graph.Config{Known: []relation.Known{
			estateneighbour.Of(db), catalogneighbour.Of(db), sbomneighbour.Of(db), licenceneighbour.Of(db), peopleneighbour.Of(db),
		}})})
	})
}

// put writes rows of one table.
func (h *house) put(table, columns string, rows ...[]any) {
	h.puts(table, columns, slices.Values(rows))
}

func (h *house) puts(table, columns string, rows iter.Seq[[]any]) {
	h.Helper()
	err := h.db.Tx(h.ctx, func(tx *store.Tx) error {
		_, err := tx.Insert(h.ctx, table, strings.Fields(columns), rows)
		return err
	})
	if err != nil {
		h.Fatal(err)
	}
}

const (
	repositoryColumns = "id uid name visibility created_at"
	componentColumns  = "id uid repository_id root name ref owner_team_id owner_state owner_from first_seen_at scan_id"
	packageColumns    = "id uid purl type namespace name full_name full_key name_key"
	reachColumns      = "reach package_id repositories components direct unpinned versions production optional development test"
	manifestColumns   = "repository_id seq path format ecosystem lock project component_id fixture uses scan_id"
	useColumns        = "repository_id manifest_seq seq package_id component_id version requirement scope direct via through alias origin source line fixture scan_id"
	entityColumns     = "repository_id seq uid ref kind name file line component_id body scan_id"
	relationColumns   = "repository_id seq from_kind from_id type to_kind to_id source file line"
)

func use(repository, seq, pkg, component, direct, via int) []any {
	return []any{repository, 1, seq, pkg, component, "1.0.0", "^1", "production", direct, via, 0, "", "", "", 10 * seq, 0, 1}
}

func reach(name string, pkg int) []any { return []any{name, pkg, 1, 1, 1, 0, 1, 1, 0, 0, 0} }

// estate writes this, where vault is restricted:
//
//	ledger   component ledger of team pay: uses spring, which brings in logging, which brings in spring (a ring);
//	         depends on the api of vault's catalogue entry
//	payments component payments makes the package paylib; test data uses testlib
//	shop     component shop uses paylib
//	vault    component vault of team secret: uses spring, crypt and paylib; crypt brings in logging, paylib spring; under MIT
func (h *house) estate() {
	h.put("repository", repositoryColumns, []any{1, "r-ledger", "ledger", "internal", 1}, []any{2, "r-payments", "payments", "internal", 1}, []any{3, "r-shop", "shop", "internal", 1}, []any{4, "r-vault", "vault", "restricted", 1})
	h.put("team", "id uid handle title", []any{7, "t-pay", "bank/pay", "Payments"}, []any{8, "t-secret", "bank/secret", ""})
	h.put("team_mention", "team_id repository_id source", []any{7, 1, "CODEOWNERS"}, []any{8, 4, "CODEOWNERS"})
	h.put("component", componentColumns,
		[]any{1, "c-ledger", 1, "", "ledger", "component:default/ledger", 7, "declared", "CODEOWNERS:3", 1, 1}, []any{2, "c-payments", 2, "core", "payments", "", 0, "none", "", 1, 1},
		[]any{3, "c-shop", 3, "", "shop", "", 8, "inferred", "", 1, 1}, []any{4, "c-vault", 4, "", "vault", "component:default/vault", 8, "declared", "CODEOWNERS:1", 1, 1})
	h.put("entity", entityColumns,
		[]any{1, 1, "e-ledger", "component:default/ledger", "Component", "ledger", "catalog-info.yaml", 1, 1, "{}", 1}, []any{1, 2, "e-books", "system:default/books", "System", "books", "catalog-info.yaml", 20, 0, "{}", 1},
		[]any{1, 3, "e-jo", "user:default/jo", "User", "jo", "catalog-info.yaml", 30, 0, "{}", 1}, []any{4, 1, "e-vault", "component:default/vault", "Component", "vault", "catalog-info.yaml", 1, 4, "{}", 1})
	h.put("relation", relationColumns,
		[]any{1, 1, "component", "component:default/ledger", "partOf", "system", "system:default/books", "catalog-info", "catalog-info.yaml", 9},
		[]any{1, 2, "component", "component:default/ledger", "dependsOn", "component", "component:default/vault", "catalog-info", "catalog-info.yaml", 11},
		[]any{1, 3, "component", "component:default/ledger", "dependsOn", "user", "user:default/jo", "catalog-info", "catalog-info.yaml", 12})
	names := []string{"spring", "logging", "paylib", "crypt", "testlib"}
	for i, name := range names {
		h.put("package", packageColumns, []any{i + 1, "p-" + name, "pkg:npm/" + name, "npm", "", name, name, name, name})
		if name != "testlib" {
			h.put("package_reach", reachColumns, reach("all", i+1))
		}
		if name != "testlib" && name != "crypt" {
			h.put("package_reach", reachColumns, reach("internal", i+1))
		}
	}
	h.put("manifest_read", manifestColumns,
		[]any{1, 1, "package-lock.json", "npm", "npm", 1, "", 1, 0, 2, 1}, []any{2, 1, "core/package.json", "npm", "npm", 0, "pkg:npm/paylib", 2, 0, 1, 1},
		[]any{3, 1, "package.json", "npm", "npm", 0, "", 3, 0, 1, 1}, []any{4, 1, "package-lock.json", "npm", "npm", 1, "", 4, 0, 4, 1})
	test := use(2, 1, 5, 2, 1, 0)
	test[15] = 1
	h.put("package_use", useColumns, use(1, 1, 1, 1, 1, 0), use(1, 2, 2, 1, 0, 1), test, use(3, 1, 3, 3, 1, 0),
		use(4, 1, 1, 4, 1, 0), use(4, 2, 4, 4, 1, 0), use(4, 3, 2, 4, 0, 2), use(4, 4, 3, 4, 1, 0))
	h.put("package_edge", "repository_id manifest_seq from_seq to_seq", []any{1, 1, 1, 2}, []any{1, 1, 2, 1}, []any{4, 1, 2, 3}, []any{4, 1, 4, 1})
	h.put("component_licence", "repository_id root licence basis certainty file line scan_id", []any{1, "", "MIT", "written", "written", "package.json", 4, 1}, []any{2, "core", "none", "", "none", "", 0, 1}, []any{4, "", "MIT", "written", "written", "LICENSE", 0, 1})
}

func ref(text string) relation.Ref {
	r, _ := relation.Parse(text)
	return r
}

// next writes a neighbourhood as one line a neighbour.
func (h *house) next(v access.Viewer, q graph.Question) string {
	h.Helper()
	n, err := h.graph.Of(h.ctx, v, q)
	if err != nil {
		h.Fatal(err)
	}
	return lines(n)
}

func lines(n graph.Neighbourhood) string {
	var all []string
	for _, g := range n.Groups {
		for _, one := range g.Neighbours {
			all = append(all, fmt.Sprintf("%s %s %s [%s] %d", g.Says, one.Kind, one.Name, one.Place, g.Count))
		}
	}
	return strings.Join(all, "\n")
}

func want(t *testing.T, what, got string, lines ...string) {
	t.Helper()
	if diff := cmp.Diff(strings.Join(lines, "\n"), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func TestNeighboursAreThoseThatTheViewerMaySee(t *testing.T) {
	each(t, func(h *house) {
		h.estate()
		want(h.T, "ledger for an administrator", h.next(admin, graph.Question{Of: ref("component:c-ledger")}),
			"lies in repository ledger [] 1", "owned by team Payments [CODEOWNERS:3] 1", "depends on component vault [catalog-info.yaml:11] 1", "part of entity books [catalog-info.yaml:9] 1",
			"uses package spring [package-lock.json:10] 1", "licensed under licence MIT [package.json:4] 1")
		want(h.T, "ledger for a member", h.next(member, graph.Question{Of: ref("component:c-ledger")}),
			"lies in repository ledger [] 1", "owned by team Payments [CODEOWNERS:3] 1", "part of entity books [catalog-info.yaml:9] 1",
			"uses package spring [package-lock.json:10] 1", "licensed under licence MIT [package.json:4] 1")
		want(h.T, "spring for an administrator", h.next(admin, graph.Question{Of: ref("package:p-spring")}),
			"used by component ledger [package-lock.json:10] 2", "used by component vault [package-lock.json:10] 2", "brings in package logging [package-lock.json:20] 1", "brought in by package logging [package-lock.json:10] 2", "brought in by package paylib [package-lock.json:10] 2")
		want(h.T, "spring for a member", h.next(member, graph.Question{Of: ref("package:p-spring")}),
			"used by component ledger [package-lock.json:10] 1", "brings in package logging [package-lock.json:20] 1", "brought in by package logging [package-lock.json:10] 1")
		want(h.T, "logging for a member", h.next(member, graph.Question{Of: ref("package:p-logging")}),
			"brings in package spring [package-lock.json:10] 1", "brought in by package spring [package-lock.json:20] 1")
		want(h.T, "MIT for a member", h.next(member, graph.Question{Of: ref("licence:MIT")}), "licence of component ledger [package.json:4] 1")
		want(h.T, "a team that only a restricted repository names, for a member", h.next(member, graph.Question{Of: ref("component:c-shop")}),
			"lies in repository shop [] 1", "uses package paylib [package.json:10] 1")
		want(h.T, "team for an administrator", h.next(admin, graph.Question{Of: ref("team:t-secret")}), "owns component shop [] 2", "owns component vault [CODEOWNERS:1] 2")
		want(h.T, "paylib, made here", h.next(member, graph.Question{Of: ref("package:p-paylib")}), "used by component shop [package.json:10] 1", "made by component payments [core/package.json] 1")
		want(h.T, "test data counts nowhere", h.next(member, graph.Question{Of: ref("package:p-testlib")}))
		for _, hidden := range []string{"repository:r-vault", "component:c-vault", "package:p-crypt", "team:t-secret", "entity:e-vault", "entity:e-jo", "component:c-none", "person:p", "licence:none", "x:y"} {
			if _, err := h.graph.Of(h.ctx, member, graph.Question{Of: ref(hidden)}); !errors.Is(err, fault.NotFound) {
				t.Errorf("%s for a member is %v, want not found", hidden, err)
			}
		}
		nobody := access.Viewer{}
		for _, any := range []string{"repository:r-ledger", "component:c-ledger", "package:p-spring", "team:t-pay", "entity:e-books", "licence:MIT"} {
			if _, err := h.graph.Of(h.ctx, nobody, graph.Question{Of: ref(any)}); !errors.Is(err, fault.NotFound) {
				t.Errorf("%s for nobody is %v, want not found", any, err)
			}
		}
	})
}

func TestFiltersAndDepth(t *testing.T) {
	each(t, func(h *house) {
		h.estate()
		want(h.T, "one relation", h.next(admin, graph.Question{Of: ref("component:c-ledger"), Types: []string{"uses", "owned"}}), "owned by team Payments [CODEOWNERS:3] 1", "uses package spring [package-lock.json:10] 1")
		want(h.T, "one kind", h.next(admin, graph.Question{Of: ref("component:c-ledger"), Kinds: []string{"component"}}), "depends on component vault [catalog-info.yaml:11] 1")
		drawn := func(v access.Viewer, q graph.Question) string {
			n, err := h.graph.Of(h.ctx, v, q)
			if err != nil {
				h.Fatal(err)
			}
			var all []string
			for _, l := range n.Lines {
				from, to := n.Nodes[l.From], n.Nodes[l.To]
				all = append(all, fmt.Sprintf("%d %s %s %d %s", from.Level, from.Name, l.Says, to.Level, to.Name))
			}
			return strings.Join(all, "\n")
		}
		shop := graph.Question{Of: ref("repository:r-shop"), Depth: 3}
		want(h.T, "three steps from shop", drawn(member, shop), "0 shop holds 1 shop", "1 shop uses 2 paylib", "2 paylib made by 3 payments")
		want(h.T, "opened", drawn(member, graph.Question{Of: shop.Of, Open: []relation.Ref{ref("component:c-shop")}}), "0 shop holds 1 shop", "1 shop uses 2 paylib")
		want(h.T, "what leads to logging, for a member", drawn(member, graph.Question{Of: ref("package:p-logging"), Depth: 3, Types: []string{"uses", "brings"}}),
			"0 logging brings in 1 spring", "1 spring brings in 0 logging")
		if _, err := h.graph.Of(h.ctx, member, graph.Question{Of: shop.Of, Depth: 4}); !errors.Is(err, fault.Invalid) {
			t.Errorf("depth 4 is %v, want invalid", err)
		}
	})
}

func TestPaths(t *testing.T) {
	each(t, func(h *house) {
		h.estate()
		texts := func(v access.Viewer, from, to string, any bool) string {
			p, err := h.graph.Between(h.ctx, v, graph.Between{From: ref(from), To: ref(to), Any: any})
			if err != nil {
				h.Fatal(err)
			}
			return strings.Join(p.Texts, "\n")
		}
		want(h.T, "through a ring", texts(member, "repository:r-ledger", "package:p-logging", false), "ledger depends on logging (package-lock.json:20) through ledger, spring (package-lock.json:10)")
		want(h.T, "one step", texts(member, "component:c-ledger", "package:p-spring", false), "ledger depends on spring (package-lock.json:10)")
		want(h.T, "through who makes it", texts(member, "component:c-shop", "component:c-payments", false), "shop depends on payments (core/package.json) through paylib (package.json:10)")
		want(h.T, "two ways of one length, for an administrator", texts(admin, "component:c-vault", "package:p-logging", false),
			"vault depends on logging (package-lock.json:30) through crypt (package-lock.json:20)", "vault depends on logging (package-lock.json:20) through spring (package-lock.json:10)")
		want(h.T, "over a hidden record", texts(admin, "component:c-ledger", "package:p-paylib", false), "ledger depends on paylib (package-lock.json:40) through vault (catalog-info.yaml:11)")
		want(h.T, "over a hidden record, for a member", texts(member, "component:c-ledger", "package:p-paylib", false))
		want(h.T, "against the direction", texts(member, "package:p-spring", "component:c-ledger", false))
		want(h.T, "any connection", texts(member, "package:p-spring", "team:t-pay", true), "spring used by ledger (package-lock.json:10), owned by Payments (CODEOWNERS:3)")
		want(h.T, "over a hidden repository only, for a member", texts(member, "component:c-ledger", "component:c-shop", true))
		want(h.T, "to itself", texts(member, "component:c-ledger", "component:c-ledger", false))
		if _, err := h.graph.Between(h.ctx, member, graph.Between{From: ref("component:c-ledger"), To: ref("component:c-vault")}); !errors.Is(err, fault.NotFound) {
			t.Errorf("a hidden end is %v, want not found", err)
		}
	})
}

func TestTenThousandNeighbours(t *testing.T) {
	const many = 10_000
	each(t, func(h *house) {
		h.put("package", packageColumns, []any{1, "p-hub", "pkg:npm/hub", "npm", "", "hub", "hub", "hub", "hub"}, []any{2, "p-leaf", "pkg:npm/leaf", "npm", "", "leaf", "leaf", "leaf", "leaf"})
		h.put("package_reach", reachColumns, reach("internal", 1), reach("internal", 2))
		rows := func(row func(i int) []any) iter.Seq[[]any] {
			return func(yield func([]any) bool) {
				for i := 1; i <= many && yield(row(i)); i++ {
				}
			}
		}
		h.puts("repository", repositoryColumns, rows(func(i int) []any { return []any{i, fmt.Sprint("r-", i), fmt.Sprint("repo-", i), "internal", 1} }))
		h.puts("component", componentColumns, rows(func(i int) []any {
			return []any{i, fmt.Sprint("c-", i), i, "", fmt.Sprintf("c%05d", i), "", 0, "none", "", 1, 1}
		}))
		h.puts("manifest_read", manifestColumns, rows(func(i int) []any { return []any{i, 1, "package-lock.json", "npm", "npm", 1, "", i, 0, 2, 1} }))
		h.puts("package_use", useColumns, rows(func(i int) []any { return use(i, 1, 1, i, 1, 0) }))
		h.puts("package_use", useColumns, rows(func(i int) []any { return use(i, 2, 2, i, 0, 1) }))
		h.puts("package_edge", "repository_id manifest_seq from_seq to_seq", rows(func(i int) []any { return []any{i, 1, 1, 2} }))
		n, err := h.graph.Of(h.ctx, member, graph.Question{Of: ref("package:p-hub"), Depth: 2})
		if err != nil {
			h.Fatal(err)
		}
		var drawn []string
		for _, node := range n.Nodes {
			drawn = append(drawn, fmt.Sprintf("%d %s %d %v", node.Level, node.Name, node.Many, node.More))
		}
		want(h.T, "the picture", strings.Join(drawn, "\n"), "0 hub 0 false", "-1 components 1000 true", "1 leaf 0 false")
		if g := n.Groups[0]; g.Count != 1000 || !g.More || len(g.Neighbours) != 12 {
			t.Errorf("%d neighbours are counted, more %v, %d shown", g.Count, g.More, len(g.Neighbours))
		}
		last, err := h.graph.Of(h.ctx, member, graph.Question{Of: ref("package:p-hub"), Group: "uses-", Page: 100})
		if err != nil {
			h.Fatal(err)
		}
		if g := last.Groups[0]; g.Count != many || g.More || len(g.Neighbours) != 100 || g.Neighbours[99].Name != "c10000" {
			t.Errorf("the last page has %d of %d, more %v", len(g.Neighbours), g.Count, g.More)
		}
		p, err := h.graph.Between(h.ctx, member, graph.Between{From: ref("repository:r-77"), To: ref("package:p-leaf")})
		if err != nil {
			h.Fatal(err)
		}
		want(h.T, "a way past ten thousand", strings.Join(p.Texts, "\n"), "repo-77 depends on leaf (package-lock.json:20) through c00077, hub (package-lock.json:10)")
	})
}

// hub is the whole hub with the graph alone, as one viewer sees it.
func (h *house) hub(v access.Viewer) *webtest.Hub {
	return webtest.New(h.T, v, func(s *web.Server) {
		h.graph.Mount().Pages(s)
		a := api.New(api.Config{})
		h.graph.Mount().API(a.Operations())
		a.Mount(s)
	})
}

func TestPages(t *testing.T) {
	each(t, func(h *house) {
		h.estate()
		h.put("repository", repositoryColumns, []any{9, "r-odd", `<script>alert("x")</script>`, "internal", 1})
		for _, c := range []struct {
			viewer  access.Viewer
			address string
			status  int
			has     []string
			hasNot  []string
		}{
			{member, "/graph", 200, []string{"Begin with a record"}, nil},
			{member, "/graph?q=nothing", 200, []string{"Nothing matches"}, nil},
			{member, "/graph?of=component:c-ledger&depth=2", 200, []string{"owned by", "Payments", "package-lock.json:10", `role="group" aria-label="ledger and`, "The picture in words"}, []string{"vault"}},
			{admin, "/graph?of=component:c-ledger&depth=2", 200, []string{"vault", "crypt"}, nil},
			{member, "/graph?of=component:c-ledger&types=uses&kinds=nosuch", 200, []string{"All of it", "spring"}, []string{">Payments<"}},
			{member, "/graph?of=component:c-ledger&types=made", 200, []string{"fits these filters"}, nil},
			{member, "/graph?of=repository:r-odd", 200, []string{"&lt;script&gt;", "Nothing is next to it"}, []string{"<script>alert"}},
			{member, "/graph?of=package:p-spring&group=uses-", 200, []string{"1–1 of 1"}, []string{"vault"}},
			{member, "/graph?of=component:c-vault", 404, nil, []string{"vault</h1>"}},
			{member, "/graph?of=nonsense", 422, []string{"names no record"}, nil},
			{member, "/graph/path?from=component:c-ledger", 200, []string{"Name the other record"}, nil},
			{member, "/graph/path?from=component:c-ledger&to=package:p-logging", 200, []string{"ledger depends on logging", "package-lock.json:20"}, []string{"vault"}},
			{member, "/graph/path?from=component:c-ledger&to=package:p-paylib", 200, []string{"No way was found", "Look for any connection"}, []string{"vault"}},
			{member, "/graph/path?from=component:c-ledger&to=package:p-crypt", 404, nil, []string{"crypt</h1>"}},
			{member, "/api/v1/graph?of=component:c-ledger&depth=2", 200, []string{`"says":"owned by"`}, []string{"vault"}},
			{member, "/api/v1/graph?of=component:c-ledger&types=uses&types=owned", 200, []string{`"type":"uses"`}, nil},
			{member, "/api/v1/graph/path?from=component:c-ledger&to=package:p-logging", 200, []string{"ledger depends on logging"}, nil},
			{access.Viewer{}, "/api/v1/graph?of=component:c-ledger", 401, nil, []string{"spring"}},
		} {
			status, body := h.hub(c.viewer).Get(c.address)
			if status != c.status {
				t.Errorf("%s answers %d, want %d", c.address, status, c.status)
			}
			for _, text := range c.has {
				if !strings.Contains(body, text) {
					t.Errorf("%s lacks %q", c.address, text)
				}
			}
			for _, text := range c.hasNot {
				if strings.Contains(body, text) {
					t.Errorf("%s holds %q", c.address, text)
				}
			}
		}
	})
}
