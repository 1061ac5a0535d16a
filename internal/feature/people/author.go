package people

import (
	"crypto/sha256"
	"encoding/binary"
	"strings"
	"unicode"
	"unicode/utf8"

	"steward/internal/format/identity"
)

const (
	maxNameBytes  = 200 // of a name that is kept; longer ones are cut
	maxEmailBytes = 320 // RFC 5321: 64 before the @, 255 after it
)

// author is one identity: a name with an address.
type author struct {
	id      int64
	name    string // clean; both are empty when only the id was kept from an earlier reading
	email   string
	service bool
}

// newAuthor cleans what a commit says and gives it its id.
func newAuthor(name, email string) author {
	a := author{name: clean(name, maxNameBytes), email: clean(email, maxEmailBytes)}
	a.id = identityID(a.name, a.email, "")
	kind, _ := identity.Classify(identity.Identity{Name: a.name, Email: a.email}, identity.Config{})
	a.service = kind == identity.Service
	return a
}

// clean makes one line of valid text of at most limit bytes.
func clean(s string, limit int) string {
	if len(s) > 4*limit {
		s = s[:4*limit]
	}
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > limit {
		s = s[:limit]
		for !utf8.ValidString(s) {
			s = s[:len(s)-1]
		}
	}
	return strings.TrimSpace(s)
}

// identityID is the id of an identity: the first 63 bits of a digest, never 0.
// Two of a million identities share one with a probability of 1 in 10 million.
func identityID(name, email, account string) int64 {
	return digestID("identity", name, email, account)
}

func digestID(parts ...string) int64 {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	if id := int64(binary.BigEndian.Uint64(sum[:8]) >> 1); id != 0 {
		return id
	}
	return 1
}

// named is a row of person_name.
type named struct {
	name, email, account string
}

// label is what stands for an identity where names are shown.
func (n named) label() string {
	switch {
	case n.name != "":
		return n.name
	case n.account != "":
		return "@" + n.account
	case n.email != "":
		return n.email
	}
	return "no name"
}

func (n named) emailKey() string { return strings.ToLower(n.email) }

// localKey is the part before the @ where it may tell a person apart: the same
// one at two domains is a reason to ask, never to join.
func (n named) localKey() string {
	local, _, ok := strings.Cut(n.emailKey(), "@")
	if p, is := identity.ParseNoreply(n.email); is {
		local, ok = p.Login, true
	}
	kind, _ := identity.Classify(identity.Identity{Name: n.name, Email: n.email}, identity.Config{})
	if !ok || len(local) < 5 || kind == identity.Service {
		return ""
	}
	return local
}

func (n named) nameKey() string {
	key, _ := identity.FullName(n.name)
	return key
}
