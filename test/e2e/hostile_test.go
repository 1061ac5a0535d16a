package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

// hazard is a repository that goes wrong in one way, and what Steward must
// come to with it.
type hazard struct {
	name  string
	make  func(t *testing.T, dir string)
	state string   // of the repository in the list
	says  []string // each is in its error or in one of its notes
}

// maxResident is what reading all hazards in one process may take, in bytes.
const maxResident = 600 << 20

// TestHostileRepositories reads a good repository among hostile ones: it is
// read as if it were alone, each of the others ends in a sentence, no program
// is run, nothing is fetched or changed, and memory stays bounded.
func TestHostileRepositories(t *testing.T) {
	root, canaries := t.TempDir(), t.TempDir()
	good := goodRepository(t, filepath.Join(root, "good"))
	hazards := map[string][]hazard{
		"broken": brokenHazards(), "big": bigHazards(), "paths": pathHazards(), "places": placeHazards(t),
		"manifests": manifestHazards(), "programs": programHazards(canaries),
	}
	for group, all := range hazards {
		for _, h := range all {
			h.make(t, filepath.Join(root, group, h.name))
		}
	}
	before := listing(t, root)
	alone := read(t, filepath.Join(t.TempDir(), "data"), good)
	data := filepath.Join(t.TempDir(), "data")
	among := read(t, data, root)

	if got, want := among.of("good"), alone.of("good"); !reflect.DeepEqual(got, want) || got.rows["repositories"] == "" {
		t.Errorf("the good repository among hostile ones is\n%v\nand alone it is\n%v", got, want)
	}
	for _, name := range []string{"left-pad@1.3.0", "is-odd@3.0.1", "is-number@6.0.0"} {
		if out, errs, code := run(t, "who-uses", "--data", data, name); code != 0 || !strings.Contains(out, "good:package-lock.json") {
			t.Errorf("who-uses %s does not name the good repository: %d %.2000s%s", name, code, out, errs)
		}
	}
	if among.resident == 0 || among.resident > maxResident {
		t.Errorf("reading took %d MiB, want at most %d", among.resident>>20, maxResident>>20)
	}
	t.Logf("reading all took %d MiB at most and %s", among.resident>>20, among.took.Round(time.Millisecond))
	if after := listing(t, root); !reflect.DeepEqual(before, after) {
		t.Errorf("reading changed the repositories:\n%s", difference(before, after))
	}
	if sprung, err := os.ReadDir(canaries); err != nil || len(sprung) > 0 {
		t.Errorf("programs of repositories were run: %v %v", sprung, err)
	}
	for group, all := range hazards {
		for _, h := range all {
			t.Run(group+"/"+h.name, func(t *testing.T) {
				judge(t, h, among.of(h.name))
				scanned(t, filepath.Join(root, group, h.name))
			})
		}
	}
	if sprung, err := os.ReadDir(canaries); err != nil || len(sprung) > 0 {
		t.Errorf("scan ran programs of repositories: %v %v", sprung, err)
	}
}

// judge compares what is shown of a repository with what a hazard wants.
func judge(t *testing.T, h hazard, got shown) {
	t.Helper()
	if got.state != h.state {
		t.Errorf("it is %q, want %q: %s", got.state, h.state, got)
	}
	for _, want := range h.says {
		if !strings.Contains(got.said, want) {
			t.Errorf("nothing says %q:\n%s", want, got.said)
		}
	}
	clean(t, got.said)
	if got.state == "failed" && (got.rows["facts"] != "" || !strings.Contains(got.said, "; ") && !strings.Contains(got.said, ". ")) {
		t.Errorf("a repository that was not read shows facts, or no remedy: %s", got)
	}
}

// scanned runs `steward scan` on the same folder.
func scanned(t *testing.T, dir string) {
	t.Helper()
	out, errs, code := run(t, "scan", "--json", dir)
	clean(t, out+errs)
	switch code {
	case 0:
		if !json.Valid([]byte(out)) {
			t.Errorf("scan --json prints no JSON: %.300s", out)
		}
	case 2, 3:
		if out != "" || !strings.HasPrefix(errs, "steward: ") || strings.Count(strings.TrimSpace(errs), "\n") > 0 {
			t.Errorf("scan ends with %d and says no single sentence: %s%s", code, out, errs)
		}
	default:
		t.Errorf("scan ends with %d: %s", code, errs)
	}
}

// clean: what people read shows neither the inside of the program nor a secret.
func clean(t *testing.T, said string) {
	t.Helper()
	for _, inside := range []string{"goroutine ", "panic", "runtime error", ".go:", "/scratch/", "steward-git-", "hunter2", "root:x:0", "exit status", "%!"} {
		if i := strings.Index(said, inside); i >= 0 {
			t.Errorf("it shows %q: …%s…", inside, said[max(0, i-200):min(len(said), i+200)])
		}
	}
}

// answers are what a data folder holds after everything was read.
type answers struct {
	resident int64 // most memory of the process, in bytes
	took     time.Duration
	lists    map[string][]map[string]any
}

// shown is what people see of one repository.
type shown struct {
	state, said string
	rows        map[string]string
}

func (s shown) String() string { return fmt.Sprintf("%s: %s %v", s.state, s.said, s.rows) }

// lists are those in which a repository's rows are looked up, by the column that names it.
var lists = map[string]string{"repositories": "name", "coverage-notes": "repository", "components": "repository", "technology-uses": "repository", "licence-files": "repository"}

// unsteady are columns that differ between two readings of the same content.
var unsteady = []string{"id", "read", "repository_id", "team_id"}

func (a answers) of(name string) shown {
	s := shown{rows: map[string]string{}}
	for list, column := range lists {
		var rows bytes.Buffer
		for _, row := range a.lists[list] {
			if row[column] != name {
				continue
			}
			for _, key := range []string{"error", "path", "reason"} {
				if text, ok := row[key].(string); ok && text != "" {
					s.said += text + "\n"
				}
			}
			if list == "repositories" {
				s.state, _ = row["state"].(string)
			}
			fmt.Fprintln(&rows, row)
		}
		s.rows[list] = rows.String()
	}
	return s
}

// read reads a folder to the end and returns what the lists show.
func read(t *testing.T, data, source string) answers {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary(t), "up", "--once", "--data", data, source)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	from := time.Now()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	peak := watch(cmd.Process.Pid)
	if err := cmd.Wait(); err != nil {
		t.Fatalf("steward up --once: %v\n%s", err, out.String())
	}
	clean(t, out.String())
	a := answers{took: time.Since(from), resident: <-peak, lists: map[string][]map[string]any{}}
	a.collect(t, up(t, data, source))
	return a
}

// watch gives the most memory that a process ever had resident, in bytes, when
// it has ended. The kernel's own figure at the end (getrusage(2)) would not do:
// it begins with what the process that started it had.
func watch(pid int) <-chan int64 {
	peak := make(chan int64, 1)
	go func() {
		most := int64(0)
		for {
			status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
			_, rest, found := strings.Cut(string(status), "VmHWM:")
			if err != nil || !found {
				peak <- most
				return
			}
			var now int64
			if _, err := fmt.Sscan(rest, &now); err == nil {
				most = max(most, now<<10)
			}
			time.Sleep(20 * time.Millisecond)
		}
	}()
	return peak
}

// collect keeps what the lists of a running Steward show, and ends it.
func (a *answers) collect(t *testing.T, s *steward) {
	t.Helper()
	defer s.kill()
	s.signIn()
	for list := range lists {
		status, body := s.get("/" + list + ".json")
		var rows []map[string]any
		if err := json.Unmarshal([]byte(body), &rows); status != 200 || err != nil {
			t.Fatalf("/%s.json: %d %v %.500s", list, status, err, body)
		}
		for _, row := range rows {
			for _, column := range unsteady {
				delete(row, column)
			}
		}
		a.lists[list] = rows
	}
}

// listing says of every file below a folder what would change if it were touched.
func listing(t *testing.T, root string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil {
			all[path] = fmt.Sprint(info.Mode(), info.Size(), info.ModTime().UnixNano())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func difference(before, after map[string]string) string {
	var b strings.Builder
	for path, what := range after {
		if before[path] != what {
			fmt.Fprintf(&b, "%s: %s, was %s\n", path, what, before[path])
		}
	}
	for path := range before {
		if _, ok := after[path]; !ok {
			fmt.Fprintf(&b, "%s is gone\n", path)
		}
	}
	return b.String()
}

// goodRepository is one that shows all that analysers look for.
func goodRepository(t *testing.T, dir string) string {
	t.Helper()
	return repository(t, dir, map[string]string{
		"README.md": "# Good\n\nThe one that must be read completely.\n", "LICENSE": mit, "CODEOWNERS": "* @payments/core\n",
		"package.json":      `{"name": "good", "version": "1.0.0", "dependencies": {"left-pad": "^1.3.0"}, "devDependencies": {"is-odd": "3.0.1"}}`,
		"package-lock.json": portalLock, "src/index.ts": "export const a: number = 1\n", "Dockerfile": "FROM scratch\n",
	})
}
