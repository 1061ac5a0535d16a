package licence

import (
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"steward/internal/feature/estate"
	"steward/internal/format/licencetext"
	"steward/internal/format/spdx"
)

// answers gives every component root its licence, the repository's own first.
func (f *found) answers() []Answer {
	byRoot := make(map[string][]*File, len(f.roots))
	for i := range f.files {
		one := &f.files[i]
		byRoot[one.Root] = append(byRoot[one.Root], one)
	}
	all := make([]Answer, 0, len(f.roots))
	given := heritage{files: byRoot, ecosystems: f.ecosystems, of: f.declaredIn, known: map[string]Answer{}}
	for _, root := range f.roots {
		a := answer(root, byRoot[root])
		if a.Licence == None {
			a = given.inherited(root)
		}
		all = append(all, a)
	}
	if all[0].Licence == None && len(all) > 1 {
		all[0] = unanimous(all[0], all[1:])
	}
	return all
}

// heritage is what folders say for those beneath them. What a manifest declares
// it says for its own ecosystem; a licence text speaks for everything.
type heritage struct {
	files      map[string][]*File         // by component root
	ecosystems map[string]map[string]bool // of the manifests of each component root
	of         map[string]string          // by file that declares: its ecosystem
	known      map[string]Answer          // by folder and the ecosystems asked for
}

// inherited takes the answer of the nearest folder above that has one for the
// ecosystems of root.
func (h heritage) inherited(root string) Answer {
	ecosystems := slices.Sorted(maps.Keys(h.ecosystems[root]))
	for dir := root; dir != ""; {
		dir = dirOf(dir)
		if a := h.says(dir, ecosystems); a.Licence != None {
			a.Why = "as " + place(dir) + " above it says"
			a.Root, a.Basis = root, estate.Inferred
			return a
		}
	}
	return Answer{Root: root, Licence: None, Certainty: Nothing, Why: "no licence file, and no manifest of its ecosystem names one"}
}

// says judges the texts of a folder and what is declared there for some ecosystems.
func (h heritage) says(dir string, ecosystems []string) Answer {
	key := dir + "\x00" + strings.Join(ecosystems, " ")
	a, ok := h.known[key]
	if !ok {
		a = answer(dir, slices.DeleteFunc(slices.Clone(h.files[dir]), func(one *File) bool {
			return one.Kind == Declared && !slices.Contains(ecosystems, h.of[one.Path])
		}))
		h.known[key] = a
	}
	return a
}

func place(dir string) string {
	if dir == "" {
		return "the root"
	}
	return dir
}

// unanimous says of a root without a licence what all its components say.
func unanimous(root Answer, parts []Answer) Answer {
	for _, p := range parts {
		if p.Licence != parts[0].Licence || !p.Licence.Known() {
			return root
		}
	}
	a := parts[0]
	a.Root, a.Basis, a.Why = "", estate.Inferred, "all its components say so"
	for _, p := range parts {
		if a.Dispute == "" {
			a.Dispute = p.Dispute
		}
	}
	return a
}

// answer judges the files of one root.
func answer(root string, files []*File) Answer {
	texts := principal(root, files)
	var declared []*File
	for _, one := range files {
		if one.Kind == Declared && dirOf(one.Path) == root {
			declared = append(declared, one)
			one.Counts = true
		}
	}
	for _, one := range texts {
		one.Counts = true
	}
	text := ofTexts(root, texts)
	written := ofDeclared(root, declared)
	if _, restricted := text.Licence.Base(); restricted {
		if written.Licence.Known() {
			text.Dispute = fmt.Sprintf("%s declares %s, but %s adds restrictions", written.File, written.Licence, text.File)
		}
		return text
	}
	switch {
	case written.Licence == None, written.Licence == Unknown && points(declared):
		if text.Licence == None {
			return written
		}
		return text
	case written.Licence == Unknown && text.Licence != None:
		if !refines(declared, text.Licence) {
			text.Dispute = fmt.Sprintf("%s declares %q, %s is %s", declared[0].Path, declared[0].Said, text.File, text.Licence.Title())
		}
		return text
	case written.Licence == Unknown || text.Licence == None:
		return written
	}
	if text.Licence == Unknown {
		written.Dispute = disputes(written.Dispute, fmt.Sprintf("%s declares %s, and the text in %s is not known", written.File, written.Licence, text.File))
		return written
	}
	more, ok := agree(written.Licence, texts)
	if !ok {
		dispute := disputes(written.Dispute, fmt.Sprintf("%s declares %s, %s is %s", written.File, written.Licence, text.File, text.Licence))
		if root == "" && (text.Certainty == Certainty(licencetext.Exact) || text.Certainty == Certainty(licencetext.Close)) {
			text.Dispute = dispute // the text at the top is that of all there is, a manifest there that of one part
			return text
		}
		written.Dispute = dispute
	}
	if len(more) > 0 {
		written.Why += ", and the texts hold " + strings.Join(more, ", ") + " as well"
	}
	for _, one := range texts {
		if one.Certainty == Certainty(licencetext.Suspected) {
			written.Certainty = one.Certainty
			written.Why += "; " + one.Path + " holds words beyond the licence: read it"
			break
		}
	}
	return written
}

func disputes(a, b string) string {
	if a == "" {
		return b
	}
	return a + "; " + b
}

// ofDeclared is the answer of the manifests alone: the first by its path.
func ofDeclared(root string, declared []*File) Answer {
	a := Answer{Root: root, Licence: None, Certainty: Nothing, Why: "no licence file, and no manifest names one"}
	for _, one := range declared {
		switch {
		case !one.Licence.Known():
			if a.Licence == None {
				a = Answer{
					Root: root, Licence: Unknown, Basis: estate.Written, Certainty: Certainty(licencetext.Unknown), File: one.Path, Line: one.Line,
					Why: fmt.Sprintf("it declares %q, which names no one licence", one.Said),
				}
			}
		case !a.Licence.Known():
			a = Answer{Root: root, Licence: one.Licence, Basis: estate.Written, Certainty: Written, File: one.Path, Line: one.Line, Why: "declared in " + path.Base(one.Path)}
		case one.Licence != a.Licence:
			a.Dispute = disputes(a.Dispute, fmt.Sprintf("%s declares %s, %s declares %s", a.File, a.Licence, one.Path, one.Licence))
		}
	}
	return a
}

// ofTexts is the answer of the licence files alone.
func ofTexts(root string, texts []*File) Answer {
	a := Answer{Root: root, Licence: None, Certainty: Nothing}
	if len(texts) == 0 {
		return a
	}
	first := texts[0]
	a = Answer{
		Root: root, Licence: first.Licence, Basis: estate.Measured, Certainty: first.Certainty, File: first.Path, Line: first.Line, Matched: first.Matched,
		Why: strings.Join(first.Reasons, "; "),
	}
	var terms []spdx.Expression
	for _, one := range texts {
		if !one.Licence.Known() { // a changed or unknown text among others decides
			a.Licence, a.Certainty, a.File, a.Line, a.Matched = one.Licence, one.Certainty, one.Path, one.Line, one.Matched
			a.Why = strings.Join(append(slices.Clone(one.Reasons), one.Restrictions...), "; ")
			if _, restricted := one.Licence.Base(); restricted {
				return a
			}
			continue
		}
		if term, err := spdx.Parse(string(one.Licence)); err == nil {
			terms = append(terms, term)
		}
	}
	if !a.Licence.Known() || len(texts) == 1 {
		return a
	}
	if joined := spdx.Join(spdx.And, terms...).String(); joined != string(first.Licence) && len(joined) <= maxKey {
		a.Licence, a.Certainty = Key(joined), Certainty(licencetext.Suspected)
		a.Why = fmt.Sprintf("%d texts lie side by side, and nothing says whether one may be chosen", len(texts))
	}
	return a
}

var (
	mainName   = regexp.MustCompile(`(?i)^((un)?licen[sc]e|copying)(\.(txt|md|markdown|rst|html?|adoc))?$`)
	noticeName = regexp.MustCompile(`(?i)^(notices?|copyright)\b`)
	othersName = regexp.MustCompile(`(?i)(third|3rd)[-_. ]?part(y|ies)|.\.(licen[sc]e|copying)$`) // picture.svg.license is that of a file (REUSE)
	sideFolder = regexp.MustCompile(`(?i)^(docs?|legal|licen[sc]es?|\.github|meta-inf)$`)
)

// principal picks the texts that decide for a root, in this order: LICENSE and
// COPYING, others beside it, the folder LICENSES of REUSE, notices that hold a
// licence, a folder for documents.
func principal(root string, files []*File) []*File {
	groups := make([][]*File, 5)
	for _, one := range files {
		if g := group(root, one); g >= 0 {
			groups[g] = append(groups[g], one)
		}
	}
	main, beside := groups[0], groups[1]
	if len(main) > 0 {
		if lesser := lesserOf(main, beside); lesser != nil {
			return []*File{lesser}
		}
		undecided := !slices.ContainsFunc(main, func(one *File) bool { return one.Licence != Unknown || len(one.Restrictions) > 0 })
		if named := known(beside); undecided && len(named) > 0 {
			return named // LICENSE only says which of the others there are
		}
		return main
	}
	for _, g := range groups[1:] {
		if named := known(g); len(named) > 0 {
			return named
		}
	}
	for _, g := range [][]*File{groups[1], groups[2], groups[4]} {
		if len(g) > 0 {
			return g // there is a text, and it is not known
		}
	}
	return nil
}

func group(root string, one *File) int {
	base, dir := path.Base(one.Path), dirOf(one.Path)
	if one.Kind != Text || othersName.MatchString(base) {
		return -1
	}
	switch {
	case dir == root && noticeName.MatchString(base):
		return 3
	case dir == root && mainName.MatchString(base):
		return 0
	case dir == root:
		return 1
	case dirOf(dir) != root || !strings.HasPrefix(one.Path, root):
		return -1
	case path.Base(dir) == "LICENSES":
		return 2
	case sideFolder.MatchString(path.Base(dir)) && !noticeName.MatchString(base):
		return 4
	}
	return -1
}

// known leaves out texts that no licence was found in; what was changed stays.
func known(files []*File) []*File {
	var some []*File
	for _, one := range files {
		if one.Licence != Unknown {
			some = append(some, one)
		}
	}
	return some
}

// lesserOf finds the LGPL beside the GPL: its version 3 is written as an
// addition to the GPL's text, so that both files lie there.
func lesserOf(main, beside []*File) *File {
	if slices.ContainsFunc(main, func(one *File) bool { return !strings.HasPrefix(string(one.Licence), "GPL-") }) {
		return nil
	}
	for _, one := range beside {
		if strings.HasPrefix(string(one.Licence), "LGPL-") && one.Licence.Known() && strings.Contains(strings.ToLower(path.Base(one.Path)), "lesser") {
			return one
		}
	}
	return nil
}

// points says that all a manifest declares is where the text lies.
func points(declared []*File) bool {
	for _, one := range declared {
		lower := strings.ToLower(one.Said)
		if !strings.HasPrefix(lower, "see ") && !strings.HasPrefix(lower, "file:") && !licencetext.Wants(one.Said) {
			return false
		}
	}
	return len(declared) > 0
}

// refines says that a text tells which of several licences a loose word such
// as "BSD" means.
func refines(declared []*File, k Key) bool {
	for _, one := range declared {
		word, _, _ := strings.Cut(strings.ToLower(one.Said), " ")
		if len(word) < 3 || !strings.HasPrefix(strings.ToLower(string(k)), word) {
			return false
		}
	}
	return true
}

// agree says whether the texts fit what is declared: each is one of the
// declared licences, or one file holds all of them and more besides, as the
// texts of what a release bundles. That a text is one of several declared is no
// dispute, and neither is "only" against "or later", which a text cannot tell.
func agree(declared Key, texts []*File) (more []string, ok bool) {
	allowed := licences(declared)
	for _, one := range texts {
		ids := licences(one.Licence)
		beyond := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return slices.Contains(allowed, id) })
		if len(beyond) > 0 && slices.ContainsFunc(allowed, func(id string) bool { return !slices.Contains(ids, id) }) {
			return nil, false
		}
		more = append(more, beyond...)
	}
	return more, true
}

func licences(k Key) []string {
	e, err := spdx.Parse(string(k))
	if err != nil {
		return []string{string(k)}
	}
	ids := e.Licences()
	for i, id := range ids {
		ids[i] = strings.TrimSuffix(strings.TrimSuffix(id, "-only"), "-or-later")
	}
	return ids
}
