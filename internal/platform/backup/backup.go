// Package backup writes everything that people and readings put into a database into one stream, and
// restores it into an empty database of either engine.
//
// The stream is a gzip-compressed tar archive, to be looked at with tar alone:
//
//	backup.json              format, program, time, schema versions, tables with their columns
//	table/NAME/000001.tsv    rows as PostgreSQL's COPY writes them as text: tabs between, \N for null,
//	                         bytes in hexadecimal; at most chunkSize of them a file
//	file/NAME                files that belong to the database, such as the key of the audit log
//	end.json                 how many rows each table has, and the SHA-256 of all files before it
//
// A stream without its end, or one whose digest differs, is refused, and nothing of it is kept. Sessions, sign-in links
// and work in progress are left out: who restores signs in anew, and what was not read is read again.
package backup

import (
	"archive/tar"
	"time"

	"steward/internal/platform/store"
)

// format is the version of the archive's layout.
const format = 1

// Limits of what is read back; what is written stays below them.
const (
	chunkSize   = 4 << 20   // bytes of rows after which a file ends
	maxChunk    = 512 << 20 // one row may be as long as the longest value that the store takes
	maxDocument = 16 << 20  // backup.json and end.json
	maxFile     = 1 << 20
	maxFiles    = 16
)

// Head describes a backup.
type Head struct {
	Format  int           `json:"format"`
	Program string        `json:"program"` // version of Steward
	At      time.Time     `json:"at"`
	Engine  store.Engine  `json:"engine"`
	Schema  []int64       `json:"schema"` // applied migrations
	Tables  []store.Table `json:"tables"`
}

// Summary is what a backup holds.
type Summary struct {
	Head   Head             `json:"-"`
	Rows   map[string]int64 `json:"rows"` // by table
	Files  []string         `json:"files,omitempty"`
	Digest string           `json:"digest"` // SHA-256 in hexadecimal of the contents of all files, in their order
}

// All is the number of rows of all tables.
func (s Summary) All() (n int64) {
	for _, rows := range s.Rows {
		n += rows
	}
	return n
}

// passing are the beginnings of the names of tables that hold what must not or need not outlive their database.
var passing = []string{
	"river_", "job_", "schema_migration", // work in progress, and what migrating writes itself
	"search_words", // made anew from search_document
	"account_session", "account_link",
}

// entry writes one file of the archive.
func entry(w *tar.Writer, name string, at time.Time, content []byte) error {
	if err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(content)), ModTime: at, Format: tar.FormatPAX}); err != nil {
		return err
	}
	_, err := w.Write(content)
	return err
}
