// Package codeowners reads CODEOWNERS files and answers who owns a path.
//
// Dialects, because the hosts differ where it hurts. The two that most files follow:
//
//	                      GitHub                          GitLab
//	which rule wins       last match in the file          last match in each section; all sections count
//	no owners on a line   the path has no owner           the section's default owners, else no owner
//	[Name][2] @a          not known (brackets must        section heading: name, approvals, default owners;
//	                      be escaped)                     ^[Name] is optional
//	!pattern              invalid line                    excludes from the section, whatever follows
//	a/b (slash inside)    from the root                   at any depth, as if it began with **/
//	/dir                  the file, or all below          the file only; /dir/ is all below
//	[ab]                  invalid line                    character class
//	# after owners        comment                         not a comment: owners in it count
//	\# at the start       invalid line                    a name that begins with #
//	@@role                invalid owner                   developer, maintainer, owner of the project
//	a wrong owner         the whole line is skipped       the word is skipped
//
// Gitea and Forgejo have regular expressions as Go writes them, of which all that
// match count, and ! turns one round. Bitbucket, and the Code Owners app for it,
// has patterns as GitHub, of which the last counts, ! for none, "names with
// spaces", @@group and @workspace/group:random(2); groups that a file defines by
// @@@name stand for themselves; lists in { } are not understood.
//
// Patterns match with letter case in all. Sources: GitHub Docs "About code
// owners" and the errors its API gives; GitLab Docs "Syntax of CODEOWNERS file"
// and "Advanced CODEOWNERS configuration" (patterns are Ruby's File.fnmatch
// with FNM_PATHNAME and FNM_DOTMATCH); Gitea Docs "Code Owners"; Bitbucket Cloud
// Support "Set up and use code owners" and Mibex Software "Owner rules".
//
// A File is read-only after Parse and may be used from many goroutines.
package codeowners

import (
	"bytes"
	"regexp"
	"strings"
)

// Limits of Parse. What is over them is reported as a Problem.
const (
	MaxSize     = 3 << 20 // bytes; GitHub ignores a larger file whole, and so does Parse
	MaxRules    = 100_000
	MaxSections = 1_000
	maxProblems = 1_000
)

// Dialect says whose rules a file follows.
type Dialect string

// The dialects that Parse knows.
const (
	GitHub    Dialect = "github"
	GitLab    Dialect = "gitlab"
	Gitea     Dialect = "gitea"
	Bitbucket Dialect = "bitbucket"
)

// Kind says what an owner is.
type Kind string

// The kinds of owners. On GitLab @name may be a user or a top-level group: the
// file does not say, and Kind is User; a name with a slash is a Team in both.
const (
	User  Kind = "user"
	Team  Kind = "team"
	Email Kind = "email"
	Role  Kind = "role"
)

// Owner is one owner as the file writes it.
type Owner struct {
	Kind Kind
	Name string // without @: "login", "organisation/team", "group/subgroup", "a@b.example", "maintainer"
	Line int    // 1-based line that names the owner: of the rule, or of the section heading
}

// Section is a group of rules. Every file has the unnamed one (Name "", Line 0)
// first; GitHub's has no other.
type Section struct {
	Name      string // as first written; names are equal without letter case
	Optional  bool   // true when every heading of this name is marked ^
	Approvals int    // the number in the second brackets, 0 when not given
	Line      int    // line of the first heading
}

// Rule is one valid line.
type Rule struct {
	Line      int
	Pattern   string // as written, without the ! of an exclusion
	Section   int    // index in File.Sections
	Exclusion bool   // !pattern: nobody in this section; in Gitea whatever does not match
	Owners    []Owner
}

// File is a read CODEOWNERS file. The zero value owns nothing.
type File struct {
	Dialect  Dialect
	Sections []Section
	Rules    []Rule

	sections    []sectionIndex   // parallel to Sections
	expressions []*regexp.Regexp // parallel to Rules; of Gitea alone
}

// Problem is a line that was not understood as its author meant it. Line 0 is
// the file as a whole.
type Problem struct {
	Line int
	Text string
}

// Locations returns the paths where the host looks for the file, in its order:
// the first that exists counts, the others are ignored by the host.
func Locations(d Dialect) []string {
	switch d {
	case GitLab:
		return []string{"CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"}
	case Gitea:
		return []string{"CODEOWNERS", "docs/CODEOWNERS", ".gitea/CODEOWNERS", ".forgejo/CODEOWNERS"}
	case Bitbucket:
		return []string{".bitbucket/CODEOWNERS", "CODEOWNERS"}
	}
	return []string{".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"}
}

// Guess names the dialect when the host is not known: by the folder, else by
// what only one has (GitLab section headings, roles, exclusions; Bitbucket
// groups; Gitea escapes twice), else GitHub.
func Guess(path string, b []byte) Dialect {
	switch path = strings.TrimPrefix(path, "/"); {
	case strings.HasPrefix(path, ".gitlab/"):
		return GitLab
	case strings.HasPrefix(path, ".github/"):
		return GitHub
	case strings.HasPrefix(path, ".gitea/"), strings.HasPrefix(path, ".forgejo/"):
		return Gitea
	case strings.HasPrefix(path, ".bitbucket/"):
		return Bitbucket
	}
	if len(b) > MaxSize {
		b = b[:MaxSize]
	}
	for line := range bytes.Lines(b) {
		text := strings.TrimSpace(string(line))
		if text == "" || text[0] == '#' {
			continue
		}
		if _, _, ok := readHeading(text); ok {
			return GitLab
		}
		for _, word := range strings.Fields(text) {
			if _, role := readOwner(word, GitLab); strings.HasPrefix(word, "@@") && role {
				return GitLab
			}
			if strings.HasPrefix(word, "@@") || strings.HasPrefix(word, `@"`) {
				return Bitbucket
			}
		}
		switch {
		case strings.Contains(text, `\\.`):
			return Gitea
		case text[0] == '!':
			return GitLab
		}
	}
	return GitHub
}

// Owners returns who owns the file at a path (slashes, relative to the root of
// the repository), in the order of the sections and of the lines, each once.
// No owner gives nil.
func (f File) Owners(path string) []Owner {
	var owners []Owner
	for _, rule := range f.Match(path) {
		for _, o := range rule.Owners {
			if !hasOwner(owners, o) {
				owners = append(owners, o)
			}
		}
	}
	return owners
}

// Match returns the rule that decides for a path in each section, in the order
// of File.Sections; on GitHub at most one. A rule without owners is returned
// too: it says that the path has none. Of Gitea all that match are returned. Excluded paths give no rule.
func (f File) Match(path string) []Rule {
	path = strings.TrimPrefix(strings.TrimPrefix(path, "./"), "/")
	if path == "" {
		return nil
	}
	var won []Rule
	for i, e := range f.expressions {
		if e.MatchString(path) != f.Rules[i].Exclusion {
			won = append(won, f.Rules[i])
		}
	}
	segments := strings.Split(path, "/")
	for i := range f.sections {
		if f.sections[i].excludes.last(path, segments) >= 0 {
			continue
		}
		if n := f.sections[i].includes.last(path, segments); n >= 0 {
			won = append(won, f.Rules[n])
		}
	}
	return won
}

func hasOwner(owners []Owner, o Owner) bool {
	for _, have := range owners {
		if have.Kind == o.Kind && strings.EqualFold(have.Name, o.Name) {
			return true
		}
	}
	return false
}
