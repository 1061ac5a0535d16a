package main

import (
	"encoding/json"
	"errors"
	"net"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"steward": main})
}

// TestStories runs the stories in testdata/script, one of each command, over
// the program itself. Besides what package testscript has they may say
//
//	exits CODE ARGUMENTS   runs steward, which must end with the code
//	json                   what was printed last must be one JSON document
//
// and use $TAKEN, an address on which somebody listens already. Renew their
// files with -update where they compare.
func TestStories(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = taken.Close() })
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			for _, one := range [][2]string{
				{"STEWARD_DATA", filepath.Join(e.WorkDir, "data")},
				{"TAKEN", taken.Addr().String()},
				{"HOME", e.WorkDir},
				{"GIT_CONFIG_NOSYSTEM", "1"},
				{"GIT_AUTHOR_NAME", "Sample Author"},
				{"GIT_AUTHOR_EMAIL", "author@firm.example"},
				{"GIT_COMMITTER_NAME", "Sample Author"},
				{"GIT_COMMITTER_EMAIL", "author@firm.example"},
				{"GIT_AUTHOR_DATE", "2024-05-06T07:08:09Z"},
				{"GIT_COMMITTER_DATE", "2024-05-06T07:08:09Z"},
			} {
				e.Setenv(one[0], one[1])
			}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "json": isJSON},
	})
}

func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: exits CODE ARGUMENTS")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	err = ts.Exec("steward", args[1:]...)
	var ended *exec.ExitError
	switch {
	case errors.As(err, &ended):
		got = ended.ExitCode()
	case err != nil:
		ts.Fatalf("run steward: %v", err)
	}
	if got != want {
		ts.Fatalf("steward %q ended with %d, want %d", args[1:], got, want)
	}
}

func isJSON(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: json")
	}
	if out := ts.ReadFile("stdout"); !json.Valid([]byte(out)) {
		ts.Fatalf("not one JSON document:\n%s", out)
	}
}
