// Package manifest reads the manifests and lock files of a whole tree, of every
// ecosystem that Steward knows: the one place that lists the readers beneath
// format/lockfile.
//
// A tree also holds manifests that are not the project's own: inputs of tests,
// examples, copies of other people's code. They are read like the others, and
// Fixture tells them apart by their path.
package manifest

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"steward/internal/format/lockfile"
	"steward/internal/format/lockfile/bundler"
	"steward/internal/format/lockfile/cargo"
	"steward/internal/format/lockfile/composer"
	"steward/internal/format/lockfile/golang"
	"steward/internal/format/lockfile/gradle"
	"steward/internal/format/lockfile/maven"
	"steward/internal/format/lockfile/npm"
	"steward/internal/format/lockfile/nuget"
	"steward/internal/format/lockfile/python"
)

// Readers returns one reader for each ecosystem, always in the same order.
// Maven and Gradle are two readers of one kind of package.
func Readers() []lockfile.Reader { return slices.Clone(readers) }

// readers is a table: made once, because Wants is asked for every path of a tree.
var readers = []lockfile.Reader{
	npm.Reader(),
	golang.Reader(),
	cargo.Reader(),
	maven.Reader(),
	gradle.Reader(),
	python.Reader(),
	nuget.Reader(),
	composer.Reader(),
	bundler.Reader(),
}

// Wants says whether some reader asks for the file at this slash-separated
// path: a manifest, or a sibling that the reading of one needs.
func Wants(path string) bool {
	for _, r := range readers {
		if r.Wants(path) {
			return true
		}
	}
	return false
}

// Read returns what every reader finds in files, sorted by path, and the files
// that could not be read. A file that two ecosystems claim, which none does
// today, would come twice: once for each. A reader that panics is a failure
// without a path, and stops none of the others; so is what comes after the first
// 100,000 manifests, after 256 MiB of them, or when the room of lockfile is full.
//
// When ctx ends, Read returns nothing but its error as a failure without a path,
// at once, even in the middle of a large file. No file is read after that.
func Read(ctx context.Context, files lockfile.Files) ([]lockfile.Manifest, []lockfile.Failure) {
	return bound(ctx, files, maxFiles).read()
}

func (b *bounded) read() ([]lockfile.Manifest, []lockfile.Failure) {
	type result struct {
		manifests []lockfile.Manifest
		failures  []lockfile.Failure
	}
	ctx := b.ctx
	done := make(chan result, 1)
	go func() {
		var all result
		for _, r := range readers {
			if ctx.Err() != nil {
				break
			}
			m, f := guarded(r, b)
			all.manifests = append(all.manifests, m...)
			all.failures = append(all.failures, f...)
		}
		done <- all
	}()
	var all result
	select {
	case all = <-done:
	case <-ctx.Done():
	}
	if err := ctx.Err(); err != nil {
		b.rest()
		return nil, []lockfile.Failure{{Err: fmt.Errorf("manifests are not read to their end: %w", err)}}
	}
	slices.SortStableFunc(all.manifests, func(a, b lockfile.Manifest) int { return cmp.Compare(a.Path, b.Path) })
	slices.SortStableFunc(all.failures, func(a, b lockfile.Failure) int { return cmp.Compare(a.Path, b.Path) })
	return all.manifests, b.sum(all.failures)
}

// guarded reads one ecosystem. Without it a panic would leave the manifests of all
// unread, and a page would say that there are none.
func guarded(r lockfile.Reader, files *bounded) (manifests []lockfile.Manifest, failures []lockfile.Failure) {
	defer func() {
		if cause := recover(); cause != nil {
			manifests, failures = nil, []lockfile.Failure{{Err: fmt.Errorf("no packages of %s are read: its reader stopped on content that it does not expect: %v", r.Name, cause)}}
		}
	}()
	return r.Within(files, files.room)
}

// Languages maps a go-enry name of a language to the names of the readers that
// know its packages ("Java" to Maven and Gradle). Of a language that is not in
// it, Unread says whether packages are missing for that.
func Languages() map[string][]string {
	out := map[string][]string{}
	for _, r := range Readers() {
		for _, language := range r.Languages {
			out[language] = append(out[language], r.Name)
		}
	}
	return out
}

// fixtureFolders are names of folders whose manifests are not the project's
// own, in lower case.
var fixtureFolders = map[string]bool{
	// inputs of tests
	"testdata": true, "test-data": true, "test_data": true, "testresources": true, "test-resources": true, "test_resources": true,
	"fixture": true, "fixtures": true, "__fixtures__": true, "test-fixtures": true, "test_fixtures": true, "testfixtures": true,
	"__snapshots__": true, "__mocks__": true, "golden": true, "testcases": true, "test-cases": true, "test_cases": true,
	// shown to readers
	"example": true, "examples": true, "_examples": true, "sample": true, "samples": true, "demo": true, "demos": true, "tutorial": true, "tutorials": true,
	"quickstart": true, "quickstarts": true,
	// copied out for new projects
	"template": true, "templates": true, "_template": true, "_templates": true, "skeleton": true, "skeletons": true, "boilerplate": true, "scaffold": true, "scaffolds": true,
	"archetype-resources": true, "cookiecutter": true,
	// code of others
	"node_modules": true, "bower_components": true, "jspm_packages": true, "vendor": true, "vendored": true, "_vendor": true, "third_party": true, "third-party": true, "thirdparty": true, "3rdparty": true,
	"godeps": true, "site-packages": true, "dist-packages": true, ".venv": true, "venv": true, "virtualenv": true, "carthage": true, "pods": true, ".yarn": true, ".pnpm-store": true, ".gradle": true, ".tox": true,
}

// fixturePairs are folders that count only inside another one: resources of
// tests in the layout of Maven and Gradle, and the like.
var fixturePairs = [][2]string{
	{"test", "resources"},
	{"tests", "resources"},
	{"integrationtest", "resources"},
	{"integration-test", "resources"},
	{"it", "resources"},
	{"it", "projects"},
	{"src", "it"},
	{"test", "data"},
	{"tests", "data"},
	{"test", "assets"},
	{"tests", "assets"},
	{"test", "files"},
	{"tests", "files"},
	{"test", "projects"},
	{"tests", "projects"},
	{"test", "inputs"},
	{"tests", "inputs"},
	{"test", "golden"},
	{"tests", "golden"},
	{"test", "specs"},
	{"spec", "data"},
}

// Fixture says whether a slash-separated path lies in test data, fixtures,
// examples, samples, templates or vendored code. It looks at the names of
// folders alone, without regard to letter case: one of them is in the list, is
// a placeholder of a template ({{name}}, __name__), or stands inside the one
// that makes it test data (test/resources). The name of the file itself and
// the mere word "test" do not count: tests have dependencies of their own.
func Fixture(path string) bool {
	folders := strings.Split(strings.ToLower(path), "/")
	folders = folders[:len(folders)-1]
	for i, name := range folders {
		if fixtureFolders[name] || isPlaceholder(name) {
			return true
		}
		if i == 0 {
			continue
		}
		for _, pair := range fixturePairs {
			if folders[i-1] == pair[0] && name == pair[1] {
				return true
			}
		}
	}
	return false
}

// isPlaceholder says whether the name of a folder is filled in when a template
// is copied.
func isPlaceholder(name string) bool {
	return strings.Contains(name, "{{") || strings.Contains(name, "${") || strings.Contains(name, "<%") ||
		len(name) > 4 && strings.HasPrefix(name, "__") && strings.HasSuffix(name, "__") && name != "__tests__" && name != "__test__"
}
