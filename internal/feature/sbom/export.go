package sbom

import (
	"encoding/csv"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"steward/internal/platform/web"
)

// exportPage is how many uses an export reads at once.
const exportPage = 2000

// eachUse hands over all uses of an answer, those that may be in the range last.
func (f *Feature) eachUse(r *web.Request, do func(u Use, may bool) error) error {
	p, err := f.PackageByUID(r.Context(), r.Viewer, r.PathValue("id"))
	if err != nil {
		return err
	}
	q, _ := questionOf(r, p.PURL)
	a := Answer{Question: q, Packages: []Package{p}}
	if err := f.sortPackages(r.Context(), r.Viewer, &a); err != nil {
		return err
	}
	in, may := a.wanted()
	for i, want := range [][]wanted{in, may} {
		for offset := 0; ; offset += exportPage {
			uses, err := f.uses(r.Context(), r.Viewer, q, want, exportPage, offset)
			if err != nil {
				return err
			}
			for _, u := range uses {
				if err := do(u, i == 1); err != nil {
					return err
				}
			}
			if len(uses) < exportPage {
				break
			}
		}
	}
	return nil
}

var useHead = []string{"package", "version", "requirement", "in_range", "component", "repository", "owner", "how", "path", "scope", "manifest", "line", "fixture", "origin"}

func useRecord(u Use, may bool) []string {
	in, how := "yes", "through others"
	if may {
		in = "perhaps"
	}
	if u.Direct {
		how = "direct"
	}
	return []string{u.PackageURL, u.Version, u.Requirement, in, u.Component, u.Repository, u.Owner, how, pathText(u.Path), u.Scope, u.Manifest, strconv.Itoa(u.Line), strconv.FormatBool(u.Fixture), u.Origin}
}

func pathText(path []Step) string {
	parts := make([]string, len(path))
	for i, s := range path {
		parts[i] = strings.TrimSpace(s.Name + " " + s.Version)
	}
	return strings.Join(parts, " → ")
}

// plainCells keeps spreadsheets from taking text for a formula.
func plainCells(record []string) []string {
	for i, cell := range record {
		if cell != "" && strings.ContainsRune("=+-@\t\r\n", rune(cell[0])) {
			record[i] = "'" + cell
		}
	}
	return record
}

// download sets the head of an answer that is saved as a file.
func download(w http.ResponseWriter, r *web.Request, kind, name, extension string) {
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Cache-Control", "private, no-store")
	h.Set("Content-Disposition", `attachment; filename="`+name+"-"+r.Now.UTC().Format(time.DateOnly)+"."+extension+`"`)
}

func (f *Feature) exportCSV(w http.ResponseWriter, r *web.Request) error {
	out := &begun{w: w, start: func() { download(w, r, "text/csv; charset=utf-8; header=present", "who-uses", "csv") }}
	table := csv.NewWriter(out)
	if err := table.Write(useHead); err != nil {
		return err
	}
	err := f.eachUse(r, func(u Use, may bool) error { return table.Write(plainCells(useRecord(u, may))) })
	if err == nil {
		table.Flush()
		err = table.Error()
	}
	return out.finish(err)
}

func (f *Feature) exportJSON(w http.ResponseWriter, r *web.Request) error {
	out := &begun{w: w, start: func() { download(w, r, "application/json", "who-uses", "json") }}
	separator := "[\n"
	err := f.eachUse(r, func(u Use, may bool) error {
		line, err := json.Marshal(struct {
			Use
			May bool `json:"may_include"`
		}{u, may})
		if err != nil {
			return err
		}
		_, err = io.WriteString(out, separator+string(line))
		separator = ",\n"
		return err
	})
	if err == nil {
		if separator == "[\n" {
			_, err = io.WriteString(out, "[")
		}
		if err == nil {
			_, err = io.WriteString(out, "\n]\n")
		}
	}
	return out.finish(err)
}

// begun writes the head with the first bytes, so that an error before them can
// still become an error page; one after them breaks the connection.
type begun struct {
	w     http.ResponseWriter
	start func()
	on    bool
}

func (b *begun) Write(p []byte) (int, error) {
	if !b.on {
		b.on = true
		b.start()
	}
	return b.w.Write(p)
}

func (b *begun) finish(err error) error {
	if err != nil && b.on {
		panic(http.ErrAbortHandler)
	}
	return err
}
