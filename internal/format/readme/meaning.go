package readme

import (
	"strings"
	"unicode"
)

// meaning is what a text tells about a project.
type meaning int

const (
	nothing meaning = iota // too short, navigation, a pointer, thanks, a licence
	warns                  // that it has moved, has ended or is not ready
	says                   // something
)

// Beginnings and phrases that decide what a text means, in lower case.
var (
	licenceBegins = []string{
		"copyright ", "copyright:", "(c) ", "© ", "licensed ", "dual-licensed", "dual licensed", "license:", "licence:", "released under ", "distributed under ", "available under ",
		"permission is hereby granted", "permission to use, copy", "this program is free software", "this library is free software", "this software is licensed",
		"this project is licensed", "redistribution and use", "the software is provided", "this software is provided", "all rights reserved", "spdx-license-identifier",
		"the mit license", "mit license", "apache license", "gnu general public license", "gnu lesser general", "bsd 3-clause", "unless required by applicable law",
	}
	// pointerBegins lead to something else than what the project is.
	pointerBegins = []string{
		"see ", "visit ", "please ", "for more ", "for further ", "for the latest ", "for information", "for details", "for documentation", "for installation", "for help",
		"documentation is ", "documentation can ", "documentation for ", "the documentation ", "full documentation ", "docs:", "api documentation", "details on ", "details can ",
		"more information", "more details", "more documentation", "further information", "additional information", "a detailed ", "a few links", "all the links", "here is a list", "here are ",
		"read the ", "read more", "read about", "read this ", "check out ", "take a look", "have a look", "to learn ", "learn more", "learn how ", "learn about", "how to ", "how this ", "to get started", "to install ",
		"to use ", "to run ", "to build ", "to start ", "you can find", "you can just", "you can read", "you can download", "you can install", "you can see", "you can also", "you may also", "you probably ",
		"you will need", "you'll need", "you need to", "you must ", "find the ", "find more ", "follow the ", "follow us", "refer to ", "head over ", "head to ", "go to ", "located at ", "available at ", "available in ",
		"join us", "join our", "join the ", "download the ", "add this ", "add the following", "add it to ", "once the ", "once you", "once installed", "make sure ", "if you are looking", "if you're looking", "if you want", "if you need", "if you have", "if you like",
		"looking for", "we're looking", "we are looking", "other languages", "translations", "this readme", "the readme", "this page", "this document ", "the following ", "below is ", "below are ", "maintained by ", "built with ", "made with ", "created by ",
		"made by ", "developed by ", "written by ", "hosted ", "thanks ", "thank you to", "thank you for using", "special thanks", "huge thanks", "many thanks", "pull requests ", "contributions ", "issues ", "feel free ",
		"become a ", "support us", "support this ", "donate", "sponsored by", "supported by", "proudly ", "we're excited", "we are excited", "we're happy", "we are happy", "we are pleased", "we're pleased", "announcing ", "news: ", "update:",
		"questions", "support questions", "have a question", "want to ", "would you ", "do you ", "interested in ", "not sure ", "hello ", "hi ", "welcome!",
	}
	pointerPhrases = []string{
		"sponsoring", "sponsorship", "our sponsors", "sponsors for", "open collective", "opencollective", "become a backer", "become a sponsor", "special thanks", "buy me a coffee", "your company here", "your logo", "discord server",
		"join our discord", "join the discord", "star us", "give it a star", "give us a star", "star on github", "follow us on", "is supported by the community", "table of contents", "click here",
	}
	noticeBegins = []string{
		"note:", "note that", "notes:", "please note", "warning", "important", "caution", "attention", "notice", "disclaimer", "deprecated", "deprecation", "heads up", "beware", "archived", "moved to", "tip:", "be aware", "work in progress",
	}
	noticePhrases = []string{
		"no longer maintained", "no longer being maintained", "no longer under ", "no longer supported", "no longer developed", "no longer actively", "not actively maintained", "not receiving active", "not maintained any",
		"maintenance mode", "maintenance-only", "is deprecated", "has been deprecated", "is now deprecated", "has moved to", "have moved to", "has been moved", "moved to a new", "has been archived", "is archived", "now archived",
		"is now part of", "has been merged into", "has been renamed", "was renamed to", "formerly hosted", "looking for maintainers", "looking for new maintainers", "end of life", "reached eol", "been superseded", "read-only mirror", "read only mirror",
		"under active development", "in active development", "work in progress", "under heavy development", "unreleased code", "unreleased version", "development branch", "is experimental",
		"you are on the ", "you're on the ", "you are viewing", "you're viewing", "you are looking at", "you're looking at", "unstable or even broken", "changed stewardship", "is now available", "has been released", "was released on",
	}
)

// meaningOf tells a text that says something from short lines, navigation, pointers and notices.
func meaningOf(text string) meaning {
	lower := strings.ToLower(strings.ReplaceAll(text, "’", "'"))
	lower = strings.TrimLeftFunc(lower, func(r rune) bool { return !isWord(r) && r != '(' && r != '©' })
	if !isText(text) || begins(lower, licenceBegins) || begins(lower, pointerBegins) || holds(lower, pointerPhrases) || isLead(lower) || isLabel(lower) {
		return nothing
	}
	if begins(lower, noticeBegins) || holds(lower, noticePhrases) {
		return warns
	}
	return says
}

// isText tells words in a row from short lines and menus.
func isText(text string) bool {
	letters, dense, separators := 0, 0, 0
	for _, r := range text {
		switch {
		case isDense(r):
			dense++
			letters++
		case unicode.IsLetter(r):
			letters++
		case r == '|' || r == '·' || r == '•' || r == '\ufffd':
			separators++
		}
	}
	words := len(strings.Fields(text))
	if dense < 6 && (letters < 12 || words < 3) {
		return false
	}
	return separators*4 <= words || separators < 2
}

// isLead tells a few words that only lead in the list or code below them.
func isLead(lower string) bool {
	if !strings.HasSuffix(lower, ":") {
		return false
	}
	words := strings.Fields(lower)
	return len(words) <= 6 || strings.Contains(lower, "following") && len(words) <= 12
}

// isLabel tells names with short values ("Project state: active") and a pointer
// that ends in "here" from sentences.
func isLabel(lower string) bool {
	name, value, found := strings.Cut(lower, ": ")
	if found && len(strings.Fields(name)) <= 7 && len(strings.Fields(value)) <= 3 {
		return true
	}
	words := strings.Fields(lower)
	labels := 0
	for _, w := range words {
		if strings.HasSuffix(w, ":") {
			labels++
		}
	}
	if labels >= 3 && len(words) <= 5*labels {
		return true
	}
	return strings.HasSuffix(strings.TrimRight(lower, ".!: "), " here") && len(words) <= 15
}

func begins(lower string, all []string) bool {
	for _, begin := range all {
		if strings.HasPrefix(lower, begin) {
			return true
		}
	}
	return false
}

func holds(lower string, all []string) bool {
	for _, phrase := range all {
		if strings.Contains(lower, phrase) {
			return true
		}
	}
	return false
}

// isDense tells scripts that write no blanks between words.
func isDense(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Thai)
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
