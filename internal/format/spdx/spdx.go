// Package spdx keeps the SPDX licence list and reads licence expressions.
//
// Sources: the SPDX licence list (licences.tsv and exceptions.tsv, renewed by
// generate.go) and annex D, "SPDX license expressions", of the SPDX
// specification 2.3. Ids are compared without letter case and given back as the
// list writes them; ids that the list has retired are given back as what
// replaces them (GPL-2.0 is GPL-2.0-only, GPL-2.0+ is GPL-2.0-or-later).
//
// Two ways in: Parse takes expressions only; Normalise also takes what people
// write instead ("Apache License, Version 2.0"), where it can mean one thing
// only. "BSD", "GPL" or "Apache" alone stay unknown.
package spdx

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
)

// Licence is one entry of the licence list.
type Licence struct {
	ID         string // as the list writes it: Apache-2.0
	Name       string // Apache License 2.0; the id where the list at hand has no name
	Deprecated bool   // the list has retired this id
	OSI        bool   // approved by the Open Source Initiative
}

//go:embed licences.tsv
var licencesTSV string

//go:embed exceptions.tsv
var exceptionsTSV string

// list is read once and never changed.
type list struct {
	licences   []Licence
	byID       map[string]int    // lower-case id → index
	byName     map[string]string // spellingKey of a name → id; names of two ids are left out
	exceptions map[string]string // lower-case id → id
}

var load = sync.OnceValue(func() *list {
	l := &list{byID: map[string]int{}, byName: map[string]string{}, exceptions: map[string]string{}}
	for _, cells := range cellsOf(licencesTSV, 3) {
		entry := Licence{ID: cells[0], Name: cells[1], Deprecated: strings.Contains(cells[2], "d"), OSI: strings.Contains(cells[2], "o")}
		l.byID[strings.ToLower(entry.ID)] = len(l.licences)
		l.licences = append(l.licences, entry)
	}
	for _, entry := range l.licences {
		key := spellingKey(entry.Name)
		if entry.Deprecated {
			continue
		}
		if _, twice := l.byName[key]; twice {
			l.byName[key] = ""
			continue
		}
		l.byName[key] = entry.ID
	}
	for _, cells := range cellsOf(exceptionsTSV, 2) {
		l.exceptions[strings.ToLower(cells[0])] = cells[0]
	}
	return l
})

func cellsOf(table string, columns int) [][]string {
	var rows [][]string
	for line := range strings.Lines(table) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, "#") {
			continue
		}
		if cells := strings.Split(line, "\t"); len(cells) == columns {
			rows = append(rows, cells)
		}
	}
	return rows
}

// All returns the licence list, current and deprecated, by id.
func All() []Licence { return slices.Clone(load().licences) }

// Find looks an id up without regard to letter case. Deprecated ids are found
// as they are; Current says what replaces them.
func Find(id string) (Licence, bool) {
	l := load()
	i, ok := l.byID[strings.ToLower(id)]
	if !ok {
		return Licence{}, false
	}
	return l.licences[i], true
}

// FindException returns the canonical id of a licence exception such as
// Classpath-exception-2.0.
func FindException(id string) (string, bool) {
	canonical, ok := load().exceptions[strings.ToLower(id)]
	return canonical, ok
}

// replaced maps retired ids to what the list names in their place. Net-SNMP and
// Nunit have no single heir and stay as they are.
var replaced = map[string]string{
	"AGPL-1.0":                         "AGPL-1.0-only",
	"AGPL-3.0":                         "AGPL-3.0-only",
	"BSD-2-Clause-FreeBSD":             "BSD-2-Clause-Views",
	"BSD-2-Clause-NetBSD":              "BSD-2-Clause",
	"GFDL-1.1":                         "GFDL-1.1-only",
	"GFDL-1.2":                         "GFDL-1.2-only",
	"GFDL-1.3":                         "GFDL-1.3-only",
	"GPL-1.0":                          "GPL-1.0-only",
	"GPL-2.0":                          "GPL-2.0-only",
	"GPL-3.0":                          "GPL-3.0-only",
	"GPL-2.0-with-GCC-exception":       "GPL-2.0-only WITH GCC-exception-2.0",
	"GPL-2.0-with-autoconf-exception":  "GPL-2.0-only WITH Autoconf-exception-2.0",
	"GPL-2.0-with-bison-exception":     "GPL-2.0-only WITH Bison-exception-2.2",
	"GPL-2.0-with-classpath-exception": "GPL-2.0-only WITH Classpath-exception-2.0",
	"GPL-2.0-with-font-exception":      "GPL-2.0-only WITH Font-exception-2.0",
	"GPL-3.0-with-GCC-exception":       "GPL-3.0-only WITH GCC-exception-3.1",
	"GPL-3.0-with-autoconf-exception":  "GPL-3.0-only WITH Autoconf-exception-3.0",
	"LGPL-2.0":                         "LGPL-2.0-only",
	"LGPL-2.1":                         "LGPL-2.1-only",
	"LGPL-3.0":                         "LGPL-3.0-only",
	"StandardML-NJ":                    "SMLNJ",
	"bzip2-1.0.5":                      "bzip2-1.0.6",
	"eCos-2.0":                         "GPL-2.0-or-later WITH eCos-exception-2.0",
	"wxWindows":                        "LGPL-2.0-or-later WITH WxWindows-exception-3.1",
}

// Current returns the expression that the list has today for an id, retired or
// not: Current("GPL-2.0+") is "GPL-2.0-or-later". ok is false when the id is
// not on the list.
func Current(id string) (expression string, ok bool) {
	e, err := Parse(id)
	if err != nil || e.Op != "" {
		return "", false
	}
	return e.String(), true
}
