package survey

import (
	"encoding/json"
	"path"
	"regexp"
	"slices"
	"strings"

	"steward/internal/format/lockfile/toml"
)

// purpose is what the manifests of a component say that it is for: each of the
// first is the place that says so, empty when none does.
type purpose struct {
	library string // others build on it: it says so, or it is published and starts nothing
	command string // it installs a command
	program string // it has the start of a program: a command or a service
	server  string // its build makes something that serves

	says, place string // how it describes itself, and where
}

// manifestLimit is how much of a manifest is read for it, in bytes.
const manifestLimit = 1 << 20

// purposes read the manifests that say what a component is for, by the end of their names.
var purposes = []struct {
	ends string
	read func(b []byte, c *Component) purpose
}{
	{"package.json", npmPurpose},
	{"pyproject.toml", pyprojectPurpose},
	{"setup.cfg", setupPurpose},
	{"setup.py", setupPurpose},
	{"cargo.toml", cargoPurpose},
	{"go.mod", goPurpose},
	{"composer.json", composerPurpose},
	{".gemspec", gemPurpose},
	{".csproj", msbuildPurpose},
	{".fsproj", msbuildPurpose},
	{".vbproj", msbuildPurpose},
	{"pom.xml", jvmPurpose},
	{"build.gradle", jvmPurpose},
	{"build.gradle.kts", jvmPurpose},
}

// saysPurpose tells the files that purposeOf reads, by their path from the component's root.
func saysPurpose(rel string) bool {
	return !strings.Contains(rel, "/") && slices.IndexFunc(purposes, func(p struct {
		ends string
		read func(b []byte, c *Component) purpose
	},
	) bool {
		return strings.HasSuffix(strings.ToLower(rel), p.ends)
	}) >= 0
}

// purposeOf reads what a component's own manifests say; the first that says something counts.
func (r *Survey) purposeOf(c *Component) purpose {
	var all purpose
	for _, rel := range c.paths {
		if strings.Contains(rel, "/") {
			continue
		}
		for _, one := range purposes {
			if !strings.HasSuffix(strings.ToLower(rel), one.ends) {
				continue
			}
			file := path.Join(c.Root, rel)
			b, err := r.snapshot.Read(file, manifestLimit)
			if err != nil {
				break
			}
			p := one.read(b, c)
			for _, field := range []struct{ to, from *string }{{&all.library, &p.library}, {&all.command, &p.command}, {&all.program, &p.program}, {&all.server, &p.server}} {
				if *field.to == "" && *field.from != "" {
					*field.to = file
				}
			}
			break
		}
	}
	if all.command != "" || all.program != "" || all.server != "" {
		all.library = ""
	}
	return all
}

func when(condition bool) string {
	if condition {
		return "yes"
	}
	return ""
}

// has says whether the component holds a file that fits.
func (c *Component) has(fits func(rel string) bool) bool { return slices.ContainsFunc(c.paths, fits) }

// npmPurpose reads package.json: bin installs a command; a package that is not
// private and says what importing it gives is a library.
// https://docs.npmjs.com/cli/configuring-npm/package-json
func npmPurpose(b []byte, _ *Component) purpose {
	var p struct {
		Private, Bin, Exports, Module, Types, Typings, Files, PublishConfig any
	}
	if json.Unmarshal(b, &p) != nil {
		return purpose{}
	}
	published := p.Exports != nil || p.Module != nil || p.Types != nil || p.Typings != nil || p.Files != nil || p.PublishConfig != nil
	return purpose{command: when(p.Bin != nil && p.Private != true), library: when(published && p.Private != true)}
}

// Trove classifiers that say what a Python package is for. https://pypi.org/classifiers/
const (
	classLibraries  = "Topic :: Software Development :: Libraries"
	classFrameworks = classLibraries + " :: Application Frameworks"
	classPrivate    = "Private :: "
)

var classCommands = []string{"Environment :: Console", "Topic :: Utilities", "Topic :: Software Development :: Build Tools", "Topic :: Software Development :: Quality Assurance"}

func pyprojectPurpose(b []byte, _ *Component) purpose {
	root, err := toml.Parse(b)
	if err != nil {
		return purpose{}
	}
	scripts, classes := false, []string{}
	for _, keys := range [][]string{{"project"}, {"tool", "poetry"}, {"tool", "flit"}, {"tool", "flit", "metadata"}} {
		table := root.Get(keys...)
		for _, name := range []string{"scripts", "gui-scripts"} {
			scripts = scripts || len(table.Get(name).Entries()) > 0
		}
		for _, one := range table.Get("classifiers").Items() {
			classes = append(classes, one.Str())
		}
	}
	return pythonPurpose(scripts, classes)
}

var classifier = regexp.MustCompile(`(?m)\b(?:Environment|Topic|Private|Programming Language|License|Development Status|Framework) :: [^"'\r\n]+`)

// setupPurpose finds the words in setup.cfg and setup.py; nothing is run.
func setupPurpose(b []byte, _ *Component) purpose {
	return pythonPurpose(strings.Contains(string(b), "console_scripts"), classifier.FindAllString(string(b), -1))
}

// pythonPurpose: a package with classifiers is made to be published. With a
// script it is a command, unless it calls itself a library and nothing else.
func pythonPurpose(scripts bool, classes []string) purpose {
	library, command, framework := false, false, false
	for _, one := range classes {
		one = strings.TrimSpace(one)
		if strings.HasPrefix(one, classPrivate) {
			return purpose{command: when(scripts)}
		}
		library = library || strings.HasPrefix(one, classLibraries)
		framework = framework || one == classFrameworks
		command = command || slices.ContainsFunc(classCommands, func(c string) bool { return strings.HasPrefix(one, c) })
	}
	if scripts && !framework && (command || !library) {
		return purpose{command: when(true)}
	}
	return purpose{library: when(len(classes) > 0)}
}

// cargoPurpose: a crate with src/lib.rs is a library, unless its program bears
// its name. https://doc.rust-lang.org/cargo/reference/cargo-targets.html
func cargoPurpose(b []byte, c *Component) purpose {
	root, err := toml.Parse(b)
	if err != nil {
		return purpose{}
	}
	name := root.Get("package", "name").Str()
	library := root.Get("lib") != nil || c.has(func(rel string) bool { return rel == "src/lib.rs" })
	program := c.has(func(rel string) bool { return rel == "src/main.rs" })
	for _, bin := range root.Get("bin").Items() {
		program = program || !library || bin.Get("name").Str() == name
	}
	program = program || !library && c.has(func(rel string) bool { return strings.HasPrefix(rel, "src/bin/") })
	return purpose{program: when(program), library: when(library)}
}

// goPurpose: a module with packages of its own at the top is a library, unless
// the top is the program or a command beneath cmd bears the module's name.
func goPurpose(_ []byte, c *Component) purpose {
	top := c.has(func(rel string) bool { return rel == "main.go" })
	name := strings.ToLower(ShortName(c.Project))
	named, other := false, false
	for _, rel := range c.paths {
		if dir, ok := strings.CutPrefix(strings.ToLower(rel), "cmd/"); ok && strings.HasSuffix(rel, ".go") {
			other = true
			named = named || strings.HasPrefix(dir, name+"/")
		}
	}
	library := c.has(isPackageAtTop)
	program := top || named || other && !library
	return purpose{program: when(program), library: when(!program)}
}

// isPackageAtTop tells Go files at the top that others import.
func isPackageAtTop(rel string) bool {
	if strings.Contains(rel, "/") || !strings.HasSuffix(rel, ".go") || strings.HasSuffix(rel, "_test.go") {
		return false
	}
	switch rel {
	case "main.go", "doc.go", "tools.go", "generate.go":
		return false
	}
	return true
}

// composerPurpose reads composer.json. https://getcomposer.org/doc/04-schema.md
func composerPurpose(b []byte, _ *Component) purpose {
	var p struct {
		Type string
		Bin  any
	}
	if json.Unmarshal(b, &p) != nil {
		return purpose{}
	}
	return purpose{command: when(p.Bin != nil && p.Type != "project"), library: when(p.Type != "" && p.Type != "project")}
}

var executables = regexp.MustCompile(`\.executables\s*(?:=|<<|\+=|\.push)\s*(?:\[\s*["']|%w|["'])`)

// gemPurpose: a gem is a library, unless it names or brings commands.
func gemPurpose(b []byte, c *Component) purpose {
	command := executables.Match(b) || c.has(func(rel string) bool { return strings.HasPrefix(rel, "exe/") })
	return purpose{command: when(command), library: when(true)}
}

var (
	msbuildExe  = regexp.MustCompile(`(?i)<OutputType>\s*(?:Win)?Exe\s*<`)
	msbuildTool = regexp.MustCompile(`(?i)<PackAsTool>\s*true`)
	msbuildWeb  = regexp.MustCompile(`(?i)Microsoft\.NET\.Sdk\.(?:Web|Worker)["']`)
)

func msbuildPurpose(b []byte, _ *Component) purpose {
	return purpose{program: when(msbuildExe.Match(b)), command: when(msbuildTool.Match(b)), server: when(msbuildWeb.Match(b)), library: when(true)}
}

// jvmServer is what makes a build one of a server: its packaging, or the
// plug-in that packs what runs.
var (
	jvmServer  = regexp.MustCompile(`<packaging>\s*war\s*<|<artifactId>(?:spring-boot|quarkus|micronaut)-maven-plugin<|\bid[ (]["'](?:org\.springframework\.boot|io\.quarkus|io\.micronaut\.application|io\.ktor\.plugin|war)["']`)
	jvmStart   = regexp.MustCompile(`(?:^|/)src/main/.*Application\.(?:java|kt)$`)
	gradleMain = regexp.MustCompile(`\bmainClass(?:Name)?\b`)
)

// jvmPurpose reads pom.xml and Gradle's build files.
func jvmPurpose(b []byte, c *Component) purpose {
	starts := c.has(jvmStart.MatchString)
	server := jvmServer.Match(b) && !strings.Contains(string(b), "apply false")
	return purpose{server: when(server && (starts || c.usesService() || strings.Contains(string(b), "war"))), program: when(starts || gradleMain.Match(b)), library: when(c.Project != "")}
}

func (c *Component) usesService() bool {
	return slices.ContainsFunc(c.frameworks(), func(f framework) bool { return f.is == typeService })
}
