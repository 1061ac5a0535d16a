package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"steward/internal/feature/estate"
	"steward/internal/feature/settings"
	"steward/internal/platform/access"
	"steward/internal/platform/account"
	"steward/internal/platform/audit"
	"steward/internal/platform/config"
	"steward/internal/platform/disk"
	"steward/internal/platform/fault"
	"steward/internal/platform/gitrepo"
	"steward/internal/platform/job"
	"steward/internal/platform/mount"
	"steward/internal/platform/scratch"
	"steward/internal/platform/store"
)

// office is everything that runs over one open database.
type office struct {
	version      string
	platform     mount.Platform
	work         *scratch.Folder
	capabilities []mount.Capability
	estate       *estate.Feature
	accounts     *account.Accounts
	audit        *audit.Log

	stopSealing context.CancelFunc // nil while nobody seals here
	sealing     sync.WaitGroup
}

// databaseFile is the embedded database's name in the data folder.
const databaseFile = "steward.db"

// officeConfig says what an office is opened over.
type officeConfig struct {
	version string
	data    string // folder
	dsn     string // of PostgreSQL; empty for the embedded database
	workers int    // repositories read at once
	mirror  gitrepo.MirrorOptions
	log     *slog.Logger
	seals   bool // it signs the audit log, and so needs the key
	signing
}

// signing says with which key the audit log is signed.
type signing struct {
	NewAuditKey bool `help:"Sign the audit log with the key in this data folder from now on, because the one before is lost."`
}

// openOffice opens the database for writing, brings its schema up to date and
// makes everything over it.
func openOffice(ctx context.Context, oc officeConfig) (*office, error) {
	if err := os.MkdirAll(oc.data, 0o700); err != nil {
		return nil, fault.Wrap(fault.Unavailable, err, "The data folder %s cannot be made. Name another with --data.", oc.data)
	}
	c := store.Config{DSN: oc.dsn}
	if oc.dsn == "" {
		c.Path = filepath.Join(oc.data, databaseFile)
	}
	db, err := store.Open(ctx, c)
	if err != nil {
		return nil, err
	}
	place := filepath.Join(oc.data, "scratch")
	work, err := scratch.Open(place)
	if err != nil {
		return nil, errors.Join(fault.Wrap(fault.Unavailable, err, "The folder %s cannot be used for work in progress. Let this user write there.", place), db.Close())
	}
	o, err := newOffice(ctx, oc, db, work)
	if err != nil {
		return nil, errors.Join(err, db.Close(), work.Close())
	}
	return o, nil
}

func newOffice(ctx context.Context, oc officeConfig, db *store.DB, work *scratch.Folder) (*office, error) {
	git := gitConfig()
	git.Scratch = work.Path
	p := mount.Platform{
		DB: db, Log: oc.log, Now: time.Now, DataDir: oc.data, Git: git, Mirror: oc.mirror,
		Queue: job.New(db, job.Config{Workers: oc.workers, Logger: oc.log}), Settings: config.New(db, time.Now),
	}
	o := &office{version: oc.version, platform: p, work: work, accounts: account.New(db, time.Now)}
	o.capabilities, o.estate = compose(p)
	if err := store.Migrate(ctx, db, migrations(o.capabilities)); err != nil {
		return nil, err
	}
	var key audit.Key
	if oc.seals {
		var err error
		if key, err = audit.KeyFor(ctx, db, filepath.Join(oc.data, keyFile), time.Now(), oc.NewAuditKey); err != nil {
			return nil, err
		}
	}
	o.audit = audit.New(db, key, time.Now)
	o.capabilities = append(o.capabilities, settings.New(p, settings.Config{Version: oc.version, Accounts: o.accounts, Audit: o.audit, Free: disk.Free}).Mount())
	for _, c := range o.capabilities {
		if c.Jobs != nil {
			c.Jobs(p.Queue)
		}
	}
	return o, nil
}

// startSealing seals the audit log until ctx ends or the office is closed.
func (o *office) startSealing(ctx context.Context) {
	ctx, o.stopSealing = context.WithCancel(ctx)
	o.sealing.Go(func() { o.audit.Run(ctx, o.platform.Log) })
}

// close stops the queue and closes the database.
func (o *office) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 40*time.Second)
	defer cancel()
	stopped := o.platform.Queue.Stop(ctx)
	if o.stopSealing != nil {
		o.stopSealing()
		o.sealing.Wait()
	}
	_, sealed := o.audit.Seal(ctx) // what was written since the sealer's last round
	return errors.Join(stopped, sealed, o.platform.DB.Close(), o.work.Close())
}

// owner makes the first account when there is none, and returns its id.
func (o *office) owner(ctx context.Context) (string, error) {
	v := access.System("first start")
	all, err := o.accounts.List(ctx, v)
	if err != nil {
		return "", err
	}
	for _, a := range all {
		if a.Name == account.Owner && a.Disabled.IsZero() {
			return a.ID, nil
		}
	}
	for _, a := range all {
		if a.Role == access.Admin && a.Disabled.IsZero() {
			return a.ID, nil
		}
	}
	made, err := o.accounts.Put(ctx, v, account.Owner, access.Admin)
	return made.ID, err
}

// openForReading opens the database of a data folder while another process may write it.
func openForReading(ctx context.Context, data, dsn string) (*store.DB, error) {
	if dsn != "" {
		db, err := store.Open(ctx, store.Config{DSN: dsn, ReadOnly: true})
		return checked(ctx, db, err)
	}
	file := filepath.Join(data, databaseFile)
	if _, err := os.Stat(file); errors.Is(err, os.ErrNotExist) {
		return nil, fault.New(fault.NotFound, "There is no estate in %s yet. Run steward up with your repositories first, or name its folder with --data.", data)
	}
	db, err := store.Open(ctx, store.Config{Path: file, ReadOnly: true})
	return checked(ctx, db, err)
}

// checked refuses a database that another version of the program has changed.
func checked(ctx context.Context, db *store.DB, err error) (*store.DB, error) {
	if err != nil {
		return nil, err
	}
	if err := store.Migrate(ctx, db, migrations(capabilitiesOf(mount.Platform{Git: gitConfig()}))); err != nil {
		return nil, errors.Join(fmt.Errorf("check the database: %w", err), db.Close())
	}
	return db, nil
}
