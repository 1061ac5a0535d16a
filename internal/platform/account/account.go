// Package account keeps who may sign in and how: local accounts, one-time
// sign-in links, sessions and personal tokens.
//
// Secrets are 256 random bits; only their SHA-256 is stored. A link lives ten
// minutes, works once, and is spent by a POST from the page that it opens. A
// token is "stw_", the secret and a checksum, always expires, and never may do
// more than its account's role at the time of use.
//
//	secret    lives        ends by
//	link      10 minutes   its first use
//	session   12 hours     signing out, a disabled account
//	token     ≤ 366 days   revoking, a disabled account
package account

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"strings"
	"time"

	"steward/internal/platform/access"
	"steward/internal/platform/audit"
	"steward/internal/platform/fault"
	"steward/internal/platform/store"
)

// Migrations holds the tables of accounts.
//
//go:embed migration
var Migrations embed.FS

// How long each kind of secret lives.
const (
	LinkLives     = 10 * time.Minute
	SessionLives  = 12 * time.Hour
	MaxTokenLives = 366 * 24 * time.Hour
)

// Owner is the account that the first start makes.
const Owner = "owner"

// Account is somebody who may sign in.
type Account struct {
	ID       string      `json:"id"`
	Name     string      `json:"name"`
	Role     access.Role `json:"role"`
	Created  time.Time   `json:"created"`
	Seen     time.Time   `json:"seen"`     // zero: never
	Disabled time.Time   `json:"disabled"` // zero: may sign in
}

// Accounts reads and writes them.
type Accounts struct {
	db  *store.DB
	now func() time.Time
}

// New returns the accounts in db.
func New(db *store.DB, now func() time.Time) *Accounts { return &Accounts{db: db, now: now} }

// Put makes an account, or changes the role of the one with that name.
func (a *Accounts) Put(ctx context.Context, v access.Viewer, name string, role access.Role) (Account, error) {
	if err := v.Require(access.ManageAccounts); err != nil {
		return Account{}, err
	}
	name = strings.TrimSpace(name)
	if name == "" || len(name) > 80 || strings.ContainsFunc(name, func(r rune) bool { return r < ' ' }) {
		return Account{}, fault.New(fault.Invalid, "An account needs a name of 1 to 80 characters.")
	}
	if !role.Valid() {
		return Account{}, fault.New(fault.Invalid, "%q is not a role; it is admin, member or auditor.", role)
	}
	var made Account
	err := a.db.Tx(ctx, func(tx *store.Tx) error {
		row := tx.QueryRow(ctx, `INSERT INTO account (id, name, role, created_at) VALUES ($1, $2, $3, $4)
			ON CONFLICT (name) DO UPDATE SET role = excluded.role RETURNING `+columns, store.NewID(), name, string(role), store.Micros(a.now()))
		var err error
		if made, err = scan(row); err != nil {
			return fmt.Errorf("put account: %w", err)
		}
		return audit.Append(ctx, tx, v, a.now(), "account.put", "account", made.ID, map[string]any{"role": role})
	})
	return made, err
}

// Disable ends all sessions and tokens of an account and lets it sign in no more.
func (a *Accounts) Disable(ctx context.Context, v access.Viewer, id string) error {
	if err := v.Require(access.ManageAccounts); err != nil {
		return err
	}
	if v.AccountID() == id {
		return fault.New(fault.Conflict, "You cannot disable the account that you are signed in with. Ask another administrator.")
	}
	return a.db.Tx(ctx, func(tx *store.Tx) error {
		if n, err := tx.Exec(ctx, `UPDATE account SET disabled_at = $2 WHERE id = $1 AND disabled_at = 0`, id, store.Micros(a.now())); err != nil || n == 0 {
			return orMissing(err, "account")
		}
		if _, err := tx.Exec(ctx, `DELETE FROM account_session WHERE account_id = $1`, id); err != nil {
			return fmt.Errorf("end sessions: %w", err)
		}
		return audit.Append(ctx, tx, v, a.now(), "account.disable", "account", id, nil)
	})
}

// Enable takes Disable back.
func (a *Accounts) Enable(ctx context.Context, v access.Viewer, id string) error {
	if err := v.Require(access.ManageAccounts); err != nil {
		return err
	}
	return a.db.Tx(ctx, func(tx *store.Tx) error {
		if n, err := tx.Exec(ctx, `UPDATE account SET disabled_at = 0 WHERE id = $1 AND disabled_at > 0`, id); err != nil || n == 0 {
			return orMissing(err, "account")
		}
		return audit.Append(ctx, tx, v, a.now(), "account.enable", "account", id, nil)
	})
}

// List returns all accounts by name.
func (a *Accounts) List(ctx context.Context, v access.Viewer) ([]Account, error) {
	if err := v.Require(access.ManageAccounts); err != nil {
		return nil, err
	}
	return store.Collect(func(row store.Scanner) (Account, error) { return scan(row) })(
		a.db.Query(ctx, `SELECT `+columns+` FROM account ORDER BY name`))
}

const columns = `id, name, role, created_at, seen_at, disabled_at`

func scan(row store.Scanner) (Account, error) {
	var one Account
	var created, seen, disabled int64
	err := row.Scan(&one.ID, &one.Name, &one.Role, &created, &seen, &disabled)
	one.Created, one.Seen, one.Disabled = store.FromMicros(created), store.FromMicros(seen), store.FromMicros(disabled)
	return one, err
}

func orMissing(err error, what string) error {
	if err != nil {
		return err
	}
	return fault.New(fault.NotFound, "There is no such %s.", what)
}

// newSecret returns 256 random bits as text, and the digest that is stored.
func newSecret() (secret, digest string) {
	var b [32]byte
	if _, err := rand.Read(b[:]); err != nil {
		panic(fmt.Sprintf("account: no randomness: %v", err))
	}
	secret = base64.RawURLEncoding.EncodeToString(b[:])
	return secret, digestOf(secret)
}

func digestOf(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// NewLink returns the secret of a sign-in link for an account.
func (a *Accounts) NewLink(ctx context.Context, v access.Viewer, account string) (string, error) {
	if err := v.Require(access.ManageAccounts); err != nil {
		return "", err
	}
	secret, digest := newSecret()
	now := a.now()
	err := a.db.Tx(ctx, func(tx *store.Tx) error {
		if _, err := tx.Exec(ctx, `DELETE FROM account_link WHERE expires_at < $1`, store.Micros(now)); err != nil {
			return fmt.Errorf("drop old links: %w", err)
		}
		_, err := tx.Exec(ctx, `INSERT INTO account_link (digest, account_id, created_at, expires_at) VALUES ($1, $2, $3, $4)`,
			digest, account, store.Micros(now), store.Micros(now.Add(LinkLives)))
		if err != nil {
			return fmt.Errorf("put link: %w", err)
		}
		return audit.Append(ctx, tx, v, a.now(), "account.link", "account", account, nil)
	})
	return secret, err
}

var errLink = fault.New(fault.Denied, "This sign-in link was used already or is older than ten minutes. Run steward link for another.")

// noteTime is how long a request waits to note that its token was used.
const noteTime = 20 * time.Millisecond

// clockSkew is how far the clocks of two processes may differ.
const clockSkew = time.Minute

// checkLink looks for a link without changing anything: anybody may send guesses, and they must not
// wait for the one change that SQLite makes at a time, or hold it up. A link that is to be made later
// than now is refused: the clock went back, and the link would live too long.
func (a *Accounts) checkLink(ctx context.Context, link string) error {
	var created int64
	err := a.db.QueryRow(ctx, `SELECT created_at FROM account_link WHERE digest = $1 AND spent_at = 0`, digestOf(link)).Scan(&created)
	switch {
	case errors.Is(err, store.ErrNoRows):
		return errLink
	case err != nil:
		return fmt.Errorf("find the link: %w", err)
	case created > store.Micros(a.now().Add(clockSkew)):
		return errLink
	}
	return nil
}

// Redeem spends a link and opens a session.
func (a *Accounts) Redeem(ctx context.Context, link string) (session string, err error) {
	now := store.Micros(a.now())
	if err := a.checkLink(ctx, link); err != nil {
		return "", err
	}
	session, digest := newSecret()
	err = a.db.Tx(ctx, func(tx *store.Tx) error {
		var account string
		err := tx.QueryRow(ctx, `UPDATE account_link SET spent_at = $2 WHERE digest = $1 AND spent_at = 0 AND expires_at > $2
			AND EXISTS (SELECT 1 FROM account a WHERE a.id = account_id AND a.disabled_at = 0) RETURNING account_id`, digestOf(link), now).Scan(&account)
		if errors.Is(err, store.ErrNoRows) {
			return errLink
		}
		if err != nil {
			return fmt.Errorf("spend link: %w", err)
		}
		if _, err := tx.Exec(ctx, `DELETE FROM account_session WHERE expires_at < $1`, now); err != nil {
			return fmt.Errorf("drop old sessions: %w", err)
		}
		_, err = tx.Exec(ctx, `INSERT INTO account_session (digest, account_id, created_at, expires_at) VALUES ($1, $2, $3, $4)`,
			digest, account, now, store.Micros(a.now().Add(SessionLives)))
		if err != nil {
			return fmt.Errorf("open session: %w", err)
		}
		if _, err := tx.Exec(ctx, `UPDATE account SET seen_at = $2 WHERE id = $1`, account, now); err != nil {
			return fmt.Errorf("put when the account was seen: %w", err)
		}
		return audit.Append(ctx, tx, access.System("sign-in"), a.now(), "account.signin", "account", account, nil)
	})
	if err != nil {
		return "", err
	}
	return session, nil
}

// SignOut ends a session.
func (a *Accounts) SignOut(ctx context.Context, session string) error {
	return a.db.Tx(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM account_session WHERE digest = $1`, digestOf(session))
		return err
	})
}

// bySession returns the account of an open session, the zero Viewer when it is not open.
func (a *Accounts) bySession(ctx context.Context, session string) (access.Viewer, error) {
	one, err := scan(a.db.QueryRow(ctx, `SELECT a.id, a.name, a.role, a.created_at, a.seen_at, a.disabled_at FROM account_session s JOIN account a ON a.id = s.account_id
		WHERE s.digest = $1 AND s.expires_at > $2 AND a.disabled_at = 0`, digestOf(session), store.Micros(a.now())))
	switch {
	case errors.Is(err, store.ErrNoRows):
		return access.Viewer{}, nil
	case err != nil:
		return access.Viewer{}, fmt.Errorf("find the session: %w", err)
	}
	return access.As(one.ID, one.Name, one.Role), nil
}

// tokenPrefix makes tokens recognisable to secret scanners.
const tokenPrefix = "stw_"

// checksum is six base-64 letters over the secret, so that a mistyped or cut
// token is told apart from a wrong one without the database.
func checksum(secret string) string {
	sum := crc32.ChecksumIEEE([]byte(secret))
	return base64.RawURLEncoding.EncodeToString([]byte{byte(sum >> 24), byte(sum >> 16), byte(sum >> 8), byte(sum)})
}
