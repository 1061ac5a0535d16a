package sbom_test

import (
	"encoding/json"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"steward/internal/feature/sbom"
	"steward/internal/platform/access"
	"steward/internal/platform/api"
	"steward/internal/platform/mount"
	"steward/internal/platform/store"
	"steward/internal/platform/web"
	"steward/internal/platform/web/webtest"
)

func (h *house) hub(v access.Viewer) *webtest.Hub {
	return webtest.New(h.t, v, func(s *web.Server) {
		a := api.New(api.Config{})
		for _, c := range []mount.Capability{h.estate.Mount(), h.sbom.Mount()} {
			c.Pages(s)
			c.API(a.Operations())
		}
		a.Mount(s)
	})
}

func (h *house) get(v access.Viewer, address string, status int, parts ...string) string {
	h.t.Helper()
	got, body := h.hub(v).Get(address)
	if got != status {
		h.t.Fatalf("%s answers %d, want %d:\n%s", address, got, status, body)
	}
	for _, part := range parts {
		if !strings.Contains(body, part) {
			h.t.Errorf("%s does not say %q:\n%s", address, part, body)
		}
	}
	return body
}

// TestPartial: the list of packages says that it is partial when packages are
// missing from it, which those of a language without any are not.
func TestPartial(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		root := t.TempDir()
		repository(t, filepath.Join(root, "ledger"), lock("ledger", "4.18.2", "2.6.9"))
		h.look(root)
		for _, language := range []string{"JavaScript", "CSS", "Shell", ""} {
			must(t, h.setLanguage(language))
			if body := h.get(member, "/packages", 200); strings.Contains(body, "Partial") || strings.Contains(body, "no reader") {
				t.Errorf("the list says of %q that packages are missing:\n%s", language, body)
			}
		}
		must(t, h.setLanguage("Swift"))
		h.get(member, "/packages", 200, "Partial", "no reader for Swift (1)")
	})
}

func (h *house) setLanguage(name string) error {
	return h.db.Tx(h.ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(h.ctx, `UPDATE repository SET main_language = $1`, name)
		return err
	})
}

func TestPages(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.get(member, "/packages", 200, "No packages yet")
		h.get(member, "/who-uses?name=debug", 200, "Nobody is known to use it")
		root := t.TempDir()
		repository(t, filepath.Join(root, "ledger"), lock("ledger", "4.18.2", "2.6.9"))
		repository(t, filepath.Join(root, "tools"), map[string]string{"package.json": `{"name": "tools", "devDependencies": {"debug": "^4.1.0"}}`, "testdata/package.json": `{"dependencies": {"debug": "0.1.0", "only-in-tests": "1.0.0"}}`})
		repository(t, filepath.Join(root, "secret"), map[string]string{"package.json": `{"name": "debug", "dependencies": {"express": "4.18.2", "hidden": "1.0.0"}}`})
		h.look(root)
		must(t, h.estate.SetVisibility(h.ctx, admin, h.uid("secret"), access.Restricted))
		debug := "/packages/" + h.packageUID("debug")

		h.get(member, "/packages", 200, "debug", "express", "body-parser", "Several versions", "unresolved transitives")
		h.get(member, "/packages?view=ours", 200, "No package is in this view")
		h.get(member, debug, 200, "<b>2 components</b> in 2 repositories use debug: <b>1 directly</b>, <b>1 through other packages</b>.", "express 4.18.2", "→ body-parser 1.0.0</span>", "package-lock.json:7", "branch main")
		body := h.get(member, debug+"?range=%3C4", 200, "<b>1 of 2 components</b> in 1 repository use debug in &lt;4: <b>0 directly</b>, <b>1 through other packages</b>.", "1 more declare a range that <b>may include</b> it", "May include it", "Mend at the root", "declared")
		if strings.Contains(body, "0.1.0") || strings.Contains(body, "made here") {
			t.Error("the page shows test data, or what only a restricted repository makes")
		}
		h.get(admin, debug, 200, "made here")
		h.get(member, debug+"?range=%3C4&fixtures=yes", 200, "0.1.0", "test data")
		h.get(member, debug+"?range=%3C%3C4", 200, "is not a range of npm versions", "What follows is about any version")
		h.get(member, debug+"?range=%3Cscript%3E&scope=x&page=-7", 200, "&lt;script&gt;")
		h.get(member, debug+"/versions?range=%3C4", 200, "2.6.9", "only a range is known")
		h.get(member, debug+"/brought-in-by", 200, "express")
		h.get(member, "/packages/"+h.packageUID("only-in-tests"), 200, "is known to use only-in-tests")
		h.get(member, "/packages/"+h.packageUID("hidden"), 404)
		h.get(admin, "/packages/"+h.packageUID("hidden"), 200)
		h.get(member, "/packages/nothing", 404)
		h.get(member, "/who-uses?name=DEBUG&range=%3C4", 200, debug+"?range=%3C4")
		h.get(member, "/repositories/"+h.uid("ledger")+"/packages", 200, "package-lock.json v3", "Complete", "express", "through")
		h.get(member, "/repositories/"+h.uid("tools")+"/packages?fixtures=yes", 200, "Incomplete", "test data")
		h.get(member, "/repositories/"+h.uid("secret")+"/packages", 404)
		h.get(member, "/", 200, "Most used packages", "debug")

		h.get(member, debug+"/uses.csv?range=%3C4", 200, "package,name,version,", "pkg:npm/debug@2.6.9,debug,2.6.9,", "express 4.18.2 → body-parser 1.0.0", ",perhaps,")
		h.get(member, "/repositories/"+h.uid("ledger")+"/packages.csv", 200, "pkg:npm/express@4.18.2")
		var uses []map[string]any
		must(t, json.Unmarshal([]byte(h.get(member, debug+"/uses.json?range=%3C4", 200)), &uses))
		if len(uses) != 2 || uses[1]["may_include"] != true {
			t.Errorf("the export has %v", uses)
		}
		must(t, json.Unmarshal([]byte(h.get(member, debug+"/uses.json?range=99", 200)), &uses))
		var answer sbom.Answer
		must(t, json.Unmarshal([]byte(h.get(member, "/api/v1/who-uses?name=debug&range=%3C4", 200)), &answer))
		if answer.Found.Components != 1 || len(answer.Uses) != 1 || len(answer.Uses[0].Path) != 2 || answer.BaseText == "" {
			t.Errorf("the API answers %+v", answer)
		}
		h.get(member, "/api/v1/who-uses?name=debug&range=%3C%3C", http.StatusUnprocessableEntity)
		h.get(member, "/api/v1/who-uses?name=debug&limit=0", http.StatusUnprocessableEntity)
		h.get(member, "/api/v1"+debug, 200, `"version_counts":[{"version":"2.6.9","components":1,"matches":true}`)
		h.get(member, "/api/v1"+debug+"?scope=production&direct=yes&fixtures=yes", 200, `"question":{"name":"pkg:npm/debug","range":"","scope":"production","direct":true,"fixtures":true}`)
		h.get(member, "/api/v1/who-uses", http.StatusUnprocessableEntity)
		h.get(member, "/api/v1/components/none/packages", http.StatusNotFound, "There is no such component")
		h.get(member, "/api/v1/repositories/"+h.uid("ledger")+"/packages", 200, `"packages":3`, `"purl":"pkg:npm/express@4.18.2"`)
	})
}

func TestPagesOfHostileNames(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		name := "<script>alert(1)</script>" + strings.Repeat("n", 500)
		dir := repository(t, filepath.Join(t.TempDir(), "odd"), map[string]string{
			"package.json":                 `{"name": "x", "dependencies": {"` + name + `": "=cmd|' /C calc'!A0", "b\u0000c": "1.0.0", "debug": "` + strings.Repeat("9", 400) + `.0.0"}}`,
			"sub\xff\xfe/package.json":     `{"dependencies": {"debug": "1.0.0"}}`,
			"<b>bold</b>/requirements.txt": "requests==<script>\nflask==1.0 ; python_version < '3'\n",
		})
		h.look(dir)
		h.rollups()
		h.get(member, "/packages", 200)
		for _, name := range []string{name, "debug"} {
			all, _, err := h.sbom.Find(h.ctx, member, name)
			must(t, err)
			for _, p := range all {
				for _, address := range []string{"", "/versions", "/brought-in-by", "?range=1.0.0", "/uses.csv", "/uses.json"} {
					if body := h.get(member, "/packages/"+p.UID+address, 200); strings.Contains(body, "<script>alert") && !strings.HasPrefix(address, "/uses") {
						t.Errorf("%s%s holds a script", name, address)
					}
				}
			}
		}
		if body := h.get(member, "/repositories/"+h.uid("odd")+"/packages", 200); strings.Contains(body, "<script>alert") || strings.Contains(body, "<b>bold") {
			t.Error("the page of the repository holds mark-up of others")
		}
	})
}
