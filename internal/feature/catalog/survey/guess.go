package survey

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"steward/internal/format/purl"
)

// The types that are guessed. An entry may say any other.
const (
	typeLibrary = "library"
	typeService = "service"
	typeWebsite = "website"
	typeTool    = "tool"
	typeTests   = "tests"

	image = "image" // builds a container: a service unless it is a command
)

// frameworkNames are packages that make what uses them a service or a website, by
// package URL type and name (with its namespace); a trailing * is any rest.
var frameworkNames = map[string][]struct{ name, is string }{
	"npm": {
		{"next", typeWebsite},
		{"nuxt", typeWebsite},
		{"gatsby", typeWebsite},
		{"react-scripts", typeWebsite},
		{"@angular/platform-browser", typeWebsite},
		{"@docusaurus/core", typeWebsite},
		{"astro", typeWebsite},
		{"@sveltejs/kit", typeWebsite},
		{"vue-router", typeWebsite},
		{"react-dom", typeWebsite},
		{"@nestjs/core", typeService},
		{"express", typeService},
		{"fastify", typeService},
		{"koa", typeService},
		{"@hapi/hapi", typeService},
	},
	"maven": {
		{"org.springframework.boot/spring-boot-starter-web*", typeService},
		{"io.quarkus/*", typeService},
		{"io.micronaut/micronaut-http-server*", typeService},
		{"io.dropwizard/dropwizard-core", typeService},
		{"io.ktor/ktor-server*", typeService},
		{"io.vertx/vertx-web", typeService},
	},
	"pypi":     {{"django", typeService}, {"flask", typeService}, {"fastapi", typeService}, {"gunicorn", typeService}, {"uvicorn", typeService}, {"mkdocs", typeWebsite}},
	"gem":      {{"rails", typeService}, {"sinatra", typeService}, {"puma", typeService}, {"jekyll", typeWebsite}},
	"composer": {{"laravel/framework", typeService}, {"symfony/framework-bundle", typeService}},
	"cargo":    {{"actix-web", typeService}, {"axum", typeService}, {"rocket", typeService}, {"warp", typeService}, {"clap", typeTool}},
	"golang": {
		{"github.com/gin-gonic/gin", typeService},
		{"github.com/labstack/echo*", typeService},
		{"github.com/gofiber/fiber*", typeService},
		{"github.com/spf13/cobra", typeTool},
		{"github.com/urfave/cli*", typeTool},
		{"github.com/alecthomas/kong", typeTool},
		{"github.com/jessevdk/go-flags", typeTool},
		{"github.com/mitchellh/cli", typeTool},
		{"github.com/hashicorp/cli", typeTool},
	},
	"nuget": {{"Microsoft.AspNetCore.*", typeService}, {"Swashbuckle.AspNetCore", typeService}},
}

// framework is a package that speaks for a type.
type framework struct{ is, name string }

// frameworks are those that the component uses in production.
func (c *Component) frameworks() []framework {
	var all []framework
	uses := c.uses
	if c.Project == "" {
		uses = slices.Concat(uses, c.loose)
	}
	for _, u := range uses {
		if is := frameworkOf(u.Package); is != "" {
			name := u.Package.Name
			if t := u.Package.Type; u.Package.Namespace != "" && (t == "npm" || t == "composer") {
				name = u.Package.Namespace + "/" + name
			}
			all = append(all, framework{is, name})
		}
	}
	return all
}

// guessType says what a component probably is, and by what; empty when nothing
// speaks for anything. What the manifest says that it is for comes first: a
// framework or a build image makes a service of what runs, not of a library.
// Websites come before images, as theirs are no services.
func guessType(c *Component, p purpose) (is, from string) {
	used := map[string]string{}
	for _, one := range c.frameworks() {
		if used[one.is] == "" {
			used[one.is] = "uses " + one.name
		}
	}
	files := map[string]string{}
	for _, rel := range c.paths {
		if is := fileSays(rel); is != "" && files[is] == "" {
			files[is] = path.Join(c.Root, rel)
		}
	}
	switch {
	case isTests(c):
		return typeTests, c.Root
	case p.server != "":
		return typeService, p.server
	case p.library != "":
		return typeLibrary, p.library
	case used[typeWebsite] != "" && used[typeService] == "":
		return typeWebsite, used[typeWebsite]
	case used[typeService] != "":
		return typeService, used[typeService]
	case files[typeService] != "":
		return typeService, files[typeService]
	case files[image] != "" && p.command == "" && used[typeTool] == "":
		return typeService, files[image]
	case files[typeWebsite] != "" && c.Manifest == "":
		return typeWebsite, files[typeWebsite]
	case c.Project != "" && isLibrary(p.says):
		return typeLibrary, p.place
	case p.command != "":
		return typeTool, p.command
	case files[typeTool] != "" && (p.program != "" || c.Project == "" || toolWords.MatchString(p.says)):
		return typeTool, files[typeTool]
	case p.program != "":
		return typeTool, p.program
	case used[typeTool] != "":
		return typeTool, used[typeTool]
	case c.Project != "":
		return typeLibrary, c.Manifest
	}
	return "", ""
}

var (
	libraryWords = regexp.MustCompile(`(?i)\b(librar(y|ies)|frameworks?|sdk|bindings)\b`)
	toolWords    = regexp.MustCompile(`(?i)\b(tools?|utility|cli|command[- ]line|program|daemon)\b`)
)

// isLibrary says that a description calls the thing a library or a framework, and no tool: many a
// library can be run as well, so that what can be run does not tell the two apart.
func isLibrary(description string) bool {
	first, _, _ := strings.Cut(description, ". ")
	return libraryWords.MatchString(first) && !toolWords.MatchString(first)
}

// isTests says that a component holds nothing but tests, by its folder or its name.
func isTests(c *Component) bool {
	folders := strings.Split(strings.ToLower(c.Root), "/")
	for _, part := range folders {
		switch part {
		case "test", "tests", "e2e", "integration-tests", "it", "benchmarks", "fuzz":
			return true
		}
	}
	last := folders[len(folders)-1]
	return strings.HasSuffix(last, ".tests") || strings.HasSuffix(last, ".test") || strings.HasSuffix(last, "-tests") || strings.HasSuffix(last, "-test") || strings.HasSuffix(last, "_test")
}

func frameworkOf(p purl.PURL) string {
	name := p.Name
	if p.Namespace != "" {
		name = p.Namespace + "/" + p.Name
	}
	for _, one := range frameworkNames[p.Type] {
		prefix, open := strings.CutSuffix(one.name, "*")
		if name == one.name || open && strings.HasPrefix(name, prefix) {
			return one.is
		}
	}
	return ""
}

// tells says whether the name of a file helps to know what a component is.
func tells(rel string) bool {
	return fileSays(rel) != "" || saysPurpose(rel) || rel == "src/lib.rs" || isPackageAtTop(rel) || jvmStart.MatchString(rel)
}

// fileSays reads a hint from the name of a file, from the component's root.
func fileSays(p string) string {
	lower := strings.ToLower(p)
	base := path.Base(lower)
	top := !strings.Contains(lower, "/")
	switch {
	case top && (base == "dockerfile" || base == "containerfile"):
		return image
	case top && (base == "procfile" || base == "manage.py" || base == "config.ru" || base == "appsettings.json"):
		return typeService
	case top && (base == "mkdocs.yml" || base == "mkdocs.yaml" || base == "hugo.toml" || base == "_config.yml" || base == "docusaurus.config.js" || base == "index.html"):
		return typeWebsite
	case lower == "main.go", lower == "src/main.rs", base == "__main__.py", strings.HasPrefix(lower, "cmd/") && strings.HasSuffix(base, ".go") && !strings.HasSuffix(base, "_test.go"), strings.HasPrefix(lower, "src/bin/"), strings.HasPrefix(lower, "exe/"):
		return typeTool
	}
	return ""
}
