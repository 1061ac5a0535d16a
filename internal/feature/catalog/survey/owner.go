package survey

import (
	"cmp"
	"errors"
	"io/fs"
	"slices"
	"strings"

	"steward/internal/feature/catalog/ownership"
	"steward/internal/feature/estate"
	"steward/internal/format/codeowners"
	"steward/internal/format/manifest"
	"steward/internal/format/ownersfile"
)

// decisive is the share of a component's files, 0..1, from which the owner of
// these is the owner of the component.
const decisive = 0.5

// Limits on claims of one component.
const (
	maxFileOwners = 6
	maxPeople     = 12
)

// codeowner is one owner in CODEOWNERS, in lower case.
type codeowner struct {
	kind codeowners.Kind
	name string
}

type ownedFiles struct {
	files int64
	line  int
	place int    // among the owners of that line's file
	as    string // as written
}

// ownersOfFiles are the CODEOWNERS of a tree; nil when it has none.
type ownersOfFiles struct {
	file codeowners.File
	path string
}

// readCodeowners reads the file that the host would use: the first in its
// order. The host is told by a remote, else by the folder of the file and what
// is in it.
func (r *Survey) readCodeowners() *ownersOfFiles {
	dialect, sure := r.host()
	file, b := r.firstOf(codeowners.Locations(dialect))
	for _, other := range []codeowners.Dialect{codeowners.GitLab, codeowners.Bitbucket, codeowners.Gitea} {
		if !sure && file == "" {
			file, b = r.firstOf(codeowners.Locations(other))
		}
	}
	if !sure && file != "" {
		if dialect = codeowners.Guess(file, b); dialect != codeowners.GitHub {
			file, b = r.firstOf(codeowners.Locations(dialect))
		}
	}
	r.noteIgnored(dialect, file)
	if file == "" {
		return nil
	}
	parsed, problems := codeowners.Parse(b, dialect)
	for _, p := range problems {
		r.note(estate.NoteUnresolved, file, p.Line, p.Text)
	}
	return &ownersOfFiles{file: parsed, path: file}
}

// noteIgnored names the CODEOWNERS files that are not the one that is used.
func (r *Survey) noteIgnored(dialect codeowners.Dialect, used string) {
	reason := "the host uses " + used + " and ignores this one"
	if used == "" {
		reason = "a host of the kind " + string(dialect) + " does not look here"
	}
	seen := map[string]bool{used: true}
	for _, d := range []codeowners.Dialect{codeowners.GitHub, codeowners.GitLab, codeowners.Bitbucket, codeowners.Gitea} {
		for _, other := range codeowners.Locations(d) {
			if e, ok := r.snapshot.Entry(other); ok && !seen[other] && e.IsFile() {
				r.note(estate.NoteLeftOut, other, 0, reason)
			}
			seen[other] = true
		}
	}
}

// hosts are words in the address of a remote that tell the kind of host.
var hosts = []struct {
	word    string
	dialect codeowners.Dialect
}{
	{"gitlab", codeowners.GitLab},
	{"github", codeowners.GitHub},
	{"bitbucket", codeowners.Bitbucket},
	{"gitea", codeowners.Gitea},
	{"forgejo", codeowners.Gitea},
	{"codeberg.org", codeowners.Gitea},
}

// host is the dialect of the host that a remote names.
func (r *Survey) host() (codeowners.Dialect, bool) {
	for _, remote := range r.snapshot.Remotes {
		url := strings.ToLower(remote.URL)
		for _, h := range hosts {
			if strings.Contains(url, h.word) {
				return h.dialect, true
			}
		}
	}
	return codeowners.GitHub, false
}

func (r *Survey) firstOf(files []string) (string, []byte) {
	for _, file := range files {
		b, err := r.snapshot.Read(file, codeowners.MaxSize)
		if err == nil {
			return file, b
		}
		if !errors.Is(err, fs.ErrNotExist) {
			r.note(estate.NoteFailed, file, 0, "it is larger than hosts read, or its content is missing")
		}
	}
	return "", nil
}

// count adds the owners of a file.
func (o *ownersOfFiles) count(owned map[codeowner]ownedFiles, file string) {
	if o == nil {
		return
	}
	for i, one := range o.file.Owners(file) {
		key := codeowner{one.Kind, strings.ToLower(one.Name)}
		n := owned[key]
		n.files++
		if n.line == 0 || one.Line < n.line {
			n.line, n.place, n.as = one.Line, i, one.Name
		}
		owned[key] = n
	}
}

// claims are those of CODEOWNERS on a component: by the number of files, teams
// before people, then as the file has them: whom a line names first comes
// first. Roles such as @@maintainer name nobody.
func (o *ownersOfFiles) claims(c *Component) []ownership.Claim {
	if o == nil || c.Files == 0 {
		return nil
	}
	keys := make([]codeowner, 0, len(c.owned))
	for k := range c.owned {
		if k.kind != codeowners.Role {
			keys = append(keys, k)
		}
	}
	slices.SortFunc(keys, func(a, b codeowner) int {
		x, y := c.owned[a], c.owned[b]
		return cmp.Or(cmp.Compare(y.files, x.files), cmp.Compare(kindRank(a.kind), kindRank(b.kind)), cmp.Compare(x.line, y.line), cmp.Compare(x.place, y.place), cmp.Compare(a.name, b.name))
	})
	var all []ownership.Claim
	for _, k := range keys[:min(len(keys), maxFileOwners)] {
		n := c.owned[k]
		one := ownership.Claim{Source: ownership.Codeowners, State: ownership.Declared, Kind: ownership.Person, File: o.path, Line: n.line, Share: float64(n.files) / float64(c.Files)}
		switch k.kind {
		case codeowners.Team:
			one.Kind, one.Handle = ownership.Team, n.as
		case codeowners.Email:
			one.Email = n.as
		default:
			one.Account = n.as
		}
		one.Decides = one.Share >= decisive
		all = append(all, one)
	}
	return all
}

func kindRank(k codeowners.Kind) int {
	if k == codeowners.Team {
		return 0
	}
	return 1
}

// ownerFile is one OWNERS or MAINTAINERS file.
type ownerFile struct {
	path   string
	people []ownersfile.Person
}

// addOwnerFiles gives each component the claims of the nearest owner files
// above it that name somebody for their whole folder.
func (r *Survey) addOwnerFiles() {
	byDir := map[string][]string{}
	beside := ownersfile.Beside{Read: func(file string) ([]byte, error) { return r.snapshot.Read(file, ownersfile.MaxSize) }}
	wanted := 0
	for _, e := range r.snapshot.Entries() {
		switch {
		case !e.IsFile() || manifest.Fixture(e.Path):
		case ownersfile.WantsAliases(e.Path) && dirOf(e.Path) == "":
			if b, err := r.snapshot.Read(e.Path, ownersfile.MaxSize); err == nil {
				beside.Aliases, _ = ownersfile.ParseAliases(b)
			}
		case ownersfile.Wants(e.Path) && wanted < 5000:
			wanted++
			byDir[ownedBy(e.Path)] = append(byDir[ownedBy(e.Path)], e.Path)
		}
	}
	known := map[string][]ownership.Claim{}
	for _, c := range r.Components {
		for dir := c.Root; ; dir = dirOf(dir) {
			if _, read := known[dir]; !read {
				known[dir] = ownerFileClaims(r.readOwnerFiles(byDir[dir], beside))
			}
			if len(known[dir]) > 0 || dir == "" {
				c.Claims = append(c.Claims, known[dir]...)
				break
			}
		}
	}
}

func (r *Survey) readOwnerFiles(files []string, beside ownersfile.Beside) []ownerFile {
	var all []ownerFile
	for _, file := range files {
		b, err := r.snapshot.Read(file, ownersfile.MaxSize)
		if err != nil {
			r.note(estate.NoteFailed, file, 0, "it is larger than an owner file is read, or its content is missing")
			continue
		}
		people, notes := ownersfile.Parse(file, b, beside)
		if len(people) == 0 && len(notes) > 0 {
			r.note(estate.NoteUnresolved, file, notes[0].Line, "an owner file in which nobody was found")
			continue
		}
		all = append(all, ownerFile{file, people})
	}
	return all
}

// ownedBy is the folder that an owner file speaks for: its own, and for .github
// and docs the one above.
func ownedBy(file string) string {
	dir := dirOf(file)
	switch dir {
	case ".github", "docs", ".gitlab":
		return ""
	}
	return dir
}

// ownerFileClaims are the owners of a whole folder: those for a part of it own
// no component. Reviewers count only where nobody approves or maintains.
func ownerFileClaims(files []ownerFile) []ownership.Claim {
	var strong, weak []ownership.Claim
	for _, f := range files {
		for _, p := range f.people {
			if !p.Owns() || p.Scope != "" {
				continue
			}
			c := ownership.Claim{Source: ownership.OwnerFile, State: ownership.Declared, Kind: ownership.Person, Name: p.Name, Email: p.Email, Account: p.Account, Decides: true, File: f.path, Line: p.Line}
			if p.Team {
				c.Kind, c.Handle = ownership.Team, cmp.Or(p.Account, p.Name, p.Email)
			}
			if p.Role == ownersfile.Reviewer {
				weak = append(weak, c)
			} else {
				strong = append(strong, c)
			}
		}
	}
	if len(strong) == 0 {
		strong = weak
	}
	slices.SortStableFunc(strong, func(a, b ownership.Claim) int { return cmp.Compare(claimRank(a), claimRank(b)) })
	return strong[:min(len(strong), maxPeople)]
}

func claimRank(c ownership.Claim) int {
	if c.Kind == ownership.Team {
		return 0
	}
	return 1
}
