package gitrepo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
)

const (
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

// Tags are all tags of commits sorted by name, with one process for all and
// none where there are no tags. Tags of trees and blobs are not releases and
// are left out. Tags whose objects are missing or corrupt are left out too, and
// Problems names them. Errors: ErrGit.
func (r *Repo) Tags(ctx context.Context) ([]Tag, error) {
	b, err := r.Blobs(ctx)
	if err != nil {
		return nil, err
	}
	defer b.Close()
	var tags []Tag
	for _, ref := range r.files.Refs() {
		name, ok := strings.CutPrefix(ref.Name, "refs/tags/")
		if !ok || ref.Object == "" {
			continue
		}
		tag, ok, err := b.tag(ref.Object)
		switch {
		case err == nil:
		case ctx.Err() != nil:
			return tags, fmt.Errorf("read tags of %q: %w", r.files.Path(), err)
		case errors.Is(err, ErrMissing), errors.Is(err, ErrCorrupt), errors.Is(err, ErrTooLarge):
			r.files.Report(fmt.Errorf("tag %q: %w", name, err))
			continue
		default:
			return tags, fmt.Errorf("read tags of %q: %w", r.files.Path(), err)
		}
		if ok {
			tag.Name = name
			tags = append(tags, tag)
		}
	}
	return tags, nil
}

// tag follows one ref to its commit. ok is false for other things than commits.
func (b *Blobs) tag(id string) (tag Tag, ok bool, err error) {
	for range maxTagDepth {
		kind, data, err := b.object(id, maxTagObject, "")
		if err != nil {
			return Tag{}, false, err
		}
		switch kind {
		case "commit":
			tag.Commit = id
			if !tag.Annotated {
				_, _, tag.Time, tag.OffsetMin = personLine(header(data, "committer"))
			}
			return tag, true, nil
		case "tag":
			if !tag.Annotated {
				tag.Annotated = true
				tag.Tagger, tag.Email, tag.Time, tag.OffsetMin = personLine(header(data, "tagger"))
				if _, message, found := bytes.Cut(data, []byte("\n\n")); found {
					line, _, _ := bytes.Cut(bytes.TrimLeft(message, "\n"), []byte{'\n'})
					line = bytes.TrimSpace(line)
					tag.Subject = strings.ToValidUTF8(string(line[:min(len(line), maxSubject)]), "")
				}
			}
			id = string(header(data, "object"))
			if !b.repo.files.IsID(id) {
				return Tag{}, false, fmt.Errorf("the tag names no object: %w", ErrCorrupt)
			}
		default:
			return Tag{}, false, nil
		}
	}
	return Tag{}, false, fmt.Errorf("a tag of a tag more than %d times: %w", maxTagDepth, ErrTooLarge)
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
	micros, offsetMin = parseDate(bytes.TrimSpace(line[end+1:]))
	return string(n), string(e), micros, offsetMin
}
