package settings

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"steward/internal/platform/access"
	"steward/internal/platform/account"
	"steward/internal/platform/fault"
	"steward/internal/platform/web"
)

// own is what page/account.tmpl shows: the viewer's own account and tokens.
type own struct {
	frame
	About    []web.Fact
	Tokens   []account.Token
	Roles    []roleChoice
	Lives    []life
	Name     string // typed, when it must be changed
	Problems []web.Problem
}

// life is how long a token may live.
type life struct {
	Days  int
	Label string
	On    bool
}

var lives = []life{{7, "7 days", false}, {30, "30 days", false}, {90, "90 days", false}, {365, "A year", false}}

func livesWith(days int) []life {
	all := make([]life, len(lives))
	for i, l := range lives {
		l.On = l.Days == days
		all[i] = l
	}
	return all
}

// mayGive are the roles that a token of the viewer's account may have.
func mayGive(v access.Viewer) func(access.Role) bool {
	return func(role access.Role) bool { return v.Role() == access.Admin || role == v.Role() }
}

func (f *Feature) accountPage(r *web.Request) (web.Page, error) {
	data, err := f.own(r.Context(), r.Viewer)
	return ownForm(data), err
}

func ownForm(data own) web.Page {
	p := page("Your account and tokens", "account", data)
	p.API = "/api/v1/account"
	return p
}

func (f *Feature) own(ctx context.Context, v access.Viewer) (own, error) {
	tokens, err := f.config.Accounts.Tokens(ctx, v)
	role := v.Role()
	if role == access.Admin {
		role = access.Auditor // a token that only reads, unless more is asked for
	}
	return own{frame: sections(v, "/account"), Tokens: tokens, Roles: rolesWith(role, mayGive(v)), Lives: livesWith(90), About: []web.Fact{
		{Label: "Name", Value: v.Name()},
		{Label: "Role", Value: string(v.Role()) + ": " + roleWords[v.Role()]},
		{Label: "A session", Value: "lasts 12 hours, or until you sign out"},
	}}, err
}

// bySession refuses a request that comes with a token: who has a token must not
// be able to make longer-lived secrets of it.
func bySession(r *web.Request) error {
	if r.Header.Get("Authorization") != "" {
		return fault.New(fault.Denied, "A token may not make tokens or sign-in links. Sign in to the hub and make it there.")
	}
	return nil
}

func (f *Feature) newToken(r *web.Request) (made, error) {
	name, role := strings.TrimSpace(r.PostForm.Get("name")), access.Role(r.PostForm.Get("role"))
	days, err := strconv.Atoi(r.PostForm.Get("days"))
	if err != nil {
		days = 0
	}
	if !role.Valid() {
		return made{}, fault.New(fault.Invalid, "%q is not a role; it is admin, member or auditor.", string(role))
	}
	if err := bySession(r); err != nil {
		return made{}, err
	}
	token, err := f.config.Accounts.NewToken(r.Context(), r.Viewer, name, role, time.Duration(days)*24*time.Hour)
	if kind, _ := fault.KindOf(err); kind == fault.Invalid {
		data, listErr := f.own(r.Context(), r.Viewer)
		if listErr != nil {
			return made{}, listErr
		}
		data.Name, data.Roles, data.Lives = name, rolesWith(role, mayGive(r.Viewer)), livesWith(days)
		data.Problems = []web.Problem{{Field: "name", Text: fault.Sentence(err)}}
		form := ownForm(data)
		return made{Again: &form}, nil
	}
	if err != nil {
		return made{}, err
	}
	return made{Title: "Token " + name, Secret: secret{
		Text:  fmt.Sprintf("This token may do what the role %s may, for %d days. It is shown this once; only its digest is kept.", role, days),
		Value: token, Use: "Programs send it as Authorization: Bearer followed by the token.", Back: "/account",
	}}, nil
}

func (f *Feature) revokeToken(r *web.Request) (web.Done, error) {
	if err := f.config.Accounts.RevokeToken(r.Context(), r.Viewer, r.PathValue("id")); err != nil {
		return web.Done{}, err
	}
	return web.Done{To: "/account", Toast: web.Toast{Text: "The token works no more."}}, nil
}

// tokenJSON is a token as programs read it.
type tokenJSON struct {
	ID      string      `json:"id"`
	Name    string      `json:"name"`
	Role    access.Role `json:"role" enum:"admin,member,auditor"`
	Created time.Time   `json:"created"`
	Expires time.Time   `json:"expires"`
	Used    *time.Time  `json:"used" doc:"When it was used last, to the hour; null for never"`
}

type ownJSON struct {
	ID     string      `json:"id"`
	Name   string      `json:"name"`
	Role   access.Role `json:"role" enum:"admin,member,auditor" doc:"What this request may do: the token's role when that is weaker than the account's"`
	Tokens []tokenJSON `json:"tokens"`
}

func (f *Feature) apiAccount(ctx context.Context, v access.Viewer, _ *struct{}) (ownJSON, error) {
	tokens, err := f.config.Accounts.Tokens(ctx, v)
	out := ownJSON{ID: v.AccountID(), Name: v.Name(), Role: v.Role(), Tokens: []tokenJSON{}}
	for _, t := range tokens {
		out.Tokens = append(out.Tokens, tokenJSON{t.ID, t.Name, t.Role, t.Created, t.Expires, moment(t.Used)})
	}
	return out, err
}
