package app

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"steward/internal/app/diagnosis"
	"steward/internal/platform/command/control"
)

// call runs the command line and returns exit code, output and messages.
func call(t *testing.T, args ...string) (int, string, string) {
	t.Helper()
	var out, messages bytes.Buffer
	code := Run(t.Context(), "test", args, strings.NewReader(""), &out, &messages)
	return code, out.String(), messages.String()
}

// repository makes a git repository with one commit.
func repository(t *testing.T, name string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "main.go"), []byte("package main\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"init", "-q"}, {"add", "."}, {"-c", "user.name=Lee Ann", "-c", "user.email=a@example.com", "commit", "-qm", "first"}} {
		cmd := exec.Command("git", args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	return dir
}

func TestEveryCommandHasHelpWithExamples(t *testing.T) {
	_, out, _ := call(t, "completion", "bash")
	i := strings.Index(out, `"") commands="`)
	words, _, _ := strings.Cut(out[i+len(`"") commands="`):], `"`)
	names := strings.Fields(words)
	if len(names) < 9 {
		t.Fatalf("commands: %v", names)
	}
	for _, name := range append(names, "config list", "config get", "config set") {
		code, out, messages := call(t, append(strings.Fields(name), "--help")...)
		if code != 0 || !strings.Contains(out, "Examples:") || !strings.Contains(out, "steward "+name) {
			t.Errorf("steward %s --help: %d, no examples\n%s%s", name, code, out, messages)
		}
	}
}

func TestConfigIsReadAndSet(t *testing.T) {
	data := t.TempDir()
	steps := []struct {
		args          []string
		code          int
		out, messages string // parts
	}{
		{[]string{"config"}, 3, "", "Run steward up with your repositories first"},
		{[]string{"config", "set", "firm.name", "East Bank"}, 0, "firm.name is set.", ""},
		{[]string{"config", "get", "firm.name"}, 0, "East Bank\n", ""},
		{[]string{"config"}, 0, "firm.name     East Bank", ""},
		{[]string{"config", "get", "no.such"}, 3, "", "There is no setting"},
		{[]string{"config", "set", "no.such", "x"}, 3, "", "There is no setting"},
		{[]string{"config", "set", "people.mode", "x"}, 2, "", "off, team or named"},
		{[]string{"config", "set", "firm.name", ""}, 0, "firm.name is set.", ""},
		{[]string{"config", "list"}, 0, "firm.name     (not set)", ""},
		{[]string{"config", "set", "firm.name"}, 2, "", "steward config"},
	}
	for _, s := range steps {
		code, out, messages := call(t, append(s.args, "--data", data)...)
		if code != s.code || !strings.Contains(out, s.out) || !strings.Contains(messages, s.messages) {
			t.Errorf("%v: %d\n%s%s", s.args, code, out, messages)
		}
	}
	_, out, _ := call(t, "config", "--json", "--data", data)
	var all []struct {
		Key, Value string
		Changed    *time.Time
	}
	if err := json.Unmarshal([]byte(out), &all); err != nil || len(all) != 3 || all[0].Changed == nil || all[2].Changed != nil {
		t.Errorf("%v %s", err, out)
	}
}

func TestConfigAndDoctorAskTheRunningSteward(t *testing.T) {
	data := t.TempDir()
	ctx, stop := context.WithCancel(t.Context())
	var out, messages bytes.Buffer
	ended := make(chan int, 1)
	go func() {
		ended <- Run(ctx, "test", []string{"up", "--data", data, "--listen", "127.0.0.1:0", repository(t, "ledger")}, strings.NewReader(""), &out, &messages)
	}()
	running := func() bool {
		_, there, err := control.Ask[hello](t.Context(), data, "/hello", struct{}{})
		return there && err == nil
	}
	for deadline := time.Now().Add(30 * time.Second); !running(); {
		if time.Now().After(deadline) {
			t.Fatal("no Steward answers within 30 s")
		}
		time.Sleep(50 * time.Millisecond)
	}
	if code, _, messages := call(t, "config", "set", "firm.domains", "example.com", "--data", data); code != 0 {
		t.Errorf("%d %s", code, messages)
	}
	if code, _, messages := call(t, "config", "set", "firm.domains", "???", "--data", data); code != 2 || !strings.Contains(messages, "e-mail domain") {
		t.Errorf("%d %s", code, messages)
	}
	if _, out, _ := call(t, "config", "get", "firm.domains", "--data", data); out != "example.com\n" {
		t.Errorf("%q", out)
	}
	if code, out, messages := call(t, "doctor", "--data", data); code != 0 || !strings.Contains(out, "Steward test runs on this folder at http://127.0.0.1:") {
		t.Errorf("%d %s%s", code, out, messages)
	}
	if code, out, _ := call(t, "link", "--data", data); code != 0 || !strings.HasPrefix(out, "http://127.0.0.1:") {
		t.Errorf("%d %s", code, out)
	}
	stop()
	if code := <-ended; code != 0 {
		t.Errorf("up ended with %d: %s", code, messages.String())
	}
}

func TestFindAndDoctorOverWhatWasRead(t *testing.T) {
	data, ledger := t.TempDir(), repository(t, "ledger")
	gone := filepath.Join(t.TempDir(), "gone")
	if err := os.Mkdir(gone, 0o755); err != nil {
		t.Fatal(err)
	}
	if code, _, messages := call(t, "find", "ledger", "--data", data); code != 3 || !strings.Contains(messages, "steward up") {
		t.Errorf("before anything was read: %d %s", code, messages)
	}
	if code, out, messages := call(t, "up", "--once", "--data", data, ledger, gone, "https://127.0.0.1:9/a/b.git"); code != 0 {
		t.Fatalf("%d %s%s", code, out, messages)
	}
	code, out, _ := call(t, "find", "led", "--data", data)
	if code != 0 || !strings.Contains(out, "repository  ledger") {
		t.Errorf("%d %s", code, out)
	}
	for mode, want := range map[string]string{"named": "person  Lee Ann\n", "off": "", "team": ""} {
		if code, _, messages := call(t, "config", "set", "people.mode", mode, "--data", data); code != 0 {
			t.Fatalf("%d %s", code, messages)
		}
		if code, out, messages := call(t, "find", "ann", "--kind", "person", "--data", data); code != 0 || out != want {
			t.Errorf("people.mode %s: %d %q %q", mode, code, out, messages)
		}
	}
	if code, out, messages := call(t, "find", "led", "--kind", "package", "--data", data); code != 0 || out != "" || !strings.Contains(messages, "repository") {
		t.Errorf("%d %q %q", code, out, messages)
	}
	for _, limit := range []string{"0", "501", "-1"} {
		if code, _, _ := call(t, "find", "led", "--limit="+limit, "--data", data); code != 2 {
			t.Errorf("--limit %s: %d", limit, code)
		}
	}
	if err := os.Remove(gone); err != nil {
		t.Fatal(err)
	}
	code, out, _ = call(t, "doctor", "--sources", "--egress", "--json", "--listen", "127.0.0.1:0", "--data", data)
	var d diagnosed
	if err := json.Unmarshal([]byte(out), &d); err != nil || code != 3 || d.OK {
		t.Fatalf("%v %d %s", err, code, out)
	}
	verdicts := map[string]diagnosis.Verdict{}
	for _, c := range append(d.Checks, d.Sources...) {
		verdicts[c.Name] = c.Verdict
		if c.Verdict != diagnosis.Fine && c.Remedy == "" {
			t.Errorf("%s: no remedy", c.Name)
		}
	}
	want := map[string]diagnosis.Verdict{
		"git": diagnosis.Fine, "data folder": verdicts["data folder"], "disk space": verdicts["disk space"], "database": diagnosis.Fine, "address": diagnosis.Fine,
		ledger: diagnosis.Fine, gone: diagnosis.Missing, "https://127.0.0.1:9/a/b.git": diagnosis.Missing,
	}
	if diff := cmp.Diff(want, verdicts); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]diagnosis.Place{{Address: "127.0.0.1:9", For: []string{"https://127.0.0.1:9/a/b.git"}}}, d.Egress); diff != "" {
		t.Error(diff)
	}
}

func TestDoctorNamesWhatIsMissing(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	data := filepath.Join(t.TempDir(), "new")
	code, out, _ := call(t, "doctor", "--data", data, "--listen", taken.Addr().String())
	if code != 3 || !strings.Contains(out, "is in use") || !strings.Contains(out, "none yet; steward up makes it") || !strings.Contains(out, "Something is missing") {
		t.Errorf("%d %s", code, out)
	}
	if _, err := os.Stat(data); !os.IsNotExist(err) {
		t.Errorf("doctor made the data folder: %v", err)
	}
	code, out, _ = call(t, "doctor", "--data", data, "--listen", "127.0.0.1:0", "--egress", "--database", "postgres://u:secret@127.0.0.1:9/x?connect_timeout=2")
	if code != 3 || strings.Contains(out, "secret") || !strings.Contains(out, "127.0.0.1:9\n    database") {
		t.Errorf("%d %s", code, out)
	}
	t.Setenv("PATH", t.TempDir())
	if code, out, _ := call(t, "doctor", "--data", data, "--listen", "127.0.0.1:0"); code != 3 || !strings.Contains(out, "apt install git") {
		t.Errorf("without git: %d %s", code, out)
	}
	fake := filepath.Join(os.Getenv("PATH"), "git")
	for version, want := range map[string]string{"git version 2.30.2": "too old", "git version 2.39.1": "advice", "git version 2.50.0.windows.1": "ok       git", "git version next": "is not known"} {
		if err := os.WriteFile(fake, []byte("#!/bin/sh\necho "+version+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
		if _, out, _ := call(t, "doctor", "--data", data, "--listen", "127.0.0.1:0"); !strings.Contains(out, want) {
			t.Errorf("%s: %s", version, out)
		}
	}
}

func TestCompletionInBash(t *testing.T) {
	if code, _, messages := call(t, "completion", "tcsh"); code != 2 || !strings.Contains(messages, "bash") {
		t.Errorf("%d %s", code, messages)
	}
	_, script, _ := call(t, "completion", "bash")
	script += "\ntry() { COMP_WORDS=(\"$@\"); COMP_CWORD=$((${#COMP_WORDS[@]}-1)); COMPREPLY=(); _steward; echo \"${COMPREPLY[*]}\"; }\n" +
		"try steward conf\ntry steward config ''\ntry steward --data x config g\ntry steward completion z\ntry steward doctor --eg\ntry steward up x\n"
	cmd := exec.Command("bash", "--norc", "-c", script)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if diff := cmp.Diff("config\nlist get set\nget\nzsh\n--egress\n\n", string(out)); diff != "" {
		t.Error(diff)
	}
}

// completed is what zsh and fish offer, in order of the alphabet.
var completed = []struct{ typed, want string }{
	{"steward conf", "config"},
	{"steward config ", "get list set"},
	{"steward --data x config g", "get"},
	{"steward completion z", "zsh"},
	{"steward doctor --eg", "--egress"},
}

func shell(t *testing.T, name string, args ...string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("%s is missing: run test/install.sh", name)
	}
	cmd := exec.Command(path, args...)
	cmd.Dir, cmd.Env = t.TempDir(), append(os.Environ(), "HOME="+t.TempDir(), "XDG_CONFIG_HOME="+t.TempDir(), "XDG_DATA_HOME="+t.TempDir(), "TERM=dumb")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}

func TestCompletionInFish(t *testing.T) {
	_, script, _ := call(t, "completion", "fish")
	file := filepath.Join(t.TempDir(), "steward.fish")
	if err := os.WriteFile(file, []byte(script), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range completed {
		out := shell(t, "fish", "--no-config", "-c", "source $argv[1]; complete --do-complete $argv[2]", file, c.typed)
		var words []string
		for _, line := range strings.Split(strings.TrimSpace(out), "\n") {
			word, _, _ := strings.Cut(line, "\t")
			words = append(words, word)
		}
		slices.Sort(words)
		if diff := cmp.Diff(c.want, strings.Join(words, " ")); diff != "" {
			t.Errorf("%q: %s", c.typed, diff)
		}
	}
}

// pressTab types each argument but the first into an interactive zsh that has read the script named
// first, presses Tab, and prints what is offered, one line a question.
const pressTab = `zmodload zsh/zpty
print -r -- 'PROMPT= RPS1=
autoload -Uz compinit && compinit -D -u
source $SCRIPT
compadd() {
  if [[ "${@[1,(i)(-|--)]}" != *-[OAD]* ]]; then
    local -a hits
    builtin compadd -A hits "$@"; print -rn -- "$hits " >>$OUT
  fi
  builtin compadd "$@"
}
offer() { _main_complete; print >>$OUT }
zle -C offer complete-word offer
bindkey "^I" offer
print ready >>$OUT' >setup
export SCRIPT=$1 OUT=$PWD/out
shift
until_lines() { for try in {1..400}; do [[ -f out && $(wc -l <out) -ge $1 ]] && return; zpty -rt shell seen; sleep .05; done; print -u2 too long; exit 1 }
zpty shell zsh -f -i
zpty -w shell source setup
n=1
until_lines $n
for typed in "$@"; do
  zpty -wn shell "$typed"$'\t'
  until_lines $((++n))
  zpty -wn shell $'\x15'
done
zpty -d shell
tail -n +2 out
`

func TestCompletionInZsh(t *testing.T) {
	_, script, _ := call(t, "completion", "zsh")
	file := filepath.Join(t.TempDir(), "steward.zsh")
	if err := os.WriteFile(file, []byte(script), 0o600); err != nil {
		t.Fatal(err)
	}
	args, want := []string{"-f", "-c", pressTab, "zsh", file}, ""
	for _, c := range completed {
		args, want = append(args, c.typed), want+c.want+"\n"
	}
	got := ""
	for _, line := range strings.Split(strings.TrimSpace(shell(t, "zsh", args...)), "\n") {
		words := strings.Fields(line)
		slices.Sort(words)
		got += strings.Join(slices.Compact(words), " ") + "\n"
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestImportLeavesNothingOpen: the folder of a process for its work is gone when the command has ended.
func TestImportLeavesNothingOpen(t *testing.T) {
	data, register := filepath.Join(t.TempDir(), "data"), filepath.Join(t.TempDir(), "register.csv")
	if err := os.WriteFile(register, []byte("id,name\nA-1,Ledger\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, messages := call(t, "up", "--once", "--data", data, repository(t, "one")); code != 0 {
		t.Fatalf("up: %d, %s", code, messages)
	}
	if code, _, messages := call(t, "import", "context", "--data", data, register); code != 0 {
		t.Fatalf("import: %d, %s", code, messages)
	}
	left, err := os.ReadDir(filepath.Join(data, "scratch"))
	if err != nil || len(left) > 0 {
		t.Errorf("left open: %v, %v", left, err)
	}
}
