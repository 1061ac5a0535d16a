package gradle

import (
	"strings"

	"steward/internal/format/lockfile"
	"steward/internal/format/lockfile/gradle/script"
)

// pluginWish turns an entry of a plugins block into the plugin's marker. ok is
// false for plugins without a version: those of Gradle, of the tree, or of a
// script above, which lists them.
func (b *build) pluginWish(e *evaluator, u script.PluginUse) (wish, bool) {
	id, v, ok := b.pluginID(e, e.home, u)
	if !ok || !validPart(id) {
		return wish{}, false
	}
	if v == (version{}) && !b.precompiled[id] {
		if settings := b.settingsOf(e.at.dir); settings != nil {
			at := b.evaluator(settings)
			for _, declared := range settings.PluginVersions {
				if other, managed, ok := b.pluginID(at, settings, declared); ok && other == id {
					v = managed
					break
				}
			}
		}
	}
	if v == (version{}) {
		return wish{}, false
	}
	f := found{group: id, name: id + ".gradle.plugin", version: v}
	return wish{found: f, scope: lockfile.Development, line: u.Line, plugin: true, build: true}, true
}

func (b *build) pluginID(e *evaluator, s *script.Script, u script.PluginUse) (string, version, bool) {
	if u.Alias {
		name, ok := reference(s, u.ID)
		if !ok {
			return "", version{}, false
		}
		out, ok := b.byReference(e.at, name)
		if !ok || len(out) != 1 || out[0].group == "" || out[0].name != "" {
			return "", version{}, false
		}
		if v := (version{}); !u.Version.Empty() {
			v = e.versionAt(s, u.Version)
			return out[0].group, v, true
		}
		return out[0].group, out[0].version, true
	}
	id, ok := e.text(s, u.ID)
	if !ok {
		return "", version{}, false
	}
	if u.Kotlin {
		id = "org.jetbrains.kotlin." + id
	}
	if u.Version.Empty() {
		return id, version{}, true
	}
	return id, e.versionAt(s, u.Version), true
}

// pluginVersion finds the version of a plugin in this script, those above and
// the settings.
func (b *build) pluginVersion(e *evaluator, matches func(id string) bool) (version, bool) {
	check := func(s *script.Script, uses []script.PluginUse) (version, bool) {
		at := b.evaluator(s)
		for _, u := range uses {
			if id, v, ok := b.pluginID(at, s, u); ok && matches(id) {
				return v, true
			}
		}
		return version{}, false
	}
	applied := false
	if v, ok := check(e.home, e.home.Plugins); ok {
		if v != (version{}) {
			return v, true
		}
		applied = true
	}
	for f := e.at; f != nil; f = f.up {
		for _, s := range f.scripts {
			for _, uses := range [][]script.PluginUse{s.Plugins, s.PluginVersions} {
				if v, ok := check(s, uses); ok && v != (version{}) {
					return v, true
				}
			}
		}
	}
	return version{}, applied
}

// kotlinVersion is what the Kotlin plugin gives its libraries when they name
// no version: its own.
func (b *build) kotlinVersion(e *evaluator) version {
	v, _ := b.pluginVersion(e, func(id string) bool {
		return strings.HasPrefix(id, "org.jetbrains.kotlin.") && !strings.HasPrefix(id, "org.jetbrains.kotlin.plugin.")
	})
	return v
}
