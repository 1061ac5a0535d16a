package licencetext

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"steward/internal/format/spdx"
)

var (
	update = flag.Bool("update", false, "write known.tsv from the texts in -texts")
	texts  = flag.String("texts", "", "folder of the unpacked npm package spdx-license-list")
)

// TestKnownTable checks known.tsv by itself and, with -texts, that it is what
// the texts give; with -update it writes it.
func TestKnownTable(t *testing.T) {
	if *texts != "" {
		want := tableOf(t, *texts)
		if *update {
			if err := os.WriteFile("known.tsv", want, 0o644); err != nil {
				t.Fatal(err)
			}
		} else if string(want) != knownTSV {
			t.Error("known.tsv is not what the texts give; run with -update")
		}
		return
	}
	rows := 0
	for line := range strings.Lines(knownTSV) {
		cells := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(cells) != 6 {
			t.Fatalf("known.tsv: %q has %d cells, want 6", line, len(cells))
		}
		rows++
		if l, ok := spdx.Find(cells[0]); cells[0] != "" && (!ok || l.Deprecated || l.ID != cells[0]) {
			t.Errorf("known.tsv: %q is not a current id", cells[0])
		}
		if n, err := strconv.Atoi(cells[2]); err != nil || n < 2*anchorWords {
			t.Errorf("known.tsv: %q has %s words", cells[0], cells[2])
		}
	}
	if rows < 600 {
		t.Errorf("known.tsv has %d rows", rows)
	}
}

type row struct {
	id    string
	kind  kind
	words []string
}

// tableOf makes known.tsv.
func tableOf(t *testing.T, folder string) []byte {
	data, err := os.ReadFile(filepath.Join(folder, "spdx-full.json"))
	if err != nil {
		t.Fatal(err)
	}
	var list map[string]struct{ LicenseText string }
	if err := json.Unmarshal(data, &list); err != nil {
		t.Fatal(err)
	}
	var rows []row
	for id, entry := range list {
		if l, ok := spdx.Find(id); ok && !l.Deprecated {
			rows = append(rows, rowsOf(id, entry.LicenseText)...)
		}
	}
	// Of equal texts the plainest id stays: -only before -or-later, no suffix before one.
	slices.SortFunc(rows, func(a, b row) int {
		if c := len(b.words) - len(a.words); c != 0 {
			return c
		}
		if c := slices.Compare(a.words, b.words); c != 0 {
			return c
		}
		if c := strings.Compare(preference(a.id), preference(b.id)); c != 0 {
			return c
		}
		return strings.Compare(string(a.kind), string(b.kind))
	})
	rows = slices.CompactFunc(rows, func(a, b row) bool { return slices.Equal(a.words, b.words) })
	var b bytes.Buffer
	for _, r := range rows {
		h := roll(r.words)
		d := digestOf(r.words)
		fmt.Fprintf(&b, "%s\t%s\t%d\t%016x\t%016x\t%s\n", r.id, r.kind, len(r.words), h.of(0, anchorWords), h.of(0, len(r.words)), hex.EncodeToString(d[:]))
	}
	return b.Bytes()
}

func preference(id string) string {
	switch {
	case strings.HasSuffix(id, "-only") && !strings.Contains(id, "invariants"):
		return "0" + id
	case strings.HasSuffix(id, "-or-later"), strings.Contains(id, "invariants"), strings.HasSuffix(id, "RFN"), strings.HasSuffix(id, "exception"), strings.HasSuffix(id, "Exception"):
		return "2" + id
	}
	return "1" + id
}

// rowsOf cuts a text of the list into what stands in files: without the title
// and the copyright line, and with what follows the end of the terms apart.
func rowsOf(id, text string) []row {
	var rows []row
	main, after := text, ""
	if i := strings.Index(strings.ToUpper(text), "END OF TERMS AND CONDITIONS"); i >= 0 {
		main, after = text[:i], text[i+len("END OF TERMS AND CONDITIONS"):]
	}
	if strings.HasPrefix(id, "LGPL-3.0") {
		// The list prints the GPL behind it; files do not always.
		if i := strings.Index(main, "GNU GENERAL PUBLIC LICENSE"); i >= 0 {
			main = main[:i]
		}
	}
	rows = appendRow(rows, id, body, main)
	for piece := range piecesOf(after) {
		k, of := appendix, ""
		if strings.HasPrefix(strings.TrimSpace(piece), "Licensed under the Apache License") {
			k, of = header, "Apache-2.0"
		}
		rows = appendRow(rows, of, k, piece)
	}
	return rows
}

func appendRow(rows []row, id string, k kind, text string) []row {
	r := newReading([]byte(text))
	start := 0
	for start < len(r.words) && r.trivial[r.words[start].line] {
		start++
	}
	end := len(r.words)
	for end > start && r.trivial[r.words[end-1].line] {
		end--
	}
	if n := normalise(r.words[start:end]); len(n.words) >= 2*anchorWords {
		rows = append(rows, row{id, k, n.words})
	}
	return rows
}

// piecesOf cuts an appendix at its copyright lines, which people fill in.
func piecesOf(text string) func(func(string) bool) {
	return func(yield func(string) bool) {
		var piece []string
		for line := range strings.Lines(text) {
			if copyrightLine.MatchString(line) {
				if !yield(strings.Join(piece, "")) {
					return
				}
				piece = nil
				continue
			}
			piece = append(piece, line)
		}
		yield(strings.Join(piece, ""))
	}
}
