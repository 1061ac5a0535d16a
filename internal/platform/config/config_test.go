package config_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"steward/internal/platform/access"
	"steward/internal/platform/audit"
	"steward/internal/platform/config"
	"steward/internal/platform/fault"
	"steward/internal/platform/store"
	"steward/internal/platform/store/storetest"
)

func TestSettings(t *testing.T) {
	migrations := []store.Migrations{{Feature: "config", FS: config.Migrations}, audit.Migrations()}
	storetest.Each(t, migrations, func(t *testing.T, db *store.DB) {
		s := config.New(db, time.Now)
		admin := access.As("a", "admin", access.Admin)
		values, err := s.Values(t.Context())
		if err != nil || values.People != config.PeopleTeam {
			t.Fatalf("without settings names are shown as %q (%v), want team", values.People, err)
		}
		for key, value := range map[string]string{"firm.name": " Northwind ", "firm.domains": "@Firm.example, mail.firm.example\nfirm.example", "people.mode": "off"} {
			if err := s.Set(t.Context(), admin, key, value); err != nil {
				t.Fatal(err)
			}
		}
		values, err = s.Values(t.Context())
		want := config.Values{FirmName: "Northwind", Domains: []string{"firm.example", "mail.firm.example"}, People: config.PeopleOff}
		if diff := cmp.Diff(want, values); err != nil || diff != "" {
			t.Errorf("values (%v, -want +got)\n%s", err, diff)
		}
		for _, bad := range [][2]string{{"people.mode", "all"}, {"firm.domains", "not a domain"}, {"firm.domains", "x@y"}} {
			if err := s.Set(t.Context(), admin, bad[0], bad[1]); !errors.Is(err, fault.Invalid) {
				t.Errorf("%s = %q gives %v, want invalid", bad[0], bad[1], err)
			}
		}
		if err := s.Set(t.Context(), admin, "no.such", "x"); !errors.Is(err, fault.NotFound) {
			t.Errorf("an unknown key gives %v", err)
		}
		for _, v := range []access.Viewer{{}, access.As("m", "m", access.Member), access.As("u", "u", access.Auditor)} {
			if err := s.Set(t.Context(), v, "people.mode", "named"); !errors.Is(err, fault.Denied) {
				t.Errorf("%q changes a setting: %v", v.Role(), err)
			}
		}
		var entries int64
		if err := db.QueryRow(t.Context(), `SELECT COUNT(*) FROM audit_entry WHERE action = 'setting.set'`).Scan(&entries); err != nil || entries != 3 {
			t.Errorf("%d changes are in the audit log (%v), want 3", entries, err)
		}
	})
}
