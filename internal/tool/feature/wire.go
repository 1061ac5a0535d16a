package main

import (
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

const (
	composeFile = "internal/app/compose.go"
	archFile    = "internal/arch/arch_test.go"
)

// wire returns the changed files outside the feature's folder, by name.
func wire(root string, n names, w wish) (map[string][]byte, error) {
	changed := map[string][]byte{}
	src, err := os.ReadFile(filepath.Join(root, composeFile))
	if err != nil {
		return nil, err
	}
	if err := checkShadow(n, composeFile, src); err != nil {
		return nil, err
	}
	if changed[composeFile], err = compose(src, n.Word); err != nil {
		return nil, err
	}
	if len(w.reads) == 0 {
		return changed, nil
	}
	for _, other := range w.reads {
		if _, err := os.Stat(filepath.Join(root, "internal/feature", other)); err != nil {
			return nil, refuse("there is no feature %q to read: -reads names folders of internal/feature", other)
		}
	}
	if src, err = os.ReadFile(filepath.Join(root, archFile)); err != nil {
		return nil, err
	}
	changed[archFile], err = allow(src, n.Word, w)
	return changed, err
}

// insertion is text that goes to an offset of a file.
type insertion struct {
	at   int
	text string
}

// compose adds the feature to the list of capabilities and its import.
func compose(src []byte, word string) ([]byte, error) {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, composeFile, src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var platform string
	var list *ast.CompositeLit
	for _, d := range file.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && fn.Name.Name == "compose" {
			platform, list = platformOf(fn), capabilities(fn)
		}
	}
	last := lastFeatureImport(file)
	if platform == "" || list == nil || last == nil {
		return nil, refuse("%s has no func compose(p mount.Platform) with one []mount.Capability{…}: add %s.New(p).Mount() to what is mounted there by hand", composeFile, word)
	}
	at, text := set.Position(list.Lbrace).Offset+1, word+".New("+platform+").Mount()"
	if k := len(list.Elts); k > 0 {
		end := set.Position(list.Elts[k-1].End())
		at, text = end.Offset, ", "+text
		if end.Line != set.Position(list.Lbrace).Line {
			text = ",\n" + text[2:]
		}
	}
	return apply(src, insertion{set.Position(last.End()).Offset, "\n\t" + strconv.Quote("steward/internal/feature/"+word)}, insertion{at, text})
}

// platformOf is the name of the parameter that is the platform.
func platformOf(fn *ast.FuncDecl) string {
	for _, p := range fn.Type.Params.List {
		if isSelector(p.Type, "mount", "Platform") && len(p.Names) == 1 {
			return p.Names[0].Name
		}
	}
	return ""
}

// capabilities is the one list of capabilities in a function; nil when there are none or several.
func capabilities(fn *ast.FuncDecl) *ast.CompositeLit {
	var found []*ast.CompositeLit
	ast.Inspect(fn.Body, func(node ast.Node) bool {
		if lit, ok := node.(*ast.CompositeLit); ok {
			if of, ok := lit.Type.(*ast.ArrayType); ok && of.Len == nil && isSelector(of.Elt, "mount", "Capability") {
				found = append(found, lit)
			}
		}
		return true
	})
	if len(found) != 1 {
		return nil
	}
	return found[0]
}

func isSelector(e ast.Expr, x, name string) bool {
	s, ok := e.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	id, ok := s.X.(*ast.Ident)
	return ok && id.Name == x && s.Sel.Name == name
}

func lastFeatureImport(file *ast.File) *ast.ImportSpec {
	var last *ast.ImportSpec
	for _, i := range file.Imports {
		if strings.HasPrefix(i.Path.Value, `"steward/internal/feature/`) {
			last = i
		}
	}
	return last
}

// allow adds rows to the table of imports between features.
func allow(src []byte, word string, w wish) ([]byte, error) {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, archFile, src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var table *ast.CompositeLit
	ast.Inspect(file, func(node ast.Node) bool {
		if v, ok := node.(*ast.ValueSpec); ok && v.Names[0].Name == "featureEdges" && len(v.Values) == 1 {
			table, _ = v.Values[0].(*ast.CompositeLit)
		}
		return true
	})
	if table == nil {
		return nil, refuse("%s has no table featureEdges: add the rows by hand", archFile)
	}
	var rows strings.Builder
	for _, other := range w.reads {
		because := w.because
		if because == "" {
			because = "it reads what " + other + " keeps"
		}
		fmt.Fprintf(&rows, "\t{%q, %q}: %q,\n", word, other, because)
	}
	return apply(src, insertion{set.Position(table.Rbrace).Offset, rows.String()})
}

// apply inserts from the end to the beginning, so that offsets stay true, and formats.
func apply(src []byte, all ...insertion) ([]byte, error) {
	slices.SortFunc(all, func(a, b insertion) int { return b.at - a.at })
	out := string(src)
	for _, i := range all {
		out = out[:i.at] + i.text + out[i.at:]
	}
	return format.Source([]byte(out))
}
