package mailmap

import (
	"bytes"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const sample = `# comment
Proper Name <commit@x.test>
<Proper@x.test> <Other@x.test>
Both Names <both@x.test> <b2@x.test>
New <new@x.test> Old Name <shared@x.test>
New Two <new2@x.test> old two <shared@x.test>
  Spaced  Out 	<spaced@x.test>  # no comment
Nothing here
Empty <> <e@x.test>
<only@x.test>
Later <later@x.test> <b2@x.test>
To Empty <filled@x.test> <>
`

func TestParse(t *testing.T) {
	m, problems := Parse([]byte(sample))
	want := []Entry{
		{2, "Proper Name", "", "", "commit@x.test"},
		{3, "", "Proper@x.test", "", "Other@x.test"},
		{4, "Both Names", "both@x.test", "", "b2@x.test"},
		{5, "New", "new@x.test", "Old Name", "shared@x.test"},
		{6, "New Two", "new2@x.test", "old two", "shared@x.test"},
		{7, "Spaced  Out", "", "", "spaced@x.test"},
		{10, "", "", "", "only@x.test"},
		{11, "Later", "later@x.test", "", "b2@x.test"},
		{12, "To Empty", "filled@x.test", "", ""},
	}
	if diff := cmp.Diff(want, m.Entries); diff != "" {
		t.Error(diff)
	}
	if len(problems) != 2 || problems[0].Line != 8 || problems[1].Line != 9 {
		t.Errorf("problems: %v", problems)
	}
	if _, problems := Parse(make([]byte, MaxSize+1)); len(problems) != 1 {
		t.Errorf("too large: %v", problems)
	}
}

func TestResolve(t *testing.T) {
	m, _ := Parse([]byte(sample))
	for in, want := range map[[2]string][2]string{
		{"x", "COMMIT@x.test"}:        {"Proper Name", "COMMIT@x.test"},
		{"x", "other@X.test"}:         {"x", "Proper@x.test"},
		{"x", "b2@x.test"}:            {"Later", "later@x.test"},
		{"OLD NAME", "Shared@x.test"}: {"New", "new@x.test"},
		{"else", "shared@x.test"}:     {"else", "shared@x.test"},
		{"x", "only@x.test"}:          {"x", "only@x.test"},
		{"x", "unknown@x.test"}:       {"x", "unknown@x.test"},
	} {
		name, email := m.Resolve(in[0], in[1])
		if got := [2]string{name, email}; got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
	if name, email := (Map{}).Resolve("a", "b"); name != "a" || email != "b" {
		t.Errorf("zero value: %q %q", name, email)
	}
}

// TestSameAsGit compares with the real `git check-mailmap` on files made at random from awkward parts.
func TestSameAsGit(t *testing.T) {
	git, err := exec.LookPath("git")
	if err != nil {
		t.Fatalf("the promise of this package is git's own result, which needs git: %v", err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	pick := func(list []string) string { return list[r.IntN(len(list))] }
	names := []string{"", "Ann Lee", "ann lee", "A", "  Bob  ", "Élan Vital", "élan vital", "#5", "x # y", "Q\tR"}
	emails := []string{"a@x.test", "A@X.test", "b@x.test", "", " c@x.test ", "É@x.test", "d"}
	tails := []string{"", "", "", " # note", " trailing", "\r", " <broken", "  "}
	contactNames := []string{"Ann Lee", "ANN LEE", "A", "Bob", "Élan Vital", "élan vital", "Other"}
	contactEmails := []string{"a@x.test", "A@x.TEST", "b@x.test", "É@x.test", "é@x.test", "d", "none@x.test"}
	dir := t.TempDir()
	run := func(stdin string, args ...string) string {
		cmd := exec.Command(git, args...)
		cmd.Dir = dir
		cmd.Stdin = strings.NewReader(stdin)
		cmd.Env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null", "HOME="+dir)
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("git %v: %v %s", args, err, stderr.String())
		}
		return string(out)
	}
	run("", "init", "-q")
	for range 60 {
		var text, contacts, got strings.Builder
		for range 1 + r.IntN(8) {
			text.WriteString(pick(names) + " <" + pick(emails) + ">")
			if r.IntN(3) > 0 {
				text.WriteString(" " + pick(names) + " <" + pick(emails) + ">")
			}
			text.WriteString(pick(tails) + "\n")
		}
		m, _ := Parse([]byte(text.String()))
		for _, name := range contactNames {
			for _, email := range contactEmails {
				contacts.WriteString(name + " <" + email + ">\n")
				properName, properEmail := m.Resolve(name, email)
				got.WriteString(properName + " <" + properEmail + ">\n")
			}
		}
		if err := os.WriteFile(filepath.Join(dir, ".mailmap"), []byte(text.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(run(contacts.String(), "check-mailmap", "--stdin"), got.String()); diff != "" {
			t.Fatalf("%s\n%s", text.String(), diff)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(sample), "Old Name", "shared@x.test")
	f.Add([]byte("<<>><"), "", "")
	f.Fuzz(func(t *testing.T, b []byte, name, email string) {
		m, _ := Parse(b)
		m.Resolve(name, email)
		for _, e := range m.Entries {
			if e.Line < 1 || strings.Contains(e.CommitEmail, ">") {
				t.Errorf("%+v", e)
			}
		}
	})
}
