package settings

import (
	"net/http"
	"net/url"

	"steward/internal/platform/access"
	"steward/internal/platform/fault"
	"steward/internal/platform/web"
)

// section is one part of settings in the list on the left.
type section struct {
	Label, Href string
	Needs       access.Action
	Current     bool
}

// frame is what every page of settings shows around its own.
type frame struct{ Sections []section }

// sections are those that a viewer may see; the one with the address is the current one.
func sections(v access.Viewer, address string) frame {
	all := []section{
		{Label: "General", Href: "/settings"},
		{Label: "Sources", Href: "/sources", Needs: access.ManageSources},
		{Label: "Accounts", Href: "/settings/accounts", Needs: access.ManageAccounts},
		{Label: "Your account and tokens", Href: "/account"},
		{Label: "Audit log", Href: "/audit", Needs: access.ReadAudit},
		{Label: "Storage", Href: "/settings/storage", Needs: access.ManageSettings},
	}
	var f frame
	for _, s := range all {
		if s.Needs == "" || v.Can(s.Needs) {
			s.Current = s.Href == address
			f.Sections = append(f.Sections, s)
		}
	}
	return f
}

// page is a page of settings.
func page(title, template string, data any) web.Page {
	return web.Page{Title: title, Crumbs: []web.Crumb{{Label: "Settings", Href: "/settings"}}, Template: "settings/" + template, Data: data}
}

// secret is what page/secret.tmpl shows once.
type secret struct {
	Text  string // what it is and for whom
	Value string
	Use   string // what to do with it
	Back  string // address to go on with
}

// made is the answer to a form that makes a secret: the secret, or the form again.
type made struct {
	Title  string
	Secret secret
	Again  *web.Page
}

// once mounts a form whose answer shows a secret. It is not followed by a redirect, as the others
// are: the secret would have to be kept somewhere until the next request. No cache may keep it.
func once(s *web.Server, h func(*web.Request) (made, error)) func(http.ResponseWriter, *web.Request) error {
	return func(w http.ResponseWriter, r *web.Request) error {
		if err := r.ParseForm(); err != nil {
			return fault.Wrap(fault.Invalid, err, "The form could not be read. Go back and send it again.")
		}
		m, err := h(r)
		if err != nil {
			return err
		}
		if m.Again != nil {
			m.Again.Status = http.StatusUnprocessableEntity
			return s.Show(unkept{w}, r, *m.Again)
		}
		return s.Show(unkept{w}, r, web.Page{Title: m.Title, Template: "settings/secret", Data: m.Secret})
	}
}

// unkept forbids every cache to keep the answer.
type unkept struct{ http.ResponseWriter }

func (u unkept) WriteHeader(status int) {
	u.Header().Set("Cache-Control", "no-store")
	u.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController reach the writer below.
func (u unkept) Unwrap() http.ResponseWriter { return u.ResponseWriter }

// hubAddress is where the browser reached this hub, for links that are opened elsewhere. The scheme
// is the one that the browser names in Origin; the host has been checked against those allowed.
func hubAddress(r *http.Request) string {
	scheme := "http"
	if origin, err := url.Parse(r.Header.Get("Origin")); r.TLS != nil || err == nil && origin.Scheme == "https" && origin.Host == r.Host {
		scheme = "https"
	}
	return scheme + "://" + r.Host
}
