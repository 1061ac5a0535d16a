// Package descriptor reads catalog-info.yaml: the entity descriptors of the
// Backstage software catalogue, many YAML documents in a file.
//
// Everything is kept: kinds, versions and spec keys that nobody knows are
// carried as JSON with their keys in the order of the file. What the real
// catalogue would refuse is reported as a Problem; a document is left out only
// when it is no YAML mapping, names no kind or no name, breaks a limit, or is a
// template (below), and then a Problem with Skipped says so.
//
// Templates. Repositories of project templates hold skeleton files called
// catalog-info.yaml, to be filled in later; they must not appear in the
// catalogue. A document is taken for one, by the marks ${{, {{ and {%, when
//
//   - it holds a mark and is no YAML;
//   - or a mark stands in a value that gives it its place in the catalogue:
//     apiVersion, kind, anything in metadata but the description, spec.type,
//     spec.lifecycle, or a field that makes relations.
//
// A mark elsewhere (a pipeline under spec, an inline API definition, prose) is
// content: the entity is kept, as the Template kind must be, whose steps are
// full of them. Comments do not count.
//
// Source of the format: Backstage "Descriptor Format of Catalog Entities" and
// the packages catalog-model 1.10 and plugin-catalog-backend 4.0.
package descriptor

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path"
	"strings"
	"unicode/utf8"
)

// Limits of Parse.
const (
	MaxSize      = 4 << 20 // bytes of a file
	MaxDocuments = 5_000   // in a file
	MaxDepth     = 100     // nesting of mappings and lists
	MaxKeys      = 2_000   // in one mapping
	maxExpanded  = 16 << 20
	maxProblems  = 1_000
)

// Problem is something that the reader of the file should know. Line 0 is the
// file as a whole.
type Problem struct {
	Line     int
	Text     string
	Skipped  bool // the document that begins at or before Line is not among the entities
	Template bool // it was skipped because it is a template to be filled in
}

// Entity is one document.
type Entity struct {
	Document   int // 0-based position in the file
	Line       int // 1-based line of its first key
	APIVersion string
	Kind       string // as written
	Metadata   Metadata
	Ref        Ref
	Spec       json.RawMessage // verbatim; nil when absent
	JSON       json.RawMessage // the whole document verbatim
	Relations  []Relation
	Targets    []Target       // of a Location, else nil
	Lines      map[string]int // line of each key of the document, of metadata and of spec: "spec.owner"
}

// Metadata is the typed part of the envelope. Labels, annotations and tags that
// are not strings in the file are given as their text.
type Metadata struct {
	Name        string
	Namespace   string // as written; empty when absent
	Title       string
	Description string
	Labels      map[string]string
	Annotations map[string]string
	Tags        []string
	Links       []Link
}

// Link is an entry of metadata.links.
type Link struct {
	URL, Title, Icon, Type string
}

// Wants reports whether a file is a descriptor by its name, at any depth.
// Files that a Location names are found with Resolve.
func Wants(file string) bool {
	base := path.Base(file)
	return base == "catalog-info.yaml" || base == "catalog-info.yml"
}

// Parse reads a file. A document that cannot be read does not stop the others.
func Parse(b []byte) ([]Entity, []Problem) {
	var p problems
	if len(b) > MaxSize {
		p.add(Problem{Text: fmt.Sprintf("the file has %d bytes, more than %d are not read: split it", len(b), MaxSize), Skipped: true})
		return nil, p.list
	}
	if bytes.IndexByte(b, 0) >= 0 || !utf8.Valid(b) {
		p.add(Problem{Text: "the file is not UTF-8 text", Skipped: true})
		return nil, p.list
	}
	var entities []Entity
	first := map[Ref]int{}
	budget := maxExpanded
	for i, d := range splitDocuments(b) {
		if i >= MaxDocuments {
			p.add(Problem{Line: d.line, Text: fmt.Sprintf("more than %d documents: the rest is not read", MaxDocuments), Skipped: true})
			break
		}
		e, ok := d.entity(i, &budget, &p)
		if !ok {
			continue
		}
		if line, again := first[e.Ref]; again {
			p.add(Problem{Line: e.Line, Text: fmt.Sprintf("%s is described again, first in line %d", e.Ref, line)})
		} else {
			first[e.Ref] = e.Line
		}
		entities = append(entities, e)
	}
	return entities, p.list
}

type problems struct{ list []Problem }

func (p *problems) add(one Problem) {
	switch {
	case len(p.list) < maxProblems:
		p.list = append(p.list, one)
	case len(p.list) == maxProblems:
		p.list = append(p.list, Problem{Text: fmt.Sprintf("more than %d problems: the rest is not listed", maxProblems)})
	}
}

func (p *problems) warn(line int, format string, args ...any) {
	p.add(Problem{Line: line, Text: fmt.Sprintf(format, args...)})
}

func (p *problems) skip(line int, format string, args ...any) {
	p.add(Problem{Line: line, Text: fmt.Sprintf(format, args...), Skipped: true})
}

// document is the text between two document marks.
type document struct {
	text []byte
	line int // 1-based line where text begins
}

// splitDocuments cuts at the lines --- and ..., which YAML allows nowhere else
// at the start of a line, so that one broken document leaves the others whole.
// Documents without content are left out.
func splitDocuments(b []byte) []document {
	b = bytes.TrimPrefix(b, []byte("\ufeff"))
	var docs []document
	current := document{line: 1}
	start, at, n := 0, 0, 0
	flush := func(end int) {
		current.text = b[start:end]
		if hasContent(current.text) {
			docs = append(docs, current)
		}
	}
	for line := range bytes.Lines(b) {
		n++
		if isMark(line, "---") || isMark(line, "...") {
			flush(at)
			// Content may follow on the line of the mark; the three signs become blanks for the parser.
			start, current = at+3, document{line: n}
		}
		at += len(line)
	}
	flush(len(b))
	return docs
}

func isMark(line []byte, mark string) bool {
	rest, ok := bytes.CutPrefix(line, []byte(mark))
	return ok && (len(rest) == 0 || strings.IndexByte(" \t\r\n", rest[0]) >= 0)
}

func hasContent(text []byte) bool {
	for line := range bytes.Lines(text) {
		if line = bytes.TrimSpace(line); len(line) > 0 && line[0] != '#' && line[0] != '%' {
			return true
		}
	}
	return false
}

// entity reads one document; false means that it was skipped and reported.
func (d document) entity(number int, budget *int, p *problems) (Entity, bool) {
	root, err := parseYAML(d.text, d.line)
	if err != nil {
		line := d.line
		if err.line > 0 {
			line = err.line
		}
		if isTemplate(string(d.text)) {
			p.add(Problem{Line: line, Text: "a template to be filled in, not an entity", Skipped: true, Template: true})
		} else {
			p.skip(line, "not YAML: %s", err.text)
		}
		return Entity{}, false
	}
	if root == nil || root.kind == nullValue {
		return Entity{}, false
	}
	if root.kind != mapping {
		p.skip(root.line, "the document is no mapping of apiVersion, kind, metadata and spec")
		return Entity{}, false
	}
	e := Entity{Document: number, Line: root.line, Lines: linesOf(root)}
	whole, ok := appendJSON(nil, root, budget, 0)
	if !ok {
		p.skip(root.line, "aliases expand to more than %d bytes in this file, or deeper than %d", maxExpanded, 2*MaxDepth)
		return Entity{}, false
	}
	if field, line := templated(root); field != "" {
		p.add(Problem{Line: line, Text: fmt.Sprintf("a template to be filled in, not an entity: see %s", field), Skipped: true, Template: true})
		return Entity{}, false
	}
	e.JSON = whole
	if spec := root.get("spec"); spec != nil {
		if e.Spec, ok = appendJSON(nil, spec, budget, 0); !ok {
			p.skip(root.line, "aliases expand to more than %d bytes in this file, or deeper than %d", maxExpanded, 2*MaxDepth)
			return Entity{}, false
		}
	}
	if !e.envelope(root, p) {
		return Entity{}, false
	}
	e.relations(root, p)
	return e, true
}
