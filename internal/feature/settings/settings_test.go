package settings_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"steward/internal/feature/settings"
	"steward/internal/platform/access"
	"steward/internal/platform/account"
	"steward/internal/platform/api"
	"steward/internal/platform/audit"
	"steward/internal/platform/config"
	"steward/internal/platform/mount"
	"steward/internal/platform/store"
	"steward/internal/platform/store/storetest"
	"steward/internal/platform/web"
	"steward/internal/platform/web/webtest"
)

const hostile = `<script>alert(1)</script>`

// office is the settings over a test database with one account of each role.
type office struct {
	t        *testing.T
	db       *store.DB
	accounts *account.Accounts
	log      *audit.Log
	feature  *settings.Feature
	as       map[access.Role]access.Viewer
}

func each(t *testing.T, f func(t *testing.T, o *office)) {
	migrations := []store.Migrations{{Feature: "account", FS: account.Migrations}, audit.Migrations(), {Feature: "config", FS: config.Migrations}}
	storetest.Each(t, migrations, func(t *testing.T, db *store.DB) {
		key, err := audit.OpenKey(filepath.Join(t.TempDir(), "audit.key"))
		if err != nil {
			t.Fatal(err)
		}
		o := &office{t: t, db: db, accounts: account.New(db, time.Now), log: audit.New(db, key, time.Now), as: map[access.Role]access.Viewer{}}
		p := mount.Platform{DB: db, Settings: config.New(db, time.Now), Now: time.Now, DataDir: "/var/lib/" + hostile}
		o.feature = settings.New(p, settings.Config{Version: "1.2", Accounts: o.accounts, Audit: o.log, Free: func(string) (int64, bool) { return 3_000_000, true }})
		for role, name := range map[access.Role]string{access.Admin: "Ann", access.Member: hostile, access.Auditor: "Cas"} {
			a, err := o.accounts.Put(t.Context(), access.System("test"), name, role)
			if err != nil {
				t.Fatal(err)
			}
			o.as[role] = access.As(a.ID, a.Name, role)
		}
		f(t, o)
	})
}

func (o *office) hub(role access.Role) *webtest.Hub {
	return webtest.New(o.t, o.as[role], func(s *web.Server) {
		o.feature.Mount().Pages(s)
		a := api.New(api.Config{})
		o.feature.Mount().API(a.Operations())
		a.Mount(s)
	})
}

func TestEachRoleSeesItsSections(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		pages := []string{"/settings", "/settings/accounts", "/account", "/audit", "/settings/storage"}
		want := map[access.Role][]int{access.Admin: {200, 200, 200, 200, 200}, access.Member: {200, 403, 200, 403, 403}, access.Auditor: {200, 403, 200, 200, 403}}
		for role, statuses := range want {
			got := []int{}
			for _, address := range pages {
				status, body := o.hub(role).Get(address)
				got = append(got, status)
				if strings.Contains(body, hostile) {
					t.Errorf("%s for %s holds a script", address, role)
				}
			}
			if d := cmp.Diff(statuses, got); d != "" {
				t.Errorf("%s: %s", role, d)
			}
		}
		_, body := o.hub(access.Member).Get("/settings")
		if strings.Contains(body, ">Save<") || strings.Contains(body, "/settings/accounts") {
			t.Error("a member is offered what it may not do")
		}
		if status, _, _ := o.hub(access.Member).Post("/settings", url.Values{"name": {"Mine"}}); status != http.StatusForbidden {
			t.Errorf("a member changes settings: %d", status)
		}
	})
}

func TestGeneralSavesWhatIsRightAndShowsWhatIsNot(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		h := o.hub(access.Admin)
		status, _, body := h.Post("/settings", url.Values{"name": {"Northwind"}, "domains": {"no domain!"}, "people": {"named"}})
		if status != http.StatusUnprocessableEntity || !strings.Contains(body, "is not an e-mail domain") || !strings.Contains(body, `value="no domain!"`) {
			t.Errorf("%d %s", status, body)
		}
		values, err := config.New(o.db, time.Now).Values(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(config.Values{FirmName: "Northwind", People: config.PeopleNamed}, values); d != "" {
			t.Error(d)
		}
		status, to, _ := h.Post("/settings", url.Values{"name": {"Northwind"}, "domains": {"example.com"}, "people": {"named"}})
		if status != http.StatusSeeOther || to != "/settings" {
			t.Errorf("%d %s", status, to)
		}
		_, body = h.Get("/settings")
		if n := strings.Count(body, "Changed by Ann"); n != 3 {
			t.Errorf("%d settings say who changed them, want 3", n)
		}
		if _, body = o.hub(access.Member).Get("/settings"); strings.Contains(body, "Ann") || !strings.Contains(body, "Changed by an administrator") {
			t.Error("a member is told the name of an administrator")
		}
	})
}

var secretForm = regexp.MustCompile(`<p class="formula" id="secret">([^<]+)</p>`)

func secretIn(t *testing.T, body string) string {
	t.Helper()
	m := secretForm.FindStringSubmatch(body)
	if m == nil {
		t.Fatalf("no secret in\n%s", body)
	}
	return m[1]
}

func TestSecretsAreShownOnce(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		h := o.hub(access.Admin)
		post := func(address string, form url.Values) (*http.Response, string) {
			r := httptest.NewRequest(http.MethodPost, "http://localhost:7411"+address, strings.NewReader(form.Encode()))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			w := h.Do(r)
			var b strings.Builder
			if err := w.Write(&b); err != nil {
				t.Fatal(err)
			}
			return w, b.String()
		}
		answer, body := post("/settings/accounts", url.Values{"name": {"Dana"}, "role": {"auditor"}})
		link := secretIn(t, body)
		prefix := "http://localhost:7411/login?link="
		if answer.StatusCode != http.StatusOK || answer.Header.Get("Cache-Control") != "no-store" || !strings.HasPrefix(link, prefix) {
			t.Errorf("%d %s %s", answer.StatusCode, answer.Header.Get("Cache-Control"), link)
		}
		if _, err := o.accounts.Redeem(t.Context(), strings.TrimPrefix(link, prefix)); err != nil {
			t.Errorf("the link does not sign in: %v", err)
		}
		if answer, body = post("/settings/accounts", url.Values{"name": {"Dana"}, "role": {"admin"}}); answer.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(body, "already") || !strings.Contains(body, `aria-label="Main"`) {
			t.Errorf("the same name again: %d", answer.StatusCode)
		}
		answer, body = post("/account/tokens", url.Values{"name": {"report"}, "role": {"auditor"}, "days": {"30"}})
		token := secretIn(t, body)
		if answer.StatusCode != http.StatusOK || answer.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%d %s", answer.StatusCode, answer.Header.Get("Cache-Control"))
		}
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Authorization", "Bearer "+token)
		if v, err := (account.Authenticator{Accounts: o.accounts}).Viewer(r); err != nil || v.Role() != access.Auditor {
			t.Errorf("the token stands for %v %v", v, err)
		}
		_, body = h.Get("/account")
		if !strings.Contains(body, "report") || strings.Contains(body, token) {
			t.Error("the list of tokens must hold the name and not the secret")
		}
		tokens, err := o.accounts.Tokens(t.Context(), o.as[access.Admin])
		if err != nil || len(tokens) != 1 {
			t.Fatal(tokens, err)
		}
		if status, _, _ := h.Post("/account/tokens/"+tokens[0].ID+"/revoke", nil); status != http.StatusSeeOther {
			t.Errorf("revoke: %d", status)
		}
		if v, err := (account.Authenticator{Accounts: o.accounts}).Viewer(r); err != nil || v.Valid() {
			t.Error("a revoked token works")
		}
		for _, bad := range []url.Values{{"name": {""}, "role": {"auditor"}, "days": {"30"}}, {"name": {"x"}, "role": {"auditor"}, "days": {"9999"}}, {"name": {"x"}, "role": {"king"}, "days": {"1"}}} {
			if answer, _ := post("/account/tokens", bad); answer.StatusCode != http.StatusUnprocessableEntity {
				t.Errorf("%v: %d", bad, answer.StatusCode)
			}
		}
		if status, _, _ := o.hub(access.Member).Post("/account/tokens", url.Values{"name": {"x"}, "role": {"admin"}, "days": {"1"}}); status != http.StatusForbidden {
			t.Errorf("a member makes a token of an administrator: %d", status)
		}
	})
}

func TestAccountsAreChangedByOthersOnly(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		h := o.hub(access.Admin)
		self, member := o.as[access.Admin].AccountID(), o.as[access.Member].AccountID()
		for _, one := range []struct {
			address string
			form    url.Values
			want    int
		}{
			{"/settings/accounts/" + self + "/role", url.Values{"role": {"member"}}, 409},
			{"/settings/accounts/" + self + "/disable", nil, 409},
			{"/settings/accounts/nobody/disable", nil, 404},
			{"/settings/accounts/" + member + "/role", url.Values{"role": {"king"}}, 422},
			{"/settings/accounts/" + member + "/role", url.Values{"role": {"auditor"}}, 303},
			{"/settings/accounts/" + member + "/disable", nil, 303},
			{"/settings/accounts/" + member + "/link", nil, 409},
			{"/settings/accounts/" + member + "/enable", nil, 303},
			{"/settings/accounts/" + member + "/link", nil, 200},
		} {
			if status, _, body := h.Post(one.address, one.form); status != one.want {
				t.Errorf("%s: %d, want %d\n%s", one.address, status, one.want, body)
			}
		}
		all, err := o.accounts.List(t.Context(), access.System("test"))
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range all {
			if a.ID == member && (a.Role != access.Auditor || !a.Disabled.IsZero()) {
				t.Errorf("%+v", a)
			}
		}
	})
}

func TestAuditShowsAndVerifies(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		h := o.hub(access.Auditor)
		if _, err := o.log.Seal(t.Context()); err != nil {
			t.Fatal(err)
		}
		_, body := h.Get("/audit/verification")
		for _, text := range []string{"As written", "3 entries were checked"} {
			if !strings.Contains(body, text) {
				t.Errorf("%q is missing", text)
			}
		}
		status, heads := h.Get("/audit/heads.jsonl")
		if read, err := audit.ReadHeads(strings.NewReader(heads)); status != 200 || err != nil || len(read) != 1 {
			t.Errorf("%d %v %v", status, read, err)
		}
		err := o.db.Tx(t.Context(), func(tx *store.Tx) error {
			_, err := tx.Exec(t.Context(), `UPDATE audit_entry SET action = 'harmless' WHERE subject_id = $1`, o.as[access.Member].AccountID())
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, body = h.Get("/audit/verification"); !strings.Contains(body, "1 problem was") || !strings.Contains(body, "was altered") {
			t.Error("an altered entry does not show")
		}
	})
}

// TestTheAuditLogIsAList: filtered, sorted, and the same as a page, as CSV, as JSON and for programs.
func TestTheAuditLogIsAList(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		if _, err := o.log.Seal(t.Context()); err != nil {
			t.Fatal(err)
		}
		h := o.hub(access.Auditor)
		_, body := h.Get("/audit")
		for _, text := range []string{"account.put", "Steward (test)", "Cas", "1–3 of 3", "/audit.csv", "/audit.json"} {
			if !strings.Contains(body, text) {
				t.Errorf("%q is missing", text)
			}
		}
		if _, body = h.Get("/audit?action=nothing"); !strings.Contains(body, "Nothing matches these filters") {
			t.Error("the empty state is missing")
		}
		type entry struct {
			Action, Who, Subject string
			Detail               map[string]any
			Seq                  int
		}
		read := func(address string) (all []entry) {
			_, body := h.Get(address)
			if err := json.Unmarshal([]byte(body), &all); err != nil {
				t.Fatalf("%s: %v\n%s", address, err, body)
			}
			return all
		}
		want := []entry{
			{"account.put", "Steward (test)", hostile, map[string]any{"role": "member"}, 0},
			{"account.put", "Steward (test)", "Ann", map[string]any{"role": "admin"}, 0},
			{"account.put", "Steward (test)", "Cas", map[string]any{"role": "auditor"}, 0},
		}
		withoutSeq := cmpopts.IgnoreFields(entry{}, "Seq")
		if d := cmp.Diff(want, read("/audit.json?kind=account&who=Steward+(test)&sort=subject"), withoutSeq); d != "" {
			t.Errorf("by subject, want -, got +:\n%s", d)
		}
		if d := cmp.Diff(want[:1], read("/audit.json?q=script"), withoutSeq); d != "" {
			t.Errorf("those about one, want -, got +:\n%s", d)
		}
		if all := read("/audit.json"); len(all) != 3 || all[0].Seq != 3 || all[2].Seq != 1 {
			t.Errorf("newest first: %v", all)
		}
		if all := read("/audit.json?action=nothing"); len(all) > 0 {
			t.Errorf("of no action: %v", all)
		}
		if _, body = h.Get("/audit.csv?sort=subject"); !strings.HasPrefix(body, "action,who,subject_kind,subject,detail,at,seq,account,reason,subject_id,id\r\naccount.put,Steward (test),account,<script>") {
			t.Errorf("as CSV:\n%s", body)
		}
		for _, address := range []string{"/audit", "/audit.csv", "/audit.json", "/api/v1/audit", "/audit/verification", "/audit/heads.jsonl"} {
			if status, _ := o.hub(access.Member).Get(address); status != http.StatusForbidden {
				t.Errorf("a member gets %d at %s", status, address)
			}
		}
	})
}

func TestProgramsReadSettings(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		for address, want := range map[string]map[access.Role]int{
			"/api/v1/settings":                 {access.Admin: 200, access.Member: 200, access.Auditor: 200},
			"/api/v1/accounts":                 {access.Admin: 200, access.Member: 403, access.Auditor: 403},
			"/api/v1/account":                  {access.Admin: 200, access.Member: 200, access.Auditor: 200},
			"/api/v1/audit?action=account.put": {access.Admin: 200, access.Member: 403, access.Auditor: 200},
			"/api/v1/audit/verification":       {access.Admin: 200, access.Member: 403, access.Auditor: 200},
			"/api/v1/storage":                  {access.Admin: 200, access.Member: 403, access.Auditor: 403},
		} {
			for role, status := range want {
				got, body := o.hub(role).Get(address)
				if got != status || !json.Valid([]byte(body)) {
					t.Errorf("%s as %s: %d, want %d\n%s", address, role, got, status, body)
				}
			}
		}
		_, body := o.hub(access.Admin).Get("/api/v1/storage")
		if !strings.Contains(body, `"free_bytes":3000000`) || !strings.Contains(body, string(o.db.Engine())) {
			t.Error(body)
		}
	})
}
