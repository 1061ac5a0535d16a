package command_test

import (
	"bytes"
	"errors"
	"testing"

	"steward/internal/platform/command"
)

func TestWhatIsPrintedDoesNotSteerTheTerminal(t *testing.T) {
	var out bytes.Buffer
	c := &command.Context{Stdout: &out}
	c.Printf("%s|%d|%v|%q\n", "a\x1b]0;title\a\x9b2J\tb\u202e\u200b\x00", 3, errors.New("read \x1b[31mred"), []string{"c\u2066"})
	if want := "a\ufffd]0;title\ufffd\ufffd2J\tb\ufffd\ufffd\ufffd|3|read \ufffd[31mred|[\"c\\u2066\"]\n"; out.String() != want {
		t.Errorf("printed %q, want %q", out.String(), want)
	}
	out.Reset()
	if err := c.PrintJSON(map[string]string{"name": "exe\u202egnp\u200b\x1b<b>"}); err != nil {
		t.Fatal(err)
	}
	if want := "{\n  \"name\": \"exe\\u202egnp\\u200b\\u001b<b>\"\n}\n"; out.String() != want {
		t.Errorf("printed %q, want %q", out.String(), want)
	}
}
