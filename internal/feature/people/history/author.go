package history

import (
	"crypto/sha256"
	"encoding/binary"
	"mime"
	"strings"
	"unicode"
	"unicode/utf8"

	"steward/internal/format/identity"
)

// Limits in bytes.
const (
	MaxName  = 200 // of a name that is kept; longer ones are cut
	MaxEmail = 320 // RFC 5321: 64 before the @, 255 after it
)

// Author is one identity: a name with an address.
type Author struct {
	ID      int64
	Name    string // clean; both are empty when only the id was kept from an earlier reading
	Email   string
	Service bool // a bot or service account by its marks
}

// newAuthor cleans what a commit says and gives it its id.
func newAuthor(name, email string) Author {
	a := Author{Name: Clean(decoded(name), MaxName), Email: Clean(email, MaxEmail)}
	a.ID = IdentityID(a.Name, a.Email)
	kind, _ := identity.Classify(identity.Identity{Name: a.Name, Email: a.Email}, identity.Config{})
	a.Service = kind == identity.Service
	return a
}

// decoded is a name in plain text that was taken from the head of a mail as it
// stood there (RFC 2047): =?UTF-8?q?Se=C3=A1n?= is Seán.
func decoded(name string) string {
	if len(name) > 4*MaxName || !strings.Contains(name, "=?") || !strings.Contains(name, "?=") {
		return name
	}
	if plain, err := new(mime.WordDecoder).DecodeHeader(name); err == nil && strings.TrimSpace(plain) != "" {
		return plain
	}
	return name
}

// Clean makes one line of valid text of at most limit bytes.
func Clean(s string, limit int) string {
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

// IdentityID is the id of the identity that commits have: a digest of name and
// address, both clean.
func IdentityID(name, email string) int64 { return DigestID("identity", name, email) }

// DigestID is an id made of texts: the first 63 bits of a digest, never 0. Two
// of a million share one with a probability of 1 in 10 million.
func DigestID(parts ...string) int64 {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	if id := int64(binary.BigEndian.Uint64(sum[:8]) >> 1); id != 0 {
		return id
	}
	return 1
}
