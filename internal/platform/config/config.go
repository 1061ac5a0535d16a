// Package config keeps the settings that people change while Steward runs, in
// the database, with who changed them and when. What a process needs before it
// has a database (folder, address, DSN) is flags and environment instead.
//
//	key             what                                              default
//	firm.name       the firm's name, beside the wordmark              empty
//	firm.domains    e-mail domains of the firm, sub-domains included  none
//	people.mode     off, team or named: which names are shown         team
package config

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"steward/internal/platform/access"
	"steward/internal/platform/audit"
	"steward/internal/platform/fault"
	"steward/internal/platform/store"
)

// Migrations holds the table of settings.
//
//go:embed migration
var Migrations embed.FS

// PeopleMode says which names of people are shown, in pages, API and exports alike.
type PeopleMode string

// The modes.
const (
	PeopleOff   PeopleMode = "off"   // no names, no groups of people
	PeopleTeam  PeopleMode = "team"  // teams; names only where owner files publish them
	PeopleNamed PeopleMode = "named" // names
)

// Values are all settings.
type Values struct {
	FirmName string     `json:"firm_name"`
	Domains  []string   `json:"firm_domains"`
	People   PeopleMode `json:"people_mode"`
}

// Setting describes one key for pages and commands.
type Setting struct {
	Key     string    `json:"key"`
	Label   string    `json:"label"`
	Help    string    `json:"help"`
	Value   string    `json:"value"`
	Changed time.Time `json:"changed"` // zero when it is the default
	By      string    `json:"-"`       // account id of who changed it last
}

var known = []Setting{
	{Key: "firm.name", Label: "Name of the firm", Help: "Stands beside the wordmark."},
	{Key: "firm.domains", Label: "E-mail domains of the firm", Help: "Separated by commas. Commits from them are ours; sub-domains count."},
	{Key: "people.mode", Label: "Names of people", Help: "off, team or named. With team only names that owner files publish are shown."},
}

// Settings reads and writes them. It is safe for use by many goroutines.
type Settings struct {
	db  *store.DB
	now func() time.Time

	follow []func(ctx context.Context, tx *store.Tx, key string) error

	mu      sync.Mutex
	cached  Values
	until   time.Time     // cached is fresh before
	changes int           // made here so far: what was read before one of them is not kept
	loading chan struct{} // closed when the one who reads them has them; nil while nobody does
}

// Follow calls f in the transaction of each later change. It is called while
// the program is put together, before the settings are used.
func (s *Settings) Follow(f func(ctx context.Context, tx *store.Tx, key string) error) {
	s.follow = append(s.follow, f)
}

// cacheFor is how long another process's change may stay unseen.
const cacheFor = 2 * time.Second

// New returns the settings kept in db; with a nil db they are the defaults.
func New(db *store.DB, now func() time.Time) *Settings { return &Settings{db: db, now: now} }

// Values returns all settings. It needs no viewer: they are the program's own,
// shown to people through List.
func (s *Settings) Values(ctx context.Context) (Values, error) {
	if s.db == nil {
		return Values{People: PeopleTeam}, nil
	}
	for {
		s.mu.Lock()
		if s.now().Before(s.until) {
			defer s.mu.Unlock()
			return s.cached, nil
		}
		other := s.loading
		if other == nil {
			s.loading = make(chan struct{})
		}
		s.mu.Unlock()
		if other == nil {
			return s.renew(ctx)
		}
		select {
		case <-other:
		case <-ctx.Done():
			return Values{}, fmt.Errorf("load settings: %w", ctx.Err())
		}
	}
}

// renew reads the settings for all who wait for them. The lock is not held meanwhile.
func (s *Settings) renew(ctx context.Context) (Values, error) {
	s.mu.Lock()
	before := s.changes
	s.mu.Unlock()
	stored, err := s.load(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.loading)
	s.loading = nil
	if err != nil {
		return Values{}, err
	}
	values := valuesOf(stored)
	if s.changes == before {
		s.cached, s.until = values, s.now().Add(cacheFor)
	}
	return values, nil
}

func valuesOf(stored map[string]Setting) Values {
	v := Values{FirmName: stored["firm.name"].Value, People: PeopleMode(stored["people.mode"].Value), Domains: splitDomains(stored["firm.domains"].Value)}
	if v.People == "" {
		v.People = PeopleTeam
	}
	return v
}

func splitDomains(text string) []string {
	var domains []string
	for _, d := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return r == ',' || r == ' ' || r == '\n' || r == ';' || r == '\r' }) {
		domains = append(domains, strings.TrimPrefix(d, "@"))
	}
	slices.Sort(domains)
	return slices.Compact(domains)
}

func (s *Settings) load(ctx context.Context) (map[string]Setting, error) {
	all, err := store.Collect(func(row store.Scanner) (Setting, error) {
		var one Setting
		var value string
		var at int64
		if err := row.Scan(&one.Key, &value, &at, &one.By); err != nil {
			return one, err
		}
		one.Changed = store.FromMicros(at)
		return one, json.Unmarshal([]byte(value), &one.Value)
	})(s.db.Query(ctx, `SELECT key, value, changed_at, changed_by FROM setting`))
	if err != nil {
		return nil, fmt.Errorf("load settings: %w", err)
	}
	byKey := make(map[string]Setting, len(all))
	for _, one := range all {
		byKey[one.Key] = one
	}
	return byKey, nil
}

// List returns every setting with its value and who changed it last.
func (s *Settings) List(ctx context.Context, v access.Viewer) ([]Setting, error) {
	if err := v.Require(access.ReadEstate); err != nil {
		return nil, err
	}
	stored, err := s.load(ctx)
	if err != nil {
		return nil, err
	}
	all := slices.Clone(known)
	for i := range all {
		if one, ok := stored[all[i].Key]; ok {
			all[i].Value, all[i].Changed, all[i].By = one.Value, one.Changed, one.By
		} else if all[i].Key == "people.mode" {
			all[i].Value = string(PeopleTeam)
		}
	}
	return all, nil
}

var domainForm = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$`)

func check(key, value string) error {
	switch key {
	case "firm.name":
		if len(value) > 80 {
			return fault.New(fault.Invalid, "The name of the firm has %d bytes; 80 fit beside the wordmark.", len(value))
		}
	case "firm.domains":
		for _, d := range splitDomains(value) {
			if !domainForm.MatchString(d) {
				return fault.New(fault.Invalid, "%q is not an e-mail domain; write them like example.com, separated by commas.", d)
			}
		}
	case "people.mode":
		if m := PeopleMode(value); m != PeopleOff && m != PeopleTeam && m != PeopleNamed {
			return fault.New(fault.Invalid, "%q is not a way to show names; it is off, team or named.", value)
		}
	default:
		return fault.New(fault.NotFound, "There is no setting %q. steward config lists them.", key)
	}
	return nil
}

// Set changes one setting, with a line in the audit log.
func (s *Settings) Set(ctx context.Context, v access.Viewer, key, value string) error {
	if err := v.Require(access.ManageSettings); err != nil {
		return err
	}
	value = strings.TrimSpace(value)
	if err := check(key, value); err != nil {
		return err
	}
	encoded, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encode setting %q: %w", key, err)
	}
	err = s.db.Tx(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO setting (key, value, changed_at, changed_by) VALUES ($1, $2, $3, $4)
			ON CONFLICT (key) DO UPDATE SET value = excluded.value, changed_at = excluded.changed_at, changed_by = excluded.changed_by`,
			key, string(encoded), store.Micros(s.now()), v.AccountID())
		if err != nil {
			return fmt.Errorf("put setting %q: %w", key, err)
		}
		for _, f := range s.follow {
			if err := f(ctx, tx, key); err != nil {
				return fmt.Errorf("follow setting %q: %w", key, err)
			}
		}
		return audit.Append(ctx, tx, v, s.now(), "setting.set", "setting", key, map[string]any{"value": value})
	})
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.until, s.changes = time.Time{}, s.changes+1
	s.mu.Unlock()
	return nil
}
