package backup

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"maps"
	"slices"
	"strings"

	"steward/internal/platform/access"
	"steward/internal/platform/fault"
	"steward/internal/platform/search"
	"steward/internal/platform/store"
)

// Restore fills an empty database with a backup, in one transaction. keep gets each file that belongs to it at
// the end, when all is known to be whole; its error keeps everything from being kept. Afterwards the schema is the backup's: the caller migrates on from there.
//
// Errors: fault.Conflict when the database is in use already, fault.TooNew when a newer Steward wrote
// the backup, fault.Invalid when it is damaged or none, fault.Denied for those who may not keep backups.
func Restore(ctx context.Context, db *store.DB, v access.Viewer, r io.Reader, all []store.Migrations, keep func(name string, content []byte) error) (Summary, error) {
	if err := v.Require(access.KeepBackups); err != nil {
		return Summary{}, err
	}
	in, err := open(r)
	if err != nil {
		return Summary{}, err
	}
	if err := empty(ctx, db); err != nil {
		return Summary{}, err
	}
	if err := store.MigrateTo(ctx, db, all, in.head.Schema); err != nil {
		return Summary{}, err
	}
	var sum Summary
	err = db.Tx(ctx, func(tx *store.Tx) error {
		into := &filler{tx: tx, files: map[string][]byte{}}
		if into.tables, err = matching(ctx, tx, in.head.Tables); err != nil {
			return err
		}
		for name := range into.tables { // a migration may have written a first row
			if _, err := tx.Exec(ctx, `DELETE FROM "`+name+`"`); err != nil {
				return err
			}
		}
		if sum, err = in.read(ctx, into.rows, into.file); err != nil {
			return err
		}
		if err := store.CountOn(ctx, tx); err != nil {
			return err
		}
		if err := search.Rebuild(ctx, tx); err != nil {
			return err
		}
		for _, name := range slices.Sorted(maps.Keys(into.files)) {
			if err := keep(name, into.files[name]); err != nil {
				return err
			}
		}
		return nil
	})
	return sum, err
}

// Check reads a backup to its end without keeping anything.
func Check(ctx context.Context, r io.Reader) (Summary, error) {
	in, err := open(r)
	if err != nil {
		return Summary{}, err
	}
	tables := map[string]store.Table{}
	for _, t := range in.head.Tables {
		tables[t.Name] = t
	}
	count := func(_ context.Context, table string, chunk []byte) (int64, error) {
		var n int64
		for line := range bytes.Lines(chunk) {
			if _, err := parseRow(bytes.TrimSuffix(line, []byte{'\n'}), tables[table].Columns); err != nil {
				return 0, damaged("table %s, row %d: %v", table, n+1, err)
			}
			n++
		}
		return n, nil
	}
	return in.read(ctx, count, func(string, []byte) error { return nil })
}

// empty refuses a database in which anything was ever done.
func empty(ctx context.Context, db *store.DB) error {
	tables, err := store.Tables(ctx, db, passing...)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(tables, func(t store.Table) bool { return t.Name == "audit_entry" }) {
		return nil
	}
	var n int64
	if err := db.QueryRow(ctx, "SELECT count(*) FROM audit_entry").Scan(&n); err != nil {
		return err
	}
	if n > 0 {
		return fault.New(fault.Conflict, "The database is in use already: %d acts are recorded in it. Restore into an empty one: name another with --data or --database.", n)
	}
	return nil
}

// matching looks up the tables of a backup in the database.
func matching(ctx context.Context, r store.Reader, wanted []store.Table) (map[string]store.Table, error) {
	have, err := store.Tables(ctx, r, passing...)
	if err != nil {
		return nil, err
	}
	tables := make(map[string]store.Table, len(wanted))
	for _, t := range wanted {
		i := slices.IndexFunc(have, func(h store.Table) bool { return h.Name == t.Name })
		if i < 0 || !slices.Equal(have[i].Columns, t.Columns) {
			return nil, damaged("its table %q is not one of the schema that it names", t.Name)
		}
		tables[t.Name] = t
	}
	return tables, nil
}

// filler writes what is read into a database.
type filler struct {
	tx     *store.Tx
	tables map[string]store.Table
	files  map[string][]byte
}

func (f *filler) file(name string, content []byte) error {
	if len(f.files) == maxFiles {
		return damaged("it has more than %d files beside its tables", maxFiles)
	}
	f.files[name] = content
	return nil
}

func (f *filler) rows(ctx context.Context, table string, chunk []byte) (int64, error) {
	t := f.tables[table]
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = c.Name
	}
	var failed error
	n, err := f.tx.Insert(ctx, table, names, func(yield func([]any) bool) {
		for line := range bytes.Lines(chunk) {
			row, err := parseRow(bytes.TrimSuffix(line, []byte{'\n'}), t.Columns)
			if err != nil {
				failed = damaged("table %s: %v", table, err)
				return
			}
			if !yield(row) {
				return
			}
		}
	})
	return n, errors.Join(failed, err)
}

// reader is a backup that is being read.
type reader struct {
	packed *gzip.Reader
	tar    *tar.Reader
	digest hash.Hash
	head   Head
}

func damaged(what string, args ...any) error {
	return fault.New(fault.Invalid, "The backup is damaged: "+what+". Nothing of it was kept; use another copy of it.", args...)
}

// open reads the head of a backup.
func open(r io.Reader) (*reader, error) {
	packed, err := gzip.NewReader(r)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "This is not a backup of Steward: it is not a gzip file.")
	}
	in := &reader{packed: packed, tar: tar.NewReader(packed), digest: sha256.New()}
	name, content, err := in.next()
	if err != nil || name != "backup.json" {
		return nil, fault.New(fault.Invalid, "This is not a backup of Steward: it does not begin with backup.json.")
	}
	if err := json.Unmarshal(content, &in.head); err != nil {
		return nil, damaged("backup.json: %v", err)
	}
	if in.head.Format > format {
		return nil, fault.New(fault.TooNew, "The backup was written by a newer Steward (%s). Use that version or a later one.", in.head.Program)
	}
	return in, nil
}

// next reads the next file of the archive.
func (in *reader) next() (name string, content []byte, err error) {
	h, err := in.tar.Next()
	if err != nil {
		return "", nil, err
	}
	limit := int64(maxFile)
	switch {
	case strings.HasPrefix(h.Name, "table/"):
		limit = maxChunk
	case !strings.Contains(h.Name, "/"):
		limit = maxDocument
	}
	if h.Typeflag != tar.TypeReg || h.Size > limit {
		return "", nil, fmt.Errorf("%q is not a file of at most %d bytes", h.Name, limit)
	}
	if content, err = io.ReadAll(in.tar); err != nil {
		return "", nil, err
	}
	if h.Name != "end.json" {
		_, _ = in.digest.Write(content) // never fails
	}
	return h.Name, content, nil
}

// read gives every chunk of rows and every file to its taker, and compares what came with what the end says.
func (in *reader) read(ctx context.Context, rows func(ctx context.Context, table string, chunk []byte) (int64, error), file func(name string, content []byte) error) (Summary, error) {
	sum := Summary{Head: in.head, Rows: map[string]int64{}}
	for _, t := range in.head.Tables {
		sum.Rows[t.Name] = 0
	}
	for {
		if err := ctx.Err(); err != nil {
			return Summary{}, err
		}
		name, content, err := in.next()
		if err != nil {
			return Summary{}, damaged("it ends too early or cannot be unpacked (%v)", err)
		}
		kind, rest, _ := strings.Cut(name, "/")
		switch kind {
		case "file":
			sum.Files = append(sum.Files, rest)
			err = file(rest, content)
		case "table":
			table, _, _ := strings.Cut(rest, "/")
			if _, ok := sum.Rows[table]; !ok {
				return Summary{}, damaged("rows of a table %q that its head does not name", table)
			}
			var n int64
			n, err = rows(ctx, table, content)
			sum.Rows[table] += n
		case "end.json":
			sum.Digest = hex.EncodeToString(in.digest.Sum(nil))
			return sum, in.end(sum, content)
		default:
			err = damaged("it has a file %q", name)
		}
		if err != nil {
			return Summary{}, err
		}
	}
}

// end compares what was read with what was written, and reads on to the end of the stream.
func (in *reader) end(sum Summary, end []byte) error {
	if _, err := in.tar.Next(); !errors.Is(err, io.EOF) {
		return damaged("something follows its end (%v)", err)
	}
	if _, err := io.Copy(io.Discard, in.packed); err != nil {
		return damaged("its end cannot be unpacked (%v)", err)
	}
	var said Summary
	if err := json.Unmarshal(end, &said); err != nil {
		return damaged("end.json: %v", err)
	}
	if said.Digest != sum.Digest {
		return damaged("its digest is %s, not %s", sum.Digest, said.Digest)
	}
	if !maps.Equal(said.Rows, sum.Rows) {
		return damaged("it has other numbers of rows than its end says")
	}
	return nil
}
