package spool_test

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"steward/internal/platform/web/spool"
)

func TestWhatIsWrittenComesBack(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	for _, size := range []int{0, 1, 1 << 20, 1<<20 + 1, 5 << 20} {
		var s spool.Spool
		want := strings.Repeat("0123456789", size/10+1)[:size]
		for rest := want; rest != ""; {
			n, err := s.Write([]byte(rest[:min(len(rest), 70_000)]))
			if err != nil {
				t.Fatal(err)
			}
			rest = rest[n:]
		}
		var got bytes.Buffer
		if n, err := s.WriteTo(&got); err != nil || n != int64(size) || s.Size() != n || got.String() != want {
			t.Errorf("%d bytes: %d handed on, %v, size %d", size, n, err, s.Size())
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
