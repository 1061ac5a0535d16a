package account_test

import (
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"steward/internal/platform/access"
	"steward/internal/platform/account"
	"steward/internal/platform/audit"
	"steward/internal/platform/fault"
	"steward/internal/platform/store"
	"steward/internal/platform/store/storetest"
)

var migrations = []store.Migrations{{Feature: "account", FS: account.Migrations}, audit.Migrations()}

var steward = access.System("test")

// clock is a time that tests move.
type clock struct{ now time.Time }

func (c *clock) Now() time.Time { return c.now }

func each(t *testing.T, f func(t *testing.T, a *account.Accounts, c *clock, db *store.DB)) {
	storetest.Each(t, migrations, func(t *testing.T, db *store.DB) {
		c := &clock{time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
		f(t, account.New(db, c.Now), c, db)
	})
}

func make1(t *testing.T, a *account.Accounts, name string, role access.Role) account.Account {
	t.Helper()
	one, err := a.Put(t.Context(), steward, name, role)
	if err != nil {
		t.Fatal(err)
	}
	return one
}

func TestALinkWorksOnceAndForTenMinutes(t *testing.T) {
	each(t, func(t *testing.T, a *account.Accounts, c *clock, db *store.DB) {
		one := make1(t, a, "dana", access.Member)
		link, err := a.NewLink(t.Context(), steward, one.ID)
		if err != nil {
			t.Fatal(err)
		}
		session, err := a.Redeem(t.Context(), link)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := a.Redeem(t.Context(), link); !errors.Is(err, fault.Denied) {
			t.Errorf("the second use gives %v, want denied", err)
		}
		late, err := a.NewLink(t.Context(), steward, one.ID)
		if err != nil {
			t.Fatal(err)
		}
		c.now = c.now.Add(account.LinkLives + time.Second)
		if _, err := a.Redeem(t.Context(), late); !errors.Is(err, fault.Denied) {
			t.Errorf("a link of more than ten minutes gives %v, want denied", err)
		}
		viewer := func() (access.Viewer, error) {
			r := httptest.NewRequest("GET", "/", nil)
			r.Header.Set("Cookie", account.CookieName("7411", false)+"="+session)
			return account.Authenticator{Accounts: a, Cookie: account.CookieName("7411", false)}.Viewer(r)
		}
		if v, err := viewer(); err != nil || v != access.As(one.ID, "dana", access.Member) {
			t.Errorf("the session is of %v (%v)", v, err)
		}
		for _, table := range []string{"account_link", "account_session"} {
			var stored string
			if err := db.QueryRow(t.Context(), `SELECT digest FROM `+table+` LIMIT 1`).Scan(&stored); err == nil && (strings.Contains(stored, session) || strings.Contains(stored, link)) {
				t.Errorf("%s keeps a secret as it is", table)
			}
		}
		if err := a.Disable(t.Context(), steward, one.ID); err != nil {
			t.Fatal(err)
		}
		if v, err := viewer(); err != nil || v.Valid() {
			t.Error("the session of a disabled account still works")
		}
	})
}

func TestASessionEnds(t *testing.T) {
	each(t, func(t *testing.T, a *account.Accounts, c *clock, _ *store.DB) {
		one := make1(t, a, "dana", access.Admin)
		auth := account.Authenticator{Accounts: a, Cookie: "s"}
		signIn := func() string {
			link, err := a.NewLink(t.Context(), steward, one.ID)
			if err != nil {
				t.Fatal(err)
			}
			session, err := a.Redeem(t.Context(), link)
			if err != nil {
				t.Fatal(err)
			}
			return session
		}
		open := func(session string) bool {
			r := httptest.NewRequest("GET", "/", nil)
			r.Header.Set("Cookie", "s="+session)
			v, err := auth.Viewer(r)
			if err != nil {
				t.Fatal(err)
			}
			return v.Valid()
		}
		first, second := signIn(), signIn()
		if err := a.SignOut(t.Context(), first); err != nil {
			t.Fatal(err)
		}
		if open(first) || !open(second) {
			t.Error("signing out ends the wrong session")
		}
		c.now = c.now.Add(account.SessionLives + time.Second)
		if open(second) {
			t.Error("a session outlives its time")
		}
	})
}

func TestATokenMayNeverDoMoreThanItsAccount(t *testing.T) {
	each(t, func(t *testing.T, a *account.Accounts, c *clock, _ *store.DB) {
		one := make1(t, a, "dana", access.Admin)
		v := access.As(one.ID, one.Name, access.Admin)
		token, err := a.NewToken(t.Context(), v, "build", access.Member, 24*time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(token, "stw_") {
			t.Errorf("a token begins with %.4s, want stw_", token)
		}
		viewer := func(token string) access.Viewer {
			r := httptest.NewRequest("GET", "/", nil)
			r.Header.Set("Authorization", "Bearer "+token)
			v, err := account.Authenticator{Accounts: a}.Viewer(r)
			if err != nil {
				t.Fatal(err)
			}
			return v
		}
		role := func(token string) access.Role { return viewer(token).Role() }
		if got := role(token); got != access.Member {
			t.Errorf("the token acts as %q, want member", got)
		}
		for _, bad := range []string{"", "stw_", token[:len(token)-1], token + "x", strings.Replace(token, "stw_", "xxx_", 1)} {
			if got := role(bad); got != "" {
				t.Errorf("%q acts as %q", bad, got)
			}
		}
		make1(t, a, "dana", access.Auditor)
		if got := role(token); got != access.Auditor {
			t.Errorf("after the account became auditor the token acts as %q", got)
		}
		may := map[access.Action]bool{access.ReadEstate: true} // what members and auditors both may
		for _, action := range access.Actions() {
			if got := viewer(token).Can(action); got != may[action] {
				t.Errorf("a member's token of an auditor may %s: %v", action, got)
			}
		}
		member := access.As(make1(t, a, "kim", access.Member).ID, "kim", access.Member)
		if _, err := a.NewToken(t.Context(), member, "more", access.Admin, time.Hour); !errors.Is(err, fault.Denied) {
			t.Errorf("a member makes a token for an administrator: %v", err)
		}
		if _, err := a.NewToken(t.Context(), member, "for ever", access.Member, 1000*24*time.Hour); !errors.Is(err, fault.Invalid) {
			t.Errorf("a token without an end: %v", err)
		}
		all, err := a.Tokens(t.Context(), v)
		if err != nil || len(all) != 1 {
			t.Fatalf("tokens are %v (%v), want one", all, err)
		}
		if err := a.RevokeToken(t.Context(), member, all[0].ID); !errors.Is(err, fault.NotFound) {
			t.Errorf("somebody revokes another's token: %v", err)
		}
		c.now = c.now.Add(25 * time.Hour)
		if got := role(token); got != "" {
			t.Errorf("a token acts as %q after its end", got)
		}
	})
}

func TestAccountsAreForAdministrators(t *testing.T) {
	each(t, func(t *testing.T, a *account.Accounts, _ *clock, _ *store.DB) {
		one := make1(t, a, "dana", access.Admin)
		admin := access.As(one.ID, one.Name, access.Admin)
		for _, v := range []access.Viewer{{}, access.As("x", "x", access.Member), access.As("y", "y", access.Auditor)} {
			if _, err := a.Put(t.Context(), v, "new", access.Admin); !errors.Is(err, fault.Denied) {
				t.Errorf("%q makes an account: %v", v.Role(), err)
			}
			if _, err := a.List(t.Context(), v); !errors.Is(err, fault.Denied) {
				t.Errorf("%q lists accounts: %v", v.Role(), err)
			}
			if _, err := a.NewLink(t.Context(), v, one.ID); !errors.Is(err, fault.Denied) {
				t.Errorf("%q makes a link: %v", v.Role(), err)
			}
			if err := a.Disable(t.Context(), v, one.ID); !errors.Is(err, fault.Denied) {
				t.Errorf("%q disables an account: %v", v.Role(), err)
			}
		}
		if err := a.Disable(t.Context(), admin, one.ID); !errors.Is(err, fault.Conflict) {
			t.Errorf("an administrator locks itself out: %v", err)
		}
		for _, name := range []string{"", "  ", "a\nb", strings.Repeat("x", 81)} {
			if _, err := a.Put(t.Context(), admin, name, access.Member); !errors.Is(err, fault.Invalid) {
				t.Errorf("an account is called %q: %v", name, err)
			}
		}
	})
}

// TestTheDatabaseDoesNotAnswer: who is signed in is not nobody because the database is away.
func TestTheDatabaseDoesNotAnswer(t *testing.T) {
	each(t, func(t *testing.T, a *account.Accounts, _ *clock, db *store.DB) {
		one := make1(t, a, "dana", access.Admin)
		token, err := a.NewToken(t.Context(), access.As(one.ID, one.Name, access.Admin), "build", access.Member, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		for header, value := range map[string]string{"Cookie": "s=secret", "Authorization": "Bearer " + token} {
			r := httptest.NewRequest("GET", "/", nil)
			r.Header.Set(header, value)
			if v, err := (account.Authenticator{Accounts: a, Cookie: "s"}).Viewer(r); err == nil || v.Valid() {
				t.Errorf("%s: %v, %v; want an error and nobody", header, v, err)
			}
		}
		for _, header := range []string{"", "Basic YTpi", "Bearer stw_short"} {
			r := httptest.NewRequest("GET", "/", nil)
			if header != "" {
				r.Header.Set("Authorization", header)
			}
			if v, err := (account.Authenticator{Accounts: a, Cookie: "s"}).Viewer(r); err != nil || v.Valid() {
				t.Errorf("%q: %v, %v; want nobody without asking", header, v, err)
			}
		}
	})
}

// TestALinkFromTheFuture: a clock that goes back does not make a link live longer than ten minutes.
func TestALinkFromTheFuture(t *testing.T) {
	each(t, func(t *testing.T, a *account.Accounts, c *clock, _ *store.DB) {
		one := make1(t, a, "dana", access.Admin)
		link, err := a.NewLink(t.Context(), steward, one.ID)
		if err != nil {
			t.Fatal(err)
		}
		c.now = c.now.Add(-24 * time.Hour)
		if _, err := a.Redeem(t.Context(), link); !errors.Is(err, fault.Denied) {
			t.Errorf("a day before it was made: %v, want denied", err)
		}
		c.now = c.now.Add(24*time.Hour - 30*time.Second)
		if _, err := a.Redeem(t.Context(), link); err != nil {
			t.Errorf("by a clock that is half a minute behind: %v", err)
		}
	})
}

// TestGuessesDoNotWrite: wrong links, which anybody may send, wait for no change and hold none up.
func TestGuessesDoNotWrite(t *testing.T) {
	each(t, func(t *testing.T, a *account.Accounts, _ *clock, db *store.DB) {
		err := db.Tx(t.Context(), func(tx *store.Tx) error {
			if _, err := tx.Exec(t.Context(), `DELETE FROM account_link`); err != nil {
				return err
			}
			for _, guess := range []string{"", "guess", strings.Repeat("x", 4000)} {
				if _, err := a.Redeem(t.Context(), guess); !errors.Is(err, fault.Denied) {
					return fmt.Errorf("%.10q: %w, want denied", guess, err)
				}
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}
