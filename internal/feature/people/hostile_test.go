package people_test

import (
	"bytes"
	"fmt"
	"os/exec"
	"strings"
	"testing"
)

// TestHostileHistories are read whole, on both engines: names of 10 KB and in
// no encoding, dates at the ends of time, paths that are the same once they
// are text, tags of all kinds.
func TestHostileHistories(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.set("people.mode", "named")
		r := newRepo(t, "hostile")
		var in bytes.Buffer
		for i, who := range []string{
			"Ann\x00Null <ann@x.test>", "\xff\xfe\xfd <\xff@x.test>", strings.Repeat("N", 10_000) + " <" + strings.Repeat("e", 10_000) + "@x.test>",
			`"onload=alert(1) x=&lt; <s@x.test>`, "' OR 1=1 -- <q@x.test>", " <>", "Ann\u202eNull <ann@x.test>", "A <a@x.test>",
		} {
			at := []string{"0 +0000", "4294967295 +0000", "1700000000 +9999", "1700000000 -0100"}[i%4]
			who = strings.ReplaceAll(who, "\x00", "")
			fmt.Fprintf(&in, "commit refs/heads/main\nmark :%d\nauthor %s %s\ncommitter c <c@x.test> 1700000000 +0000\ndata 4\nm %02d\n", i+1, who, at, i)
			for _, p := range []string{`"\377/go.mod"`, `"\376/go.mod"`, `"a\nb/c"`, "x/" + strings.Repeat("d/", 200) + "f"} {
				fmt.Fprintf(&in, "M 100644 inline %s\ndata <<EOT\nmodule m%d\nEOT\n", p, i)
			}
		}
		for i, tag := range []string{"v1.0.0", "v1.0.0-rc1", "v2.0.0\xff", "v2.0.0\xfe", "nightly"} {
			fmt.Fprintf(&in, "reset refs/tags/%s\nfrom :%d\n", tag, i+1)
		}
		cmd := exec.Command("git", "fast-import", "--quiet", "--force", "--date-format=raw-permissive")
		cmd.Dir, cmd.Stdin = r.dir, &in
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%.300s", err, out)
		}
		h.look(r.dir)
		h.want("state", h.rows(`SELECT state, error, commits FROM repository`, 3), []string{"read  8"})
		h.want("failed analysers", h.rows(`SELECT analyser FROM analyser_run WHERE error <> ''`, 1), []string{})
		hub := h.hub(admin)
		for _, address := range h.addresses(h.rows(`SELECT uid FROM person`, 1)) {
			if status, body := hub.Get(address); status >= 500 || strings.Contains(body, "<script>alert") {
				t.Errorf("%s: status %d", address, status)
			}
		}
	})
}
