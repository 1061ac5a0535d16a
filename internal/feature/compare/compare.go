// Package compare lays somebody else's list beside what Steward knows: an asset register, a catalogue,
// a bill of materials. It says what is in both, what only they have and what only Steward has, each
// with the reason as far as that is known.
//
// What kind of list a file is, package inventory finds out. Lists of repositories and components, and
// bills of packages, are compared by those features that keep them; app gives each as a
// comparison.Of. Nothing of the file is kept: not in the database, not in the log.
package compare

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"steward/internal/format/inventory"
	"steward/internal/format/table"
	"steward/internal/platform/access"
	"steward/internal/platform/comparison"
	"steward/internal/platform/fault"
	"steward/internal/platform/gitrepo/address"
	"steward/internal/platform/mount"
	"steward/internal/platform/store"
)

// Config is who compares what.
type Config struct {
	Records  comparison.Of // lists of repositories and components
	Packages comparison.Of // lists of packages
}

// Feature compares lists.
type Feature struct {
	db     *store.DB
	now    func() time.Time
	config Config
	one    sync.Mutex // held while a list is compared, which takes memory and time
}

// New returns the feature over the platform's database.
func New(p mount.Platform, c Config) *Feature { return &Feature{db: p.DB, now: p.Now, config: c} }

// Input is a list that somebody gives.
type Input struct {
	File    string // its name, for people
	Content []byte
	Map     []string // what columns of a table are: "Our heading=repository"
	In      string   // name of the repository or component that packages are compared with; "" is all
	Date    string   // when the list was made, YYYY-MM-DD; "" as the list says itself
}

// Result is how a list differs.
type Result struct {
	File     string           `json:"file"`
	Form     inventory.Form   `json:"form"`
	Tool     string           `json:"tool"`
	Subject  string           `json:"subject"`
	At       time.Time        `json:"at,omitzero"`
	Sentence string           `json:"sentence"`
	Noun     string           `json:"noun"`
	Scope    string           `json:"scope"`
	Base     string           `json:"base"`
	Both     int              `json:"both"`
	OnlyThem int              `json:"only_them"`
	OnlyUs   int              `json:"only_us"`
	Reasons  []Reason         `json:"reasons"`
	Notes    []string         `json:"notes"`
	Rows     []comparison.Row `json:"rows"`
}

// Reason is how many rows of a side have one kind of reason.
type Reason struct {
	Side comparison.Side `json:"side"`
	Kind string          `json:"kind"`
	Rows int             `json:"rows"`
}

// Compare compares a list as the viewer may see. It needs access.ReadEstate; a list that cannot be
// read is fault.Invalid with its place. One list is compared at a time: a second one meanwhile is
// fault.Busy.
func (f *Feature) Compare(ctx context.Context, v access.Viewer, in Input) (Result, error) {
	if err := v.Require(access.ReadEstate); err != nil {
		return Result{}, err
	}
	if !f.one.TryLock() {
		return Result{}, fault.New(fault.Busy, "Another list is being compared at the moment. Try again in a moment.")
	}
	defer f.one.Unlock()
	q, err := in.question()
	if err != nil {
		return Result{}, err
	}
	of := f.config.Records
	if len(q.List.Packages) > 0 {
		of = f.config.Packages
	}
	var a comparison.Answer
	if err := f.db.Snapshot(ctx, func(r store.Reader) (err error) {
		a, err = of(ctx, r, v, q)
		return err
	}); err != nil {
		return Result{}, fmt.Errorf("compare a list: %w", err)
	}
	return resultOf(in, q, a), nil
}

// question reads a list.
func (in Input) question() (comparison.Question, error) {
	said := map[string]inventory.Field{}
	for _, one := range in.Map {
		heading, field, err := inventory.ParseField(one)
		if err != nil {
			return comparison.Question{}, fault.Wrap(fault.Invalid, err, "--map %s.", err)
		}
		said[heading] = field
	}
	list, err := inventory.Read(in.Content, said)
	var own *inventory.Error
	var place *table.Error
	if errors.As(err, &own) || errors.As(err, &place) {
		return comparison.Question{}, fault.Wrap(fault.Invalid, err, "%s cannot be read: %s.", cmp.Or(in.File, "The list"), err)
	}
	if err != nil {
		return comparison.Question{}, err
	}
	q := comparison.Question{List: list, In: strings.TrimSpace(in.In), At: list.At}
	if in.Date != "" {
		if q.At, err = time.Parse(time.DateOnly, in.Date); err != nil {
			return q, fault.Wrap(fault.Invalid, err, "The date of the list is a day such as 2026-03-31.")
		}
		q.At = q.At.Add(24*time.Hour - time.Second) // the end of that day
	}
	return q, nil
}

func resultOf(in Input, q comparison.Question, a comparison.Answer) Result {
	r := Result{File: in.File, Form: q.List.Form, Tool: q.List.Tool, Subject: address.Redact(q.List.Subject), At: q.At, Noun: a.Noun, Scope: a.Scope, Base: a.Base, Reasons: []Reason{}, Notes: append([]string{}, a.Notes...), Rows: append([]comparison.Row{}, a.Rows...)}
	for i := range r.Notes {
		r.Notes[i] = address.Redact(r.Notes[i])
	}
	at := map[Reason]int{}
	for i, row := range r.Rows {
		r.Rows[i].Theirs = address.Redact(row.Theirs) // lists hold addresses as they were cloned, some with a token
		switch row.Side {
		case comparison.Both:
			r.Both++
		case comparison.OnlyThem:
			r.OnlyThem++
		case comparison.OnlyUs:
			r.OnlyUs++
		}
		if row.Kind == "" {
			continue
		}
		key := Reason{Side: row.Side, Kind: row.Kind}
		i, met := at[key]
		if !met {
			i = len(r.Reasons)
			at[key], r.Reasons = i, append(r.Reasons, key)
		}
		r.Reasons[i].Rows++
	}
	order := []comparison.Side{comparison.OnlyThem, comparison.Both, comparison.OnlyUs}
	slices.SortStableFunc(r.Reasons, func(a, b Reason) int {
		return cmp.Or(slices.Index(order, a.Side)-slices.Index(order, b.Side), b.Rows-a.Rows)
	})
	total := r.Both + r.OnlyThem
	noun := a.Plural
	if total == 1 {
		noun = a.Noun
	}
	r.Sentence = fmt.Sprintf("Of %s %s in their list %s in ours too, %s only in theirs; %s only in ours.", number(total), noun, are(r.Both), are(r.OnlyThem), are(r.OnlyUs))
	return r
}

func are(n int) string {
	if n == 1 {
		return "1 is"
	}
	return number(n) + " are"
}

// number writes a number with separators.
func number(n int) string {
	digits := fmt.Sprint(n)
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}

// Of returns the rows of a side.
func (r Result) Of(side comparison.Side) []comparison.Row {
	var all []comparison.Row
	for _, row := range r.Rows {
		if row.Side == side {
			all = append(all, row)
		}
	}
	return all
}
