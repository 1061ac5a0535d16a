// Package signin has the pages by which people sign in and out: the only ones that need nobody to be signed in.
package signin

import (
	"embed"
	"errors"
	"net/http"
	"net/url"
	"time"

	"steward/internal/platform/account"
	"steward/internal/platform/fault"
	"steward/internal/platform/web"
	"steward/internal/platform/web/local"
)

//go:embed page
var pages embed.FS

// Mount mounts them. The session is kept in the cookie of that name, which with secure goes over https only.
func Mount(s *web.Server, accounts *account.Accounts, cookie string, secure bool) {
	s.Templates("signin", pages)
	s.Public("GET /login", func(w http.ResponseWriter, r *http.Request) error {
		w.Header().Set("Referrer-Policy", "no-referrer")
		in := r.URL.Query()
		if in.Has("next") {
			keepNext(w, in.Get("next"), secure)
		}
		return s.Bare(w, r, web.Page{Title: "Sign in", Template: "signin/login", Data: login{Link: in.Get("link")}})
	})
	s.Public("POST /login", func(w http.ResponseWriter, r *http.Request) error {
		r.Body = http.MaxBytesReader(w, r.Body, 4096)
		if err := r.ParseForm(); err != nil {
			return fault.Wrap(fault.Invalid, err, "The form could not be read. Open the link again.")
		}
		session, err := accounts.Redeem(r.Context(), r.PostForm.Get("link"))
		if errors.Is(err, fault.Denied) { // used already or too old: the same page says what to do now
			return s.Bare(w, r, web.Page{Title: "Sign in", Template: "signin/login", Data: login{Refused: fault.Sentence(err)}, Status: fault.HTTPStatus(err)})
		}
		if err != nil {
			return err
		}
		http.SetCookie(w, &http.Cookie{
			Name: cookie, Value: session, Path: "/", MaxAge: int(account.SessionLives.Seconds()),
			HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: secure,
		})
		next := keptNext(r)
		keepNext(w, "", secure)
		http.Redirect(w, r, next, http.StatusSeeOther)
		return nil
	})
	s.Raw("POST /logout", "", func(w http.ResponseWriter, r *web.Request) error {
		if c, err := r.Cookie(cookie); err == nil {
			if err := accounts.SignOut(r.Context(), c.Value); err != nil {
				return err
			}
		}
		http.SetCookie(w, &http.Cookie{Name: cookie, Path: "/", MaxAge: -1, HttpOnly: true, Secure: secure})
		http.Redirect(w, r.Request, "/login", http.StatusSeeOther)
		return nil
	})
}

// login is what the page of sign-in shows.
type login struct {
	Link    string // that signs in, "" when none was opened
	Refused string // why the link that was sent does not, "" when none was sent
}

// nextCookie holds where somebody wanted to go when they were asked to sign in: the link comes from elsewhere and knows
// nothing of it. What it holds is checked again when it is read.
const nextCookie = "steward-next"

// nextLives is how long that is kept: until somebody has sent the link that was asked for.
const nextLives = time.Hour

// keepNext makes the browser keep an address of this Steward, or forget the one before when it is none.
func keepNext(w http.ResponseWriter, next string, secure bool) {
	c := &http.Cookie{Name: nextCookie, Path: "/login", MaxAge: -1, HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: secure}
	if local.Is(next) {
		c.Value, c.MaxAge = url.QueryEscape(next), int(nextLives.Seconds())
	}
	http.SetCookie(w, c)
}

// keptNext is the address that the browser kept, and home when it kept none.
func keptNext(r *http.Request) string {
	if c, err := r.Cookie(nextCookie); err == nil {
		if next, err := url.QueryUnescape(c.Value); err == nil && local.Is(next) {
			return next
		}
	}
	return "/"
}
