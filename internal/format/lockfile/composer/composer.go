// Package composer reads what PHP projects say about their dependencies:
// composer.json and composer.lock. Platform packages (php, ext-*, lib-* and
// the Composer interfaces) are properties of the machine, not packages; they
// are known by having no vendor in their name.
//
// Sources: getcomposer.org/doc, "The composer.json schema"; composer/composer,
// src/Composer/Package/Locker.php.
package composer

import (
	"path"
	"slices"
	"strings"

	"steward/internal/format/lockfile"
)

const ecosystem = "composer"

// Reader returns the reader of Composer manifests.
func Reader() lockfile.Reader {
	return lockfile.Reader{Ecosystem: ecosystem, Name: "Composer", Languages: []string{"PHP", "Hack", "Blade"}, Wants: wants, Within: read}
}

func wants(p string) bool {
	if base := path.Base(p); base != "composer.json" && base != "composer.lock" {
		return false
	}
	for _, folder := range strings.Split(path.Dir(p), "/") {
		if folder == "vendor" || folder == "node_modules" || folder == ".git" {
			return false // installed packages, not the project
		}
	}
	return true
}

func read(files lockfile.Files, room *lockfile.Room) (manifests []lockfile.Manifest, failures []lockfile.Failure) {
	projects := map[string]*project{}
	var locks []string
	for _, p := range files.Paths() {
		switch {
		case !wants(p):
		case path.Base(p) == "composer.lock":
			locks = append(locks, p)
		default:
			if b, err := files.ReadFile(p); err != nil {
				failures = append(failures, lockfile.Fail(p, err))
			} else if project, err := parseProject(b); err != nil {
				failures = append(failures, lockfile.Fail(p, err))
			} else if err := room.Hold(len(project.requires)); err != nil {
				failures = append(failures, lockfile.Fail(p, err))
			} else {
				projects[p] = project
			}
		}
	}
	unread := map[string]bool{}
	for _, p := range locks {
		beside := path.Join(path.Dir(p), "composer.json")
		m, err := readLock(files, p, projects[beside])
		if err != nil {
			failures = append(failures, lockfile.Fail(p, err))
			unread[beside] = true
			continue
		}
		if projects[beside] != nil {
			m.Covers = []string{beside}
			delete(projects, beside)
		}
		manifests = room.Keep(manifests, m)
	}
	for p, project := range projects {
		m, err := project.manifest(p, unread[p])
		if err != nil {
			failures = append(failures, lockfile.Fail(p, err))
			continue
		}
		manifests = room.Keep(manifests, m)
	}
	slices.SortFunc(manifests, func(a, b lockfile.Manifest) int { return strings.Compare(a.Path, b.Path) })
	slices.SortStableFunc(failures, func(a, b lockfile.Failure) int { return strings.Compare(a.Path, b.Path) })
	return manifests, failures
}
