package settings

import (
	"context"
	"fmt"

	"steward/internal/platform/access"
	"steward/internal/platform/store"
	"steward/internal/platform/web"
	"steward/internal/platform/web/piece"
)

// storage is where data lie and how large they are.
type storage struct {
	Steward string `json:"steward" doc:"Version of Steward"`
	Engine  string `json:"engine" enum:"sqlite,postgres"`
	Version string `json:"engine_version"`
	Size    int64  `json:"bytes" doc:"Size of the database"`
	Folder  string `json:"data_folder" doc:"Holds mirrors, keys and, on SQLite, the database"`
	Free    *int64 `json:"free_bytes" doc:"Free space in the data folder; null when it is not known"`
}

// stored is what page/storage.tmpl shows.
type stored struct {
	frame
	Facts []web.Fact
}

func (f *Feature) storagePage(r *web.Request) (web.Page, error) {
	s, err := f.storage(r.Context(), r.Viewer)
	if err != nil {
		return web.Page{}, err
	}
	size, err := piece.Bytes(s.Size)
	if err != nil {
		return web.Page{}, err
	}
	facts := []web.Fact{
		{Label: "Steward", Value: s.Steward},
		{Label: "Database", Value: engineWords[s.Engine] + " " + s.Version},
		{Label: "Size", Value: size, Source: web.Measured, From: "now"},
		{Label: "Data folder", Value: s.Folder},
	}
	if s.Free != nil {
		free, err := piece.Bytes(*s.Free)
		if err != nil {
			return web.Page{}, err
		}
		facts = append(facts, web.Fact{Label: "Free space", Value: free, Source: web.Measured, From: "in the data folder, now"})
	}
	p := page("Storage", "storage", stored{sections(r.Viewer, "/settings/storage"), facts})
	p.Lede, p.API = "Where data lie, and how large they are.", "/api/v1/storage"
	return p, nil
}

var engineWords = map[string]string{string(store.SQLite): "SQLite, embedded,", string(store.PostgreSQL): "PostgreSQL"}

// storage measures what is kept where. It needs access.ManageSettings.
func (f *Feature) storage(ctx context.Context, v access.Viewer) (storage, error) {
	if err := v.Require(access.ManageSettings); err != nil {
		return storage{}, err
	}
	s := storage{Steward: f.config.Version, Engine: string(f.db.Engine()), Folder: f.dataDir}
	query := "SELECT sqlite_version(), page_count * page_size FROM pragma_page_count(), pragma_page_size()"
	if f.db.Engine() == store.PostgreSQL {
		query = "SELECT current_setting('server_version'), pg_database_size(current_database())"
	}
	if err := f.db.QueryRow(ctx, query).Scan(&s.Version, &s.Size); err != nil {
		return s, fmt.Errorf("measure the database: %w", err)
	}
	if f.config.Free != nil {
		if free, ok := f.config.Free(f.dataDir); ok {
			s.Free = &free
		}
	}
	return s, nil
}

func (f *Feature) apiStorage(ctx context.Context, v access.Viewer, _ *struct{}) (storage, error) {
	return f.storage(ctx, v)
}
