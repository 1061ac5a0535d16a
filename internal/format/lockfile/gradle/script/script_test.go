package script

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"steward/internal/format/lockfile"
)

// shown writes tokens as their text, punctuation as itself.
func shown(tokens []Token) string {
	var out []string
	for _, t := range tokens {
		switch {
		case t.Kind == newline:
			out = append(out, "|")
		case t.Kind == Literal:
			out = append(out, "'"+t.Text+"'")
		case t.Kind == Template:
			out = append(out, `"`+t.Text+`"`)
		case t.Text != "":
			out = append(out, t.Text)
		default:
			out = append(out, string(t.Kind))
		}
	}
	return strings.Join(out, " ")
}

func TestTokens(t *testing.T) {
	for _, tc := range []struct {
		name, path, text, want string
	}{
		{"comments", "x.gradle", "#!/bin/x\na // b 'c\n/* d \" */ e", "a | e |"},
		{"nested comments are Kotlin's", "x.kts", "/* a /* b */ c */ d", "d |"},
		{"strings", "x.gradle", `'a\'b' "c${d("e")}f" '''g'h''' """i"j"""`, `'a'b' "c${d("e")}f" 'g'h' "i"j" |`},
		{"quotes at the end of a raw string", "x.kts", `""""$v""""`, `""$v"" |`},
		{"slashy strings", "x.gradle", `a = ~/it's/ ; b = c / d ; split(/,/)`, `a = ~ "it's" ; b = c / d ; split ( "," ) |`},
		{"names in backticks", "x.kts", "`java-library`", "java-library |"},
		{"continued line", "x.gradle", "a \\\n b", "a b |"},
		{"windows lines", "x.gradle", "a\r\nb\r\n", "a | b | |"},
		{"byte order mark", "x.gradle", "\xEF\xBB\xBFa", "a |"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tokens, err := Tokenise([]byte(tc.text), strings.HasSuffix(tc.path, ".gradle"))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, shown(tokens)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestRead(t *testing.T) {
	s, err := Read("build.gradle", []byte("def v = '1'\next { m = [a: [b: '2']] }\n\nsubprojects {\n dependencies {\n  api('x:y:1') { transitive = false }\n }\n}"))
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]string{}
	for name, in := range s.Vars {
		names[name] = s.Written(in)
	}
	if diff := cmp.Diff(map[string]string{"v": "1", "m": "[a:[b:2]]", "m.a": "[b:2]", "m.a.b": "2"}, names); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
	if len(s.Declarations) != 1 {
		t.Fatalf("%d declarations", len(s.Declarations))
	}
	d := s.Declarations[0]
	if d.Configuration != "api" || d.Line != 6 || !d.Shared || s.Written(d.Args) != "x:y:1" || s.Written(d.Tail) != "transitive=false" {
		t.Errorf("declaration %+v: args %q, tail %q", d, s.Written(d.Args), s.Written(d.Tail))
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("a { b('c') }"), true)
	f.Add([]byte("val x by extra(\"${y}\")"), false)
	f.Fuzz(func(t *testing.T, b []byte, groovy bool) {
		name := "x.gradle"
		if !groovy {
			name += ".kts"
		}
		s, err := Read(name, b)
		if err != nil {
			var at *lockfile.LineError
			if !errors.As(err, &at) && !errors.Is(err, lockfile.ErrTooLarge) {
				t.Errorf("an error without a line: %v", err)
			}
			return
		}
		for _, d := range s.Declarations {
			if d.Line < 1 || d.Args.Empty() || d.Args.To > len(s.Tokens) {
				t.Errorf("declaration %+v of %d tokens", d, len(s.Tokens))
			}
		}
	})
}
