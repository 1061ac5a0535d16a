package gitrepo

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"steward/internal/platform/gitrepo/field"
)

const (
	maxTags      = 100_000
	maxTagObject = 1 << 20 // bytes of a tag or commit that are read
	maxTagDepth  = 8       // tags of tags
	maxSubject   = 1 << 10 // bytes of a tag's first line that are kept
)

// Tag is a name under refs/tags that leads to a commit.
type Tag struct {
	Name      string // short, as in v1.2.0
	Commit    string // the commit behind it
	Annotated bool   // a tag object with its own author and date
	Tagger    string // name; empty for lightweight tags and old ones without
	Email     string // of the tagger
	Time      int64  // µs since 1970 UTC: when tagged, or when the commit was made for a lightweight tag; 0 when unreadable
	OffsetMin int    // minutes east of UTC as written
	Subject   string // first line of an annotated tag's message
}

// Tags are the tags of commits sorted by name, with one process for all and
// none where there are no tags. Tags of trees and blobs are not releases and
// are left out. Tags whose objects are missing or corrupt are left out too, as
// are those of more than 100,000 that come first by name; Problems names them.
// Errors: ErrGit.
func (r *Repo) Tags(ctx context.Context) ([]Tag, error) {
	var refs []Ref
	for _, ref := range r.files.Refs() {
		if strings.HasPrefix(ref.Name, "refs/tags/") && ref.Object != "" {
			refs = append(refs, ref)
		}
	}
	if over := len(refs) - maxTags; over > 0 {
		r.files.Report(fmt.Errorf("%d of %d tags are not read, those that come first by name: %w", over, len(refs), ErrTooLarge))
		refs = refs[over:]
	}
	b, err := r.Blobs(ctx)
	if err != nil {
		return nil, err
	}
	defer b.Close()
	f := tagFinder{repo: r, tags: make([]Tag, len(refs)), todo: map[string][]int{}}
	for i, ref := range refs {
		f.tags[i].Name = strings.TrimPrefix(ref.Name, "refs/tags/")
		f.ask(ref.Object, i)
	}
	for range maxTagDepth {
		ids, waiting := f.ids, f.todo
		f.ids, f.todo = nil, map[string][]int{}
		err := b.each(len(ids), func(i int) string { return ids[i] }, maxTagObject, "", func(i int, kind string, data []byte, err error) bool {
			for _, tag := range waiting[ids[i]] {
				f.take(tag, ids[i], kind, data, err)
			}
			return true
		})
		if err != nil {
			return f.found(), fmt.Errorf("read tags of %q: %w", r.files.Path(), err)
		}
	}
	for _, id := range f.ids {
		f.report(f.todo[id][0], fmt.Errorf("a tag of a tag more than %d times: %w", maxTagDepth, ErrTooLarge))
	}
	return f.found(), nil
}

// tagFinder follows all tags to their commits, one step of all at a time: an
// object that many of them lead to is read once a step.
type tagFinder struct {
	repo *Repo
	tags []Tag
	ids  []string         // objects of the next step
	todo map[string][]int // by object, the tags that lead to it
}

func (f *tagFinder) ask(id string, tag int) {
	if f.todo[id] == nil {
		f.ids = append(f.ids, id)
	}
	f.todo[id] = append(f.todo[id], tag)
}

func (f *tagFinder) report(tag int, err error) {
	f.repo.files.Report(fmt.Errorf("tag %q: %w", f.tags[tag].Name, err))
}

// take follows one tag by one object.
func (f *tagFinder) take(at int, id, kind string, data []byte, err error) {
	tag := &f.tags[at]
	switch {
	case err != nil:
		f.report(at, err)
	case kind == "commit":
		tag.Commit = id
		if !tag.Annotated {
			_, _, tag.Time, tag.OffsetMin = personLine(header(data, "committer"))
		}
	case kind == "tag":
		if !tag.Annotated {
			tag.annotate(data)
		}
		next := string(header(data, "object"))
		if !f.repo.files.IsID(next) {
			f.report(at, fmt.Errorf("the tag names no object: %w", ErrCorrupt))
			return
		}
		f.ask(next, at)
	}
}

// found are the tags that led to a commit.
func (f *tagFinder) found() []Tag {
	return slices.DeleteFunc(f.tags, func(t Tag) bool { return t.Commit == "" })
}

// annotate takes what a tag object says of itself.
func (t *Tag) annotate(data []byte) {
	t.Annotated = true
	t.Tagger, t.Email, t.Time, t.OffsetMin = personLine(header(data, "tagger"))
	if _, message, found := bytes.Cut(data, []byte("\n\n")); found {
		line, _, _ := bytes.Cut(bytes.TrimLeft(message, "\n"), []byte{'\n'})
		line = bytes.TrimSpace(line)
		t.Subject = strings.ToValidUTF8(string(line[:min(len(line), maxSubject)]), "")
	}
}

// header is the value of a line in the head of a tag or commit object.
func header(object []byte, key string) []byte {
	head, _, _ := bytes.Cut(object, []byte("\n\n"))
	for line := range bytes.SplitSeq(head, []byte{'\n'}) {
		if v, ok := bytes.CutPrefix(line, []byte(key+" ")); ok {
			return v
		}
	}
	return nil
}

// personLine reads "Name <address> seconds ±hhmm".
func personLine(line []byte) (name, email string, micros int64, offsetMin int) {
	end := bytes.LastIndexByte(line, '>')
	if end < 0 {
		return string(line[:min(len(line), maxName)]), "", 0, 0
	}
	n, e := SplitPerson(line[:end+1])
	if len(n) > maxName || len(e) > maxName {
		n, e = nil, nil
	}
	micros, offsetMin = field.Date(bytes.TrimSpace(line[end+1:]))
	return string(n), string(e), micros, offsetMin
}
