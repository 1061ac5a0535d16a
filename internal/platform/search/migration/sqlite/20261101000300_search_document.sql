-- +goose Up
CREATE TABLE search_document (
  rowid         integer PRIMARY KEY,
  kind          text NOT NULL,
  id            text NOT NULL,
  url           text NOT NULL,
  visibility    text NOT NULL,
  repository_id bigint NOT NULL DEFAULT 0,
  weight        bigint NOT NULL DEFAULT 0,
  title         text NOT NULL,
  title_key     text NOT NULL,
  body          text NOT NULL DEFAULT '',
  UNIQUE (kind, id)
);
CREATE INDEX search_document_title ON search_document (title_key, weight);
CREATE INDEX search_document_repository ON search_document (repository_id, kind);
CREATE VIRTUAL TABLE search_words USING fts5(words, content='', contentless_delete=1, prefix='3 4');
