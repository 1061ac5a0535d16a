package backup

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"steward/internal/platform/access"
	"steward/internal/platform/store"
)

// Write writes a backup of one moment of the database, while others go on writing to it. Files are the contents of
// those that belong to it, by name. Whoever may not keep backups gives fault.Denied.
func Write(ctx context.Context, db *store.DB, v access.Viewer, w io.Writer, program string, at time.Time, files map[string][]byte) (Summary, error) {
	if err := v.Require(access.KeepBackups); err != nil {
		return Summary{}, err
	}
	packed, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
	if err != nil {
		return Summary{}, err
	}
	a := &archive{tar: tar.NewWriter(packed), digest: sha256.New(), at: at.UTC().Truncate(time.Second), sum: Summary{Rows: map[string]int64{}}}
	err = db.Snapshot(ctx, func(r store.Reader) error { return a.write(ctx, r, program, files) })
	if err != nil {
		return Summary{}, fmt.Errorf("write the backup: %w", err)
	}
	if err := a.tar.Close(); err != nil {
		return Summary{}, err
	}
	return a.sum, packed.Close()
}

// archive is a backup that is being written.
type archive struct {
	tar    *tar.Writer
	digest hash.Hash
	at     time.Time
	sum    Summary
}

func (a *archive) write(ctx context.Context, r store.Reader, program string, files map[string][]byte) error {
	versions, err := store.Versions(ctx, r)
	if err != nil {
		return err
	}
	tables, err := store.Tables(ctx, r, passing...)
	if err != nil {
		return err
	}
	a.sum.Head = Head{Format: format, Program: program, At: a.at, Engine: r.Engine(), Schema: versions, Tables: tables}
	if err := a.document("backup.json", a.sum.Head); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if err := a.file("file/"+name, files[name]); err != nil {
			return err
		}
		a.sum.Files = append(a.sum.Files, name)
	}
	for _, t := range a.sum.Head.Tables {
		if err := a.table(ctx, r, t); err != nil {
			return fmt.Errorf("table %s: %w", t.Name, err)
		}
	}
	a.sum.Digest = hex.EncodeToString(a.digest.Sum(nil))
	return a.document("end.json", a.sum)
}

// table writes the rows of a table, in files of bounded size.
func (a *archive) table(ctx context.Context, r store.Reader, t store.Table) error {
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = `"` + c.Name + `"`
	}
	rows, err := r.Query(ctx, "SELECT "+strings.Join(names, ", ")+` FROM "`+t.Name+`"`)
	if err != nil {
		return err
	}
	defer rows.Close()
	cells := make([]cell, len(t.Columns))
	to := pointers(cells, t.Columns)
	chunk, n, part := make([]byte, 0, chunkSize+chunkSize/4), int64(0), 0
	flush := func() error {
		if len(chunk) == 0 {
			return nil
		}
		part++
		err := a.file(fmt.Sprintf("table/%s/%06d.tsv", t.Name, part), chunk)
		chunk = chunk[:0]
		return err
	}
	for rows.Next() {
		if err := rows.Scan(to...); err != nil {
			return err
		}
		chunk = appendRow(chunk, cells, t.Columns)
		n++
		if len(chunk) >= chunkSize {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	a.sum.Rows[t.Name] = n
	return flush()
}

func (a *archive) document(name string, v any) error {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return a.file(name, append(b, '\n'))
}

func (a *archive) file(name string, content []byte) error {
	_, _ = a.digest.Write(content) // never fails
	return entry(a.tar, name, a.at, content)
}
