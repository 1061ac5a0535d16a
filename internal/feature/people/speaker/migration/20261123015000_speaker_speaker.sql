-- +goose Up
CREATE TABLE team_speaker (
  uid        text PRIMARY KEY,
  team_id    bigint NOT NULL,
  account_id text NOT NULL,
  kind       text NOT NULL,               -- speaker, deputy
  until_day  text NOT NULL DEFAULT '',    -- last day, YYYY-MM-DD; empty: no end
  given_by   text NOT NULL,               -- account
  given_at   bigint NOT NULL,
  ended_at   bigint NOT NULL DEFAULT 0    -- taken back
);
CREATE INDEX team_speaker_team ON team_speaker (team_id);
CREATE INDEX team_speaker_account ON team_speaker (account_id);
