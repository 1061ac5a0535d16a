package survey

import (
	"path"
	"regexp"
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
)

// frameworks are packages that make what uses them a service or a website, by
// package URL type and name (with its namespace); a trailing * is any rest.
var frameworks = map[string][]struct{ name, is string }{
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
	},
	"nuget": {{"Microsoft.AspNetCore.*", typeService}, {"Swashbuckle.AspNetCore", typeService}},
}

// guessType says what a component probably is, and by what; empty when nothing
// speaks for anything. Websites first, as their build images are no services.
// Says is how it describes itself, place where.
func guessType(c *Component, says, place string) (is, from string) {
	used := map[string]string{}
	for _, u := range c.uses {
		if is := frameworkOf(u.Package); is != "" && used[is] == "" {
			used[is] = "uses " + u.Package.Name
		}
	}
	files := map[string]string{}
	for _, p := range c.paths {
		if is := fileSays(p); is != "" && files[is] == "" {
			files[is] = path.Join(c.Root, p)
		}
	}
	switch {
	case isTests(c):
		return typeTests, c.Root
	case used[typeWebsite] != "" && used[typeService] == "":
		return typeWebsite, used[typeWebsite]
	case used[typeService] != "":
		return typeService, used[typeService]
	case files[typeService] != "":
		return typeService, files[typeService]
	case files[typeWebsite] != "" && c.Manifest == "":
		return typeWebsite, files[typeWebsite]
	case c.Project != "" && isLibrary(says):
		return typeLibrary, place
	case files[typeTool] != "":
		return typeTool, files[typeTool]
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
	for _, one := range frameworks[p.Type] {
		prefix, open := strings.CutSuffix(one.name, "*")
		if name == one.name || open && strings.HasPrefix(name, prefix) {
			return one.is
		}
	}
	return ""
}

// fileSays reads a hint from the name of a file, from the component's root.
func fileSays(p string) string {
	lower := strings.ToLower(p)
	base := path.Base(lower)
	top := !strings.Contains(lower, "/")
	switch {
	case top && (base == "dockerfile" || base == "containerfile" || base == "procfile" || base == "manage.py" || base == "config.ru" || base == "appsettings.json"):
		return typeService
	case top && (base == "mkdocs.yml" || base == "mkdocs.yaml" || base == "hugo.toml" || base == "_config.yml" || base == "docusaurus.config.js" || base == "index.html"):
		return typeWebsite
	case lower == "main.go", lower == "src/main.rs", base == "__main__.py", strings.HasPrefix(lower, "cmd/") && base == "main.go", strings.HasPrefix(lower, "src/bin/"), strings.HasPrefix(lower, "exe/"):
		return typeTool
	}
	return ""
}
