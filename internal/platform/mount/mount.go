// Package mount says what a capability gets and what it hands over when the
// program is put together. Hooks between features are not here: a feature that
// calls others declares its own hook types, and app fills them in.
package mount

import (
	"context"
	"io/fs"
	"log/slog"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"steward/internal/platform/access"
	"steward/internal/platform/command"
	"steward/internal/platform/config"
	"steward/internal/platform/gitrepo"
	"steward/internal/platform/job"
	"steward/internal/platform/search"
	"steward/internal/platform/store"
	"steward/internal/platform/web"
)

// Platform is what every feature may use. A command that works without a
// server leaves DB and Queue nil.
type Platform struct {
	DB       *store.DB
	Queue    *job.Queue
	Settings *config.Settings
	Log      *slog.Logger
	Now      func() time.Time
	DataDir  string
	Git      gitrepo.Config
	Mirror   gitrepo.MirrorOptions // credentials, CA and limits for remote repositories
}

// Find answers a query with records that have no search documents, because how they may be shown can
// change at any moment. A query for other kinds finds nothing.
type Find func(ctx context.Context, v access.Viewer, q search.Query) (search.Results, error)

// Capability is what one feature adds to the program. The zero value of each
// field adds nothing.
type Capability struct {
	Name       string            // the folder's name
	Migrations fs.FS             // holds migration/*.sql
	Pages      func(*web.Server) // places, lists, pages, hooks of the shell
	Lists      []web.Listed      // those of its lists that figures may count, also where no page is served
	API        func(huma.API)    // operations under /api/v1
	Find       Find              // its records that have no search documents
	Jobs       func(*job.Queue)
	Commands   []command.Command
}
