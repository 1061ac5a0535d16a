package local_test

import (
	"strings"
	"testing"

	"steward/internal/platform/web/local"
)

func TestIs(t *testing.T) {
	for _, ours := range []string{
		"/", "/things", "/things?q=a&owned=-", "/things?q=//evil.example", "/things?to=https://evil.example", "/search?q=%0a%5c", "/packages/pkg:npm%2Fa@1", "/a/../b", "/%C3%A9", "/é", "/a#b",
		"/" + strings.Repeat("a", 1999),
	} {
		if !local.Is(ours) {
			t.Errorf("%q is one of ours", ours)
		}
	}
	for _, other := range []string{
		"", "things", "?q=a", "#a", "//evil.example", "///evil.example", `/\evil.example`, `\\evil.example`, `/a\b`, "https://evil.example", "https:evil.example", "https:/evil.example", "javascript:alert(1)",
		"data:text/html,x", " /a", " //evil.example", "\t//evil.example", "/\t/evil.example", "/\n/evil.example", "/\r\nSet-Cookie: a=b", "/a\x00b", "/\x7f", "/\u0085/evil.example",
		"/%2fevil.example", "/%2Fevil.example/%2f..", "/%5cevil.example", "/%5C%5Cevil.example", "/a%0d%0aSet-Cookie:a=b", "/%09/evil.example", "/%00", "%2f%2fevil.example", "/%", "/%zz", "/\xff", "/%ff",
		"/" + strings.Repeat("a", 2000),
	} {
		if local.Is(other) {
			t.Errorf("%q is none of ours", other)
		}
	}
}

// FuzzIs: what is ours stays on its host when a browser resolves it.
func FuzzIs(f *testing.F) {
	for _, seed := range []string{"/a", "//a", `/\a`, "/%2fa", "https:a", "/a?b#c"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, address string) {
		if !local.Is(address) {
			return
		}
		// As the URL standard of browsers reads it: tabs and line breaks go, a backslash is a slash.
		read := strings.NewReplacer("\t", "", "\n", "", "\r", "", `\`, "/").Replace(strings.TrimFunc(address, func(r rune) bool { return r <= ' ' }))
		if !strings.HasPrefix(read, "/") || strings.HasPrefix(read, "//") {
			t.Errorf("%q leads elsewhere", address)
		}
	})
}
