-- +goose Up
CREATE TABLE account (
  id          text PRIMARY KEY,
  name        text NOT NULL UNIQUE,
  role        text NOT NULL,
  created_at  bigint NOT NULL,
  seen_at     bigint NOT NULL DEFAULT 0,
  disabled_at bigint NOT NULL DEFAULT 0
);

CREATE TABLE account_link (
  digest     text PRIMARY KEY,
  account_id text NOT NULL,
  created_at bigint NOT NULL,
  expires_at bigint NOT NULL,
  spent_at   bigint NOT NULL DEFAULT 0
);

CREATE TABLE account_session (
  digest     text PRIMARY KEY,
  account_id text NOT NULL,
  created_at bigint NOT NULL,
  expires_at bigint NOT NULL
);
CREATE INDEX account_session_account ON account_session (account_id);

CREATE TABLE account_token (
  id         text PRIMARY KEY,
  digest     text NOT NULL UNIQUE,
  account_id text NOT NULL,
  name       text NOT NULL,
  role       text NOT NULL,
  created_at bigint NOT NULL,
  expires_at bigint NOT NULL,
  used_at    bigint NOT NULL DEFAULT 0,
  revoked_at bigint NOT NULL DEFAULT 0
);
CREATE INDEX account_token_account ON account_token (account_id);
