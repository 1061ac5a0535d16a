package technology

import (
	"path"
	"strings"

	enry "github.com/go-enry/go-enry/v2"
)

// ciFiles are files, or folders when they end with a slash, that set up a
// system of continuous integration, relative to the root.
var ciFiles = []struct{ path, name string }{
	{".github/workflows/", "GitHub Actions"},
	{".gitlab-ci.yml", "GitLab CI"},
	{".gitlab/ci/", "GitLab CI"},
	{"jenkinsfile", "Jenkins"},
	{".circleci/", "CircleCI"},
	{".travis.yml", "Travis CI"},
	{"azure-pipelines.yml", "Azure Pipelines"},
	{".azure-pipelines/", "Azure Pipelines"},
	{"azure-pipelines.yaml", "Azure Pipelines"},
	{"bitbucket-pipelines.yml", "Bitbucket Pipelines"},
	{".teamcity/", "TeamCity"},
	{".buildkite/", "Buildkite"},
	{".drone.yml", "Drone"},
	{".drone.yaml", "Drone"},
	{".woodpecker.yml", "Woodpecker"},
	{".woodpecker.yaml", "Woodpecker"},
	{".woodpecker/", "Woodpecker"},
	{".forgejo/workflows/", "Forgejo Actions"},
	{".gitea/workflows/", "Gitea Actions"},
	{"appveyor.yml", "AppVeyor"},
	{".appveyor.yml", "AppVeyor"},
	{".cirrus.yml", "Cirrus CI"},
	{".semaphore/", "Semaphore"},
	{"cloudbuild.yaml", "Google Cloud Build"},
	{"cloudbuild.yml", "Google Cloud Build"},
	{"buildspec.yml", "AWS CodeBuild"},
	{".tekton/", "Tekton"},
	{"bamboo-specs/", "Bamboo"},
	{".concourse/", "Concourse"},
	{"wercker.yml", "Wercker"},
}

// ciSystem names the system that a path sets up; empty when none.
func ciSystem(p string) string {
	lower := strings.ToLower(p)
	for _, c := range ciFiles {
		if lower == c.path || (strings.HasSuffix(c.path, "/") && strings.HasPrefix(lower, c.path)) {
			return c.name
		}
	}
	if base := path.Base(lower); base == "jenkinsfile" || strings.HasPrefix(base, "jenkinsfile.") || strings.HasSuffix(base, ".jenkinsfile") {
		return "Jenkins"
	}
	return ""
}

// buildFiles are names of files, in lower case, that a build tool reads.
var buildFiles = map[string]string{
	"makefile": "Make", "gnumakefile": "Make", "cmakelists.txt": "CMake", "meson.build": "Meson", "configure.ac": "Autotools", "configure.in": "Autotools",
	"build.bazel": "Bazel", "workspace": "Bazel", "workspace.bazel": "Bazel", "module.bazel": "Bazel", "buck": "Buck", "pom.xml": "Maven", "build.gradle": "Gradle",
	"build.gradle.kts": "Gradle", "settings.gradle": "Gradle", "settings.gradle.kts": "Gradle", "build.xml": "Ant", "build.sbt": "sbt", "project.clj": "Leiningen",
	"deps.edn": "Clojure CLI", "package.json": "npm", "yarn.lock": "Yarn", "pnpm-lock.yaml": "pnpm", "bun.lock": "Bun", "deno.json": "Deno", "go.mod": "Go",
	"cargo.toml": "Cargo", "pyproject.toml": "Python packaging", "setup.py": "Python packaging", "setup.cfg": "Python packaging", "pipfile": "Pipenv",
	"poetry.lock": "Poetry", "uv.lock": "uv", "pdm.lock": "PDM", "tox.ini": "tox", "noxfile.py": "Nox", "gemfile": "Bundler", "rakefile": "Rake",
	"composer.json": "Composer", "mix.exs": "Mix", "rebar.config": "Rebar3", "stack.yaml": "Stack", "cabal.project": "Cabal", "dune-project": "Dune",
	"package.swift": "Swift Package Manager", "podfile": "CocoaPods", "pubspec.yaml": "pub", "build.zig": "Zig", "justfile": "just", "taskfile.yml": "Task",
	"taskfile.yaml": "Task", "flake.nix": "Nix", "default.nix": "Nix", "skaffold.yaml": "Skaffold", "nx.json": "Nx", "turbo.json": "Turborepo", "lerna.json": "Lerna",
	"sconstruct": "SCons", "build.cake": "Cake", "directory.build.props": "MSBuild", "global.json": "MSBuild", "conanfile.txt": "Conan", "conanfile.py": "Conan", "vcpkg.json": "vcpkg",
}

func buildTool(base string) string {
	lower := strings.ToLower(base)
	if name, ok := buildFiles[lower]; ok {
		return name
	}
	switch path.Ext(lower) {
	case ".csproj", ".fsproj", ".vbproj", ".sln", ".slnx":
		return "MSBuild"
	case ".gemspec":
		return "RubyGems"
	case ".cabal":
		return "Cabal"
	}
	return ""
}

// container names what a file of containers is for; empty when it is none.
func container(base string) string {
	lower := strings.ToLower(base)
	switch {
	case lower == "dockerfile", strings.HasPrefix(lower, "dockerfile."), strings.HasSuffix(lower, ".dockerfile"):
		return "Dockerfile"
	case lower == "containerfile", strings.HasPrefix(lower, "containerfile."):
		return "Containerfile"
	case lower == "docker-compose.yml", lower == "docker-compose.yaml", lower == "compose.yaml", lower == "compose.yml",
		strings.HasPrefix(lower, "docker-compose.") && strings.HasSuffix(lower, "ml"):
		return "Compose"
	case lower == "chart.yaml":
		return "Helm"
	case lower == "kustomization.yaml", lower == "kustomization.yml":
		return "Kustomize"
	case lower == "devcontainer.json":
		return "Dev container"
	}
	return ""
}

// isDocumentation follows enry's rules and counts prose formats as well.
func isDocumentation(p string) bool {
	if enry.IsDocumentation(p) {
		return true
	}
	switch strings.ToLower(path.Ext(p)) {
	case ".md", ".rst", ".adoc", ".asciidoc":
		return true
	}
	return false
}

// isTest says by its path that a file is a test.
func isTest(p string) bool {
	if enry.IsTest(p) {
		return true
	}
	base := path.Base(p)
	stem := strings.TrimSuffix(base, path.Ext(base))
	switch {
	case strings.HasSuffix(stem, "_test"), strings.HasSuffix(stem, ".test"), strings.HasSuffix(stem, ".spec"), strings.HasPrefix(stem, "test_") && path.Ext(base) == ".py",
		strings.HasSuffix(stem, "Test") && path.Ext(base) != "", strings.HasSuffix(stem, "Tests") && path.Ext(base) != "", strings.HasSuffix(stem, "_spec"):
		return true
	}
	if path.Ext(base) == ".rs" && strings.Contains("/"+p, "/tests/") {
		return true // Cargo builds these as integration tests, whatever they are called
	}
	return strings.HasPrefix(p, "src/test/") || strings.Contains(p, "/src/test/")
}
