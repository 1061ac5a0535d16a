// Package settings is where people run this Steward: what the firm is called, which names are
// shown, who may sign in, tokens for programs, the audit log, and how large the store is.
//
//	section    page                 who sees it                        who changes it
//	General    /settings            everybody                          who may change settings
//	Sources    /sources             who may manage sources             the same; package estate
//	Accounts   /settings/accounts   who may manage accounts            the same
//	Account    /account             everybody, their own               the same
//	Audit      /audit               who may read the audit log         nobody
//	Storage    /settings/storage    who may change settings            nobody
//
// It keeps nothing of its own: values lie in platform/config, accounts and tokens in
// platform/account, entries in platform/audit. A secret (sign-in link, token) is shown once, in the
// answer to the form that made it, and is stored nowhere as it is.
package settings

import (
	"context"
	"time"

	"steward/internal/platform/access"
	"steward/internal/platform/account"
	"steward/internal/platform/audit"
	"steward/internal/platform/config"
	"steward/internal/platform/mount"
	"steward/internal/platform/store"
)

// Config is what New needs beside the platform.
type Config struct {
	Version  string // of Steward
	Accounts *account.Accounts
	Audit    *audit.Log
	// Free gives the free bytes of the file system that holds a folder; false when it is not known.
	Free func(folder string) (int64, bool)
}

// Feature is the settings of one Steward.
type Feature struct {
	config   Config
	db       *store.DB
	settings *config.Settings
	dataDir  string
	now      func() time.Time
}

// New returns the settings over the platform's database.
func New(p mount.Platform, c Config) *Feature {
	return &Feature{config: c, db: p.DB, settings: p.Settings, dataDir: p.DataDir, now: p.Now}
}

// names gives the names of accounts by id, for those who may see who did something.
func (f *Feature) names(ctx context.Context, v access.Viewer) (map[string]string, error) {
	names := map[string]string{v.AccountID(): v.Name()}
	if !v.Can(access.ReadAudit) && !v.Can(access.ManageAccounts) {
		return names, nil
	}
	all, err := f.config.Accounts.List(ctx, access.System("names of accounts"))
	if err != nil {
		return nil, err
	}
	for _, a := range all {
		names[a.ID] = a.Name
	}
	return names, nil
}

// who names an account: Steward itself for no id, and words for one whose name may not be seen.
func who(names map[string]string, id string) string {
	switch name, known := names[id]; {
	case id == "":
		return "Steward itself"
	case known:
		return name
	}
	return "an administrator"
}

// moment is a time for programs: nil when there is none.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
