package main

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

var (
	migrationPattern = regexp.MustCompile(`^([a-z][a-z0-9]*)_([a-z0-9]+(?:_[a-z0-9]+)*)$`)
	stampPattern     = regexp.MustCompile(`^([0-9]{14})_.*\.sql$`)
)

const stampLayout = "20060102150405"

// writeMigration writes an empty migration into the folder of its feature or platform package.
func writeMigration(root, name string, now time.Time, stdout io.Writer) error {
	m := migrationPattern.FindStringSubmatch(name)
	if m == nil {
		return refuse("%q is no name for a migration: give feature_word, such as award_colour", name)
	}
	folder := ""
	for _, layer := range []string{"feature", "platform"} {
		at := path.Join("internal", layer, m[1])
		if _, err := os.Stat(filepath.Join(root, at)); err == nil {
			folder = path.Join(at, "migration")
		}
	}
	if folder == "" {
		return refuse("there is no feature %q for the migration %s: its name begins with that of a folder in internal/feature", m[1], name)
	}
	stamp, err := freeStamp(root, now)
	if err != nil {
		return err
	}
	file := path.Join(folder, stamp+"_"+name+".sql")
	if err := write(root, file, []byte("-- +goose Up\n")); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "wrote    %s\n", file)
	fmt.Fprintf(stdout, "\nNext:\n  1. Write its statements for both databases; where they differ, put a file of this name into migration/sqlite/ and one into migration/postgres/ instead.\n"+
		"  2. Keep programs of the version before working: add, fill, and remove in a later version.\n  3. go test ./%s\n", path.Dir(folder))
	return nil
}

// freeStamp is a time for the name of a migration that no other has, in seconds of UTC, later than
// all, so that it is applied after what it builds on.
func freeStamp(root string, now time.Time) (string, error) {
	at := now.UTC().Truncate(time.Second)
	err := filepath.WalkDir(filepath.Join(root, "internal"), func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		m := stampPattern.FindStringSubmatch(d.Name())
		if d.IsDir() || m == nil || !strings.Contains(filepath.ToSlash(p), "/migration/") {
			return nil
		}
		if other, err := time.Parse(stampLayout, m[1]); err == nil && !other.Before(at) {
			at = other.Add(time.Second)
		}
		return nil
	})
	return at.Format(stampLayout), err
}
