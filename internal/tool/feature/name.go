package main

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

var wordPattern = regexp.MustCompile(`^[a-z][a-z0-9]{2,23}$`)

// empty are names that say nothing about what is inside; internal/arch refuses them too.
var empty = []string{"util", "utils", "common", "helpers", "helper", "models", "types", "shared", "lib", "core", "pkg", "misc", "internal", "main", "testdata", "vendor"}

// reserved are words of SQL that cannot name a table on both engines.
var reserved = strings.Fields(`all alter analyse analyze and any array as asc asymmetric authorization between binary both case cast check collate
	column commit concurrently constraint create cross current default deferrable delete desc distinct drop else end escape except exists fetch
	for foreign freeze from full grant group having ilike index initially inner insert intersect into isnull join lateral leading left like
	limit localtime natural not notnull null offset only order outer over overlaps placing primary references returning right rollback select
	session similar some symmetric table tablesample then trailing transaction trigger union unique update user using values variadic verbose
	view when where window with`)

// checkName says why a word cannot name a feature of the repository at root.
func checkName(root, word string) error {
	switch {
	case !wordPattern.MatchString(word):
		return refuse("%q is no name for a feature: take one noun of 3 to 24 letters a to z and digits, in the singular, as users say it", word)
	case slices.Contains(empty, word):
		return refuse("%q says nothing about what is inside: take a noun that a user would say", word)
	case token.IsKeyword(word) || types.Universe.Lookup(word) != nil:
		return refuse("%q is a word of Go: take another noun", word)
	case slices.Contains(reserved, word):
		return refuse("%q is a word of SQL and cannot name a table: take another noun", word)
	}
	if _, err := os.Lstat(filepath.Join(root, "internal/feature", word)); err == nil {
		return refuse("internal/feature/%s exists already: take another name, or work there", word)
	}
	for _, layer := range []string{"format", "platform", "connector"} {
		if _, err := os.Lstat(filepath.Join(root, "internal", layer, word)); err == nil {
			return refuse("%q is a package already, internal/%s/%s: take another noun", word, layer, word)
		}
	}
	return nil
}

// checkTaken says what of the program has the name of a table, a command or an address already.
func checkTaken(root string, n names) error {
	table := regexp.MustCompile(`(?i)create\s+(?:virtual\s+)?table\s+(?:if\s+not\s+exists\s+)?"?` + n.Word + `\b`)
	used := regexp.MustCompile(`\bName:\s*"(` + n.Word + `|` + n.Plural + `)"|"(?:GET |POST )?/(` + n.Plural + `)["/.]`)
	return filepath.WalkDir(filepath.Join(root, "internal"), func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "testdata" || d.Name() == "tool") {
			return filepath.SkipDir
		}
		sql, code := strings.HasSuffix(p, ".sql"), strings.HasSuffix(p, ".go") && !strings.HasSuffix(p, "_test.go")
		if d.IsDir() || (!sql && !code) {
			return nil
		}
		b, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		place, err := filepath.Rel(root, p)
		if err != nil {
			return err
		}
		if sql && table.Match(b) {
			return refuse("the table %s is made by %s already: take another noun", n.Word, filepath.ToSlash(place))
		}
		if m := used.Find(b); code && m != nil && (bytes.Contains(b, []byte("command.")) || !bytes.HasPrefix(m, []byte("Name"))) {
			return refuse("%s has %s already, a command or an address: take another noun", filepath.ToSlash(place), strings.ReplaceAll(string(bytes.TrimRight(m, `"/.`)), `"`, ""))
		}
		return nil
	})
}

// checkShadow refuses a word that would hide, or be hidden by, a name in the Go source src.
func checkShadow(n names, place string, src []byte) error {
	file, err := parser.ParseFile(token.NewFileSet(), place, src, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	taken := false
	ast.Inspect(file, func(node ast.Node) bool {
		if id, ok := node.(*ast.Ident); ok {
			taken = taken || id.Name == n.Word || id.Name == n.Type
		}
		return true
	})
	if taken {
		return refuse("%s uses the name %s for something else: take another noun", place, n.Word)
	}
	return nil
}

// names are the forms of a feature's name that its files need.
type names struct {
	Word   string // award
	Type   string // Award
	Plural string // awards
	Types  string // Awards
	One    string // an award
	A      string // An award
}

func namesOf(word string) names {
	title := func(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
	n := names{Word: word, Type: title(word), Plural: plural(word), One: "a " + word}
	if strings.ContainsRune("aeiou", rune(word[0])) {
		n.One = "an " + word
	}
	n.Types, n.A = title(n.Plural), title(n.One)
	return n
}

func plural(word string) string {
	last, before := word[len(word)-1], word[len(word)-2]
	switch {
	case last == 'y' && !strings.ContainsRune("aeiou", rune(before)):
		return word[:len(word)-1] + "ies"
	case last == 's', last == 'x', last == 'z', strings.HasSuffix(word, "ch"), strings.HasSuffix(word, "sh"):
		return word + "es"
	}
	return word + "s"
}
