package identity

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// FullName returns a name in the form that the name rule compares: lower case,
// single blanks, "Doe, Jane (Payments)" as "jane doe". ok is false for a name
// that is too weak to join by: one word, an initial, a generic name, a mark
// other than letters.
func FullName(name string) (folded string, ok bool) {
	if len(name) > 200 || !utf8.ValidString(name) {
		return "", false
	}
	name = strings.TrimSpace(name)
	for {
		open := strings.LastIndexAny(name, "([")
		if open <= 0 || name[len(name)-1] != ')' && name[len(name)-1] != ']' {
			break
		}
		name = strings.TrimSpace(name[:open])
	}
	if last, first, found := strings.Cut(name, ","); found {
		name = first + " " + last
	}
	words := strings.Fields(strings.ToLower(name))
	if len(words) < 2 || len(words) > 8 {
		return "", false
	}
	generic := true
	strong := 0
	for _, w := range words {
		if !isNameWord(w) {
			return "", false
		}
		if isStrongWord(w) {
			strong++
		}
		generic = generic && genericWords[w]
	}
	if generic || strong < 2 {
		return "", false
	}
	folded = strings.Join(words, " ")
	return folded, !genericNames[folded]
}

// isNameWord accepts letters with marks and - ' ’ . inside or after them.
func isNameWord(w string) bool {
	for i, r := range w {
		if unicode.IsLetter(r) || i > 0 && (unicode.IsMark(r) || strings.ContainsRune("-'’.", r)) {
			continue
		}
		return false
	}
	return true
}

// isStrongWord tells a word from an initial. One sign is a whole word in scripts such as Han.
func isStrongWord(w string) bool {
	letters := 0
	for _, r := range w {
		if unicode.IsLetter(r) {
			letters++
			if !unicode.In(r, unicode.Latin, unicode.Cyrillic, unicode.Greek) {
				return true
			}
		}
	}
	return letters >= 2
}

// genericWords make a name generic when it has no other words.
var genericWords = words(`root admin administrator administrators sysadmin superuser user users name username your
	my me test tester testing dev devs developer developers engineer unknown none no null undefined nobody anonymous default system systems local
	localhost git github gitlab gitea bitbucket gerrit svn ubuntu debian centos fedora linux windows mac macos apple vagrant docker
	jenkins build builder builds release releases deploy deployer deployment first last firstname lastname given family surname full
	example sample demo dummy guest author committer contributor contributors maintainer maintainers owner team teams support service
	server services the a an i ci cd bot robot bots automation automated machine account action actions workflow pipeline runner agent
	pi ec2 aws azure cloud shell code review web editor mobile app application project company organisation organization it ops devops
	info contact office mail email hello here insert put change changeme foo bar baz`)

// genericNames are generic although their words are not.
var genericNames = words("john_doe jane_doe joe_bloggs max_mustermann erika_mustermann nobody_important")

func words(list string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(list) {
		out[strings.ReplaceAll(w, "_", " ")] = true
	}
	return out
}
