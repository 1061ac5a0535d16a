package field_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"steward/internal/platform/gitrepo/field"
)

func TestFieldsComeWholeOrArePassedOver(t *testing.T) {
	long := strings.Repeat("x", 3<<20)
	text := "one\x00\x00" + long + "\x00four\x00" + long + "\nlast line\x00" + long + "\x00torn"
	for name, in := range map[string]io.Reader{"at once": strings.NewReader(text), "in pieces": iotest.HalfReader(strings.NewReader(text))} {
		r := field.NewReader(in)
		var got []string
		for range 4 {
			f, err := r.Field(10)
			if errors.Is(err, field.ErrTooLong) {
				f = []byte("too long")
			} else if err != nil {
				t.Fatal(name, err)
			}
			got = append(got, string(f))
			r.Release()
		}
		ends, err := r.HeadAndTail(12)
		if err != nil {
			t.Fatal(name, err)
		}
		whole, err := r.Field(len(long))
		if err != nil || string(whole) != long {
			t.Errorf("%s: a field of 3 MiB came as %d bytes (%v)", name, len(whole), err)
		}
		want := []string{"one", "", "too long", "four", "xxxxxxxxxxxx\nlast line"}
		if diff := cmp.Diff(want, append(got, string(ends))); diff != "" {
			t.Errorf("%s, want -, got +:\n%s", name, diff)
		}
		if _, err := r.Field(10); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%s: the end in the middle of a field gives %v", name, err)
		}
		if _, err := field.NewReader(strings.NewReader("")).Peek(); err != io.EOF {
			t.Errorf("the end between fields gives %v", err)
		}
	}
}
