package spdx

import (
	"strings"
	"unicode"
)

// maxMistyped is how long a word is for which Nearest looks, in bytes; no id is as long.
const maxMistyped = 80

// Nearest returns the id that is spelled most like a word which is none: a licence, or an exception,
// as the list has it today. Empty where nothing is spelled like it.
func Nearest(word string) string {
	letters := lettersOf(word)
	if len(word) > maxMistyped || len(letters) == 0 {
		return ""
	}
	l := load()
	best, least := "", len(letters)/2+1
	try := func(id string) {
		if n := distance(letters, lettersOf(id)); n < least || n == least && best != "" && id < best {
			best, least = id, n
		}
	}
	for _, one := range l.licences {
		try(one.ID)
	}
	for _, id := range l.exceptions {
		try(id)
	}
	if today, ok := Current(best); ok {
		return today
	}
	return best
}

// lettersOf are the letters and digits of a word, without their case: "-" and "." are forgotten easily.
func lettersOf(word string) []rune {
	var letters []rune
	for _, r := range strings.ToLower(word) {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			letters = append(letters, r)
		}
	}
	return letters
}

// distance is how many letters are put in or left out between two words.
func distance(a, b []rune) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i, x := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j, y := range b {
			changed := diagonal
			if x != y {
				changed += 2
			}
			diagonal = row[j+1]
			row[j+1] = min(changed, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
