// Package fault says what kind of thing went wrong and what a person can do about it.
//
// An error of a kind carries one sentence for people. The sentence is safe to show (no secrets, no
// internals) and ends with what to do next. Each kind maps to one HTTP status and one exit code:
//
//	kind         means                                             HTTP  exit
//	NotFound     there is no such record, or it may not be seen     404     3
//	Invalid      what was asked for is not well formed              422     2
//	Conflict     it contradicts what is stored already              409     3
//	Denied       the viewer may not do this                         403     3
//	Busy         somebody else holds it at the moment; try again    409     3
//	Unavailable  disk, database or an outside system does not work  503     3
//	TooNew       the database was written by a newer program        503     3
//	(no kind)    ours: logged with an id and shown as that id       500     3
//
// Exit code 1 means "policy says no" and belongs to commands that check, not to errors.
// Test for a kind with errors.Is(err, fault.NotFound), never by text.
package fault

import (
	"errors"
	"fmt"
	"net/http"
)

// Kind is what sort of thing went wrong. A Kind is itself an error, so that
// errors.Is(err, fault.NotFound) works; return errors made by New and Wrap instead, which carry a
// sentence.
type Kind int

// The kinds. The zero Kind is none of them.
const (
	NotFound Kind = iota + 1
	Invalid
	Conflict
	Denied
	Busy
	Unavailable
	TooNew
)

// table is the one place where kinds meet the outside world.
var table = map[Kind]struct {
	name string
	http int
	exit int
}{
	NotFound:    {"not found", http.StatusNotFound, exitCannot},
	Invalid:     {"invalid", http.StatusUnprocessableEntity, exitUsage},
	Conflict:    {"conflict", http.StatusConflict, exitCannot},
	Denied:      {"denied", http.StatusForbidden, exitCannot},
	Busy:        {"busy", http.StatusConflict, exitCannot},
	Unavailable: {"unavailable", http.StatusServiceUnavailable, exitCannot},
	TooNew:      {"too new", http.StatusServiceUnavailable, exitCannot},
}

// Exit codes of the command line; 0 is fine and 1 is "policy says no".
const (
	exitUsage  = 2
	exitCannot = 3
)

// Error returns the kind's name, such as "not found".
func (k Kind) Error() string {
	if row, ok := table[k]; ok {
		return row.name
	}
	return fmt.Sprintf("kind %d", int(k))
}

// fault is an error of a kind with its sentence for people and, when there is one, its cause.
type fault struct {
	kind     Kind
	sentence string
	cause    error
}

func (f *fault) Error() string {
	if f.cause == nil {
		return f.sentence
	}
	return f.sentence + ": " + f.cause.Error()
}

func (f *fault) Unwrap() error { return f.cause }

func (f *fault) Is(target error) bool {
	kind, ok := target.(Kind)
	return ok && kind == f.kind
}

// New returns an error of a kind. The sentence (with fmt verbs for args) is for people: it says
// what is wrong and what to do next, and must be safe to show.
func New(kind Kind, sentence string, args ...any) error {
	return &fault{kind: kind, sentence: format(sentence, args)}
}

// Wrap returns an error of a kind caused by err. The cause appears in Error, which goes to logs,
// and not in Sentence. Wrap of a nil error is nil.
func Wrap(kind Kind, err error, sentence string, args ...any) error {
	if err == nil {
		return nil
	}
	return &fault{kind: kind, sentence: format(sentence, args), cause: err}
}

// format leaves a sentence without arguments as it is, so that a % in it stays a %.
func format(sentence string, args []any) string {
	if len(args) == 0 {
		return sentence
	}
	return fmt.Sprintf(sentence, args...)
}

// KindOf returns the kind of the outermost error in err's tree that has one, and whether there is one.
func KindOf(err error) (Kind, bool) {
	var f *fault
	if errors.As(err, &f) {
		return f.kind, true
	}
	var k Kind
	if errors.As(err, &k) {
		return k, true
	}
	return 0, false
}

// Sentence returns the sentence for people of the outermost error in err's tree that has one, or
// "" when err has no kind and must be shown as an id only.
func Sentence(err error) string {
	var f *fault
	if errors.As(err, &f) {
		return f.sentence
	}
	return ""
}

// HTTPStatus returns the HTTP status for err: 200 for nil, 500 for an error without a kind.
func HTTPStatus(err error) int {
	if err == nil {
		return http.StatusOK
	}
	kind, _ := KindOf(err)
	if row, ok := table[kind]; ok {
		return row.http
	}
	return http.StatusInternalServerError
}

// ExitCode returns the exit code of a command that ends with err: 0 for nil, 3 for an error
// without a kind.
func ExitCode(err error) int {
	if err == nil {
		return 0
	}
	kind, _ := KindOf(err)
	if row, ok := table[kind]; ok {
		return row.exit
	}
	return exitCannot
}
