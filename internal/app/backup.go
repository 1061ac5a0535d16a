package app

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"steward/internal/platform/access"
	"steward/internal/platform/audit"
	"steward/internal/platform/backup"
	"steward/internal/platform/command"
	"steward/internal/platform/fault"
	"steward/internal/platform/mount"
	"steward/internal/platform/store"
)

// keyFile is the name of the audit log's key in the data folder and in a backup.
const keyFile = "audit.key"

// backupRun is `steward backup`.
type backupRun struct {
	File       string `arg:"" optional:"" type:"path" help:"New file to write; steward-DATE-TIME.tar.gz in this folder unless named."`
	WithoutKey bool   `help:"Leave out the key of the audit log, when it is kept elsewhere: who has both could rewrite the log."`

	version string
}

// Help is printed below the flags.
func (*backupRun) Help() string {
	return `Examples:
  steward backup                                     steward-20260131-220000.tar.gz
  steward backup /backup/steward.tar.gz
  steward backup --database postgres://…             of that database

It can run while Steward works, and writes one moment of the database. The file holds everything that people decided and
that Steward read, names of people too: keep it like the database. Copies of remote repositories are not in it.`
}

// backupJSON is what --json prints of a backup.
type backupJSON struct {
	File string `json:"file"`
	backup.Summary
}

// Run writes the backup; a file that was begun and not ended is removed.
func (b *backupRun) Run(c *command.Context) (err error) {
	now := time.Now()
	if b.File == "" {
		b.File = "steward-" + now.Format("20060102-150405") + ".tar.gz"
	}
	db, err := openForReading(c.Context, c.Data, c.DSN)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	files := map[string][]byte{}
	if !b.WithoutKey {
		if files[keyFile], err = os.ReadFile(filepath.Join(c.Data, keyFile)); err != nil {
			return fault.Wrap(fault.Unavailable, err, "The key of the audit log in %s cannot be read. Name its folder with --data, or say --without-key.", c.Data)
		}
	}
	if _, err := os.Lstat(b.File); err == nil {
		return fault.New(fault.Conflict, "%s is there already. Name another file.", b.File)
	}
	part := b.File + ".part" // a backup that was cut off never has the name of a whole one
	if err := os.Remove(part); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fault.Wrap(fault.Unavailable, err, "%s cannot be removed. Name another file.", part)
	}
	out, err := os.OpenFile(part, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fault.Wrap(fault.Unavailable, err, "%s cannot be written. Name another file.", part)
	}
	defer os.Remove(part) // has its name already when all went well
	sum, err := backup.Write(c.Context, db, access.System("steward backup"), out, b.version, now, files)
	if err = errors.Join(err, out.Sync(), out.Close()); err != nil {
		return err
	}
	if err := os.Rename(part, b.File); err != nil {
		return err
	}
	if c.JSON {
		return c.PrintJSON(backupJSON{b.File, sum})
	}
	c.Printf("%s: %d records of %d tables. Try it with: steward restore --check %s\n", b.File, sum.All(), len(sum.Rows), b.File)
	return nil
}

// restoreRun is `steward restore`.
type restoreRun struct {
	File  string `arg:"" type:"existingfile" help:"Backup that steward backup wrote."`
	Check bool   `help:"Read it to its end and say whether it is whole; change nothing."`

	version string
}

// Help is printed below the flags.
func (*restoreRun) Help() string {
	return `Examples:
  steward restore --check steward.tar.gz
  steward restore steward.tar.gz --data /srv/steward
  steward restore steward.tar.gz --data /srv/steward --database postgres://…

The database must be empty, of either kind; the backup may be of an older Steward. All of it is restored or nothing.
Then start Steward as before: everybody signs in anew, and what changed since is read again.`
}

// Run restores the backup, or only reads it.
func (r *restoreRun) Run(c *command.Context) error {
	in, err := os.Open(r.File)
	if err != nil {
		return fault.Wrap(fault.Unavailable, err, "%s cannot be read.", r.File)
	}
	defer in.Close()
	said := "restored"
	var sum backup.Summary
	if r.Check {
		said = "whole"
		sum, err = backup.Check(c.Context, bufio.NewReader(in))
	} else {
		sum, err = restore(c, access.System("steward restore"), bufio.NewReader(in), c.DSN, r.version)
	}
	if err != nil {
		return err
	}
	if c.JSON {
		return c.PrintJSON(backupJSON{r.File, sum})
	}
	c.Printf("%s is %s: %d records of %d tables, written on %s by Steward %s.\n",
		r.File, said, sum.All(), len(sum.Rows), sum.Head.At.Format(time.DateTime+" UTC"), sum.Head.Program)
	return nil
}

// restore fills the database of a data folder, or that of the DSN, with a backup and brings it up to date.
func restore(c *command.Context, v access.Viewer, in io.Reader, dsn, version string) (sum backup.Summary, err error) {
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return sum, fault.Wrap(fault.Unavailable, err, "The data folder %s cannot be made. Name another with --data.", c.Data)
	}
	to := store.Config{DSN: dsn}
	if dsn == "" {
		to.Path = filepath.Join(c.Data, databaseFile)
	}
	_, there := os.Stat(to.Path)
	db, err := store.Open(c.Context, to)
	if err != nil {
		return sum, err
	}
	keep := func(name string, content []byte) error { return keepKey(c.Data, name, content) }
	all := migrations(capabilitiesOf(mount.Platform{Git: gitConfig(), Log: slog.New(slog.DiscardHandler)}))
	sum, err = backup.Restore(c.Context, db, v, in, all, keep)
	if err = errors.Join(err, db.Close()); err != nil {
		if dsn == "" && errors.Is(there, os.ErrNotExist) { // what this run has made
			err = errors.Join(err, os.Remove(to.Path))
		}
		return sum, err
	}
	o, err := openOffice(c.Context, officeConfig{version: version, data: c.Data, dsn: dsn, log: logger(c, false)}) // brings it up to date
	if err != nil {
		return sum, err
	}
	err = o.platform.DB.Tx(c.Context, func(tx *store.Tx) error {
		what := map[string]any{"written": sum.Head.At, "digest": sum.Digest, "records": sum.All()}
		return audit.Append(c.Context, tx, v, time.Now(), "backup.restore", "database", "", what)
	})
	return sum, errors.Join(err, o.close())
}

// keepKey puts the key of the audit log into the data folder, where no other may be.
func keepKey(data, name string, content []byte) error {
	if name != keyFile {
		return fault.New(fault.Invalid, "The backup holds a file %q that Steward does not know.", name)
	}
	path := filepath.Join(data, keyFile)
	there, err := os.ReadFile(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return os.WriteFile(path, content, 0o600)
	case err == nil && !bytes.Equal(there, content):
		return fault.New(fault.Conflict, "In %s lies the key of another audit log. Restore into an empty folder: name it with --data.", data)
	}
	return err
}

// moveRun is `steward move`.
type moveRun struct {
	To string `required:"" placeholder:"DSN" help:"Empty PostgreSQL database to move to: postgres://user@host/name."`

	version string
}

// Help is printed below the flags.
func (*moveRun) Help() string {
	return `Examples:
  steward move --to postgres://steward@db.example.com/steward
  steward up --database postgres://steward@db.example.com/steward

It moves everything from the embedded database in the data folder to PostgreSQL, while no Steward runs. The old file stays
beside it as steward.db.moved: to go back, give it its name again.`
}

// Run moves the database.
func (m *moveRun) Run(c *command.Context) error {
	if c.DSN != "" {
		return fault.New(fault.Invalid, "move goes from the embedded database in the data folder to PostgreSQL. Leave out --database; between two PostgreSQL databases use backup and restore.")
	}
	file := filepath.Join(c.Data, databaseFile)
	if _, err := os.Stat(file); errors.Is(err, os.ErrNotExist) {
		return fault.New(fault.NotFound, "There is no %s to move. Name its folder with --data.", file)
	}
	o, err := openOffice(c.Context, officeConfig{version: m.version, data: c.Data, log: logger(c, false)}) // nobody else writes from here on
	if err != nil {
		return err
	}
	sum, err := m.copy(c, o)
	if err = errors.Join(err, o.close()); err != nil {
		return err
	}
	if err := os.Rename(file, file+".moved"); err != nil {
		return fault.Wrap(fault.Unavailable, err, "Everything is moved, but %s could not be renamed. Move it away, so that nobody starts Steward on it.", file)
	}
	if c.JSON {
		return c.PrintJSON(sum)
	}
	c.Printf("Moved %d records of %d tables. From now on give --database to every command; %s.moved is no longer used.\n", sum.All(), len(sum.Rows), file)
	return nil
}

// copy streams the database into the other one.
func (m *moveRun) copy(c *command.Context, o *office) (backup.Summary, error) {
	ctx, cancel := context.WithCancel(c.Context)
	defer cancel()
	out, in := io.Pipe()
	written := make(chan error, 1)
	go func() {
		_, err := backup.Write(ctx, o.platform.DB, access.System("steward move"), in, m.version, time.Now(), nil)
		in.CloseWithError(err)
		written <- err
	}()
	sum, err := restore(c, access.System("steward move"), out, m.To, m.version)
	cancel()
	out.CloseWithError(errors.New("restoring ended"))
	if werr := <-written; err == nil && werr != nil {
		err = fmt.Errorf("read the old database: %w", werr)
	}
	return sum, err
}
