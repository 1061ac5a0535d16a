// Package report draws the estate, or a part of it, on one sheet: how much was given and read, what it is
// built with, what it uses most, what wants an owner, and what to do first.
//
// What the sheet says comes from sections that features give (package measure of the platform); app hands
// them over in Config. The same sheet is a page, a panel on the pages of units and applications, JSON, and
// files:
//
//	sheet        what the sections said, as values
//	history      what the figures were on each day, from the first day on
//	printed      the sheet as one HTML file without scripts
//	pdf          as PDF
//	spreadsheet  as XLSX
//
// Every number leads to the list that it counts. A section that is slow or fails is named in its place, and
// the rest of the sheet is right. Names of people are never in it.
package report

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"time"

	"steward/internal/feature/report/history"
	"steward/internal/feature/report/sheet"
	"steward/internal/platform/access"
	"steward/internal/platform/fault"
	"steward/internal/platform/measure"
	"steward/internal/platform/mount"
	"steward/internal/platform/store"
	"steward/internal/platform/web"
	"steward/internal/platform/web/kept"
)

// Format is one kind of file that the sheet can be written as.
type Format struct {
	Name  string // "pdf", also the ending of its file
	Type  string // media type
	Write func(io.Writer, *sheet.Sheet) error
}

// Config is what New needs beside the platform; the zero value gives an empty sheet.
type Config struct {
	Sections []measure.Section
	Lists    func() []web.Listed // that sections count
	// Scope finds the part of the estate that a reference names; nil knows the whole estate alone.
	Scope func(ctx context.Context, v access.Viewer, ref string) (measure.Scope, error)
	// Scopes are the parts of which figures are kept each day besides the whole; nil is none.
	Scopes func(ctx context.Context, v access.Viewer) ([]measure.Scope, error)
	// Read reports whether everything that was given has been read once, so that counts mean something; nil is always.
	Read    func(ctx context.Context, v access.Viewer) (bool, error)
	Formats []Format // besides JSON
}

// Feature takes reports.
type Feature struct {
	config Config
	db     *store.DB
	now    func() time.Time
	log    *slog.Logger
	firm   func(context.Context) string
	parts  *kept.Numbers[sheet.Section] // of pages
}

// New returns the feature over the platform's database.
func New(p mount.Platform, c Config) *Feature {
	f := &Feature{config: c, db: p.DB, now: p.Now, log: p.Log, parts: kept.New[sheet.Section](p.Now)}
	f.firm = func(ctx context.Context) string {
		if p.Settings == nil {
			return ""
		}
		values, err := p.Settings.Values(ctx)
		if err != nil {
			return ""
		}
		return values.FirmName
	}
	if f.log == nil {
		f.log = slog.New(slog.DiscardHandler)
	}
	return f
}

// patience is how long a file waits for each of its sections.
const patience = time.Minute

// Take makes the sheet of a scope as a viewer sees it, and waits for what is slow.
func (f *Feature) Take(ctx context.Context, v access.Viewer, ref string) (*sheet.Sheet, error) {
	scope, err := f.scope(ctx, v, ref)
	if err != nil {
		return nil, err
	}
	parts := sheet.Take(ctx, v, f.config.Sections, f.desk(scope), patience, func(section string, err error) string { return f.failed(ctx, section, err) })
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return f.put(ctx, v, scope, parts)
}

// scope finds a part of the estate; only those who may read the estate are told of one.
func (f *Feature) scope(ctx context.Context, v access.Viewer, ref string) (measure.Scope, error) {
	if err := v.Require(access.ReadEstate); err != nil {
		return measure.Scope{}, err
	}
	switch {
	case ref == "":
		return measure.Scope{}, nil
	case f.config.Scope == nil:
		return measure.Scope{}, fault.New(fault.NotFound, "The estate is not divided into parts.")
	}
	return f.config.Scope(ctx, v, ref)
}

// put makes a sheet of what sections said, with how its numbers changed.
func (f *Feature) put(ctx context.Context, v access.Viewer, scope measure.Scope, parts []sheet.Section) (*sheet.Sheet, error) {
	s := sheet.New(f.firm(ctx), f.now(), scope, v.Can(access.ReadRestricted), parts)
	changes, since, until, err := history.Change(ctx, f.db, v, scope)
	if err != nil {
		return nil, err
	}
	s.Compare(changes, since, until)
	return s, nil
}

// failed logs why a section is missing and says so in words.
func (f *Feature) failed(ctx context.Context, section string, err error) string {
	f.log.WarnContext(ctx, "a section of the report is missing", "section", section, "error", err)
	if sentence := fault.Sentence(err); sentence != "" {
		return sentence
	}
	return "It could not be counted; the log of Steward says why."
}

// desk counts lists in a scope.
func (f *Feature) desk(scope measure.Scope) measure.Desk {
	var lists []web.Listed
	if f.config.Lists != nil {
		lists = f.config.Lists()
	}
	return measure.NewDesk(f.db, lists, scope, f.now())
}

// How long the page waits for its sections, and how often it looks whether they are there.
const (
	pageWaits = 2 * time.Second
	pageLooks = 40 * time.Millisecond
)

// quick makes the sheet from sections that were counted within the last minute, and from those that answer
// within some time; the others are named, and are there when the page is asked for again.
func (f *Feature) quick(ctx context.Context, v access.Viewer, scope measure.Scope, wait time.Duration) (*sheet.Sheet, error) {
	asks := make([]kept.Ask[sheet.Section], len(f.config.Sections))
	for i, s := range f.config.Sections {
		asks[i] = kept.Ask[sheet.Section]{
			Key: fmt.Sprintf("%s\x00%s\x00%s\x00%s\x00%t", s.ID, scope.Ref, v.AccountID(), v.Role(), v.Can(access.ReadRestricted)),
			Read: func(ctx context.Context) (sheet.Section, error) {
				one, err := sheet.Ask(ctx, v, s, f.desk(scope))
				if err != nil {
					one = sheet.Lost(s, f.failed(ctx, s.ID, err))
				}
				return one, nil
			},
		}
	}
	found := f.parts.Of(ctx, asks)
	for end := time.Now().Add(wait); slices.Contains(found, nil) && time.Now().Before(end) && ctx.Err() == nil; found = f.parts.Of(ctx, asks) {
		time.Sleep(pageLooks)
	}
	parts := make([]sheet.Section, len(asks))
	for i, one := range found {
		if one == nil {
			parts[i] = sheet.Lost(f.config.Sections[i], "It is still being counted. Ask for the page again in a moment.")
			continue
		}
		parts[i] = *one
	}
	return f.put(ctx, v, scope, parts)
}
