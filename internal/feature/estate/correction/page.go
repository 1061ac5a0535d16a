package correction

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"steward/internal/feature/estate/fact"
	"steward/internal/platform/access"
	"steward/internal/platform/fault"
	"steward/internal/platform/store"
	"steward/internal/platform/web"
)

// Why is all that is known of one value of a record: what the sources say, what people said, and
// which of it counts. It is the page that "why" leads to, and the form in which it is put right.
type Why struct {
	Kind    string    `json:"kind"`
	ID      string    `json:"id" doc:"Of the record"`
	Record  string    `json:"record"`
	Name    string    `json:"name" doc:"Of the value"`
	Counts  any       `json:"counts" doc:"The value that counts; null when it is not known"`
	Sources []Because `json:"sources" doc:"What sources say, the one that counts first"`
	Said    []Said    `json:"corrections" doc:"What people said of it, the newest first"`

	sentence string
	field    Field
	subject  Subject
}

// Because is what one source says, with how sure that is.
type Because struct {
	Value    string     `json:"value" doc:"For people"`
	Basis    string     `json:"basis" enum:"written,measured,inferred"`
	Sure     string     `json:"confidence" enum:"certain,strong,suspected"`
	SureAs   string     `json:"confidence_reason"`
	File     string     `json:"file,omitempty"`
	Line     int        `json:"line,omitempty"`
	Words    string     `json:"evidence,omitempty"`
	Detector string     `json:"detector,omitempty"`
	Version  int64      `json:"detector_version,omitempty"`
	Observed *time.Time `json:"observed"`
	Counts   bool       `json:"counts"`
}

// Mark is the source mark of its basis.
func (b Because) Mark() web.Source { return web.Source(b.Basis) }

// Said is one correction as pages and programs show it.
type Said struct {
	ID       string     `json:"id"`
	Verdict  Verdict    `json:"verdict" enum:"wrong,outdated,not-ours,by-design"`
	Claimed  string     `json:"claimed,omitempty" doc:"What the sources said when they were last read"`
	Before   string     `json:"said_against,omitempty" doc:"What they said when it was made"`
	Value    string     `json:"value" doc:"What is put in its place, for people"`
	Reason   string     `json:"reason"`
	Evidence string     `json:"evidence,omitempty"`
	By       string     `json:"said_by,omitempty"`
	Made     time.Time  `json:"said"`
	Until    string     `json:"until,omitempty"`
	State    State      `json:"state" enum:"queued,binding,refused,withdrawn,ended,reopened"`
	Decider  string     `json:"decided_by,omitempty"`
	Decided  *time.Time `json:"decided"`
	Why      string     `json:"decided_why,omitempty"`
}

func said(c Correction) Said {
	s := Said{
		ID: c.UID, Verdict: c.Verdict, Claimed: c.ClaimedText, Before: textOf(c.Name, c.Against), Value: c.Says(), Reason: c.Reason, Evidence: c.Evidence, By: c.By, Made: c.Made,
		Until: c.Until, State: c.State, Decider: c.Decider, Why: c.Why,
	}
	if !c.Decided.IsZero() {
		s.Decided = &c.Decided
	}
	return s
}

// Address is where the page on a value of a record lies, below the address of the record.
func Address(record, name string) string { return record + "/why/" + url.PathEscape(name) }

// Why answers what is known of a value. Errors: fault.NotFound for a record that the viewer may not
// see, and for a value that there is not.
func (d *Desk) Why(ctx context.Context, v access.Viewer, kind, uid, name string) (w Why, err error) {
	s, err := d.subject(kind)
	if err != nil {
		return w, err
	}
	record, err := s.Find(ctx, d.p.DB, v, uid)
	if err != nil {
		return w, err
	}
	claims, now, err := originals(ctx, d.p.DB, s, record, name)
	if err != nil {
		return w, err
	}
	w = Why{Kind: kind, ID: record.ID, Record: record.Name, Name: name, Sources: []Because{}, Said: []Said{}, subject: s}
	var ok bool
	if w.field, ok, err = s.Field(ctx, d.p.DB, v, name, claims); err == nil && !ok {
		err = fault.New(fault.NotFound, "There is no value %q here. Open the facts of %s for those there are.", name, record.Name)
	}
	if err != nil {
		return w, err
	}
	versions, err := detectors(ctx, d.p.DB, v, record.RepositoryID)
	if err != nil {
		return w, err
	}
	corrected := now != nil && now.InForce()
	for i, c := range claims {
		b := Because{
			Value: fact.Text(name, c.Value), Basis: string(c.Basis), File: c.File, Line: c.Line, Words: c.Words,
			Detector: c.Source, Version: versions[c.Source], Counts: i == 0 && !corrected,
		}
		if b.Sure, b.SureAs = c.Sure(); !c.Observed.IsZero() {
			b.Observed = &claims[i].Observed
		}
		w.Sources = append(w.Sources, b)
	}
	history, err := d.History(ctx, v, kind, record.ID, name)
	for _, c := range history {
		w.Said = append(w.Said, said(c))
	}
	w.sentence, w.Counts = answer(w.Sources, now), nil
	switch {
	case corrected && now.Value != "":
		w.Counts = now.ValueText
	case !corrected && len(claims) > 0:
		w.Counts = w.Sources[0].Value
	}
	return w, err
}

// answer says in a sentence what counts, and because of what.
func answer(sources []Because, now *Correction) string {
	text := "No source says anything."
	if len(sources) > 0 {
		first := sources[0]
		text = first.Value + ", " + first.Sure + ": " + first.SureAs
		switch {
		case first.File != "" && first.Line > 0:
			text += fmt.Sprintf(" in %s, line %d.", first.File, first.Line)
		case first.File != "":
			text += " in " + first.File + "."
		case first.Words != "":
			text += ", " + first.Words + "."
		default:
			text += " from what was read."
		}
	}
	switch {
	case now == nil:
		return text
	case now.Verdict == ByDesign:
		return text + " It was said to be so by design."
	case now.ValueText == notSo:
		return "Not so, as it was corrected. Without the correction: " + text
	case now.Value == "":
		return "Not known, as it was corrected. Without the correction: " + text
	}
	return now.ValueText + ", as it was corrected. Without the correction: " + text
}

// detectors are the versions of the analysers that read a repository last.
func detectors(ctx context.Context, r store.Reader, v access.Viewer, repository int64) (map[string]int64, error) {
	rows, err := r.Query(ctx, `SELECT n.analyser, n.version FROM analyser_run n JOIN repository r ON r.id = n.repository_id WHERE n.repository_id = $1 AND `+v.Where("r.visibility"), repository)
	if err != nil {
		return nil, fmt.Errorf("list detectors: %w", err)
	}
	defer rows.Close()
	versions := map[string]int64{}
	for rows.Next() {
		var name string
		var version int64
		if err := rows.Scan(&name, &version); err != nil {
			return nil, fmt.Errorf("list detectors: %w", err)
		}
		versions[name] = version
	}
	return versions, rows.Err()
}

// whyView is what the page on a value draws.
type whyView struct {
	Why
	Label    string
	May      bool // may say that it is not right
	Binds    bool // what the viewer says is binding at once
	Owner    bool // the viewer is no administrator, and speaks for the owner
	Action   string
	Verdicts []choice
	Input    Input
	Choices  []string
	Instead  string
	Typed    typed
	Today    string
	Problems []web.Problem
	Record   string
	Href     string
}

// Words says that the value is typed as words.
func (w whyView) Words() bool { return w.Input == Words || w.Input == List }

// typed is what stands in the form.
type typed struct{ Verdict, Known, Value, Reason, Evidence, Until string }

type choice struct {
	Value, Word, Text string
	On                bool
}

var verdictTexts = map[Verdict]string{
	Wrong: "it is something else", Outdated: "it was so once", NotOurs: "it is about something that is not ours", ByDesign: "it is so, and meant to be",
}

func (d *Desk) whyPage(kind string) func(r *web.Request) (web.Page, error) {
	return func(r *web.Request) (web.Page, error) {
		return d.drawWhy(r, kind, typed{Known: "yes"}, nil)
	}
}

func (d *Desk) drawWhy(r *web.Request, kind string, t typed, problems []web.Problem) (web.Page, error) {
	ctx, v := r.Context(), r.Viewer
	w, err := d.Why(ctx, v, kind, r.PathValue("id"), r.PathValue("name"))
	if err != nil {
		return web.Page{}, err
	}
	record := w.subject.Path + "/" + w.ID
	view := whyView{
		Why: w, Label: w.field.Label, May: v.Can(access.LinkRecords), Action: Address(record, w.Name), Input: w.field.Input, Choices: w.field.Choices, Instead: w.field.Instead,
		Typed: t, Today: r.Now.UTC().Format(time.DateOnly), Problems: problems, Record: w.Record, Href: record,
	}
	if t.Verdict == "" && w.field.Instead != "" {
		t.Verdict = string(NotOurs)
	} else if t.Verdict == "" {
		t.Verdict = string(Wrong)
	}
	for _, one := range verdicts {
		if one != ByDesign || len(w.Sources) > 0 {
			view.Verdicts = append(view.Verdicts, choice{string(one), one.Word(), verdictTexts[one], string(one) == t.Verdict})
		}
	}
	if view.May {
		record, err := w.subject.Find(ctx, d.p.DB, v, w.ID)
		if err != nil {
			return web.Page{}, err
		}
		if view.Binds, err = d.decides(ctx, d.p.DB, v, Correction{Kind: kind, Subject: record.ID, repository: record.RepositoryID}); err != nil {
			return web.Page{}, err
		}
		view.Owner = view.Binds && !v.Can(access.DecideCorrections)
	}
	return web.Page{
		Title: "Why " + strings.ToLower(view.Label[:1]) + view.Label[1:] + "?", Lede: w.sentence, Template: "correction/why", Data: view,
		Crumbs: []web.Crumb{{Label: "Estate"}, {Label: w.subject.Plural, Href: w.subject.Path}, {Label: w.Record, Href: record}},
		API:    Address("/api/v1"+record, w.Name),
	}, nil
}

func (d *Desk) say(kind string) func(r *web.Request) (web.Done, error) {
	return func(r *web.Request) (web.Done, error) {
		in := r.PostForm
		t := typed{in.Get("verdict"), in.Get("known"), in.Get("value"), in.Get("reason"), in.Get("evidence"), in.Get("until")}
		c, err := d.Say(r.Context(), r.Viewer, Statement{
			Kind: kind, Subject: r.PathValue("id"), Name: r.PathValue("name"), Verdict: Verdict(t.Verdict), Known: t.Known != "no", Value: t.Value, Reason: t.Reason, Evidence: t.Evidence, Until: t.Until,
		})
		if kind1, ok := fault.KindOf(err); ok && kind1 == fault.Invalid {
			page, err := d.drawWhy(r, kind, t, []web.Problem{{Field: "value", Text: fault.Sentence(err)}})
			return web.Done{Again: &page}, err
		}
		if err != nil {
			return web.Done{}, err
		}
		s, err := d.subject(kind)
		if err != nil {
			return web.Done{}, err
		}
		text := "It is kept, and waits for a decision. What counts has not changed yet."
		switch {
		case c.InForce():
			text = "It is binding now: " + c.Says() + ", whatever the next readings find."
		case c.State == Binding:
			text = "It is kept that this is so by design."
		}
		return web.Done{To: Address(s.Path+"/"+c.Subject, c.Name), Toast: web.Toast{Text: text, Undo: "/corrections/" + c.batch + "/undo"}}, nil
	}
}

// recordView is the page of one correction.
type recordView struct {
	Correction Correction
	Changed    bool // the sources say something else than when it was made
	Before     string
	About      []web.Fact
	Decide     bool
	Withdraw   bool
}

func (d *Desk) recordPage(r *web.Request) (web.Page, error) {
	c, err := d.Find(r.Context(), r.Viewer, r.PathValue("id"))
	if err != nil {
		return web.Page{}, err
	}
	s, err := d.subject(c.Kind)
	if err != nil {
		return web.Page{}, err
	}
	may, err := d.decides(r.Context(), d.p.DB, r.Viewer, c)
	if err != nil {
		return web.Page{}, err
	}
	view := recordView{Correction: c, Before: textOf(c.Name, c.Against), Changed: material(c.Against, c.Claimed)}
	view.Decide = may && (c.State == Queued || c.State == Reopened)
	view.Withdraw = c.State.open() && (may || c.Account != "" && c.Account == r.Viewer.AccountID() && r.Viewer.Can(access.LinkRecords))
	until := c.Until
	if until == "" {
		until = "no end"
	}
	view.About = []web.Fact{
		{Label: "Of", Value: c.Record, Href: s.Path + "/" + c.Subject},
		{Label: "Value", Value: c.Name, Href: Address(s.Path+"/"+c.Subject, c.Name)},
		{Label: "Said by", Value: c.By, Source: web.Written, From: "in Steward", At: c.Made},
		{Label: "Holds until", Value: until},
	}
	if !c.Decided.IsZero() {
		by := c.Decider
		if by == "" {
			by = "Steward"
		}
		view.About = append(view.About, web.Fact{Label: "Last step by", Value: by, Source: web.Written, From: c.Why, At: c.Decided})
	}
	return web.Page{
		Title: c.Name + " of " + c.Record, Lede: "Said to be " + strings.ToLower(c.Verdict.Word()) + ": " + c.Reason, Badges: []web.Badge{{Tone: c.State.Tone(), Word: strings.ToLower(c.State.Word())}},
		Template: "correction/record", Data: view, API: "/api/v1/corrections/" + c.UID, Crumbs: []web.Crumb{{Label: "Estate"}, {Label: "Corrections", Href: "/corrections"}},
	}, nil
}
