package arch

import (
	"go/ast"
	"slices"
	"strings"
	"testing"
)

// TestEveryReadHasAViewer looks at each exported method that takes a context
// and whose package talks to the store: it takes an access.Viewer, or it is one
// of those named here with the reason.
func TestEveryReadHasAViewer(t *testing.T) {
	allowed := map[string]string{
		"internal/app.Run":                  "the command line; its commands take the viewer",
		"internal/platform/config.Values":   "the program's own settings; List shows them to people",
		"internal/platform/account.Redeem":  "nobody is signed in yet",
		"internal/platform/account.SignOut": "ends the session it is given",
		"internal/platform/search.Put":      "writes in the caller's transaction",
		"internal/platform/search.Replace":  "writes in the caller's transaction",
		"internal/platform/search.Remove":   "writes in the caller's transaction",
		"internal/platform/job.Enqueue":     "writes in the caller's transaction",
		"internal/platform/job.Complete":    "writes in the caller's transaction",
		"internal/platform/job.Start":       "runs the queue",
		"internal/platform/job.Stop":        "runs the queue",
		"internal/platform/audit.Seal":      "the sealer chains what is there",
		"internal/platform/audit.KeyFor":    "finds the key that seals, at the start",
		"internal/platform/audit.Run":       "the sealer chains what is there",
		"internal/feature/estate.Analyse":   "a pass reads the snapshot that it began with",
		"internal/platform/job.Migrate":     "the library's own tables",
		"internal/platform/backup.Check":    "reads a file, not the store",
		"internal/feature/estate.OpenPath":  "reads a folder as it lies, not the store",
	}
	talks := map[string]bool{}
	files := read(t)
	for _, f := range files {
		if !f.test && slices.Contains(imports(f), "internal/platform/store") {
			talks[f.dir] = true
		}
	}
	for _, f := range files {
		if f.test || !talks[f.dir] || strings.HasPrefix(f.dir, "internal/platform/store") {
			continue
		}
		for _, d := range f.ast.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || !fn.Name.IsExported() || !exportedReceiver(fn) {
				continue
			}
			params := typeNames(fn.Type.Params)
			if !slices.Contains(params, "context.Context") || slices.Contains(params, "access.Viewer") || slices.Contains(params, "store.Tx") {
				continue
			}
			if params[0] == "context.Context" && !takesSnapshot(params) && allowed[f.dir+"."+fn.Name.Name] == "" {
				t.Errorf("%s: %s talks to the store without an access.Viewer", f.set.Position(fn.Pos()), fn.Name.Name)
			}
		}
	}
}

// takesSnapshot: an analyser reads a repository's content, not the store.
func takesSnapshot(params []string) bool {
	return slices.Contains(params, "Snapshot") || slices.Contains(params, "estate.Snapshot") || slices.Contains(params, "gitrepo.Repo") || slices.Contains(params, "gitrepo.Config")
}

func typeNames(list *ast.FieldList) []string {
	var names []string
	for _, p := range list.List {
		expr := p.Type
		if star, ok := expr.(*ast.StarExpr); ok {
			expr = star.X
		}
		switch e := expr.(type) {
		case *ast.SelectorExpr:
			if x, ok := e.X.(*ast.Ident); ok {
				names = append(names, x.Name+"."+e.Sel.Name)
			}
		case *ast.Ident:
			names = append(names, e.Name)
		default:
			names = append(names, "")
		}
	}
	return names
}

// statements are the methods of the store that run SQL.
var statements = []string{"Query", "QueryRow", "Exec", "Tx", "Snapshot"}

// TestAppReadsAsSomebody looks at each function of app that runs SQL by itself, exported or not: it
// takes an access.Viewer, or it is one of those named here with the reason.
func TestAppReadsAsSomebody(t *testing.T) {
	allowed := map[string]string{
		"ready":         "asks whether the database answers, and for no record",
		"checkDatabase": "asks for the version of the engine, and for no record",
	}
	for _, f := range read(t) {
		if f.test || f.dir != "internal/app" {
			continue
		}
		for _, d := range f.ast.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Body == nil || allowed[fn.Name.Name] != "" || slices.Contains(typeNames(fn.Type.Params), "access.Viewer") {
				continue
			}
			ast.Inspect(fn.Body, func(n ast.Node) bool {
				if call, ok := n.(*ast.CallExpr); ok && len(call.Args) > 1 {
					if method, ok := call.Fun.(*ast.SelectorExpr); ok && slices.Contains(statements, method.Sel.Name) {
						t.Errorf("%s: %s runs SQL without an access.Viewer", f.set.Position(call.Pos()), fn.Name.Name)
					}
				}
				return true
			})
		}
	}
}

// TestEveryViewerIsAsked looks at each function that takes an access.Viewer, with a name or without,
// in packages that talk to the store. One that uses its context, and so reads, asks the viewer or
// passes it on: a viewer that is taken and forgotten reads for everybody. The condition of a list that
// does not ask belongs to one whose From does, with {visible}, or whose FromOf does.
func TestEveryViewerIsAsked(t *testing.T) {
	talks := map[string]bool{}
	files := read(t)
	for _, f := range files {
		if !f.test && slices.Contains(imports(f), "internal/platform/store") {
			talks[f.dir] = true
		}
	}
	asks := 0
	for _, f := range files {
		if f.test {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CompositeLit:
				if where := ofViewer(n, "Where"); where != nil && !asksViewer(where) && !asksViewer(ofViewer(n, "FromOf")) && !strings.Contains(textOf(n, "From"), "{visible ") {
					t.Errorf("%s: the condition does not ask its access.Viewer, FromOf neither, and From has no {visible column}", f.set.Position(n.Pos()))
				}
			case *ast.FuncDecl:
				if talks[f.dir] && n.Body != nil && forgets(n.Type, n.Body) {
					t.Errorf("%s: %s reads and does not ask its access.Viewer", f.set.Position(n.Pos()), n.Name.Name)
				}
				asks++
			case *ast.FuncLit:
				if talks[f.dir] && forgets(n.Type, n.Body) {
					t.Errorf("%s: the function reads and does not ask its access.Viewer", f.set.Position(n.Pos()))
				}
			}
			return true
		})
	}
	if asks < 100 {
		t.Fatalf("looked at %d functions only: the test looks in the wrong place", asks)
	}
}

// forgets reports whether a function takes a viewer and a context, and uses the context alone.
func forgets(kind *ast.FuncType, body *ast.BlockStmt) bool {
	viewers, contexts := paramsOf(kind, "access.Viewer"), paramsOf(kind, "context.Context")
	return viewers != nil && contexts != nil && uses(body, contexts) && !uses(body, viewers)
}

// paramsOf returns the names of the parameters of a type, nil when there is none.
func paramsOf(kind *ast.FuncType, of string) []string {
	var names []string
	for _, p := range kind.Params.List {
		if typeNames(&ast.FieldList{List: []*ast.Field{p}})[0] != of {
			continue
		}
		names = append(names, "_")
		for _, name := range p.Names {
			names = append(names, name.Name)
		}
	}
	return names
}

// uses reports whether a body has one of the names.
func uses(body ast.Node, names []string) bool {
	found := false
	ast.Inspect(body, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		found = found || ok && id.Name != "_" && slices.Contains(names, id.Name)
		return true
	})
	return found
}

// asksViewer reports whether a function uses the viewer that it takes.
func asksViewer(fn *ast.FuncLit) bool {
	return fn != nil && uses(fn.Body, paramsOf(fn.Type, "access.Viewer"))
}

// ofViewer returns the function of a viewer under a key of a listing.Spec, nil when there is none.
func ofViewer(spec *ast.CompositeLit, key string) *ast.FuncLit {
	fn, ok := valueOf(spec, key).(*ast.FuncLit)
	if !ok || paramsOf(fn.Type, "access.Viewer") == nil {
		return nil
	}
	return fn
}

func valueOf(spec *ast.CompositeLit, key string) ast.Expr {
	for _, e := range spec.Elts {
		if pair, ok := e.(*ast.KeyValueExpr); ok {
			if id, ok := pair.Key.(*ast.Ident); ok && id.Name == key {
				return pair.Value
			}
		}
	}
	return nil
}

// textOf returns what is written under a key of a literal, all its texts one after the other.
func textOf(spec *ast.CompositeLit, key string) (text string) {
	if value := valueOf(spec, key); value != nil {
		ast.Inspect(value, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok {
				text += lit.Value
			}
			return true
		})
	}
	return text
}
