package compare

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"steward/internal/platform/comparison"
	"steward/internal/platform/fault"
	"steward/internal/platform/web"
	"steward/internal/platform/web/download"
)

// maxUpload is how large a list may be that is sent with the form, in bytes.
const maxUpload = 20 << 20

// mostShown is how many rows of a side the page shows; the exports have all.
const mostShown = 200

// comparePage is what the page shows: the form, and the result when there is one.
type comparePage struct {
	Problems []web.Problem
	In, Date string
	Map      string
	Result   *Result
	What     string
	Figures  []web.Amount
	Sides    []side
}

// side is one table of the page.
type side struct {
	ID, Title string
	Rows      []comparison.Row
	Total     int
	Theirs    bool // rows have a name of theirs
	Ours      bool // rows have one of ours
	Owners    bool
	Empty     string
}

// More is how many rows are not shown.
func (s side) More() int { return s.Total - len(s.Rows) }

func (f *Feature) askPage(r *web.Request) (web.Page, error) {
	return f.page(comparePage{In: r.URL.Query().Get("in")}), nil
}

func (f *Feature) page(data comparePage) web.Page {
	return web.Page{
		Title: "Compare a list", Lede: "What somebody else’s list has that Steward has not, and the other way round, each with the reason. Nothing of the file is kept.",
		Crumbs: []web.Crumb{{Label: string(web.Estate)}}, Template: "compare/compare", Data: data,
	}
}

// upload compares what the form sends. The answer is the page itself, or a download, as nothing is
// kept that another page could show.
func (f *Feature) upload(w http.ResponseWriter, r *web.Request) (*web.Page, error) {
	data := comparePage{In: strings.TrimSpace(r.FormValue("in")), Date: strings.TrimSpace(r.FormValue("date")), Map: r.FormValue("map")}
	in := Input{In: data.In, Date: data.Date}
	for line := range strings.Lines(data.Map) {
		if line = strings.TrimSpace(line); line != "" {
			in.Map = append(in.Map, line)
		}
	}
	again := func(status int, text string) (*web.Page, error) {
		data.Problems = []web.Problem{{Field: "file", Text: text}}
		page := f.page(data)
		page.Status = status
		return &page, nil
	}
	file, head, err := r.FormFile("file")
	if errors.Is(err, http.ErrMissingFile) {
		return again(http.StatusUnprocessableEntity, "Choose the file of the list.")
	}
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "The form could not be read. Go back and send it again.")
	}
	defer file.Close()
	in.File = head.Filename
	if in.Content, err = io.ReadAll(file); err != nil {
		return nil, fmt.Errorf("read what was sent: %w", err)
	}
	result, err := f.Compare(r.Context(), r.Viewer, in)
	switch {
	case errors.Is(err, fault.Invalid):
		return again(http.StatusUnprocessableEntity, fault.Sentence(err))
	case errors.Is(err, fault.Busy):
		return again(http.StatusServiceUnavailable, fault.Sentence(err))
	}
	if err != nil {
		return nil, err
	}
	switch r.FormValue("as") {
	case "csv":
		return nil, download.Send(w, r.Now, "comparison", download.CSV, result.writeCSV)
	case "json":
		return nil, download.Send(w, r.Now, "comparison", download.JSON, result.writeJSON)
	}
	data.Result, data.What, data.Figures, data.Sides = &result, result.what(), result.figures(), result.sides()
	page := f.page(data)
	return &page, nil
}

func (r Result) figures() []web.Amount {
	return []web.Amount{
		{Label: "In both", Value: number(r.Both), Href: "#both"},
		{Label: "Only in their list", Value: number(r.OnlyThem), Href: "#only-them"},
		{Label: "Only in ours", Value: number(r.OnlyUs), Href: "#only-us"},
	}
}

func (r Result) sides() []side {
	sides := []side{
		{ID: "only-them", Title: "Only in their list", Rows: r.Of(comparison.OnlyThem), Theirs: true, Empty: "Everything that they name is here too."},
		{ID: "only-us", Title: "Only in ours", Rows: r.Of(comparison.OnlyUs), Ours: true, Empty: "They name everything that is here."},
		{ID: "both", Title: "In both", Rows: r.Of(comparison.Both), Theirs: true, Ours: true, Empty: "Nothing is in both lists."},
	}
	for i := range sides {
		s := &sides[i]
		for _, row := range s.Rows {
			s.Owners = s.Owners || row.TheirOwner != "" || row.OurOwner != ""
		}
		s.Total, s.Rows = len(s.Rows), s.Rows[:min(len(s.Rows), mostShown)]
	}
	return sides
}
