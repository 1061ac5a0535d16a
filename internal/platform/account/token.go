package account

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"steward/internal/platform/access"
	"steward/internal/platform/audit"
	"steward/internal/platform/fault"
	"steward/internal/platform/store"
)

// Token is a personal token, without its secret.
type Token struct {
	ID      string      `json:"id"`
	Name    string      `json:"name"`
	Role    access.Role `json:"role"`
	Created time.Time   `json:"created"`
	Expires time.Time   `json:"expires"`
	Used    time.Time   `json:"used"` // zero: never; exact to the hour
}

// NewToken makes a token for the viewer's own account and returns its secret,
// which is shown once. The role may be weaker than the account's.
func (a *Accounts) NewToken(ctx context.Context, v access.Viewer, name string, role access.Role, lives time.Duration) (string, error) {
	if v.AccountID() == "" {
		return "", fault.New(fault.Denied, "Only somebody who is signed in can make a personal token.")
	}
	name = strings.TrimSpace(name)
	if name == "" || len(name) > 80 {
		return "", fault.New(fault.Invalid, "A token needs a name of 1 to 80 characters that says what it is for.")
	}
	if lives <= 0 || lives > MaxTokenLives {
		return "", fault.New(fault.Invalid, "A token lives between one and 366 days.")
	}
	if !role.Valid() || !v.Role().Covers(role) {
		return "", fault.New(fault.Denied, "A token may not do more than your account: %s.", v.Role())
	}
	secret, _ := newSecret()
	token := tokenPrefix + secret + checksum(secret)
	id := store.NewID()
	err := a.db.Tx(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO account_token (id, digest, account_id, name, role, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			id, digestOf(token), v.AccountID(), name, string(role), store.Micros(a.now()), store.Micros(a.now().Add(lives)))
		if err != nil {
			return fmt.Errorf("put token: %w", err)
		}
		return audit.Append(ctx, tx, v, a.now(), "token.add", "token", id, map[string]any{"role": role})
	})
	return token, err
}

// Tokens lists the viewer's own tokens that still work.
func (a *Accounts) Tokens(ctx context.Context, v access.Viewer) ([]Token, error) {
	return store.Collect(func(row store.Scanner) (Token, error) {
		var t Token
		var created, expires, used int64
		err := row.Scan(&t.ID, &t.Name, &t.Role, &created, &expires, &used)
		t.Created, t.Expires, t.Used = store.FromMicros(created), store.FromMicros(expires), store.FromMicros(used)
		return t, err
	})(a.db.Query(ctx, `SELECT id, name, role, created_at, expires_at, used_at FROM account_token
		WHERE account_id = $1 AND revoked_at = 0 AND expires_at > $2 ORDER BY created_at DESC, id`, v.AccountID(), store.Micros(a.now())))
}

// RevokeToken ends one of the viewer's own tokens.
func (a *Accounts) RevokeToken(ctx context.Context, v access.Viewer, id string) error {
	return a.db.Tx(ctx, func(tx *store.Tx) error {
		n, err := tx.Exec(ctx, `UPDATE account_token SET revoked_at = $3 WHERE id = $1 AND account_id = $2 AND revoked_at = 0`, id, v.AccountID(), store.Micros(a.now()))
		if err != nil || n == 0 {
			return orMissing(err, "token")
		}
		return audit.Append(ctx, tx, v, a.now(), "token.revoke", "token", id, nil)
	})
}

// byToken returns the viewer that a token stands for: its account, with the
// weaker of the token's and the account's role; the zero Viewer when it is none.
func (a *Accounts) byToken(ctx context.Context, token string) (access.Viewer, error) {
	body, ok := strings.CutPrefix(token, tokenPrefix)
	if !ok || len(body) < 6 || checksum(body[:len(body)-6]) != body[len(body)-6:] {
		return access.Viewer{}, nil
	}
	var id, account, name string
	var role, own access.Role
	var used int64
	now := store.Micros(a.now())
	err := a.db.QueryRow(ctx, `SELECT t.id, a.id, a.name, t.role, a.role, t.used_at FROM account_token t JOIN account a ON a.id = t.account_id
		WHERE t.digest = $1 AND t.revoked_at = 0 AND t.expires_at > $2 AND a.disabled_at = 0`, digestOf(token), now).
		Scan(&id, &account, &name, &role, &own, &used)
	switch {
	case errors.Is(err, store.ErrNoRows):
		return access.Viewer{}, nil
	case err != nil:
		return access.Viewer{}, fmt.Errorf("find the token: %w", err)
	}
	if now-used > time.Hour.Microseconds() {
		// A lost note of use is no reason to refuse the request, nor to let it wait for who writes now.
		soon, cancel := context.WithTimeout(ctx, noteTime)
		defer cancel()
		_ = a.db.Tx(soon, func(tx *store.Tx) error {
			_, err := tx.Exec(soon, `UPDATE account_token SET used_at = $2 WHERE id = $1`, id, now)
			return err
		})
	}
	return access.As(account, name, own).Within(role), nil
}

// CookieName is the session cookie's name: it carries the port, because
// cookies of one host are shared by all of its ports.
func CookieName(port string, secure bool) string {
	if secure {
		return "__Host-steward"
	}
	return "steward_" + port
}

// Authenticator finds the viewer of a request by its session cookie or bearer token.
type Authenticator struct {
	Accounts *Accounts
	Cookie   string // the session cookie's name
}

// Viewer returns who sent the request, the zero Viewer when nobody is signed in, and an error when
// the database cannot say.
func (a Authenticator) Viewer(r *http.Request) (access.Viewer, error) {
	if header := r.Header.Get("Authorization"); header != "" {
		token, ok := strings.CutPrefix(header, "Bearer ")
		if !ok {
			return access.Viewer{}, nil
		}
		return a.Accounts.byToken(r.Context(), token)
	}
	c, err := r.Cookie(a.Cookie)
	if err != nil {
		return access.Viewer{}, nil //nolint:nilerr // there is no such cookie
	}
	return a.Accounts.bySession(r.Context(), c.Value)
}
