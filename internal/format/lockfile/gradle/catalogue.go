package gradle

import (
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"steward/internal/format/lockfile"
	"steward/internal/format/lockfile/gradle/script"
)

// catalogue is a version catalogue (gradle/libs.versions.toml), keyed by
// accessor: aliases with - and _ turned into dots.
type catalogue struct {
	path      string
	versions  map[string]version
	libraries map[string]library
	bundles   map[string][]string // accessors of libraries
	plugins   map[string]library  // group holds the plugin's id
	named     map[string]bool     // accessors of libraries that some script refers to
}

// version is what is asked for: an exact one, a range, or nothing.
type version struct {
	exact string
	asked string // as declared, when it is not an exact one
}

type library struct {
	group, name string
	version     version
	line        int
}

func isCatalogue(p string) bool { return strings.HasSuffix(p, ".versions.toml") }

// catalogueFile is the file's own shape. Values are strings or tables.
type catalogueFile struct {
	Versions  map[string]any `toml:"versions"`
	Libraries map[string]any `toml:"libraries"`
	Bundles   map[string]any `toml:"bundles"`
	Plugins   map[string]any `toml:"plugins"`
}

// readCatalogue parses a version catalogue. Entries of no known shape are
// left out.
// Source: Gradle User Manual, "The version catalog TOML file format".
func readCatalogue(p string, b []byte) (*catalogue, error) {
	b, err := lockfile.Text(b)
	if err != nil {
		return nil, err
	}
	if err := tooMuch(b); err != nil {
		return nil, err
	}
	var file catalogueFile
	if err := toml.Unmarshal(b, &file); err != nil {
		var parse toml.ParseError
		if errors.As(err, &parse) {
			return nil, script.Fail(parse.Position.Line, lockfile.ErrSyntax, "%s", parse.Message)
		}
		return nil, fmt.Errorf("%w: not a version catalogue", lockfile.ErrSyntax)
	}
	c := &catalogue{path: p, versions: map[string]version{}, libraries: map[string]library{}, bundles: map[string][]string{}, plugins: map[string]library{}, named: map[string]bool{}}
	for alias, v := range inOrder(flatten(file.Versions, "strictly", "require", "prefer", "reject", "rejectAll")) {
		c.versions[script.Accessor(alias)] = richVersion(v)
	}
	lines := entryLines(string(b))
	for alias, v := range inOrder(flatten(file.Libraries, "module", "group", "name", "version")) {
		if lib, ok := c.library(v, "module"); ok {
			lib.line = lines["libraries."+alias]
			c.libraries[script.Accessor(alias)] = lib
		}
	}
	for alias, v := range inOrder(flatten(file.Plugins, "id", "version")) {
		if lib, ok := c.library(v, "id"); ok {
			lib.line = lines["plugins."+alias]
			c.plugins[script.Accessor(alias)] = lib
		}
	}
	for alias, v := range inOrder(flatten(file.Bundles)) {
		members, _ := v.([]any)
		for _, member := range members {
			if name, ok := member.(string); ok {
				c.bundles[script.Accessor(alias)] = append(c.bundles[script.Accessor(alias)], script.Accessor(name))
			}
		}
	}
	return c, nil
}

// maxDots bounds the dots in an alias.
const maxDots = 10

// flatten joins the tables that an alias with dots makes. A table with one of
// own as key is an entry.
func flatten(section map[string]any, own ...string) map[string]any {
	out := map[string]any{}
	var walk func(prefix string, in map[string]any, depth int)
	walk = func(prefix string, in map[string]any, depth int) {
		for key, v := range in {
			table, nested := v.(map[string]any)
			for _, name := range own {
				if _, has := table[name]; has {
					nested = false
				}
			}
			if nested && depth < maxDots {
				walk(prefix+key+".", table, depth+1)
				continue
			}
			out[prefix+key] = v
		}
	}
	walk("", section, 0)
	return out
}

// inOrder ranges over a map in the order of its keys, so that of two aliases
// with one accessor always the same wins.
func inOrder(m map[string]any) iter.Seq2[string, any] {
	return func(yield func(string, any) bool) {
		for _, key := range slices.Sorted(maps.Keys(m)) {
			if !yield(key, m[key]) {
				return
			}
		}
	}
}

// maxSigns bounds what sets off entries and values of a catalogue: brackets,
// commas and signs of equality.
const maxSigns = 100_000

// tooMuch refuses brackets that nest, and names with dots, deeper than a
// catalogue ever does, and more entries: the parser is slow with all of them.
func tooMuch(b []byte) error {
	depth, dots, line, signs := 0, 0, 1, 0
	quote := byte(0)
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case c == '\n':
			line++
			dots, quote = 0, 0
		case quote != 0:
			if c == '\\' && quote == '"' {
				i++
			} else if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '[' || c == '{':
			depth++
			signs++
		case c == '=' || c == ',':
			signs++
		case c == ']' || c == '}':
			depth = max(0, depth-1)
		case c == '.':
			dots++
		}
		if signs > maxSigns {
			return script.Fail(line, lockfile.ErrTooLarge, "more than %d entries and values", maxSigns)
		}
		if depth > lockfile.MaxDepth || dots > lockfile.MaxDepth {
			return script.Fail(line, lockfile.ErrTooDeep, "more than %d brackets or dots inside each other", lockfile.MaxDepth)
		}
	}
	return nil
}

// library reads "g:a:v" or a table. key is module for libraries, id for plugins.
func (c *catalogue) library(v any, key string) (library, bool) {
	var lib library
	var module string
	switch v := v.(type) {
	case string:
		module = v
		if i := strings.LastIndexByte(v, ':'); i > 0 && (key == "id" || strings.Count(v, ":") > 1) {
			module, lib.version = v[:i], plainVersion(v[i+1:])
		}
	case map[string]any:
		module, _ = v[key].(string)
		if group, ok := v["group"].(string); ok && module == "" {
			name, _ := v["name"].(string)
			module = group + ":" + name
		}
		lib.version = c.versionOf(v)
	default:
		return lib, false
	}
	if key == "id" {
		lib.group = module
		return lib, validPart(module)
	}
	group, name, _ := strings.Cut(module, ":")
	lib.group, lib.name = group, name
	return lib, validPart(group) && validPart(name)
}

func (c *catalogue) versionOf(table map[string]any) version {
	if ref, ok := table["version.ref"].(string); ok { // a quoted key
		return c.versions[script.Accessor(ref)]
	}
	if rich, ok := table["version"].(map[string]any); ok {
		if ref, ok := rich["ref"].(string); ok {
			return c.versions[script.Accessor(ref)]
		}
	}
	return richVersion(table["version"])
}

// richVersion reads "1.0" or { strictly, require, prefer, reject }.
func richVersion(v any) version {
	switch v := v.(type) {
	case string:
		return plainVersion(v)
	case map[string]any:
		strictly, _ := v["strictly"].(string)
		require, _ := v["require"].(string)
		prefer, _ := v["prefer"].(string)
		return rich(strictly, require, prefer)
	}
	return version{}
}

// rich combines the parts of a rich version: what is strict wins, then what is
// required; a preference counts when nothing else is said.
func rich(strictly, require, prefer string) version {
	for _, v := range []string{strictly, require, prefer} {
		if v != "" {
			return plainVersion(v)
		}
	}
	return version{}
}

// plainVersion tells an exact version from a range, a prefix (1.+) and a
// moving one (latest.release). The short form 1.0!! is a strict one.
func plainVersion(v string) version {
	v = strings.TrimSpace(v)
	bare := v
	if i := strings.Index(v, "!!"); i >= 0 {
		bare = v[:i]
	}
	switch {
	case v == "":
		return version{}
	case bare == "" || strings.ContainsAny(bare[:1], "[](") || strings.HasSuffix(bare, "+") || strings.HasPrefix(bare, "latest.") || strings.ContainsAny(bare, " ,$\t\r\n"):
		if inner, ok := strings.CutPrefix(bare, "["); ok && strings.HasSuffix(inner, "]") && !strings.ContainsAny(inner, ",+") && len(inner) > 1 {
			return version{exact: inner[:len(inner)-1], asked: v}
		}
		return version{asked: v}
	case bare != v:
		return version{exact: bare, asked: v}
	}
	return version{exact: v}
}

// entryLines finds the line of each entry as "section.alias". The parser does
// not tell; the format is one entry a line.
func entryLines(text string) map[string]int {
	lines := map[string]int{}
	section := ""
	for line := 1; text != ""; line++ {
		var row string
		row, text, _ = strings.Cut(text, "\n")
		row = strings.TrimSpace(row)
		if name, ok := strings.CutPrefix(row, "["); ok {
			name, _, _ = strings.Cut(name, "]")
			section = strings.TrimSpace(name)
			if _, again := lines[section]; !again {
				lines[section] = line
			}
			continue
		}
		if alias, _, ok := strings.Cut(row, "="); ok {
			key := section + "." + strings.Trim(strings.TrimSpace(alias), `"'`)
			if i := strings.LastIndex(key, "."); i > len(section) {
				// alias.module = "..." belongs to alias
				if _, again := lines[key[:i]]; !again {
					lines[key[:i]] = line
				}
			}
			if _, again := lines[key]; !again {
				lines[key] = line
			}
		}
	}
	return lines
}

// idle lists the libraries that no script refers to, in the order of their
// lines.
func (c *catalogue) idle() []string {
	var out []string
	for alias := range c.libraries {
		if !c.named[alias] {
			out = append(out, alias)
		}
	}
	slices.SortFunc(out, func(a, b string) int {
		if d := c.libraries[a].line - c.libraries[b].line; d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	return out
}
