package correction

import (
	"steward/internal/platform/fault"
	"steward/internal/platform/listing"
	"steward/internal/platform/web"
)

// decideView is the form in which picked corrections are accepted or refused.
type decideView struct {
	Accept   bool
	Picked   listing.Picked
	All      []Correction
	More     int // further ones that are not named
	Number   int
	Why      string
	Problems []web.Problem
}

// maxNamed is how many corrections the form names.
const maxNamed = 50

// pick turns what was selected in the list into the address of the form.
func (d *Desk) pick(as string) func(r *web.Request) (web.Done, error) {
	return func(r *web.Request) (web.Done, error) {
		picked := listing.ParsePicked(r.PostForm)
		if !picked.All && len(picked.Rows) == 0 {
			return web.Done{To: "/corrections", Toast: web.Toast{Text: "Nothing was selected."}}, nil
		}
		picked.Rows = picked.Rows[:min(len(picked.Rows), maxDecided)]
		values := picked.Values()
		values.Set("as", as)
		return web.Done{To: "/corrections/decide?" + values.Encode()}, nil
	}
}

func (d *Desk) decidePage(r *web.Request) (web.Page, error) {
	in := r.URL.Query()
	return d.decideForm(r, decideView{Accept: in.Get("as") != "refuse", Picked: listing.ParsePicked(in)})
}

func (d *Desk) decideForm(r *web.Request, view decideView) (web.Page, error) {
	uids, state, err := d.list().Resolve(r.Context(), d.p.DB, r.Viewer, view.Picked, "id", maxDecided, d.p.Now())
	if err != nil {
		return web.Page{}, err
	}
	view.Number, view.More = len(uids), max(0, len(uids)-maxNamed)
	if view.Picked.All {
		view.Picked.Seen, view.Picked.State = int64(len(uids)), state
	}
	for _, uid := range uids[:min(len(uids), maxNamed)] {
		c, err := d.Find(r.Context(), r.Viewer, uid)
		if err != nil {
			return web.Page{}, err
		}
		view.All = append(view.All, c)
	}
	if len(view.All) == 0 {
		return web.Page{}, fault.New(fault.NotFound, "Pick the corrections in the list first.")
	}
	title := "Refuse"
	if view.Accept {
		title = "Accept"
	}
	return web.Page{Title: title + " what was said", Template: "correction/decide", Data: view, Crumbs: []web.Crumb{{Label: "Estate"}, {Label: "Corrections", Href: "/corrections"}}}, nil
}

func (d *Desk) decide(r *web.Request) (web.Done, error) {
	in := r.PostForm
	view := decideView{Accept: in.Get("as") != "refuse", Picked: listing.ParsePicked(in), Why: in.Get("why")}
	again := func(sentence string) (web.Done, error) {
		view.Problems = []web.Problem{{Field: "why", Text: sentence}}
		page, err := d.decideForm(r, view)
		return web.Done{Again: &page}, err
	}
	uids, state, err := d.list().Resolve(r.Context(), d.p.DB, r.Viewer, view.Picked, "id", maxDecided, d.p.Now())
	if err != nil {
		return web.Done{}, err
	}
	if view.Picked.All && view.Picked.State != state {
		return again("Nothing was decided: the list has changed since this page was opened. Look at it before you go on.")
	}
	batch, err := d.Decide(r.Context(), r.Viewer, uids, view.Accept, view.Why)
	if kind, ok := fault.KindOf(err); ok && (kind == fault.Invalid || kind == fault.Conflict) {
		return again(fault.Sentence(err))
	}
	if err != nil {
		return web.Done{}, err
	}
	done := web.Done{To: "/corrections?view=mine", Toast: web.Toast{Text: "Refused: what counts stays as it is.", Undo: "/corrections/" + batch + "/undo"}}
	if view.Accept {
		done.Toast.Text = "Accepted: it counts now, whatever the next readings find."
	}
	if len(uids) == 1 {
		done.To = "/corrections/" + uids[0]
	}
	return done, nil
}

func (d *Desk) withdraw(r *web.Request) (web.Done, error) {
	uid := r.PathValue("id")
	batch, err := d.Withdraw(r.Context(), r.Viewer, uid)
	if err != nil {
		return web.Done{}, err
	}
	return web.Done{To: "/corrections/" + uid, Toast: web.Toast{Text: "It is withdrawn: what the sources say counts again.", Undo: "/corrections/" + batch + "/undo"}}, nil
}

func (d *Desk) undone(r *web.Request) (web.Done, error) {
	all, err := d.Undo(r.Context(), r.Viewer, r.PathValue("batch"))
	if err != nil {
		return web.Done{}, err
	}
	done := web.Done{To: "/corrections", Toast: web.Toast{Text: "It is as it was before."}}
	s, err := d.subject(all[0].Kind)
	if err == nil && len(all) <= 2 {
		done.To = Address(s.Path+"/"+all[0].Subject, all[0].Name)
	}
	return done, err
}
