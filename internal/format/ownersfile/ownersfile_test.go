package ownersfile

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files")

var files = []string{"OWNERS", "chromium/OWNERS", "kernel/MAINTAINERS", "docker/MAINTAINERS", "CODE_OWNERS.TXT", "MAINTAINERS.md", "MAINTAINERS"}

func TestParse(t *testing.T) {
	aliases, notes := ParseAliases([]byte("# x\naliases:\n  pay-admins:\n    - gail\n    - hugo # note\n  Odd: one\n"))
	if diff := cmp.Diff(Aliases{"pay-admins": {"gail", "hugo"}, "odd": {}}, aliases); diff != "" || len(notes) != 1 {
		t.Errorf("%s %v", diff, notes)
	}
	for _, file := range files {
		b, err := os.ReadFile(filepath.Join("testdata", file))
		if err != nil {
			t.Fatal(err)
		}
		people, notes := Parse(file, b, Beside{Aliases: aliases})
		var out strings.Builder
		for _, p := range people {
			fmt.Fprintf(&out, "%d %s: %q %q %q scope %q", p.Line, p.Role, p.Name, p.Email, p.Account, p.Scope)
			if p.Team {
				out.WriteString(" team")
			}
			if p.Via != "" {
				out.WriteString(" via " + p.Via)
			}
			out.WriteString("\n")
			if p.Owns() != (p.Role != Emeritus) {
				t.Errorf("%+v", p)
			}
		}
		for _, n := range notes {
			fmt.Fprintf(&out, "%d note: %s\n", n.Line, n.Text)
		}
		golden := filepath.Join("testdata", file+".golden")
		if *update {
			if err := os.WriteFile(golden, []byte(out.String()), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), out.String()); diff != "" {
			t.Errorf("%s: %s", file, diff)
		}
	}
}

// Prose that mentions people names no owner.
func TestProseIsNotPeople(t *testing.T) {
	for _, text := range []string{
		"This project is maintained by the Payments Team of the bank.",
		"For help write to Ann Lee <ann@bank.example> or join the channel.",
		"# Owners\n\nPlease open an issue and mention @ann.\n",
		"# Contributing\n\n- Ann Lee <ann@bank.example>\n",
		"## Mailing lists\n\n- announce@lists.bank.example\n",
		"- Be kind to each other\n- Review Code Quickly\n",
		"```\n@ann\n```\n",
		"![x](https://github.com/ann)",
		"See https://github.com/bank/payments for more.",
		"## What is a maintainer?\n\n* They share responsibility, says @bob\n",
	} {
		for _, name := range []string{"MAINTAINERS.md", "OWNERS.md", "MAINTAINERS"} {
			if people, _ := Parse(name, []byte(text), Beside{}); len(people) > 0 {
				t.Errorf("%s %q: %+v", name, text, people)
			}
		}
	}
}

func TestAnAliasIsNeverAPerson(t *testing.T) {
	aliases, _ := ParseAliases([]byte("aliases:\n  pay-admins: []\n  pay-reviewers:\n"))
	people, notes := Parse("OWNERS", []byte("approvers:\n- pay-admins\n- Pay-Reviewers\n- gail\n"), Beside{Aliases: aliases})
	if len(people) != 1 || people[0].Account != "gail" || len(notes) != 2 {
		t.Errorf("%+v %v", people, notes)
	}
}

func TestWants(t *testing.T) {
	for path, want := range map[string]bool{
		"OWNERS": true, "a/OWNERS": true, "MAINTAINERS": true, "docs/maintainers.md": true, "OWNERS.md": true, "CODE_OWNERS.TXT": true, "MAINTAINERS.rst": true,
		"AUTHORS": false, "CODEOWNERS": false, "owners": false, "owners.go": false, "OWNERS_ALIASES": false, "MAINTAINERS.png": false, "NOTOWNERS.md": false,
	} {
		if Wants(path) != want {
			t.Errorf("%s: want %v", path, want)
		}
	}
	if !WantsAliases("OWNERS_ALIASES") || WantsAliases("OWNERS") {
		t.Error("aliases")
	}
}

func TestHostile(t *testing.T) {
	for _, h := range []string{"[", "{a: ", "- ", "? ", "|", "a|", "@a ", "<a@b.c> ", "[a](", "[a](https://github.com/a) ", "`a <b>`_ ", "*", "(", "a,", "\"a\",", "M: a <b@c.de>\n", "[people.a.", "!a ", "&a "} {
		for _, name := range []string{"OWNERS", "MAINTAINERS", "MAINTAINERS.md"} {
			for _, head := range []string{"", "approvers: ", "[people]\n", "S: x\n"} {
				long := head + strings.Repeat(h, 10_000)
				short := head + strings.Repeat(strings.Repeat(h, 40)+"\n", 200)
				for _, text := range []string{long, short} {
					people, notes := Parse(name, []byte(text), Beside{})
					if len(people) > MaxPeople || len(notes) > maxNotes {
						t.Errorf("%s %q: %d people, %d notes", name, h, len(people), len(notes))
					}
				}
			}
		}
	}
	if people, notes := Parse("OWNERS", make([]byte, MaxSize+1), Beside{}); len(people) != 0 || len(notes) != 1 {
		t.Errorf("%v %v", people, notes)
	}
}

func FuzzParse(f *testing.F) {
	for _, file := range files {
		b, err := os.ReadFile(filepath.Join("testdata", file))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(file, b)
	}
	f.Fuzz(func(t *testing.T, name string, b []byte) {
		aliases, _ := ParseAliases(b)
		people, _ := Parse(name, b, Beside{Aliases: aliases, Read: func(string) ([]byte, error) { return b, nil }})
		for _, p := range people {
			if p.Name == "" && p.Email == "" && p.Account == "" || p.Role == "" {
				t.Errorf("%+v", p)
			}
		}
	})
}
