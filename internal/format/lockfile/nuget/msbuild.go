package nuget

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"steward/internal/format/lockfile"
)

// statement is one thing that an MSBuild file says, in the order of the file.
type statement struct {
	kind      string // "property", "import", or the type of an item, in lower case
	name      string // of a property; of an item what it includes, or updates
	value     string // of a property; the path of an import
	update    bool
	remove    bool
	condition string            // its own or that around it; several when there are more
	metadata  map[string]string // of an item, names in lower case
	line      int
}

// several stands for conditions inside conditions.
const several = "several conditions"

// msbuild is a parsed MSBuild file. Files are parsed once and evaluated often.
type msbuild struct {
	sdk        string // "Microsoft.NET.Sdk", or "MSTest.Sdk/3.6.0"
	sdkLine    int
	statements []statement
}

// items are the types of items that are read.
var items = map[string]bool{
	"packagereference": true, "packageversion": true, "globalpackagereference": true, "dotnetclitoolreference": true,
}

// parseMSBuild reads a project, props or targets file.
func parseMSBuild(b []byte) (*msbuild, error) {
	m := &msbuild{}
	w := &walk{m: m}
	err := walkXML(b, w.open, w.close)
	if err == nil && !w.isProject {
		err = &lockfile.LineError{Line: 1, Err: fmt.Errorf("%w as an MSBuild file: there is no Project", lockfile.ErrSyntax)}
	}
	if err == nil && w.full {
		err = lockfile.ErrTooLarge
	}
	return m, err
}

// walk collects statements from elements as they open and close.
type walk struct {
	m          *msbuild
	stack      []string // element names in lower case
	conditions []string // beside stack; empty where there is none
	item       *statement
	isProject  bool
	full       bool // there were more statements than are read
}

func (w *walk) open(e xml.StartElement, line int) {
	name := strings.ToLower(e.Name.Local)
	condition := attribute(e, "condition")
	parent := ""
	if len(w.stack) > 0 {
		parent = w.stack[len(w.stack)-1]
	}
	w.stack = append(w.stack, name)
	w.conditions = append(w.conditions, condition)
	switch {
	case len(w.stack) == 1 && name == "project":
		w.isProject = true
		w.m.sdk, w.m.sdkLine = attribute(e, "sdk"), line
	case name == "sdk" && parent == "project":
		w.m.sdk, w.m.sdkLine = attribute(e, "name"), line
		if version := attribute(e, "version"); version != "" {
			w.m.sdk += "/" + version
		}
	case name == "import" && attribute(e, "sdk") == "": // what an SDK brings is not of the tree
		w.add(statement{kind: "import", value: attribute(e, "project"), line: line})
	case parent == "itemgroup" && items[name]:
		w.item = w.add(openItem(e, name, line))
	case parent == "propertygroup":
		w.add(statement{kind: "property", name: e.Name.Local, line: line})
	}
}

func openItem(e xml.StartElement, name string, line int) statement {
	s := statement{kind: name, metadata: map[string]string{}, line: line}
	for _, a := range e.Attr {
		switch key := strings.ToLower(a.Name.Local); key {
		case "include":
			s.name = a.Value
		case "update":
			s.name, s.update = a.Value, true
		case "remove":
			s.name, s.remove = a.Value, true
		case "condition":
		default:
			s.metadata[key] = a.Value
		}
	}
	return s
}

func (w *walk) add(s statement) *statement {
	for _, c := range w.conditions {
		switch {
		case strings.TrimSpace(c) == "":
		case s.condition == "":
			s.condition = c
		default:
			s.condition = several
		}
	}
	if len(w.m.statements) >= lockfile.MaxUses {
		w.full = true
		w.m.statements = w.m.statements[:0]
	}
	w.m.statements = append(w.m.statements, s)
	return &w.m.statements[len(w.m.statements)-1]
}

func (w *walk) close(text string) {
	depth := len(w.stack) - 1
	name, parent := w.stack[depth], ""
	if depth > 0 {
		parent = w.stack[depth-1]
	}
	switch {
	case items[name] && parent == "itemgroup":
		w.item = nil
	case w.item != nil && items[parent]:
		w.item.metadata[name] = strings.TrimSpace(text)
	case parent == "propertygroup":
		last := &w.m.statements[max(len(w.m.statements), 1)-1]
		if last.kind == "property" && strings.EqualFold(last.name, name) {
			last.value = strings.TrimSpace(text)
		}
	}
	w.stack, w.conditions = w.stack[:depth], w.conditions[:depth]
}

// attribute returns an attribute by its name, whatever its case.
func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if strings.EqualFold(a.Name.Local, name) {
			return a.Value
		}
	}
	return ""
}

var singleByte = regexp.MustCompile(`(?i)^\s*<\?xml[^>]*encoding=["'](windows-125\d|iso-8859-1|latin1)["']`)

// walkXML calls open and close for the elements of a text; close gets the text
// directly inside. Line is where the element opens.
func walkXML(b []byte, open func(e xml.StartElement, line int), closed func(text string)) error {
	if singleByte.Match(b[:min(len(b), 200)]) {
		b = fromLatin1(b)
	}
	b, err := lockfile.Text(b)
	if err != nil {
		return err
	}
	lines := lockfile.NewLines(b)
	d := xml.NewDecoder(bytes.NewReader(b))
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil } // Text has made it UTF-8
	var text strings.Builder
	depth := 0
	for {
		at := int(d.InputOffset())
		token, err := d.Token()
		if errors.Is(err, io.EOF) && depth == 0 {
			return nil
		}
		if err != nil {
			return &lockfile.LineError{Line: lines.At(int(d.InputOffset())), Err: fmt.Errorf("%w as XML", lockfile.ErrSyntax)}
		}
		switch token := token.(type) {
		case xml.StartElement:
			if depth++; depth > lockfile.MaxDepth {
				return &lockfile.LineError{Line: lines.At(at), Err: lockfile.ErrTooDeep}
			}
			text.Reset()
			open(token, lines.At(at))
		case xml.EndElement:
			depth--
			closed(text.String())
			text.Reset()
		case xml.CharData:
			text.Write(token)
		}
	}
}

func fromLatin1(b []byte) []byte {
	out := make([]rune, len(b))
	for i, c := range b {
		out[i] = rune(c)
	}
	return []byte(string(out))
}
