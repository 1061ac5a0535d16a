-- +goose Up
CREATE TABLE saved_view (
  id         text PRIMARY KEY,
  list       text NOT NULL,             -- name of the list: "components"
  account_id text NOT NULL,             -- whose it is
  name       text NOT NULL,
  terms      text NOT NULL,             -- parameters of its address
  shared     bigint NOT NULL DEFAULT 0, -- 1: everybody sees it
  created_at bigint NOT NULL,
  removed_at bigint NOT NULL DEFAULT 0  -- kept for a day, so that removing can be undone
);
CREATE INDEX saved_view_list ON saved_view (list, account_id);

CREATE TABLE saved_view_default (
  account_id text NOT NULL,
  list       text NOT NULL,
  view_id    text NOT NULL,
  PRIMARY KEY (account_id, list)
);
