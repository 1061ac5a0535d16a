// Package mailmap reads git's .mailmap and gives the names and addresses that
// the keepers of a repository want to see, with the same results as
// `git check-mailmap`.
//
//	Proper Name <commit@email>                               the name
//	<proper@email> <commit@email>                            the address
//	Proper Name <proper@email> <commit@email>                both
//	Proper Name <proper@email> Commit Name <commit@email>    both, for one name at that address
//
// Letter case of ASCII counts neither in commit addresses nor in commit names.
// A later line adds to or replaces what an earlier one said of the same pair.
// Text after # is no comment unless # is the first sign of the line; words after
// the last address are ignored. Source: gitmailmap(5) and git 2.39's behaviour.
package mailmap

import (
	"bytes"
	"fmt"
	"strings"
)

// MaxSize is the largest file that Parse reads, in bytes.
const MaxSize = 8 << 20

const maxProblems = 1_000

// Entry is one line that maps something.
type Entry struct {
	Line        int // 1-based
	Name        string
	Email       string // "" when the address stays as it is
	CommitName  string // "" for every name at the address
	CommitEmail string
}

// Map is a read .mailmap. The zero value maps nothing. It is read-only after
// Parse and may be used from many goroutines.
type Map struct {
	Entries []Entry

	byEmail map[string]*address // by folded commit address
}

type target struct{ name, email string }

type address struct {
	simple target
	byName map[string]target // by folded commit name
}

// Problem is a line without effect that looks as if it should have one. Line 0 is the file.
type Problem struct {
	Line int
	Text string
}

// Parse reads a file. A line that git would ignore is ignored and reported,
// unless it is empty or a comment.
func Parse(b []byte) (Map, []Problem) {
	m := Map{byEmail: map[string]*address{}}
	var problems []Problem
	if len(b) > MaxSize {
		return m, []Problem{{Text: fmt.Sprintf("the file has %d bytes, more than %d are not read", len(b), MaxSize)}}
	}
	n := 0
	for raw := range bytes.Lines(b) {
		n++
		line, _, _ := strings.Cut(string(raw), "\x00")
		if strings.HasPrefix(line, "#") || strings.Trim(line, space) == "" {
			continue
		}
		e, ok := readLine(line)
		if !ok {
			if len(problems) < maxProblems {
				problems = append(problems, Problem{n, "not of the form Name <address> or Name <address> Name <address>"})
			}
			continue
		}
		e.Line = n
		m.add(e)
	}
	return m, problems
}

// space is what git takes for white space.
const space = " \t\r\n"

func readLine(line string) (Entry, bool) {
	name1, email1, rest, ok := readPair(line)
	if !ok || email1 == "" {
		return Entry{}, false
	}
	name2, email2, _, ok := readPair(rest)
	if !ok {
		return Entry{Name: name1, CommitEmail: email1}, true
	}
	return Entry{Name: name1, Email: email1, CommitName: name2, CommitEmail: email2}, true
}

// readPair cuts "Name <address>" off a text.
func readPair(text string) (name, email, rest string, ok bool) {
	name, after, found := strings.Cut(text, "<")
	if !found {
		return "", "", "", false
	}
	email, rest, found = strings.Cut(after, ">")
	return strings.Trim(name, space), email, rest, found
}

func (m *Map) add(e Entry) {
	m.Entries = append(m.Entries, e)
	key := foldASCII(e.CommitEmail)
	a := m.byEmail[key]
	if a == nil {
		a = &address{}
		m.byEmail[key] = a
	}
	if e.CommitName != "" {
		if a.byName == nil {
			a.byName = map[string]target{}
		}
		a.byName[foldASCII(e.CommitName)] = target{e.Name, e.Email}
		return
	}
	if e.Name != "" {
		a.simple.name = e.Name
	}
	if e.Email != "" {
		a.simple.email = e.Email
	}
}

// Resolve returns the proper name and address of a pair as a commit has it;
// what the file does not map comes back unchanged.
func (m Map) Resolve(name, email string) (properName, properEmail string) {
	a := m.byEmail[foldASCII(email)]
	if a == nil {
		return name, email
	}
	t, ok := a.byName[foldASCII(name)]
	if !ok {
		t = a.simple
	}
	if t.name != "" {
		name = t.name
	}
	if t.email != "" {
		email = t.email
	}
	return name, email
}

func foldASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}
