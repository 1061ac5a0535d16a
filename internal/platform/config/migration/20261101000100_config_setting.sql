-- +goose Up
CREATE TABLE setting (
  key        text PRIMARY KEY,
  value      text NOT NULL,
  changed_at bigint NOT NULL,
  changed_by text NOT NULL DEFAULT ''
);
