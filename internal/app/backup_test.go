package app

import (
	"bytes"
	"log/slog"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"

	"steward/internal/platform/access"
	"steward/internal/platform/store"
	"steward/internal/platform/store/storetest"
)

// TestWhatPeopleWroteMovesToPostgreSQL moves a database in which people wrote, and looks for it there.
func TestWhatPeopleWroteMovesToPostgreSQL(t *testing.T) {
	data := t.TempDir()
	to := storetest.Fresh(t, store.PostgreSQL).DSN
	run := func(args ...string) string {
		t.Helper()
		var out, said bytes.Buffer
		if code := Run(t.Context(), "test", append(args, "--data", data), nil, &out, &said); code != exitFine {
			t.Fatalf("steward %q: exit %d: %s", args, code, said.String())
		}
		return out.String()
	}
	run("config", "set", "firm.name", "Northwind Bank")
	o, err := openOffice(t.Context(), officeConfig{version: "test", data: data, seals: true, log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.link(t.Context(), linkRequest{Account: "dana", Role: access.Auditor}); err != nil {
		t.Fatal(err)
	}
	if err := o.close(); err != nil {
		t.Fatal(err)
	}
	moved := run("move", "--to", to)
	if !regexp.MustCompile(`^Moved \d+ records`).MatchString(moved) {
		t.Errorf("move says %q", moved)
	}
	if got := run("config", "get", "firm.name", "--database", to); got != "Northwind Bank\n" {
		t.Errorf("the firm's name is %q there", got)
	}
	if there, err := filepath.Glob(filepath.Join(data, "steward.db*")); err != nil || !cmp.Equal(there, []string{filepath.Join(data, "steward.db.lock"), filepath.Join(data, "steward.db.moved")}) {
		t.Errorf("in the data folder lie %v, %v", there, err)
	}
	p, err := openOffice(t.Context(), officeConfig{version: "test", data: data, dsn: to, seals: true, log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := p.close(); err != nil {
			t.Error(err)
		}
	}()
	if _, err := p.audit.Seal(t.Context()); err != nil {
		t.Fatal(err)
	}
	report, err := p.audit.Verify(t.Context(), access.System("test"))
	if err != nil || !report.OK() {
		t.Errorf("the audit log after moving: %+v, %v", report, err)
	}
	all, err := p.accounts.List(t.Context(), access.System("test"))
	if err != nil || len(all) != 1 || all[0].Name != "dana" || all[0].Role != access.Auditor {
		t.Errorf("accounts there: %+v, %v", all, err)
	}
}
