//go:build ignore

// Generate writes licences.tsv and exceptions.tsv from three npm packages:
//
//	npm pack spdx-license-ids spdx-license-list spdx-exceptions
//	(unpack each into its own folder)
//	go run generate.go -ids DIR -list DIR -exceptions DIR [-check]
//
// spdx-license-ids (CC0-1.0) gives the ids, current and deprecated;
// spdx-license-list (CC0-1.0) the names and whether the OSI approved;
// spdx-exceptions (CC-BY-3.0) the ids of exceptions. With -check nothing is
// written and the command ends with 1 when the files are not up to date.
package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	ids := flag.String("ids", "", "folder of spdx-license-ids")
	list := flag.String("list", "", "folder of spdx-license-list")
	exceptions := flag.String("exceptions", "", "folder of spdx-exceptions")
	check := flag.Bool("check", false, "compare, do not write")
	flag.Parse()
	put("licences.tsv", licences(*ids, *list), *check)
	put("exceptions.tsv", exceptionTable(*exceptions), *check)
}

func licences(ids, list string) []byte {
	var names map[string]struct {
		Name        string `json:"name"`
		OSIApproved bool   `json:"osiApproved"`
	}
	read(filepath.Join(list, "spdx.json"), &names)
	var b bytes.Buffer
	fmt.Fprintf(&b, "# id, name, flags (d deprecated, o OSI-approved); from spdx-license-ids %s and spdx-license-list %s (CC0-1.0)\n", version(ids), version(list))
	for _, row := range rows(ids) {
		n := names[row.id]
		if n.Name == "" {
			n.Name = row.id
		}
		flags := ""
		if row.deprecated {
			flags += "d"
		}
		if n.OSIApproved {
			flags += "o"
		}
		fmt.Fprintf(&b, "%s\t%s\t%s\n", row.id, strings.Join(strings.Fields(n.Name), " "), flags)
	}
	return b.Bytes()
}

func exceptionTable(folder string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# id, flags (d deprecated); from spdx-exceptions %s (CC-BY-3.0)\n", version(folder))
	for _, row := range rows(folder) {
		flags := ""
		if row.deprecated {
			flags = "d"
		}
		fmt.Fprintf(&b, "%s\t%s\n", row.id, flags)
	}
	return b.Bytes()
}

type row struct {
	id         string
	deprecated bool
}

func rows(folder string) []row {
	var current, deprecated []string
	read(filepath.Join(folder, "index.json"), &current)
	read(filepath.Join(folder, "deprecated.json"), &deprecated)
	var out []row
	for _, id := range current {
		out = append(out, row{id, false})
	}
	for _, id := range deprecated {
		if !slices.Contains(current, id) {
			out = append(out, row{id, true})
		}
	}
	slices.SortFunc(out, func(a, b row) int { return strings.Compare(a.id, b.id) })
	return out
}

func version(folder string) string {
	var p struct{ Version string }
	read(filepath.Join(folder, "package.json"), &p)
	return p.Version
}

func read(name string, into any) {
	data, err := os.ReadFile(name)
	if err != nil {
		log.Fatal(err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		log.Fatalf("%s: %v", name, err)
	}
}

func put(name string, data []byte, check bool) {
	if check {
		old, err := os.ReadFile(name)
		if err != nil || !bytes.Equal(old, data) {
			log.Fatalf("%s is not up to date", name)
		}
		return
	}
	if err := os.WriteFile(name, data, 0o644); err != nil {
		log.Fatal(err)
	}
}
