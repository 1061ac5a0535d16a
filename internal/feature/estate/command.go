package estate

import (
	"context"
	"fmt"

	"steward/internal/feature/estate/cause"
	"steward/internal/feature/estate/column"
	"steward/internal/feature/estate/snapshot"
	"steward/internal/platform/command"
	"steward/internal/platform/gitrepo"
)

// scanRun is `steward scan PATH`.
type scanRun struct {
	Path    string `arg:"" default:"." help:"Folder to read; a git work tree or any other."`
	History bool   `help:"Read the history too."`

	feature *Feature
}

func (f *Feature) scanCommand() command.Command {
	return command.Command{Name: "scan", Help: "Read one repository as its files lie and print what it is made of. Needs no server and leaves nothing behind.", Run: &scanRun{feature: f}}
}

// scanned is what `steward scan --json` prints.
type scanned struct {
	Name      string             `json:"name"`
	Path      string             `json:"path"`
	Commit    string             `json:"commit,omitempty"`
	Branch    string             `json:"branch,omitempty"`
	Facts     map[string]any     `json:"facts"`
	Notes     []Note             `json:"notes"`
	Summaries map[string]Summary `json:"learnt"`
}

// Help is printed below the flags.
func (*scanRun) Help() string {
	return `Examples:
  steward scan                              the folder that you are in
  steward scan ~/src/ledger --history
  steward scan . --json                     for programs`
}

// Run reads the folder with every analyser and prints the summary.
func (s *scanRun) Run(c *command.Context) error {
	f := s.feature
	snapshot, repo, notes, closeAll, err := f.openPath(c.Context, s.Path)
	if err != nil {
		return err
	}
	defer closeAll()
	r := &reading{repo: repo, snapshot: snapshot, progress: func(int64, int64, string) {}}
	for _, a := range f.analysers {
		if !a.History || (s.History && repo != nil) {
			r.todo = append(r.todo, a)
		}
	}
	out := scanned{Name: snapshot.Repository, Path: s.Path, Commit: snapshot.Commit, Branch: snapshot.Branch, Facts: map[string]any{}, Notes: notes, Summaries: map[string]Summary{}}
	weights := map[string]column.Weight{}
	var lines [][2]string
	for _, o := range f.analyse(c.Context, r) {
		if o.err != nil {
			out.Notes = append(out.Notes, Note{Kind: NoteFailed, Reason: cause.Line(o.err)})
			continue
		}
		for _, fact := range o.result.Facts {
			w := column.Weight{Basis: fact.Basis}
			if old, known := weights[fact.Name]; !known || w.Over(old) {
				weights[fact.Name], out.Facts[fact.Name] = w, fact.Value
			}
		}
		out.Notes = append(out.Notes, o.result.Notes...)
		if o.result.Summary != nil {
			out.Summaries[o.analyser.Name] = o.result.Summary
			lines = append(lines, o.result.Summary.Lines()...)
		}
	}
	out.Notes = append(out.Notes, snapshot.Notes()...)
	if c.JSON {
		return c.PrintJSON(out)
	}
	print(c, out, lines)
	return c.Err()
}

// shownNotes is how many notes `steward scan` prints; --json has all.
const shownNotes = 10

func print(c *command.Context, out scanned, lines [][2]string) {
	c.Printf("%s\n", out.Name)
	if text, ok := out.Facts["description"].(string); ok {
		c.Printf("%s\n", text)
	}
	c.Printf("\n")
	width := 0
	for _, l := range lines {
		width = max(width, len(l[0]))
	}
	for _, l := range lines {
		c.Printf("  %-*s  %s\n", width, l[0], l[1])
	}
	if len(out.Notes) == 0 {
		return
	}
	noun := "notes"
	if len(out.Notes) == 1 {
		noun = "note"
	}
	c.Printf("\n%d %s on what was left out or stays open:\n", len(out.Notes), noun)
	for i, n := range out.Notes {
		if i == shownNotes {
			c.Printf("  … and %d more; --json lists all\n", len(out.Notes)-i)
			break
		}
		place := ""
		if n.Path != "" {
			place = n.Path + ": "
			if n.Line > 0 {
				place = fmt.Sprintf("%s:%d: ", n.Path, n.Line)
			}
		}
		c.Printf("  %s%s\n", place, n.Reason)
	}
}

// OpenPath opens a folder as its files lie, or a bare repository at its default
// branch, for commands that read one repository without the store. Notes say
// what could not be listed. The caller calls done when it has read all it wants.
func (f *Feature) OpenPath(ctx context.Context, given string) (s *Snapshot, notes []Note, done func(), err error) {
	s, _, notes, done, err = f.openPath(ctx, given)
	if err != nil {
		return nil, nil, nil, err
	}
	return s, append(notes, s.Notes()...), done, nil
}

// openPath opens what a person names, with the repository in it when there is one.
func (f *Feature) openPath(ctx context.Context, given string) (*Snapshot, *gitrepo.Repo, []Note, func(), error) {
	opened, err := snapshot.OpenPath(ctx, f.git, given)
	if err != nil {
		return nil, nil, nil, nil, cause.InWords(err)
	}
	return opened.Snapshot, opened.Repo, notesOf(opened.Problems), opened.Close, nil
}
