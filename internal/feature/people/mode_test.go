package people_test

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"steward/internal/feature/estate"
	"steward/internal/feature/people"
	"steward/internal/platform/access"
	"steward/internal/platform/api"
	"steward/internal/platform/mount"
	"steward/internal/platform/search"
	"steward/internal/platform/store"
	"steward/internal/platform/web"
	"steward/internal/platform/web/webtest"
)

// declared names a team, Bob and the account of Ann, as owner files would.
func declared(ctx context.Context, tx *store.Tx, at estate.Target) error {
	team, err := people.PutTeam(ctx, tx, at, "@Bank/Payments", "Payments core", "CODEOWNERS")
	if err != nil {
		return err
	}
	bob, err := people.Publish(ctx, tx, at, "Robert S.", "bob@elsewhere.test", "")
	if err != nil {
		return err
	}
	if _, err := people.Publish(ctx, tx, at, "", "", "@AnnEx"); err != nil {
		return err
	}
	return people.PutMember(ctx, tx, at, team, bob, "catalog-info.yaml")
}

// addresses are all that the feature mounts, with every form of its lists.
func (h *house) addresses(persons []string) []string {
	all := []string{"/", "/search?q=ann", "/search?q=annex", "/search?q=bob", "/search?q=robert", "/search/suggest?q=ann", "/search?q=example&kind=person"}
	for _, list := range []string{"people", "teams", "releases"} {
		all = append(all, "/"+list, "/"+list+".csv", "/"+list+".json", "/api/v1/"+list, "/"+list+"?q=ann", "/"+list+"?q=example", "/"+list+"?choices=kind", "/"+list+"?choices=team", "/"+list+"?sort=-name")
	}
	for _, uid := range persons {
		all = append(all, "/people/"+uid, "/api/v1/people/"+uid)
	}
	for _, uid := range h.rows(`SELECT uid FROM team`, 1) {
		all = append(all, "/teams/"+uid, "/api/v1/teams/"+uid, "/teams/"+uid+"/owns")
	}
	for _, uid := range h.rows(`SELECT uid FROM repository`, 1) {
		all = append(all, "/repositories/"+uid, "/repositories/"+uid+"/history", "/api/v1/repositories/"+uid+"/history", "/api/v1/repositories/"+uid)
	}
	return append(all, "/repositories", "/coverage", "/coverage-notes.json", "/openapi.json")
}

// hub is the whole hub of the test as one viewer sees it.
func (h *house) hub(v access.Viewer) *webtest.Hub {
	return webtest.New(h.t, v, func(s *web.Server) {
		a := api.New(api.Config{})
		for _, c := range []mount.Capability{h.estate.Mount(), h.people.Mount()} {
			c.Pages(s)
			c.API(a.Operations())
		}
		s.Finder(web.Finder{Find: func(ctx context.Context, v access.Viewer, typed, kind string, limit int) (web.Found, error) {
			found, err := search.Find(ctx, h.db, v, search.Query{Text: typed, Limit: limit})
			var out web.Found
			for _, hit := range found.Hits {
				out.Hits = append(out.Hits, web.Hit{Kind: hit.Kind, Title: hit.Title, Href: hit.URL, Text: hit.Body})
			}
			return out, err
		}})
		a.Mount(s)
	})
}

// TestNamesAreShownAsTheFirmWants asks for every address in every mode and
// looks for what must not be there.
func TestNamesAreShownAsTheFirmWants(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.declare = declared
		h.set("firm.domains", "bank.example")
		h.look(bank(t).dir)
		persons := h.rows(`SELECT uid FROM person ORDER BY uid`, 1)
		private := []string{"ann example", "ann@bank.example", "users.noreply", "cy third", "cy@bank", "bob sample", "bob@elsewhere"}
		published := []string{"Robert S.", "@annex"}
		for _, c := range []struct {
			mode    string
			refused []string // occurs nowhere
			shown   []string // occurs somewhere
			found   []string // by search for "ann"
		}{
			{"off", append(append([]string{}, private...), "robert s.", "@annex", "fewer than five", "people made half"), nil, []string{}},
			{"team", private, append(published, "Fewer than five people", "fewer than five"), []string{"@annex"}},
			{"named", nil, []string{"Ann Example", "Bob Sample", "Cy Third", "ann@bank.example", "same e-mail ann@bank.example"}, []string{"Ann Example"}},
		} {
			h.set("people.mode", c.mode)
			found, err := h.people.Find(t.Context(), member, search.Query{Text: "ann", Limit: 20})
			if err != nil {
				t.Fatal(err)
			}
			names := []string{}
			for _, hit := range found.Hits {
				names = append(names, hit.Title)
			}
			if diff := cmp.Diff(c.found, names); diff != "" {
				t.Errorf("%s: search finds: -want +got\n%s", c.mode, diff)
			}
			for _, v := range []access.Viewer{member, admin, access.As("x", "auditor", access.Auditor)} {
				hub := h.hub(v)
				everything := ""
				for _, address := range h.addresses(persons) {
					status, body := hub.Get(address)
					if status >= 500 {
						t.Errorf("%s: %s as %s: status %d", c.mode, address, v.Role(), status)
					}
					everything += body
					for _, name := range c.refused {
						if strings.Contains(strings.ToLower(body), name) && !echoed(address, name) {
							t.Errorf("%s: %s as %s holds %q", c.mode, address, v.Role(), name)
						}
					}
				}
				for _, name := range c.shown {
					if !strings.Contains(everything, name) && !(v.Role() == access.Auditor && strings.Contains(name, "@bank")) {
						t.Errorf("%s: %q is nowhere for %s", c.mode, name, v.Role())
					}
				}
				if !strings.Contains(everything, "Payments core") {
					t.Errorf("%s: the team is nowhere for %s", c.mode, v.Role())
				}
				if c.mode == "off" && navigates(hub) {
					t.Errorf("off: there is a place for people")
				}
			}
		}
		hub := h.hub(member)
		for _, mode := range []string{"off", "team", "off", "named"} { // while the hub runs
			if h.set("people.mode", mode); navigates(hub) == (mode == "off") {
				t.Errorf("%s: the navigation does not follow", mode)
			}
		}
		names, err := h.people.Names(h.ctx, member, ids(h, `SELECT id FROM person`))
		if err != nil || len(names) < 4 {
			t.Errorf("named: %d names, %v", len(names), err)
		}
		for mode, want := range map[string]int{"off": 0, "team": 2} {
			h.set("people.mode", mode)
			if names, err := h.people.Names(h.ctx, member, ids(h, `SELECT id FROM person WHERE merged_into = 0`)); err != nil || len(names) != want {
				t.Errorf("%s: names %v, %v, want %d", mode, names, err, want)
			}
		}
	})
}

// echoed: what somebody typed comes back in the search field.
func echoed(address, name string) bool {
	u, err := url.Parse(address)
	return err == nil && strings.Contains(u.Query().Get("q"), name)
}

// navigates reports whether the side has a place for people.
func navigates(hub *webtest.Hub) bool {
	_, body := hub.Get("/teams")
	_, side, _ := strings.Cut(body, `id="side"`)
	side, _, _ = strings.Cut(side, "</nav>")
	return strings.Contains(side, `href="/people"`)
}

func ids(h *house, sql string) []int64 {
	h.t.Helper()
	all, err := store.Collect(func(row store.Scanner) (id int64, err error) { return id, row.Scan(&id) })(h.db.Query(h.ctx, sql))
	if err != nil {
		h.t.Fatal(err)
	}
	return all
}

func TestTeamsComeAndGoWithFilesAndVisibility(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.declare = declared
		r := bank(t)
		h.look(r.dir)
		repository := h.rows(`SELECT uid FROM repository`, 1)[0]
		seen := func(v access.Viewer) (list, found bool) {
			_, body := h.hub(v).Get("/teams")
			hits, err := search.Find(h.ctx, h.db, v, search.Query{Text: "payments"})
			if err != nil {
				t.Fatal(err)
			}
			return strings.Contains(body, "Payments core"), len(hits.Hits) > 0
		}
		check := func(what string, v access.Viewer, want bool) {
			t.Helper()
			if list, found := seen(v); list != want || found != want {
				t.Errorf("%s: in the list %v, found %v, want %v", what, list, found, want)
			}
		}
		check("a file names it", member, true)
		touches, err := people.Touches(h.ctx, h.db, member, 1)
		if err != nil {
			t.Fatal(err)
		}
		teams := 0
		for _, one := range touches {
			if one.TeamID != 0 {
				teams++
			}
		}
		if teams != 1 {
			t.Errorf("%d touches have a team, want Bob's", teams)
		}
		if err := h.estate.SetVisibility(h.ctx, admin, repository, access.Restricted); err != nil {
			t.Fatal(err)
		}
		check("restricted, for a member", member, false)
		check("restricted, for an administrator", admin, true)
		if touches, err := people.Touches(h.ctx, h.db, member, 1); err != nil || len(touches) != 0 {
			t.Errorf("a member sees %d touches of a restricted repository: %v", len(touches), err)
		}
		h.set("people.mode", "named")
		for _, address := range h.addresses(h.rows(`SELECT uid FROM person`, 1)) {
			if _, body := h.hub(member).Get(address); strings.Contains(body, "Ann Example") || strings.Contains(body, "Robert S.") {
				t.Errorf("%s names somebody of a restricted repository", address)
			}
		}
		if err := h.estate.SetVisibility(h.ctx, admin, repository, access.Internal); err != nil {
			t.Fatal(err)
		}
		check("open again", member, true)
		h.declare = nil
		r.commit("Ann Example", "ann@bank.example", "without owners", "README.md", "other\n")
		h.look(r.dir)
		check("no file names it any more", member, false)
		h.want("publications", len(h.rows(`SELECT 1 FROM publication`, 1)), 0)
		var team int64
		err = h.db.Tx(h.ctx, func(tx *store.Tx) (err error) {
			team, err = people.PutTeam(h.ctx, tx, estate.Target{}, "bank/payments", "", "assigned")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		check("entered by hand", member, true)
		if err := h.db.Tx(h.ctx, func(tx *store.Tx) error { return people.DropTeam(h.ctx, tx, team, "assigned") }); err != nil {
			t.Fatal(err)
		}
		check("taken back", member, false)
	})
}

func TestActsOnPages(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.set("people.mode", "named")
		h.look(bank(t).dir)
		hub, ann := h.hub(admin), h.personNamed("Ann Example")
		for email, id := range h.identitiesOf(ann) {
			if strings.Contains(email, "noreply") {
				status, to, body := hub.Post("/people/"+ann+"/split", url.Values{"identity": {number(id)}})
				if status != http.StatusSeeOther {
					t.Fatalf("split: %d %s", status, body)
				}
				if status, _, body = hub.Post("/people/identities/"+number(id)+"/back", nil); status != http.StatusSeeOther {
					t.Fatalf("back: %d %s", status, body)
				}
				if status, _ := hub.Get(to); status != http.StatusOK {
					t.Errorf("after it: %d", status)
				}
			}
		}
		bob := h.personNamed("Bob Sample")
		status, to, _ := hub.Post("/people/"+ann+"/join", url.Values{"other": {bob}})
		if status != http.StatusSeeOther || !strings.HasPrefix(to, "/people/") {
			t.Fatalf("join: %d %s", status, to)
		}
		for address, form := range map[string]url.Values{"/people/" + ann + "/split": {"identity": {"x"}}, "/people/" + ann + "/join": {"other": {"nobody"}}, "/people/identities/x/back": nil, "/people/" + ann + "/unjoin/1/x": nil} {
			if status, _, _ := hub.Post(address, form); status < 400 || status >= 500 {
				t.Errorf("%s with nonsense: %d", address, status)
			}
		}
		if status, _, _ := h.hub(access.As("x", "auditor", access.Auditor)).Post("/people/"+ann+"/erase", nil); status != http.StatusForbidden {
			t.Errorf("an auditor erases: %d", status)
		}
		if status, to, _ := hub.Post(to+"/erase", nil); status != http.StatusSeeOther || to != "/people" {
			t.Errorf("erase: %d %s", status, to)
		}
	})
}

func number(n int64) string { return strconv.FormatInt(n, 10) }
