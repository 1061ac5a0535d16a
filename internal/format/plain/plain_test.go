package plain_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"steward/internal/format/plain"
)

func TestText(t *testing.T) {
	type shown struct{ Text, Line string }
	got := map[string]shown{}
	want := map[string]shown{
		"":                          {"", ""},
		"payments-ledger":           {"payments-ledger", "payments-ledger"},
		"a\tb\nc":                   {"a\tb\nc", "a\ufffdb\ufffdc"},
		"a\r\nb\rc":                 {"a\nb\ufffdc", "a\ufffdb\ufffdc"},
		"exe\u202egnp":              {"exe\ufffdgnp", "exe\ufffdgnp"},
		"\u2066a\u2069\u200e\u061c": {"\ufffda\ufffd\ufffd\ufffd", "\ufffda\ufffd\ufffd\ufffd"},
		"\x1b[31mred\x1b]0;t\a":     {"\ufffd[31mred\ufffd]0;t\ufffd", "\ufffd[31mred\ufffd]0;t\ufffd"},
		"a\x00b\x7fc\u009bd":        {"a\ufffdb\ufffdc\ufffdd", "a\ufffdb\ufffdc\ufffdd"},
		"lod\u200bash\u2060\ufeff":  {"lod\ufffdash\ufffd\ufffd", "lod\ufffdash\ufffd\ufffd"},
		"soft\u00adhyphen \u3164":   {"soft\ufffdhyphen \ufffd", "soft\ufffdhyphen \ufffd"},
		"two\u2028lines\u2029":      {"two\ufffdlines\ufffd", "two\ufffdlines\ufffd"},
		"tags \U000e0041\U000e007f": {"tags \ufffd\ufffd", "tags \ufffd\ufffd"},
		"not \xff utf8 \xe2\x80":    {"not \ufffd utf8 \ufffd", "not \ufffd utf8 \ufffd"},
		"日本 Ünï مرحبا שלום":         {"日本 Ünï مرحبا שלום", "日本 Ünï مرحبا שלום"},
		"می\u200cخواهم 👩\u200d💻 ❤\ufe0f": {"می\u200cخواهم 👩\u200d💻 ❤\ufe0f", "می\u200cخواهم 👩\u200d💻 ❤\ufe0f"},
		"\u0600١":      {"\u0600١", "\u0600١"},
		"\ufffd stays": {"\ufffd stays", "\ufffd stays"},
	}
	for text := range want {
		got[text] = shown{plain.Text(text), plain.Line(text)}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
}

func TestJSONIsTheSameToPrograms(t *testing.T) {
	in := map[string]string{"exe\u202egnp": "a\u200bb\x00\x1b[0m\u009b\u2028 \U000e0041 é 👩\u200d💻\r\n"}
	document, err := plain.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"exe\u202egnp":"a\u200bb\u0000\u001b[0m\u009b\u2028 \udb40\udc41 é 👩` + "\u200d" + `💻\r\n"}`; string(document) != want {
		t.Errorf("written as\n%s\nwant\n%s", document, want)
	}
	var out map[string]string
	if err := json.Unmarshal(document, &out); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(in, out); diff != "" {
		t.Errorf("read back, want -, got +:\n%s", diff)
	}
}

// TestWriter cuts one text at every place.
func TestWriter(t *testing.T) {
	const text = "a\u202eb é\r\n👩\u200d💻\x1b[0m\u200b日\n"
	for i := range len(text) + 1 {
		for j := i; j <= len(text); j++ {
			var out strings.Builder
			w := plain.NewWriter(&out)
			for _, part := range []string{text[:i], text[i:j], text[j:]} {
				if n, err := w.Write([]byte(part)); n != len(part) || err != nil {
					t.Fatal(n, err)
				}
			}
			if diff := cmp.Diff(plain.Text(text), out.String()); diff != "" {
				t.Fatalf("cut at %d and %d, want -, got +:\n%s", i, j, diff)
			}
		}
	}
}

func FuzzPlain(f *testing.F) {
	for _, seed := range []string{"", "a", "a\u202eb", "\x1b[0m", "\xff", "\r\n", "\U000e0041", "\u200d"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		shown := plain.Text(text)
		if !utf8.ValidString(shown) || strings.ContainsFunc(shown, func(r rune) bool {
			return unicode.IsControl(r) && r != '\n' && r != '\t' || unicode.Is(unicode.Bidi_Control, r) || r == '\u200b'
		}) {
			t.Errorf("%q is shown as %q", text, shown)
		}
		if again := plain.Text(shown); again != shown {
			t.Errorf("%q is shown as %q, and that as %q", text, shown, again)
		}
		document, err := plain.Marshal(text)
		var back string
		if err != nil || json.Unmarshal(document, &back) != nil || back != strings.ToValidUTF8(text, "\ufffd") && utf8.ValidString(text) {
			t.Errorf("%q is %s as JSON (%v), which is %q", text, document, err, back)
		}
		if inside := plain.Text(string(document)); inside != string(document) {
			t.Errorf("%q as JSON has what steers: %q", text, document)
		}
	})
}
