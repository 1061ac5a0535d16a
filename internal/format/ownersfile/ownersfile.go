// Package ownersfile reads the files beside CODEOWNERS in which projects say
// who looks after them: OWNERS, MAINTAINERS and their kin.
//
//	shape                                  known by
//	Kubernetes OWNERS (YAML)               keys approvers, reviewers, filters
//	Chromium OWNERS                        lines of addresses, per-file, set noparent, file://
//	logins                                 one word a line and nothing else
//	Linux MAINTAINERS                      lines "M:", "R:", "F:" below a title
//	LLVM CODE_OWNERS                       records of "N:", "E:", "D:"
//	Docker MAINTAINERS (TOML)              tables [people.x] and [Org."Core maintainers"]
//	Markdown, reStructuredText, plain      headings, list items, tables, comma-separated lines
//
// Prose is not people: a line counts only when what stands before an address,
// an @account or a profile link reads like a name, or, below a heading that
// names owners, when the line is a full name. Everything else is a Note.
// AUTHORS, CONTRIBUTORS and CREDITS are no owners and not read.
//
// Sources: kubernetes.dev "OWNERS Files"; Chromium docs/code_reviews.md; the
// head of Linux's MAINTAINERS; files of many projects for the free shapes.
package ownersfile

import (
	"bytes"
	"fmt"
	"path"
	"strings"
)

// Limits of Parse.
const (
	MaxSize   = 4 << 20 // bytes; Linux's MAINTAINERS has under 1 MiB
	MaxPeople = 20_000
	maxNotes  = 500
	maxLine   = 2_000
)

// Role says what a person does.
type Role string

// The roles. An Emeritus is named so that it can be shown; it never counts as an owner.
const (
	Approver   Role = "approver"
	Reviewer   Role = "reviewer"
	Maintainer Role = "maintainer"
	Emeritus   Role = "emeritus"
)

// Person is one entry. At least one of Name, Email and Account is set.
type Person struct {
	Name    string
	Email   string
	Account string // login without @; "organisation/team" of a team
	Team    bool   // a team or a mailing list, not one person
	Role    Role
	Scope   string // what it is for: a filter, path patterns, a section; "" is everything
	Via     string // the alias that named the person
	Line    int    // 1-based
}

// Owns reports whether the entry counts as an owner.
func (p Person) Owns() bool { return p.Role != Emeritus && p.Role != "" }

// Note is a line that was not read as a person. Runs of prose give one note. Line 0 is the file.
type Note struct {
	Line int
	Text string
}

// Aliases maps the lower-case names of OWNERS_ALIASES to accounts.
type Aliases map[string][]string

// Wants reports whether Parse reads a file of this name.
func Wants(file string) bool {
	base := path.Base(file)
	ext := path.Ext(base)
	switch strings.ToLower(ext) {
	case "", ".md", ".markdown", ".txt", ".rst", ".yaml", ".yml", ".toml", ".adoc":
	default:
		return false
	}
	stem := strings.TrimSuffix(base, ext)
	switch strings.ToUpper(stem) {
	case "OWNERS", "MAINTAINERS", "CODE_OWNERS":
		// Lower-case words without extension are folders' and programs' names.
		return ext != "" || stem == strings.ToUpper(stem)
	}
	return false
}

// WantsAliases reports whether a file is an OWNERS_ALIASES file, which counts in the root.
func WantsAliases(file string) bool {
	base := path.Base(file)
	return base == "OWNERS_ALIASES" || base == "OWNERS_ALIASES.yaml" || base == "OWNERS_ALIASES.yml"
}

// Beside is what lies beside an owner file in its tree. The zero value is nothing.
type Beside struct {
	Aliases Aliases
	// Read gives the text of another owner file that a line such as file://base/OWNERS names, by its
	// path from the top of the tree; nil and an error give a Note for each such line.
	Read func(path string) ([]byte, error)
}

// Parse reads a file; its name decides between shapes where the content does
// not. It never fails.
func Parse(name string, b []byte, beside Beside) ([]Person, []Note) {
	r := &reader{Beside: beside, name: name, role: Maintainer, seen: map[Person]bool{}}
	if strings.HasPrefix(strings.ToUpper(path.Base(name)), "OWNERS") {
		r.role = Approver
	}
	b = bytes.TrimPrefix(b, []byte("\ufeff"))
	if len(b) > MaxSize || bytes.IndexByte(b, 0) >= 0 {
		r.note(0, fmt.Sprintf("not read: no text, or more than %d bytes", MaxSize))
		return nil, r.notes
	}
	lines := strings.Split(strings.ReplaceAll(strings.ToValidUTF8(string(b), "\ufffd"), "\r\n", "\n"), "\n")
	for i := range lines {
		if len(lines[i]) > maxLine {
			r.note(i+1, "the line is too long")
			lines[i] = ""
		}
	}
	ext := strings.ToLower(path.Ext(name))
	prose := ext == ".md" || ext == ".markdown" || ext == ".rst" || ext == ".adoc"
	switch {
	case !prose && isTOML(lines):
		r.toml(string(b), lines)
	case !prose && isKernel(lines):
		r.kernel(lines)
	case isRecords(lines):
		r.records(lines)
	case isYAML(lines) && r.yaml(b):
	case !prose && isLogins(lines):
		r.logins(lines)
	case !prose && r.role == Approver:
		r.chromium(lines)
	default:
		r.free(lines, prose)
	}
	return r.people, r.notes
}

type reader struct {
	Beside
	name    string
	role    Role // what the file's name means
	people  []Person
	notes   []Note
	seen    map[Person]bool // without Line
	dropped bool
	within  []string // included files that are being read, outermost first
	opened  int      // included files so far

	includedAt int // line of the outermost file that is being read
}

func (r *reader) note(line int, text string) {
	if len(r.notes) < maxNotes {
		if text = strings.TrimSpace(text); len(text) > 120 {
			text = strings.ToValidUTF8(text[:120], "") + "…"
		}
		r.notes = append(r.notes, Note{line, text})
	}
}

// add keeps an entry once per role and scope.
func (r *reader) add(p Person) {
	if p.Name == "" && p.Email == "" && p.Account == "" {
		return
	}
	key := p
	key.Line = 0
	key.Account, key.Email = strings.ToLower(key.Account), strings.ToLower(key.Email)
	if r.seen[key] {
		return
	}
	if len(r.people) >= MaxPeople {
		if !r.dropped {
			r.note(p.Line, fmt.Sprintf("more than %d entries: the rest is not read", MaxPeople))
			r.dropped = true
		}
		return
	}
	r.seen[key] = true
	r.people = append(r.people, p)
}
