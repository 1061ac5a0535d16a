package fault_test

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"

	"steward/internal/platform/fault"
)

type seen struct {
	Text, Sentence string
	Kind           fault.Kind
	HasKind        bool
	HTTP, Exit     int
}

func look(err error) seen {
	kind, ok := fault.KindOf(err)
	text := ""
	if err != nil {
		text = err.Error()
	}
	return seen{text, fault.Sentence(err), kind, ok, fault.HTTPStatus(err), fault.ExitCode(err)}
}

func TestFaults(t *testing.T) {
	inner := fault.New(fault.NotFound, "There is no component %q. Check the name.", "ledger")
	cases := map[string]struct {
		err  error
		want seen
	}{
		"nil":     {nil, seen{HTTP: 200}},
		"no kind": {io.EOF, seen{Text: "EOF", HTTP: 500, Exit: 3}},
		"new": {inner, seen{
			`There is no component "ledger". Check the name.`, `There is no component "ledger". Check the name.`,
			fault.NotFound, true, 404, 3,
		}},
		"wrapped by fmt": {fmt.Errorf("find: %w", inner), seen{
			`find: There is no component "ledger". Check the name.`, `There is no component "ledger". Check the name.`,
			fault.NotFound, true, 404, 3,
		}},
		"outermost wins": {fault.Wrap(fault.Invalid, inner, "100% wrong."), seen{
			`100% wrong.: There is no component "ledger". Check the name.`, "100% wrong.", fault.Invalid, true, 422, 2,
		}},
		"joined":     {errors.Join(io.EOF, fault.New(fault.Denied, "Ask.")), seen{"EOF\nAsk.", "Ask.", fault.Denied, true, 403, 3}},
		"naked kind": {fault.Busy, seen{"busy", "", fault.Busy, true, 409, 3}},
		"wrap nil":   {fault.Wrap(fault.Busy, nil, "x"), seen{HTTP: 200}},
		"unknown":    {fault.New(fault.Kind(99), "Odd."), seen{"Odd.", "Odd.", fault.Kind(99), true, 500, 3}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, look(c.err)); diff != "" {
				t.Errorf("want -, got +:\n%s", diff)
			}
		})
	}
}

func TestIsFindsEveryKindInTheChain(t *testing.T) {
	err := fault.Wrap(fault.Unavailable, fault.New(fault.Busy, "Wait."), "Later.")
	for kind, want := range map[fault.Kind]bool{fault.Unavailable: true, fault.Busy: true, fault.Denied: false} {
		if got := errors.Is(err, kind); got != want {
			t.Errorf("errors.Is(err, %v) = %v, want %v", kind, got, want)
		}
	}
}
