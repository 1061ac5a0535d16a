package history

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	snapshots "steward/internal/feature/estate/snapshot"
	"steward/internal/platform/gitrepo"
)

// git runs git on a bare repository and returns the lines that it writes.
func git(t *testing.T, dir, stdin string, args ...string) []string {
	t.Helper()
	cmd := exec.Command("git", append([]string{"--git-dir", dir, "-c", "core.quotePath=false"}, args...)...)
	cmd.Env = append(os.Environ(), "TZ=UTC", "LC_ALL=C", "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1")
	cmd.Stdin = strings.NewReader(stdin)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("git %q: %v", args, err)
	}
	return strings.FieldsFunc(string(out), func(r rune) bool { return r == '\n' })
}

// The authors of generated histories; .mailmap makes four of the last five the first two.
var authors = []string{
	"Ann Lee <ann@x.test>", "Bob Roe <bob@x.test>", "Séan Ó Díaz <sean@y.test>", "Cy Poe <cy@y.test>",
	"ann <ann@laptop.test>", "Robert <BOB@x.test>", "shared <desk@x.test>", "Shared Too <desk@x.test>", "Ann L. <ANN@old.test>",
}

const generatedMailmap = `# who is who
Ann Lee <ann@x.test> <ann@laptop.test>
Ann Lee <ann@x.test> <ann@old.test>
Bob Roe <bob@x.test> <bob@x.test>
Bob Roe <bob@x.test> Shared <desk@x.test>
not a line
`

// generated writes a history with merges, co-authors, dates in many zones that
// do not ascend, changes of all kinds, and tags of commits and of tags, for
// git fast-import.
func generated(seed uint64) string {
	r := rand.New(rand.NewPCG(seed, 7))
	var b strings.Builder
	data := func(s string) { fmt.Fprintf(&b, "data %d\n%s\n", len(s), s) }
	date := func() string {
		return fmt.Sprintf("%d %+03d%02d", 1_600_000_000+r.Int64N(80_000_000), r.IntN(26)-12, []int{0, 30, 45}[r.IntN(3)])
	}
	folders := []string{"", "a/", "a/b/", "a/b/c/d/", "é è/ü/", "lib/x/", "lib/y/z/"}
	commits := 60 + r.IntN(60)
	for n := 1; n <= commits; n++ {
		fmt.Fprintf(&b, "commit refs/heads/main\nmark :%d\nauthor %s %s\ncommitter %s %s\n", n, authors[r.IntN(len(authors))], date(), authors[0], date())
		message := fmt.Sprintf("change %d\n\nWhy it is done.\n", n)
		if r.IntN(3) == 0 {
			message += "\n"
			for range 1 + r.IntN(3) {
				message += "Co-authored-by: " + authors[r.IntN(len(authors))] + "\n"
			}
		}
		data(message)
		if n > 1 {
			fmt.Fprintf(&b, "from :%d\n", max(1, n-1-r.IntN(3)))
			if n > 8 && r.IntN(6) == 0 {
				fmt.Fprintf(&b, "merge :%d\n", n-5)
			}
		} else {
			b.WriteString("M 100644 inline .mailmap\n")
			data(generatedMailmap)
		}
		for range r.IntN(4) {
			path := fmt.Sprintf("%sf%d.txt", folders[r.IntN(len(folders))], r.IntN(5))
			if r.IntN(5) == 0 {
				fmt.Fprintf(&b, "D %s\n", path)
				continue
			}
			fmt.Fprintf(&b, "M %s inline %s\n", []string{"100644", "100755"}[r.IntN(2)], path)
			data(strconv.Itoa(r.IntN(9)))
		}
		if r.IntN(10) == 0 {
			fmt.Fprintf(&b, "tag v1.%d\nmark :%d\nfrom :%d\ntagger %s %s\n", n, 1000+n, n, authors[1], date())
			data("a release")
			fmt.Fprintf(&b, "tag again-1.%d\nfrom :%d\ntagger %s %s\n", n, 1000+n, authors[1], date())
			data("a tag of a tag")
			fmt.Fprintf(&b, "reset refs/tags/light-%d\nfrom :%d\n\n", n, n)
		}
	}
	return b.String()
}

// asGit is what git itself says of a history.
type asGit struct {
	Commits, First, Last int64
	Months               map[int64]int64 // commits
	Directories          map[string]int64
	Authors              map[int64]int64 // commits that are no merges, by identity
	Half                 int64
	Tags                 map[string]string // commit and time in µs
}

func tellsGit(t *testing.T, dir string) asGit {
	said := asGit{Months: map[int64]int64{}, Directories: map[string]int64{}, Authors: map[int64]int64{}, Tags: map[string]string{}}
	number := func(s string) int64 {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	said.Commits = number(git(t, dir, "", "rev-list", "--count", "main")[0])
	for _, line := range git(t, dir, "", "log", "--date=format-local:%Y%m", "--format=%at %ct %ad", "main") {
		at, rest, _ := strings.Cut(line, " ")
		committed, month, _ := strings.Cut(rest, " ")
		if first := number(at) * 1e6; said.First == 0 || first < said.First {
			said.First = first
		}
		said.Last = max(said.Last, number(at)*1e6, number(committed)*1e6)
		said.Months[number(month)]++
	}
	for _, line := range git(t, dir, "", "shortlog", "-sne", "--no-merges", "--group=author", "--group=trailer:co-authored-by", "main") {
		n, who, _ := strings.Cut(strings.TrimSpace(line), "\t")
		name, email := gitrepo.SplitPerson([]byte(who))
		said.Authors[IdentityID(string(name), string(email))] = number(n)
	}
	var counts []int64
	for _, n := range said.Authors {
		counts = append(counts, n)
	}
	said.Half = Half(counts)
	for _, place := range []string{"a", "a/b", "é è/ü", "lib/x", "lib/y", ""} {
		spec := place
		if !strings.Contains(place, "/") { // what is further below is another one
			spec = ":(glob)" + strings.TrimPrefix(place+"/*", "/")
		}
		said.Directories[place] = number(git(t, dir, "", "rev-list", "--count", "--no-merges", "--full-history", "main", "--", spec)[0])
	}
	for _, line := range git(t, dir, "", "for-each-ref", "refs/tags", "--format=%(refname:strip=2) %(creatordate:unix)") {
		name, at, _ := strings.Cut(line, " ")
		said.Tags[name] = fmt.Sprint(git(t, dir, "", "rev-parse", name+"^{commit}")[0], " ", number(at)*1e6)
	}
	return said
}

// TestSameAsGit compares what is added up with what git itself says of the
// same history: git log, shortlog with .mailmap and co-authors, rev-list by
// folder, and for-each-ref.
func TestSameAsGit(t *testing.T) {
	for seed := range uint64(4) {
		dir := t.TempDir()
		git(t, dir, "", "init", "-q", "--bare", "--initial-branch=main", dir)
		git(t, dir, generated(seed), "fast-import", "--quiet")
		repo, err := gitrepo.Open(t.Context(), dir, gitrepo.Config{Scratch: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		head, err := repo.DefaultBranch()
		if err != nil {
			t.Fatal(err)
		}
		s, done, err := snapshots.OpenCommit(t.Context(), repo, "generated", "main", head.Commit)
		if err != nil {
			t.Fatal(err)
		}
		f := New(s, now)
		if err := repo.Log(t.Context(), head.Commit, nil, func(c *gitrepo.Commit) error { f.Commit(c); return nil }); err != nil {
			t.Fatal(err)
		}
		l := f.Learn()
		got := asGit{Commits: l.Commits, First: l.First, Last: l.Last, Months: map[int64]int64{}, Directories: map[string]int64{}, Authors: map[int64]int64{}, Tags: map[string]string{}}
		for _, m := range l.Months {
			got.Months[m.Month] = m.Commits
		}
		for _, d := range l.Directories {
			got.Directories[d.Place] += d.Commits
		}
		var counts []int64
		for _, w := range l.Work {
			if w.Root == Whole {
				got.Authors[w.Identity] = w.Commits + w.Bulk
				counts = append(counts, w.Commits+w.Bulk)
			}
		}
		got.Half = Half(counts)
		for _, tag := range s.Tags {
			got.Tags[tag.Name] = fmt.Sprint(tag.Commit, " ", tag.Time)
		}
		if diff := cmp.Diff(tellsGit(t, dir), got); diff != "" {
			t.Errorf("history %d (- git, + ours):\n%s", seed, diff)
		}
		if err := done(); err != nil {
			t.Error(err)
		}
		if err := repo.Close(); err != nil {
			t.Error(err)
		}
	}
}
