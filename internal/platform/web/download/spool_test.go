package download

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestWhatIsWrittenComesBack(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	for _, size := range []int{0, 1, 1 << 20, 1<<20 + 1, 5 << 20} {
		var s spool
		want := strings.Repeat("0123456789", size/10+1)[:size]
		for rest := want; rest != ""; {
			n, err := s.Write([]byte(rest[:min(len(rest), 70_000)]))
			if err != nil {
				t.Fatal(err)
			}
			rest = rest[n:]
		}
		var got bytes.Buffer
		if n, err := s.WriteTo(&got); err != nil || n != int64(size) || s.size != n || got.String() != want {
			t.Errorf("%d bytes: %d handed on, %v, size %d", size, n, err, s.size)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestSend(t *testing.T) {
	now := time.Date(2026, 11, 22, 23, 30, 0, 0, time.FixedZone("", -3600))
	w := httptest.NewRecorder()
	err := Send(w, now, "things", CSV, func(out io.Writer) error {
		_, err := io.WriteString(out, "a,b\r\n")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	type answer struct {
		Head http.Header
		Body string
	}
	want := answer{http.Header{
		"Content-Type": {"text/csv; charset=utf-8; header=present"}, "Content-Length": {"5"}, "Cache-Control": {"private, no-store"},
		"Content-Disposition": {`attachment; filename="things-2026-11-23.csv"`},
	}, "a,b\r\n"}
	if diff := cmp.Diff(want, answer{w.Header(), w.Body.String()}); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
}

// TestWhatFailsMidwayIsNotSent: neither what was written before, nor a head that says that it is a file.
func TestWhatFailsMidwayIsNotSent(t *testing.T) {
	w, failure := httptest.NewRecorder(), errors.New("the database has gone")
	err := Send(w, time.Time{}, "things", JSON, func(out io.Writer) error {
		_, _ = out.Write(make([]byte, 3<<20))
		return failure
	})
	if !errors.Is(err, failure) || w.Body.Len() > 0 || len(w.Header()) > 0 {
		t.Errorf("%v, %d bytes, head %v", err, w.Body.Len(), w.Header())
	}
}
