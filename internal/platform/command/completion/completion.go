// Package completion prints the scripts with which bash, zsh and fish complete commands, flags and
// fixed values, made from the grammar of the command line itself.
package completion

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"steward/internal/platform/command"
)

// Command is `steward completion`.
type Command struct {
	Shell string `arg:"" help:"bash, zsh or fish." enum:"bash,zsh,fish"`
}

// Help is printed below the flags.
func (*Command) Help() string {
	return `Examples:
  steward completion bash > ~/.local/share/bash-completion/completions/steward
  steward completion zsh > "${fpath[1]}/_steward"
  steward completion fish > ~/.config/fish/completions/steward.fish
  source <(steward completion bash)         for this shell only`
}

// Run prints the script, made from the commands that this program has.
func (r *Command) Run(c *command.Context, parsed *kong.Context) error {
	spots := spotsOf(parsed.Model.Node, nil)
	switch r.Shell {
	case "bash":
		return writeBash(c.Stdout, spots)
	case "zsh":
		return writeZsh(c.Stdout, spots)
	}
	return writeFish(c.Stdout, spots)
}

// spot is a place in the grammar with what may follow there.
type spot struct {
	path  string // commands before, by spaces: "", "config", "config set"
	words []word // commands, or values of the first argument when they are few and fixed
	flags []word
}

type word struct {
	text, help string
	value      bool // of flags: a value follows
}

// spotsOf walks the grammar from the top.
func spotsOf(n *kong.Node, path []string) []spot {
	s := spot{path: strings.Join(path, " ")}
	var below []spot
	for _, child := range n.Children {
		if child.Type != kong.CommandNode || child.Hidden {
			continue
		}
		s.words = append(s.words, word{text: child.Name, help: child.Help})
		below = append(below, spotsOf(child, append(slices.Clone(path), child.Name))...)
	}
	if len(n.Positional) > 0 && n.Positional[0].Tag != nil {
		for _, value := range strings.Split(n.Positional[0].Tag.Enum, ",") {
			if value != "" {
				s.words = append(s.words, word{text: value})
			}
		}
	}
	for _, group := range n.AllFlags(true) {
		for _, f := range group {
			s.flags = append(s.flags, word{text: "--" + f.Name, help: f.Help, value: !f.IsBool()})
		}
	}
	return append([]spot{s}, below...)
}

func texts(words []word) string {
	all := make([]string, len(words))
	for i, w := range words {
		all[i] = w.text
	}
	return strings.Join(all, " ")
}

// steps are the patterns of a case that moves on to the next place: "config set" is " config" and
// then "config set".
func steps(spots []spot) string {
	var all []string
	for _, s := range spots[1:] {
		before, last := "", s.path
		if i := strings.LastIndexByte(s.path, ' '); i >= 0 {
			before, last = s.path[:i], s.path[i+1:]
		}
		all = append(all, `"`+before+" "+last+`"`)
	}
	return strings.Join(all, "|")
}

func writeBash(w io.Writer, spots []spot) error {
	var b strings.Builder
	b.WriteString("# bash completion of steward; made by: steward completion bash\n_steward() {\n" +
		"  local cur=${COMP_WORDS[COMP_CWORD]} at= commands= flags= i\n" +
		"  for ((i = 1; i < COMP_CWORD; i++)); do\n" +
		"    case \"$at ${COMP_WORDS[i]}\" in " + steps(spots) + ") at=\"${at:+$at }${COMP_WORDS[i]}\" ;; esac\n  done\n  case \"$at\" in\n")
	for _, s := range spots {
		fmt.Fprintf(&b, "    %q) commands=%q flags=%q ;;\n", s.path, texts(s.words), texts(s.flags))
	}
	b.WriteString("  esac\n  [[ $cur == -* ]] && commands=$flags\n  COMPREPLY=($(compgen -W \"$commands\" -- \"$cur\"))\n}\ncomplete -o default -F _steward steward\n")
	_, err := io.WriteString(w, b.String())
	return err
}

func writeZsh(w io.Writer, spots []spot) error {
	described := func(words []word) string {
		var all []string
		for _, one := range words {
			text := strings.ReplaceAll(one.text, ":", `\:`)
			if one.help != "" {
				text += ":" + one.help
			}
			all = append(all, quoted(text))
		}
		return strings.Join(all, " ")
	}
	var b strings.Builder
	b.WriteString("#compdef steward\n# made by: steward completion zsh\n_steward() {\n  local at= i\n  local -a commands flags\n" +
		"  for ((i = 2; i < CURRENT; i++)); do\n    case \"$at ${words[i]}\" in (" + steps(spots) + ") at=\"${at:+$at }${words[i]}\" ;; esac\n  done\n  case \"$at\" in\n")
	for _, s := range spots {
		fmt.Fprintf(&b, "    (%q) commands=(%s); flags=(%s) ;;\n", s.path, described(s.words), described(s.flags))
	}
	b.WriteString("  esac\n  if [[ ${words[CURRENT]} == -* ]]; then _describe flag flags\n  elif (( ${#commands} )); then _describe command commands\n  else _files\n  fi\n}\n" +
		"if [[ ${funcstack[1]} == _steward ]]; then _steward \"$@\"; else compdef _steward steward; fi\n")
	_, err := io.WriteString(w, b.String())
	return err
}

func writeFish(w io.Writer, spots []spot) error {
	var b strings.Builder
	b.WriteString("# fish completion of steward; made by: steward completion fish\n")
	for _, s := range spots {
		var when []string
		for _, part := range strings.Fields(s.path) {
			when = append(when, "__fish_seen_subcommand_from "+part)
		}
		if s.path == "" {
			when = []string{"__fish_use_subcommand"}
		}
		here := when
		if s.path != "" && len(s.words) > 0 {
			here = append(slices.Clone(when), "not __fish_seen_subcommand_from "+texts(s.words))
		}
		for _, one := range s.words {
			fmt.Fprintf(&b, "complete -c steward -f -n %s -a %s -d %s\n", quoted(strings.Join(here, "; and ")), one.text, quoted(one.help))
		}
		for _, one := range s.flags {
			value := ""
			if one.value {
				value = " -r"
			}
			fmt.Fprintf(&b, "complete -c steward -n %s -l %s%s -d %s\n", quoted(strings.Join(when, "; and ")), strings.TrimPrefix(one.text, "--"), value, quoted(one.help))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// quoted puts a text in single quotes as all three shells read them.
func quoted(s string) string {
	return "'" + strings.ReplaceAll(strings.ReplaceAll(s, `\`, ""), "'", `’`) + "'"
}
