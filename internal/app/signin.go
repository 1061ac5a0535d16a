package app

import (
	"embed"
	"net/http"

	"steward/internal/platform/account"
	"steward/internal/platform/fault"
	"steward/internal/platform/web"
)

//go:embed page
var pages embed.FS

// mountSignIn mounts the only pages that nobody needs to be signed in for.
func (o *office) mountSignIn(s *web.Server, cookie string, secure bool) {
	s.Templates("app", pages)
	s.Public("GET /login", func(w http.ResponseWriter, r *http.Request) error {
		w.Header().Set("Referrer-Policy", "no-referrer")
		return s.Bare(w, r, web.Page{Title: "Sign in", Template: "app/login", Data: r.URL.Query().Get("link")})
	})
	s.Public("POST /login", func(w http.ResponseWriter, r *http.Request) error {
		r.Body = http.MaxBytesReader(w, r.Body, 4096)
		if err := r.ParseForm(); err != nil {
			return fault.Wrap(fault.Invalid, err, "The form could not be read. Open the link again.")
		}
		session, err := o.accounts.Redeem(r.Context(), r.PostForm.Get("link"))
		if err != nil {
			return err
		}
		http.SetCookie(w, &http.Cookie{
			Name: cookie, Value: session, Path: "/", MaxAge: int(account.SessionLives.Seconds()),
			HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: secure,
		})
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return nil
	})
	s.Raw("POST /logout", "", func(w http.ResponseWriter, r *web.Request) error {
		if c, err := r.Cookie(cookie); err == nil {
			if err := o.accounts.SignOut(r.Context(), c.Value); err != nil {
				return err
			}
		}
		http.SetCookie(w, &http.Cookie{Name: cookie, Path: "/", MaxAge: -1, HttpOnly: true, Secure: secure})
		http.Redirect(w, r.Request, "/login", http.StatusSeeOther)
		return nil
	})
}
