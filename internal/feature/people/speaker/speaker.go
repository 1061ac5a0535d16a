// Package speaker keeps which accounts speak for which team: what they say of things that the team
// is the confirmed owner of is binding, and they decide on what others say of them. An administrator
// gives that, for good or until a day; a deputy may do the same as a speaker and needs a day. What is
// over or was taken back is kept.
package speaker

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"steward/internal/platform/access"
	"steward/internal/platform/audit"
	"steward/internal/platform/fault"
	"steward/internal/platform/mount"
	"steward/internal/platform/store"
)

// InForce is the condition that the row s of team_speaker holds today.
const InForce = `s.ended_at = 0 AND (s.until_day = '' OR s.until_day >= CAST(CURRENT_DATE AS TEXT))`

// Kinds of those who speak for a team.
const (
	Lead   = "speaker"
	Deputy = "deputy"
)

// Speaker is one account that speaks for a team.
type Speaker struct {
	UID     string
	Account string // name; empty for one that is not known any more
	Kind    string
	Until   string // YYYY-MM-DD; empty: no end
	Given   time.Time
	Gone    bool // the account cannot sign in any more
}

// Desk gives and takes back.
type Desk struct{ p mount.Platform }

// New returns the desk over the platform's database.
func New(p mount.Platform) *Desk { return &Desk{p} }

// Of lists who speaks for a team, by name. Who may see the team may see them.
func (d *Desk) Of(ctx context.Context, v access.Viewer, team int64) ([]Speaker, error) {
	if err := v.Require(access.ReadEstate); err != nil {
		return nil, err
	}
	all, err := store.Collect(func(row store.Scanner) (Speaker, error) {
		var s Speaker
		var given, disabled int64
		err := row.Scan(&s.UID, &s.Account, &s.Kind, &s.Until, &given, &disabled)
		s.Given, s.Gone = store.FromMicros(given), disabled != 0
		return s, err
	})(d.p.DB.Query(ctx, `SELECT s.uid, COALESCE(a.name, ''), s.kind, s.until_day, s.given_at, COALESCE(a.disabled_at, 1) FROM team_speaker s LEFT JOIN account a ON a.id = s.account_id
		WHERE s.team_id = $1 AND `+InForce+` ORDER BY a.name, s.uid`, team))
	if err != nil {
		return nil, fmt.Errorf("list who speaks for a team: %w", err)
	}
	return all, nil
}

// Give lets an account, by name, speak for a team, by uid. It replaces what the account had for that
// team, and returns the id under which Take ends it. Errors: fault.Denied, fault.NotFound, fault.Invalid.
func (d *Desk) Give(ctx context.Context, v access.Viewer, team, account, kind, until string) (uid string, err error) {
	if err := v.Require(access.ManageAccounts); err != nil {
		return "", err
	}
	until = strings.TrimSpace(until)
	if kind != Lead && kind != Deputy {
		return "", fault.New(fault.Invalid, "Choose speaker or deputy.")
	}
	if day, err := time.Parse(time.DateOnly, until); until != "" && (err != nil || day.Format(time.DateOnly) < d.p.Now().UTC().Format(time.DateOnly)) {
		return "", fault.New(fault.Invalid, "Give the last day as 2026-11-30; it is not over yet.")
	}
	if kind == Deputy && until == "" {
		return "", fault.New(fault.Invalid, "Give the last day: a deputy stands in for a time.")
	}
	uid = store.NewID()
	return uid, d.p.DB.Tx(ctx, func(tx *store.Tx) error {
		var id int64
		var who string
		err := tx.QueryRow(ctx, `SELECT t.id, a.id FROM team t, account a WHERE t.uid = $1 AND a.name = $2 AND a.disabled_at = 0`, team, strings.TrimSpace(account)).Scan(&id, &who)
		if errors.Is(err, store.ErrNoRows) {
			return fault.New(fault.Invalid, "There is no account %q that may sign in. Choose one that is offered.", strings.TrimSpace(account))
		}
		if err != nil {
			return fmt.Errorf("find a team and an account: %w", err)
		}
		now := store.Micros(d.p.Now())
		if _, err := tx.Exec(ctx, `UPDATE team_speaker SET ended_at = $3 WHERE team_id = $1 AND account_id = $2 AND ended_at = 0`, id, who, now); err != nil {
			return fmt.Errorf("replace who speaks for a team: %w", err)
		}
		if _, err := tx.Insert(ctx, "team_speaker", []string{"uid", "team_id", "account_id", "kind", "until_day", "given_by", "given_at"},
			slices.Values([][]any{{uid, id, who, kind, until, v.AccountID(), now}})); err != nil {
			return err
		}
		return audit.Append(ctx, tx, v, d.p.Now(), "team.speak", "team", team, map[string]any{"account": who, "kind": kind, "until": until, "id": uid})
	})
}

// Take ends what Give gave, and returns the uid of the team.
func (d *Desk) Take(ctx context.Context, v access.Viewer, uid string) (team string, err error) {
	return d.end(ctx, v, uid, `UPDATE team_speaker SET ended_at = $2 WHERE uid = $1 AND ended_at = 0`, "team.unspeak")
}

// Return undoes Take, as long as the account was given nothing else for the team since.
func (d *Desk) Return(ctx context.Context, v access.Viewer, uid string) (team string, err error) {
	return d.end(ctx, v, uid, `UPDATE team_speaker SET ended_at = 0 WHERE uid = $1 AND ended_at > 0 AND CAST($2 AS bigint) > 0 AND NOT EXISTS (SELECT 1 FROM team_speaker later
		WHERE later.team_id = team_speaker.team_id AND later.account_id = team_speaker.account_id AND later.ended_at = 0)`, "team.speak")
}

func (d *Desk) end(ctx context.Context, v access.Viewer, uid, change, action string) (team string, err error) {
	if err := v.Require(access.ManageAccounts); err != nil {
		return "", err
	}
	return team, d.p.DB.Tx(ctx, func(tx *store.Tx) error {
		n, err := tx.Exec(ctx, change, uid, store.Micros(d.p.Now()))
		if err == nil && n == 0 {
			return fault.New(fault.NotFound, "That was taken back or given again already.")
		}
		if err == nil {
			err = tx.QueryRow(ctx, `SELECT t.uid FROM team_speaker s JOIN team t ON t.id = s.team_id WHERE s.uid = $1`, uid).Scan(&team)
		}
		if err != nil {
			return fmt.Errorf("change who speaks for a team: %w", err)
		}
		return audit.Append(ctx, tx, v, d.p.Now(), action, "team", team, map[string]any{"id": uid})
	})
}
