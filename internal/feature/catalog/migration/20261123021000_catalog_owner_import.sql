-- +goose Up
-- Owners as a file of the firm names them. Rows that have ended stay, so that an import can be taken back.
CREATE TABLE owner_import (
  id            text PRIMARY KEY,
  batch         text NOT NULL,                     -- the import that brought it; later ones are greater
  file          text NOT NULL,                     -- name of the file; the same name replaces its own
  line          bigint NOT NULL,                   -- row or entry in it
  repository_id bigint NOT NULL,
  component_id  bigint NOT NULL DEFAULT 0,         -- 0: all components of the repository
  team_id       bigint NOT NULL,
  owner         text NOT NULL,                     -- as written
  since         text NOT NULL DEFAULT '',          -- as written
  fills         bigint NOT NULL DEFAULT 0,         -- 1: counts only where files of the repository say nothing
  made_at       bigint NOT NULL,
  ended_at      bigint NOT NULL DEFAULT 0,
  ended_by      text NOT NULL DEFAULT ''           -- batch that replaced it, or "taken back"
);
CREATE INDEX owner_import_repository ON owner_import (repository_id);
CREATE INDEX owner_import_file ON owner_import (file);
