package table_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"steward/internal/format/table"
)

func TestWriter(t *testing.T) {
	var out bytes.Buffer
	w := table.NewWriter(&out)
	for _, record := range [][]any{
		{"name", "n", "share", "flag", "none", "other"},
		{"a, \"b\"", -5, .25, true, nil, []int{1}},
		{"=1+1", int64(-5), -1e300, false, "", errors.New("-1")},
		{" blank", "+49", "two\r\nlines", "\u202e@x", "a;b", "tab\there"},
	} {
		if err := w.Write(record...); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	want := "name,n,share,flag,none,other\r\n" +
		"\"a, \"\"b\"\"\",-5,0.25,true,,[1]\r\n" +
		"'=1+1,-5,-1e+300,false,,'-1\r\n" +
		"\" blank\",'+49,\"two\nlines\",'\ufffd@x,\"a;b\",\"tab\there\"\r\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
}

// full takes nothing.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }

var errFull = errors.New("the disk is full")

func TestWriterTellsThatNothingIsWritten(t *testing.T) {
	w := table.NewWriter(full{})
	if err := w.Write("a"); err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(); !errors.Is(err, errFull) {
		t.Errorf("flush: %v", err)
	}
	if err := w.Write("a"); !errors.Is(err, errFull) {
		t.Errorf("after it: %v", err)
	}
}
