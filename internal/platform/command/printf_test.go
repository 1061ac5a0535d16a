package command_test

import (
	"strings"
	"testing"

	"steward/internal/platform/command"
)

func TestWhatIsPrintedDoesNotSteerTheTerminal(t *testing.T) {
	var out strings.Builder
	c := &command.Context{Stdout: &out}
	c.Printf("%s %-4s|%d\x1b[0m\n", "a\x1b]0;title\x07\u009b2J", "b\r\u202e\xff", 3)
	if want := "a?]0;title??2J b???|3\x1b[0m\n"; out.String() != want {
		t.Errorf("printed %q, want %q", out.String(), want)
	}
}
