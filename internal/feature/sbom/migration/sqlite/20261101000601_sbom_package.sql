-- +goose Up
-- Packages keep their id when nobody uses them any more: they may come back.
CREATE TABLE package (
  id        integer PRIMARY KEY,
  uid       text NOT NULL UNIQUE,
  purl      text NOT NULL UNIQUE,            -- canonical package URL without version
  type      text NOT NULL,
  namespace text NOT NULL,
  name      text NOT NULL,
  full_name text NOT NULL,                   -- as people of the ecosystem write it
  full_key  text NOT NULL,                   -- full_name in lower case
  name_key  text NOT NULL                    -- last part in lower case
);
CREATE INDEX package_full_key ON package (full_key);
CREATE INDEX package_name_key ON package (name_key);
