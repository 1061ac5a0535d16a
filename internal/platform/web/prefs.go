package web

import (
	"encoding/base64"
	"encoding/json"
	"net"
	"net/http"
	"slices"

	"steward/internal/platform/fault"
	"steward/internal/platform/web/local"
)

// Preferences of one browser are kept in cookies, not in the account: they are about its screen.
// Scripts read and write the same cookies.
const (
	themeCookie   = "steward-theme"
	densityCookie = "steward-density"
	keysCookie    = "steward-keys"
	toastCookie   = "steward-toast"
	yearSeconds   = 365 * 24 * 60 * 60
)

func theme(r *http.Request) string {
	return cookieOf(r, themeCookie, "light", "dark")
}

func compact(r *http.Request) bool {
	if d := r.URL.Query().Get("density"); d != "" {
		return d == "compact"
	}
	return cookieOf(r, densityCookie, "compact") != ""
}

func keys(r *http.Request) bool { return cookieOf(r, keysCookie, "off") == "" }

// cookieOf returns a cookie's value when it is one of those that may be.
func cookieOf(r *http.Request, name string, may ...string) string {
	c, err := r.Cookie(name)
	if err != nil || !slices.Contains(may, c.Value) {
		return ""
	}
	return c.Value
}

// preferences sets theme, density and keys from a form, and returns to where it was sent from.
func (s *Server) preferences(w http.ResponseWriter, r *Request) error {
	if err := r.ParseForm(); err != nil {
		return fault.Wrap(fault.Invalid, err, "The form could not be read. Go back and send it again.")
	}
	for name, may := range map[string][]string{
		"theme": {"system", "light", "dark"}, "density": {"regular", "compact"}, "keys": {"on", "off"},
	} {
		value := r.PostForm.Get(name)
		if value == "" {
			continue
		}
		if !slices.Contains(may, value) {
			return fault.New(fault.Invalid, "%q is no value of %s. Choose one of the buttons.", value, name)
		}
		http.SetCookie(w, &http.Cookie{Name: "steward-" + name, Value: value, Path: "/", MaxAge: yearSeconds, SameSite: http.SameSiteLaxMode, Secure: s.config.Secure})
	}
	to := r.PostForm.Get("to")
	if !local.Is(to) {
		to = "/"
	}
	http.Redirect(w, r.Request, to, http.StatusSeeOther)
	return nil
}

// toastName is the name of the toast's cookie. With __Host- no other host can set it; without
// https it carries the port, as browsers do not keep cookies of ports apart.
func (s *Server) toastName(r *http.Request) string {
	if s.config.Secure {
		return "__Host-" + toastCookie
	}
	if _, port, err := net.SplitHostPort(r.Host); err == nil {
		return toastCookie + "-" + port
	}
	return toastCookie
}

func (s *Server) setToast(w http.ResponseWriter, r *http.Request, t Toast) {
	raw, err := json.Marshal(t)
	if t.Text == "" || err != nil || len(raw) > 2000 {
		return
	}
	http.SetCookie(w, &http.Cookie{
		Name: s.toastName(r), Value: base64.RawURLEncoding.EncodeToString(raw), Path: "/",
		MaxAge: 120, HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: s.config.Secure,
	})
}

// takeToast reads the toast and forgets it.
func (s *Server) takeToast(w http.ResponseWriter, r *http.Request) Toast {
	c, err := r.Cookie(s.toastName(r))
	if err != nil {
		return Toast{}
	}
	http.SetCookie(w, &http.Cookie{Name: s.toastName(r), Path: "/", MaxAge: -1, HttpOnly: true, Secure: s.config.Secure})
	raw, err := base64.RawURLEncoding.DecodeString(c.Value)
	var t Toast
	if err != nil || json.Unmarshal(raw, &t) != nil || t.Undo != "" && !local.Is(t.Undo) {
		return Toast{}
	}
	return t
}
