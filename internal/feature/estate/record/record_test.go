package record_test

import (
	"net/http"
	"strings"
	"testing"

	"steward/internal/feature/estate"
	"steward/internal/feature/estate/record"
	"steward/internal/platform/access"
	"steward/internal/platform/api"
	"steward/internal/platform/audit"
	"steward/internal/platform/mount"
	"steward/internal/platform/search"
	"steward/internal/platform/store"
	"steward/internal/platform/store/storetest"
	"steward/internal/platform/web"
	"steward/internal/platform/web/webtest"
)

func TestOneRepositoryForPrograms(t *testing.T) {
	own := estate.New(mount.Platform{}, estate.Config{}).Mount()
	migrations := []store.Migrations{{Feature: "search", FS: search.Migrations}, audit.Migrations(), {Feature: own.Name, FS: own.Migrations}}
	storetest.Each(t, migrations, func(t *testing.T, db *store.DB) {
		err := db.Tx(t.Context(), func(tx *store.Tx) error {
			_, err := tx.Exec(t.Context(), `INSERT INTO repository (id, uid, name, visibility, created_at, state) VALUES (1, 'u1', 'ledger', 'internal', 1, 'waiting'), (2, 'u2', 'vault', 'restricted', 1, 'waiting')`)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		hub := func(role access.Role) *webtest.Hub {
			return webtest.New(t, access.As("x", "x", role), func(s *web.Server) {
				a := api.New(api.Config{})
				record.Mount(estate.New(mount.Platform{DB: db}, estate.Config{})).API(a.Operations())
				a.Mount(s)
			})
		}
		status, body := hub(access.Member).Get("/api/v1/repositories/u1")
		for _, text := range []string{`"name":"ledger"`, `"read":null`, `"facts":[]`, `"locations":[]`} {
			if status != http.StatusOK || !strings.Contains(body, text) {
				t.Errorf("%d, %q is missing from %s", status, text, body)
			}
		}
		for _, id := range []string{"u2", "nope", "%00", "1"} {
			if status, body := hub(access.Member).Get("/api/v1/repositories/" + id); status != http.StatusNotFound || strings.Contains(body, "vault") {
				t.Errorf("%s for a member: %d %s", id, status, body)
			}
		}
		if status, _ := hub(access.Auditor).Get("/api/v1/repositories/u2"); status != http.StatusOK {
			t.Errorf("an auditor: %d", status)
		}
	})
}
