package settings

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"steward/internal/platform/access"
	"steward/internal/platform/account"
	"steward/internal/platform/audit"
	"steward/internal/platform/fault"
	"steward/internal/platform/web"
)

// accounts is what page/accounts.tmpl shows.
type accounts struct {
	frame
	Rows     []accountRow
	Roles    []roleChoice
	Last     change
	Name     string // typed, when it must be changed
	Problems []web.Problem
}

type accountRow struct {
	account.Account
	Self  bool
	Roles []roleChoice
}

// roleChoice is a role with what it may do in words.
type roleChoice struct {
	Role access.Role
	Text string
	On   bool
}

var roleWords = map[access.Role]string{
	access.Admin:   "runs this Steward: sources, accounts, settings, jobs",
	access.Member:  "reads what is not restricted, links and corrects records",
	access.Auditor: "reads the whole estate with its restricted repositories, jobs and the audit log, and changes nothing",
}

func rolesWith(on access.Role, may func(access.Role) bool) []roleChoice {
	var all []roleChoice
	for _, role := range access.Roles() {
		if may == nil || may(role) {
			all = append(all, roleChoice{role, roleWords[role], role == on})
		}
	}
	return all
}

func (f *Feature) accountsPage(r *web.Request) (web.Page, error) {
	data, err := f.accounts(r.Context(), r.Viewer)
	return accountsForm(data), err
}

func accountsForm(data accounts) web.Page {
	p := page("Accounts", "accounts", data)
	p.Lede, p.API = "Who may sign in, and what they may do.", "/api/v1/accounts"
	return p
}

func (f *Feature) accounts(ctx context.Context, v access.Viewer) (accounts, error) {
	data := accounts{frame: sections(v, "/settings/accounts"), Roles: rolesWith(access.Member, nil)}
	all, err := f.config.Accounts.List(ctx, v)
	if err != nil {
		return data, err
	}
	names := map[string]string{}
	for _, a := range all {
		names[a.ID] = a.Name
		data.Rows = append(data.Rows, accountRow{a, a.ID == v.AccountID(), rolesWith(a.Role, nil)})
	}
	data.Last, err = f.lastOf(ctx, names, "account.put", "account.disable", "account.enable")
	return data, err
}

// lastOf finds the newest of some actions in the audit log, for the line that says who changed a
// section last.
func (f *Feature) lastOf(ctx context.Context, names map[string]string, actions ...string) (change, error) {
	var last change
	for _, action := range actions {
		found, err := f.config.Audit.List(ctx, access.System("last change of a section"), audit.Page{Action: action, Limit: 1})
		if err != nil {
			return last, err
		}
		if len(found) == 1 && found[0].At.After(last.At) {
			last = change{who(names, found[0].Account), found[0].At}
		}
	}
	return last, nil
}

func (f *Feature) addAccount(r *web.Request) (made, error) {
	name, role := strings.TrimSpace(r.PostForm.Get("name")), access.Role(r.PostForm.Get("role"))
	data, err := f.accounts(r.Context(), r.Viewer)
	if err != nil {
		return made{}, err
	}
	again := func(sentence string) (made, error) {
		data.Name, data.Roles, data.Problems = name, rolesWith(role, nil), []web.Problem{{Field: "name", Text: sentence}}
		form := accountsForm(data)
		return made{Again: &form}, nil
	}
	if slices.ContainsFunc(data.Rows, func(a accountRow) bool { return a.Name == name }) {
		return again(fmt.Sprintf("There is an account %q already. Make a sign-in link for it in its row, or choose another name.", name))
	}
	one, err := f.config.Accounts.Put(r.Context(), r.Viewer, name, role)
	if kind, _ := fault.KindOf(err); kind == fault.Invalid {
		return again(fault.Sentence(err))
	}
	if err != nil {
		return made{}, err
	}
	return f.linkFor(r, one)
}

func (f *Feature) newLink(r *web.Request) (made, error) {
	one, err := f.byID(r)
	if err != nil {
		return made{}, err
	}
	if !one.Disabled.IsZero() {
		return made{}, fault.New(fault.Conflict, "The account %s is disabled. Enable it first.", one.Name)
	}
	return f.linkFor(r, one)
}

func (f *Feature) linkFor(r *web.Request, one account.Account) (made, error) {
	if err := bySession(r); err != nil {
		return made{}, err
	}
	link, err := f.config.Accounts.NewLink(r.Context(), r.Viewer, one.ID)
	if err != nil {
		return made{}, err
	}
	return made{Title: "Sign-in link", Secret: secret{
		Text:  fmt.Sprintf("This link signs %s in (%s). It is shown this once, works once, and for ten minutes.", one.Name, one.Role),
		Value: hubAddress(r.Request) + "/login?link=" + link, Use: "Hand it over by a way that only they read.", Back: "/settings/accounts",
	}}, nil
}

// byID finds the account that a form is about.
func (f *Feature) byID(r *web.Request) (account.Account, error) {
	all, err := f.config.Accounts.List(r.Context(), r.Viewer)
	if err != nil {
		return account.Account{}, err
	}
	for _, a := range all {
		if a.ID == r.PathValue("id") {
			return a, nil
		}
	}
	return account.Account{}, fault.New(fault.NotFound, "There is no such account. Open Accounts for those there are.")
}

func (f *Feature) changeRole(r *web.Request) (web.Done, error) {
	one, err := f.byID(r)
	if err != nil {
		return web.Done{}, err
	}
	if one.ID == r.Viewer.AccountID() {
		return web.Done{}, fault.New(fault.Conflict, "You cannot change your own role: nobody might be left to change it back. Ask another administrator.")
	}
	role := access.Role(r.PostForm.Get("role"))
	if _, err := f.config.Accounts.Put(r.Context(), r.Viewer, one.Name, role); err != nil {
		return web.Done{}, err
	}
	return toAccounts(fmt.Sprintf("%s is %s now.", one.Name, role))
}

func (f *Feature) disable(r *web.Request) (web.Done, error) {
	one, err := f.byID(r)
	if err == nil {
		err = f.config.Accounts.Disable(r.Context(), r.Viewer, one.ID)
	}
	if err != nil {
		return web.Done{}, err
	}
	done, _ := toAccounts(one.Name + " cannot sign in any more; sessions and tokens have ended.")
	done.Toast.Undo = "/settings/accounts/" + one.ID + "/enable"
	return done, nil
}

func (f *Feature) enable(r *web.Request) (web.Done, error) {
	one, err := f.byID(r)
	if err == nil {
		err = f.config.Accounts.Enable(r.Context(), r.Viewer, one.ID)
	}
	if err != nil {
		return web.Done{}, err
	}
	return toAccounts(one.Name + " may sign in again.")
}

func toAccounts(text string) (web.Done, error) {
	return web.Done{To: "/settings/accounts", Toast: web.Toast{Text: text}}, nil
}

// accountJSON is an account as programs read it.
type accountJSON struct {
	ID       string      `json:"id"`
	Name     string      `json:"name"`
	Role     access.Role `json:"role" enum:"admin,member,auditor"`
	Created  time.Time   `json:"created"`
	Seen     *time.Time  `json:"seen" doc:"When it signed in last; null for never"`
	Disabled *time.Time  `json:"disabled" doc:"Since when it may not sign in; null when it may"`
}

func (f *Feature) apiAccounts(ctx context.Context, v access.Viewer, _ *struct{}) ([]accountJSON, error) {
	all, err := f.config.Accounts.List(ctx, v)
	if err != nil {
		return nil, err
	}
	out := make([]accountJSON, len(all))
	for i, a := range all {
		out[i] = accountJSON{a.ID, a.Name, a.Role, a.Created, moment(a.Seen), moment(a.Disabled)}
	}
	return out, nil
}
