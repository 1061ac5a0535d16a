-- +goose Up
CREATE TABLE technology_use (
  repository_id bigint NOT NULL,
  kind          text NOT NULL,
  name          text NOT NULL,
  files         bigint NOT NULL,
  bytes         bigint NOT NULL,
  file          text NOT NULL,
  scan_id       bigint NOT NULL,
  PRIMARY KEY (repository_id, kind, name)
);
CREATE INDEX technology_use_name ON technology_use (kind, name);
