// Package access says who is looking and what they may see and do.
//
// Every read and write of records takes a Viewer. A Viewer is a person's account with a role, or
// Steward itself (System, with a reason that can be searched for). The zero Viewer is nobody: it
// may do nothing and sees nothing. What a role may do is one table, in action.go; which
// repositories a viewer sees is one SQL condition, Where. Accounts, sessions and tokens, from which
// a Viewer is made, are kept by package account.
package access

import (
	"fmt"

	"steward/internal/platform/fault"
)

// Role is what an account was made for. An account has exactly one.
type Role string

// The roles. The zero Role may do nothing.
const (
	// Admin runs this Steward: sources, accounts, settings, jobs.
	Admin Role = "admin"
	// Member works with it: reads what is not restricted, links and corrects records.
	Member Role = "member"
	// Auditor reads everything, the audit log included, and changes nothing.
	Auditor Role = "auditor"
)

// Roles lists the roles in the order in which people are shown them.
func Roles() []Role { return []Role{Admin, Member, Auditor} }

// Valid reports whether r is one of the roles.
func (r Role) Valid() bool { return r == Admin || r == Member || r == Auditor }

// Visibility values of a repository, as stored.
const (
	Internal   = "internal"   // everybody with an account sees it
	Restricted = "restricted" // only those who may ReadRestricted see it
)

// Viewer is who is looking. It is a value: copy it freely. The zero Viewer is nobody.
type Viewer struct {
	account string
	name    string
	role    Role
	limit   Role   // may do no more than this role either; "" for no limit
	system  string // reason, when this is Steward itself
}

// System returns Steward itself as the viewer, which may do everything. The reason says for what
// and is kept in the audit log ("scan", "retention"); it must not be empty.
func System(reason string) Viewer {
	if reason == "" {
		panic("access: System without a reason")
	}
	return Viewer{system: reason}
}

// As returns the viewer for an account: its id, its name for people, its role. An empty account or
// an unknown role gives the zero Viewer.
func As(account, name string, role Role) Viewer {
	if account == "" || !role.Valid() {
		return Viewer{}
	}
	return Viewer{account: account, name: name, role: role}
}

// Within returns the same viewer, who may do only what a role may do as well, as a token that was made for that role.
// An unknown role gives the zero Viewer.
func (v Viewer) Within(role Role) Viewer {
	if !role.Valid() {
		return Viewer{}
	}
	switch {
	case v.role.Covers(role):
		v.role = role
	case !role.Covers(v.role):
		v.limit = role
	}
	return v
}

// Valid reports whether the viewer is somebody.
func (v Viewer) Valid() bool { return v.system != "" || v.account != "" }

// AccountID returns the account's id, or "" for Steward itself and for nobody.
func (v Viewer) AccountID() string { return v.account }

// Name returns the name for people: the account's, "Steward (reason)", or "" for nobody. It is for
// pages; what is stored holds ids only.
func (v Viewer) Name() string {
	if v.system != "" {
		return "Steward (" + v.system + ")"
	}
	return v.name
}

// Role returns the account's role, or "" for Steward itself and for nobody.
func (v Viewer) Role() Role { return v.role }

// IsSystem reports whether this is Steward itself.
func (v Viewer) IsSystem() bool { return v.system != "" }

// Reason returns what Steward is acting for, or "" for an account.
func (v Viewer) Reason() string { return v.system }

// Can reports whether the viewer may do a.
func (v Viewer) Can(a Action) bool {
	if v.system != "" {
		return true
	}
	return v.account != "" && allowed(v.role, a) && (v.limit == "" || allowed(v.limit, a))
}

// Require returns nil when the viewer may do a, else a fault.Denied that says who grants it.
func (v Viewer) Require(a Action) error {
	if v.Can(a) {
		return nil
	}
	if !v.Valid() {
		return fault.New(fault.Denied, "You are not signed in, so you may not %s. Sign in and try again.", a)
	}
	if v.limit != "" && allowed(v.role, a) {
		return fault.New(fault.Denied, "This token was made for the role %s, which may not %s. Make another under Account, Tokens.", v.limit, a)
	}
	return fault.New(fault.Denied, "Your role (%s) may not %s. Ask an administrator of this Steward for the role %s.",
		v.role, a, holders(a))
}

// Where returns an SQL condition over a column that holds a repository's visibility: true for
// every row when the viewer may read restricted ones, true for internal ones when the viewer may
// read the estate, and never true for anybody else. The column is a name written in the program,
// such as "repository.visibility"; anything but letters, digits, '_' and '.' panics, because it
// would be a broken program.
func (v Viewer) Where(column string) string {
	if !isColumn(column) {
		panic(fmt.Sprintf("access: %q is not the name of a column", column))
	}
	switch {
	case v.Can(ReadRestricted):
		return "1 = 1"
	case v.Can(ReadEstate):
		return column + " = '" + Internal + "'"
	default:
		return "1 = 0"
	}
}

func isColumn(s string) bool {
	for _, c := range []byte(s) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '_', c == '.':
		default:
			return false
		}
	}
	return s != ""
}
