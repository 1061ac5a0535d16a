// Package gradle reads Gradle builds: lock files, version catalogues, and what
// build scripts in Groovy and Kotlin declare.
//
// A lock file lists every release of a project; the build script beside it says
// which are named by the project itself. Without a lock the script's own
// declarations are listed and Manifest.Unresolved says that the rest is
// unknown. Scripts are cut into tokens and read, never run: strings, variables,
// properties, maps, version catalogues and constants of buildSrc are followed;
// what a script computes otherwise is a note with its line.
//
// How configurations become scopes:
//
//	implementation, api, runtimeOnly, compileOnly, unknown ones   production
//	buildscript, plugins, annotationProcessor, kapt, linters      development
//	those with the word "test" in their name, test suites         test
//
// Constraints and managed dependencies give versions and are no uses. A
// platform is a use, as lock files have it. Plugins stand under the name of
// their marker artifact (id:id.gradle.plugin) where their version is declared.
// Source of the rules: the Gradle User Manual.
package gradle

import (
	"path"
	"strings"

	"steward/internal/format/lockfile"
	"steward/internal/format/lockfile/gradle/script"
)

// Reader returns the reader of Gradle builds. Package URLs are Maven's.
func Reader() lockfile.Reader {
	return lockfile.Reader{
		Ecosystem: "maven",
		Name:      "Gradle",
		Languages: []string{"Java", "Kotlin", "Groovy", "Scala", "Gradle", "Gradle Kotlin DSL"},
		Wants:     wants,
		Within:    read,
	}
}

func wants(p string) bool {
	return isScript(p) || isLock(p) || isCatalogue(p) || path.Base(p) == "gradle.properties" || isConstants(p)
}

func isScript(p string) bool {
	return strings.HasSuffix(p, ".gradle") || strings.HasSuffix(p, ".gradle.kts")
}

// isBuildScript says whether p is the script of a project: build.gradle, or the
// one named after its folder, as many large builds call it.
func isBuildScript(p string) bool {
	base := strings.TrimSuffix(path.Base(p), ".kts")
	return base == "build.gradle" || base == path.Base(path.Dir(p))+".gradle"
}

func isSettings(p string) bool {
	base := path.Base(p)
	return base == "settings.gradle" || base == "settings.gradle.kts"
}

// isConstants says whether p may hold versions as constants of buildSrc.
func isConstants(p string) bool {
	return strings.HasSuffix(p, ".kt") && (strings.HasPrefix(p, "buildSrc/src/main/") || strings.Contains(p, "/buildSrc/src/main/"))
}

func read(files lockfile.Files, room *lockfile.Room) ([]lockfile.Manifest, []lockfile.Failure) {
	b := newBuild(room)
	var failures []lockfile.Failure
	for _, p := range files.Paths() {
		if !wants(p) {
			continue
		}
		raw, err := files.ReadFile(p)
		if err == nil {
			err = b.add(p, raw)
		}
		// A Kotlin source that does not parse is no manifest.
		if err != nil && !isConstants(p) {
			failures = append(failures, lockfile.Fail(p, err))
		}
	}
	return b.manifests(), failures
}

// tokensHeld is how many tokens of a script count as one declaration.
const tokensHeld = 4

func (b *build) add(p string, raw []byte) error {
	switch {
	case isLock(p):
		l, err := readLock(p, raw)
		if err == nil {
			err = b.kept.Hold(len(l))
		}
		if err == nil {
			b.locks[p] = l
		}
		return err
	case isCatalogue(p):
		c, err := readCatalogue(p, raw)
		if err == nil {
			err = b.kept.Hold(len(c.versions) + len(c.libraries) + len(c.plugins))
		}
		if err == nil {
			b.catalogues[p] = c
		}
		return err
	case path.Base(p) == "gradle.properties":
		props, err := readProperties(raw)
		if err == nil {
			err = b.kept.Hold(len(props))
		}
		if err == nil {
			b.properties[path.Dir(p)] = props
		}
		return err
	}
	s, err := script.Read(p, raw)
	if err == nil {
		err = b.kept.Hold(len(s.Tokens) / tokensHeld)
	}
	if err != nil {
		return err
	}
	if isConstants(p) {
		owner := "."
		if i := strings.LastIndex(p, "/buildSrc/src/main/"); i > 0 {
			owner = p[:i]
		}
		b.constants[owner] = append(b.constants[owner], s)
		return nil
	}
	b.addScript(s)
	return nil
}
