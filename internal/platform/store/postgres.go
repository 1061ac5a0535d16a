package store

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"

	"steward/internal/platform/fault"
)

// Settings of the PostgreSQL pool; the DSN may say otherwise (pool_max_conns, connect_timeout, …).
const (
	poolSpare      = 16 // connections beside four a core: a worker may need a second one while it holds a transaction
	connectTimeout = 10 * time.Second
	oldestServer   = 140000 // server_version_num: the oldest version that still gets fixes
)

func openPostgres(ctx context.Context, c Config) (_ *DB, err error) {
	conf, err := pgxpool.ParseConfig(c.DSN)
	if err != nil {
		// The cause is left out: it quotes the DSN, and its redaction is only as good as the syntax.
		return nil, fault.New(fault.Invalid,
			"The PostgreSQL DSN is not well formed. Write postgres://user:password@host:5432/database, with special characters in the password percent-encoded.")
	}
	if !strings.Contains(c.DSN, "pool_max_conns") {
		conf.MaxConns = int32(4*runtime.NumCPU() + poolSpare)
	}
	if conf.ConnConfig.ConnectTimeout == 0 {
		conf.ConnConfig.ConnectTimeout = connectTimeout
	}
	params := conf.ConnConfig.RuntimeParams
	params["timezone"] = "UTC"
	if params["application_name"] == "" {
		params["application_name"] = "steward"
	}
	if c.ReadOnly {
		params["default_transaction_read_only"] = "on"
	}
	place := fmt.Sprintf("%s:%d, database %s", conf.ConnConfig.Host, conf.ConnConfig.Port, conf.ConnConfig.Database)

	db := &DB{engine: PostgreSQL, readOnly: c.ReadOnly}
	defer func() {
		if err != nil {
			_ = db.Close()
		}
	}()
	if db.pool, err = pgxpool.NewWithConfig(ctx, conf); err != nil {
		return nil, fmt.Errorf("open PostgreSQL at %s: %w", place, translate(ctx, err))
	}
	db.poolDB = stdlib.OpenDBFromPool(db.pool)
	var version int
	var encoding string
	err = db.pool.QueryRow(ctx, "SELECT current_setting('server_version_num')::int, current_setting('server_encoding')").
		Scan(&version, &encoding)
	switch {
	case err != nil:
		return nil, fmt.Errorf("open PostgreSQL at %s: %w", place, translate(ctx, err))
	case version < oldestServer:
		return nil, fault.New(fault.Unavailable, "PostgreSQL at %s is version %d; Steward needs %d or newer. Upgrade the server.",
			place, version/10000, oldestServer/10000)
	case encoding != "UTF8":
		return nil, fault.New(fault.Unavailable,
			"The database at %s has the encoding %s; Steward needs UTF8. Make it with CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0.",
			place, encoding)
	}
	return db, nil
}
