// Package cause puts into words for people why a repository, or a part of it, could not be read.
package cause

import (
	"errors"
	"io/fs"
	"strings"

	"steward/internal/platform/fault"
	"steward/internal/platform/gitrepo"
)

// InWords gives an error the sentence that people read: what was attempted, on
// what, and what its kind says of the remedy. What git said stays in the log,
// because it names places of ours.
func InWords(err error) error {
	kind, ok := fault.KindOf(err)
	sentence := fault.Sentence(err)
	if !ok {
		switch {
		case errors.Is(err, fs.ErrPermission):
			return fault.Wrap(fault.Unavailable, err, "%s. Let the user that runs Steward read it.", gitrepo.Redact(Line(err)))
		case errors.Is(err, fs.ErrNotExist):
			return fault.Wrap(fault.Unavailable, err, "%s. It was moved or removed; look at its source again.", gitrepo.Redact(Line(err)))
		}
		return err
	}
	attempt, _, found := strings.Cut(err.Error(), sentence)
	if attempt == "" || !found {
		return err
	}
	return fault.Wrap(kind, err, "%s", gitrepo.Redact(attempt+sentence))
}

// Borrowed says why objects of a repository are missing when they lie in another one that it may not make
// us read (alternates, as git clone --shared leaves them); problems are what its layout was left out for.
func Borrowed(err error, problems []error) error {
	if !errors.Is(err, gitrepo.ErrMissing) {
		return err
	}
	for _, p := range problems {
		if errors.Is(p, gitrepo.ErrOutside) {
			return fault.Wrap(fault.Invalid, err, "Some of its objects lie in another repository, outside of what was given. Give a folder that holds both, or make it whole with git repack -a -d.")
		}
	}
	return err
}

// Line is what one line can say of an error: its sentence for people, else the first line of its text.
func Line(err error) string {
	if s := fault.Sentence(err); s != "" {
		return s
	}
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}
