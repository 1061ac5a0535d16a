package grouping

import (
	"strings"

	"steward/internal/feature/people/history"
	"steward/internal/format/identity"
)

// Named is the name of an identity, with its address or account; all clean.
type Named struct {
	Name, Email string
	Account     string // a login that an owner file names, lower case
}

// ID is the id of an identity: of a commit's without an account, of an
// owner file's with one.
func (n Named) ID() int64 {
	if n.Account == "" {
		return history.IdentityID(n.Name, n.Email)
	}
	return history.DigestID("account", n.Name, n.Email, n.Account)
}

// Label is what stands for an identity where names are shown.
func (n Named) Label() string {
	switch {
	case n.Name != "":
		return n.Name
	case n.Account != "":
		return "@" + n.Account
	case n.Email != "":
		return n.Email
	}
	return "no name"
}

// EmailKey is the address in lower case.
func (n Named) EmailKey() string { return strings.ToLower(n.Email) }

// LocalKey is the part before the @ where it may tell a person apart: the same
// one at two domains is a reason to ask, never to join.
func (n Named) LocalKey() string {
	local, _, ok := strings.Cut(n.EmailKey(), "@")
	if p, is := identity.ParseNoreply(n.Email); is {
		local, ok = p.Login, true
	}
	kind, _ := identity.Classify(identity.Identity{Name: n.Name, Email: n.Email}, identity.Config{})
	if !ok || len(local) < 5 || kind == identity.Service {
		return ""
	}
	return local
}

// NameKey is the full name as the name rule compares it; empty when it is none.
func (n Named) NameKey() string {
	key, _ := identity.FullName(n.Name)
	return key
}
