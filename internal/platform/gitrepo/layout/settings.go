package layout

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"steward/internal/platform/gitrepo/address"
)

// maxConfig is the largest configuration file that is read, in bytes.
const maxConfig = 4 << 20

// settings are the few things of a repository's configuration that describe
// its data. Nothing in it can make anything happen.
type settings struct {
	objectFormat string
	refStorage   string
	version      string
	worktree     string
	partial      bool
	remotes      []Remote
	initBranch   string
}

func readSettings(p place) (settings, error) {
	var s settings
	data, err := p.readFile(filepath.Join(p.common, "config"), maxConfig)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return s, nil
		}
		return s, fmt.Errorf("configuration: %w", err)
	}
	byName := map[string]int{}
	parseConfig(data, func(section, sub, key, value string) {
		switch section {
		case "core":
			switch key {
			case "repositoryformatversion":
				s.version = value
			case "worktree":
				s.worktree = value
			}
		case "extensions":
			switch key {
			case "objectformat":
				s.objectFormat = strings.ToLower(value)
			case "refstorage":
				s.refStorage = strings.ToLower(value)
			case "partialclone":
				s.partial = true
			}
		case "init":
			if key == "defaultbranch" {
				s.initBranch = value
			}
		case "remote":
			s.remote(byName, sub, key, value)
		}
	})
	return s, nil
}

func (s *settings) remote(byName map[string]int, name, key, value string) {
	switch key {
	case "promisor":
		s.partial = s.partial || value == "true" || value == "1" || value == "yes" || value == "on" || value == ""
		return
	case "url", "pushurl":
	default:
		return
	}
	i, ok := byName[name]
	if !ok {
		if len(s.remotes) >= 1000 {
			return
		}
		i = len(s.remotes)
		byName[name] = i
		s.remotes = append(s.remotes, Remote{Name: name})
	}
	// The first address is the one that git fetches from.
	switch {
	case key == "url" && s.remotes[i].URL == "":
		s.remotes[i].URL = address.WithoutCredentials(value)
	case key == "pushurl" && s.remotes[i].PushURL == "":
		s.remotes[i].PushURL = address.WithoutCredentials(value)
	}
}

func (s *settings) hexLen() (int, error) {
	if s.refStorage != "" && s.refStorage != "files" {
		return 0, fmt.Errorf("refs stored as %q: %w; convert with git refs migrate --ref-format=files, or mirror the repository",
			s.refStorage, ErrUnsupported)
	}
	switch s.objectFormat {
	case "", "sha1":
		return 40, nil
	case "sha256":
		return 64, nil
	}
	return 0, fmt.Errorf("object format %q: %w", s.objectFormat, ErrUnsupported)
}

// parseConfig reads git's configuration format (git-config(1), "Syntax") and
// calls visit for every variable with section and key in lower case. Includes
// are not followed and malformed lines are passed over.
func parseConfig(data []byte, visit func(section, sub, key, value string)) {
	text := strings.TrimPrefix(string(data), "\ufeff")
	var section, sub string
	for len(text) > 0 {
		text = strings.TrimLeft(text, " \t\r\n")
		if text == "" {
			return
		}
		switch text[0] {
		case '#', ';':
			text = afterLine(text)
		case '[':
			var ok bool
			if section, sub, text, ok = parseSection(text); !ok {
				section, sub = "", ""
				text = afterLine(text)
			}
		default:
			end := strings.IndexFunc(text, func(c rune) bool {
				return c != '-' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z')
			})
			if end < 0 {
				end = len(text)
			}
			key := strings.ToLower(text[:end])
			text = strings.TrimLeft(text[end:], " \t")
			var value string
			if strings.HasPrefix(text, "=") {
				value, text = parseValue(text[1:])
			} else {
				text = afterLine(text)
			}
			if key != "" && section != "" {
				visit(section, sub, key, value)
			}
		}
	}
}

func afterLine(text string) string {
	if i := strings.IndexByte(text, '\n'); i >= 0 {
		return text[i+1:]
	}
	return ""
}

// parseSection reads `[name]`, `[name "sub"]` or the old `[name.sub]`.
func parseSection(text string) (section, sub, rest string, ok bool) {
	i := strings.IndexAny(text, " \t]\n\"")
	if i < 0 || text[i] == '\n' {
		return "", "", text, false
	}
	section = strings.ToLower(text[1:i])
	if name, after, found := strings.Cut(section, "."); found {
		section, sub = name, after
	}
	text = strings.TrimLeft(text[i:], " \t")
	if strings.HasPrefix(text, `"`) {
		var b strings.Builder
		i := 1
		for ; i < len(text) && text[i] != '"'; i++ {
			if text[i] == '\n' {
				return "", "", text, false
			}
			if text[i] == '\\' && i+1 < len(text) {
				i++
			}
			b.WriteByte(text[i])
		}
		if i >= len(text) {
			return "", "", text, false
		}
		sub, text = b.String(), strings.TrimLeft(text[i+1:], " \t")
	}
	if !strings.HasPrefix(text, "]") {
		return "", "", text, false
	}
	return section, sub, text[1:], true
}

// parseValue reads a value up to its line's end: quotes, escapes, comments and
// lines continued with a backslash.
func parseValue(text string) (value, rest string) {
	var b strings.Builder
	quoted, keep := false, 0 // keep: length up to the last byte that is not trailing space
	text = strings.TrimLeft(text, " \t")
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '\n':
			return b.String()[:keep], text[i+1:]
		case c == '"':
			quoted = !quoted
			keep = b.Len()
			continue
		case (c == '#' || c == ';') && !quoted:
			return b.String()[:keep], afterLine(text[i:])
		case c == '\\' && i+1 < len(text):
			i++
			switch text[i] {
			case '\n':
				continue
			case '\r':
				if i+1 < len(text) && text[i+1] == '\n' {
					i++
					continue
				}
				c = '\r'
			case 'n':
				c = '\n'
			case 't':
				c = '\t'
			case 'b':
				c = '\b'
			default:
				c = text[i]
			}
			b.WriteByte(c)
			keep = b.Len()
			continue
		}
		b.WriteByte(c)
		if quoted || (c != ' ' && c != '\t' && c != '\r') {
			keep = b.Len()
		}
	}
	return b.String()[:keep], ""
}
