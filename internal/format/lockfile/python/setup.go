package python

import (
	"path"
	"strings"

	"steward/internal/format/lockfile"
	"steward/internal/format/purl"
)

// setupPy reads what the call of setup() in a setup.py says in literals. What
// the program computes is named as unresolved.
func (r *reading) setupPy(p string) {
	if project := r.projects[path.Dir(p)]; project != nil && len(project.declared) > 0 && !project.dynamic {
		return
	}
	if r.configured[path.Dir(p)] {
		return
	}
	b, err := r.text(p)
	if err != nil {
		r.fail(p, err)
		return
	}
	arguments, ok := readProgram(string(b), "setup")
	if !ok {
		return // a program of that name that builds no package
	}
	m := lockfile.Manifest{Path: p, Format: "setup.py", Ecosystem: "pypi"}
	var declared []declaration
	computed := arguments.computed
	take := func(v literal, scope lockfile.Scope) {
		lists, all := v.requirements(scope)
		declared = append(declared, lists...)
		computed = computed || !all
	}
	name, version := "", ""
	for _, a := range arguments.entries {
		switch a.key {
		case "name":
			name = a.value.plain()
		case "version":
			version = a.value.plain()
		case "license":
			m.ProjectLicence = a.value.plain()
		case "install_requires":
			take(a.value, lockfile.Production)
		case "setup_requires":
			take(a.value, lockfile.Development)
		case "tests_require":
			take(a.value, lockfile.Test)
		case "extras_require":
			computed = computed || a.value.computed
			for _, extra := range a.value.entries {
				scope := lockfile.Production
				if name, _, _ := strings.Cut(extra.key, ":"); name != "" { // else only a marker
					scope = extraScope(name)
				}
				take(extra.value, scope)
			}
		}
	}
	if name != "" {
		m.Project = purl.New("pypi", "", name, version)
	}
	if err := fillDeclared(&m, declared); err != nil {
		r.fail(p, err)
		return
	}
	if len(m.Uses) > 0 {
		m.Unresolved = "no lock covers this file: transitive dependencies are unknown, and versions where a range is declared"
	}
	if computed {
		if m.Unresolved != "" {
			m.Unresolved += "; "
		}
		m.Unresolved += "setup.py is a program and is not run: dependencies that it computes are unknown; declare them in pyproject.toml"
	}
	if name != "" || m.Unresolved != "" { // else it declares nothing, or what other files say
		r.manifests = r.room.Keep(r.manifests, m)
	}
}

// plain is the text of a string that is known, else empty.
func (v literal) plain() string {
	if !v.isText || v.computed {
		return ""
	}
	return v.items[0].text
}

// requirements reads the strings of a list, or the lines of one string. All is
// false when some of it is not known.
func (v literal) requirements(scope lockfile.Scope) (declared []declaration, all bool) {
	all = !v.computed && len(v.entries) == 0
	for _, item := range v.items {
		n := item.line
		for line := range strings.Lines(item.text) {
			if text, _, _ := strings.Cut(strings.TrimSpace(line), " #"); text != "" && text[0] != '#' {
				d, ok := parseRequirement(text)
				d.scope, d.line = scope, n
				if len(declared) > lockfile.MaxUses {
					return declared, all // fillDeclared refuses it
				}
				if all = all && ok; ok {
					declared = append(declared, d)
				}
			}
			n++
		}
	}
	return declared, all
}

// setupCfg reads install_requires and extras_require of a setup.cfg.
func (r *reading) setupCfg(p string) {
	b, err := r.text(p)
	if err != nil {
		r.fail(p, err)
		return
	}
	m := lockfile.Manifest{Path: p, Format: "setup.cfg", Ecosystem: "pypi"}
	var declared []declaration
	fromFile := false
	name, version := "", ""
	eachINI(string(b), func(section, option, value string, line int) bool {
		scope := lockfile.Scope("")
		switch {
		case section == "metadata" && option == "name":
			name = value
		case section == "metadata" && option == "version" && !strings.Contains(value, ":"):
			version = value
		case section == "metadata" && option == "license" && !strings.Contains(value, ":"):
			m.ProjectLicence = value
		case section == "options" && option == "install_requires":
			scope = lockfile.Production
		case section == "options" && option == "tests_require":
			scope = lockfile.Test
		case section == "options.extras_require":
			scope = extraScope(option)
		}
		if scope == "" {
			return true
		}
		if strings.HasPrefix(value, "file:") {
			fromFile = true
			return true
		}
		if d, ok := parseRequirement(value); ok {
			d.scope, d.line = scope, line
			declared = append(declared, d)
		}
		return len(declared) <= lockfile.MaxUses // more are refused below
	})
	if len(declared) == 0 && !fromFile {
		return // it holds the settings of tools, or only the name of the project
	}
	r.configured[path.Dir(p)] = true
	if name != "" {
		m.Project = purl.New("pypi", "", name, version)
	}
	if err := fillDeclared(&m, declared); err != nil {
		r.fail(p, err)
		return
	}
	m.Unresolved = "no lock covers this file: transitive dependencies are unknown, and versions where a range is declared"
	if fromFile {
		m.Unresolved += "; it takes dependencies from another file"
	}
	r.manifests = r.room.Keep(r.manifests, m)
}

// eachINI calls each for every line of every value of an INI file as Python's
// configparser reads it, until it returns false: values go on in the lines that
// are indented.
func eachINI(text string, each func(section, option, value string, line int) bool) {
	section, option, n := "", "", 0
	for line := range strings.Lines(text) {
		n++
		trimmed := strings.TrimSpace(line)
		switch {
		case trimmed == "" || trimmed[0] == '#' || trimmed[0] == ';':
			continue
		case trimmed[0] == '[' && trimmed[len(trimmed)-1] == ']' && line[0] == '[':
			section, option = strings.TrimSpace(trimmed[1:len(trimmed)-1]), ""
			continue
		case line[0] == ' ' || line[0] == '\t':
			if option != "" && !each(section, option, trimmed, n) {
				return
			}
			continue
		}
		i := strings.IndexAny(trimmed, "=:")
		if i < 0 {
			option = ""
			continue
		}
		option = strings.ReplaceAll(strings.ToLower(strings.TrimSpace(trimmed[:i])), "-", "_")
		if value := strings.TrimSpace(trimmed[i+1:]); value != "" && !each(section, option, value, n) {
			return
		}
	}
}
