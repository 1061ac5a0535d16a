package licencetext

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// word is one word of a text as it is compared.
type word struct {
	text       string // lower case, spelled one way
	line       int    // from 1
	start, end int    // bytes in the text
}

// split makes words of a text. What the SPDX matching guidelines (annex B)
// leave out of account is gone: punctuation, letter case, bullets and numbers
// of list items, ways of spelling; http and https are not told apart.
func split(text []byte) []word {
	words := make([]word, 0, len(text)/6)
	line := 1
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		if r == '\n' {
			line++
		}
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			i += size
			continue
		}
		end := wordEnd(text, i)
		w := word{line: line, start: i, end: end, text: fold(string(text[i:end]))}
		i = end
		if listMark(w.text, text[end:]) {
			continue
		}
		words = add(words, w)
	}
	return words
}

// wordEnd finds where the word that starts at i ends: apostrophes stay inside,
// dots only between digits.
func wordEnd(text []byte, i int) int {
	for i < len(text) {
		r, size := utf8.DecodeRune(text[i:])
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			i += size
			continue
		}
		next, _ := utf8.DecodeRune(text[i+size:])
		inside := r == '.' && i > 0 && isDigit(text[i-1]) && next >= '0' && next <= '9' ||
			(r == '\'' || r == '’') && unicode.IsLetter(next)
		if !inside {
			break
		}
		i += size
	}
	return i
}

func isDigit(b byte) bool { return b >= '0' && b <= '9' }

func fold(s string) string {
	s = strings.ToLower(s)
	if strings.ContainsAny(s, "'’") {
		s = strings.NewReplacer("'", "", "’", "").Replace(s)
	}
	switch s {
	case "licence", "licences", "licenced", "licencee", "licencees", "licencing", "sublicence", "sublicences", "sublicencing":
		return strings.Replace(s, "licenc", "licens", 1)
	case "noncommercially":
		return "noncommercial"
	}
	return s
}

// listMark says whether a word is the number or letter of a list item, or the
// c of a copyright sign: one or two digits, a letter, a small roman number,
// then a dot or a bracket.
func listMark(w string, after []byte) bool {
	if len(after) == 0 || after[0] != '.' && after[0] != ')' {
		return false
	}
	if len(after) > 1 && after[1] > ' ' && after[1] != ')' && after[1] != '.' && after[1] != ',' {
		return false
	}
	if len(w) == 1 {
		return true
	}
	if len(w) == 2 && isDigit(w[0]) && isDigit(w[1]) {
		return true
	}
	return len(w) <= 4 && strings.Trim(w, "ivx") == ""
}

// add appends w, joined to the word before where both are written as one or two.
func add(words []word, w word) []word {
	switch w.text {
	case "http", "https", "www", "mailto":
		return words
	}
	if len(words) > 0 {
		last := &words[len(words)-1]
		switch {
		case last.text == "non", last.text == "sub" && strings.HasPrefix(w.text, "licens"):
			last.text += w.text
			last.end = w.end
			return words
		case last.text == "copyright" && (w.text == "owner" || w.text == "owners"):
			w.text = strings.Replace(w.text, "owner", "holder", 1)
		}
	}
	return append(words, w)
}

// gap is a place in licence texts where the name of the holder stands.
type gap struct {
	before, after []string
	most          int // words between them
}

var gaps = []gap{
	{[]string{"neither", "the", "name", "of"}, []string{"nor", "the", "names", "of"}, 20},
	{[]string{"neither", "the", "names", "of"}, []string{"nor", "the", "names", "of"}, 20},
	{[]string{"this", "software", "is", "provided", "by"}, []string{"as", "is"}, 20},
	{[]string{"in", "no", "event", "shall"}, []string{"be", "liable"}, 20},
	{[]string{"as", "is", "and"}, []string{"disclaims", "all", "warranties"}, 10},
	{[]string{"as", "is", "and"}, []string{"disclaim", "all", "warranties"}, 10},
}

// holder stands for the words of a gap.
const holder = "\x00"

// normal is a text as it is compared with known texts: words with the names of
// holders folded away. from[i] is the index in the words of normal word i;
// from[len] is the number of words.
type normal struct {
	words []string
	from  []int
}

func normalise(words []word) normal {
	n := normal{words: make([]string, 0, len(words)), from: make([]int, 0, len(words)+1)}
	for i := 0; i < len(words); {
		n.words = append(n.words, words[i].text)
		n.from = append(n.from, i)
		i++
		for _, g := range gaps {
			if !slices.Equal(tail(n.words, len(g.before)), g.before) {
				continue
			}
			if skip := gapLength(words[i:], g); skip > 0 {
				n.words = append(n.words, holder)
				n.from = append(n.from, i)
				i += skip
				break
			}
		}
	}
	n.from = append(n.from, len(words))
	return n
}

func tail(words []string, n int) []string {
	return words[max(0, len(words)-n):]
}

// gapLength counts the words up to what follows the gap; 0 when it does not.
func gapLength(words []word, g gap) int {
	for i := 1; i <= g.most && i+len(g.after) <= len(words); i++ {
		found := true
		for j, want := range g.after {
			if words[i+j].text != want {
				found = false
				break
			}
		}
		if found {
			return i
		}
	}
	return 0
}
