-- +goose Up
CREATE TABLE correction (
  uid           text PRIMARY KEY,
  batch         text NOT NULL,            -- the deed that changed it last, by which that is undone
  before_state  text NOT NULL DEFAULT '', -- state before that deed; empty: the deed made it
  subject_kind  text NOT NULL,            -- repository, component
  subject_id    text NOT NULL,            -- uid
  repository_id bigint NOT NULL,          -- whose visibility it has
  record_name   text NOT NULL,            -- of the record when it was said
  name          text NOT NULL,            -- of the value: language.main, licence
  verdict       text NOT NULL,            -- wrong, outdated, not-ours, by-design
  value         text NOT NULL DEFAULT '', -- JSON; empty: not known
  value_text    text NOT NULL DEFAULT '', -- the same for people
  reason        text NOT NULL,
  evidence      text NOT NULL DEFAULT '', -- text or address
  account       text NOT NULL,
  made_at       bigint NOT NULL,
  until_day     text NOT NULL DEFAULT '', -- last day on which it holds, YYYY-MM-DD; empty: no end
  state         text NOT NULL,            -- queued, binding, refused, withdrawn, ended, reopened
  decided_by    text NOT NULL DEFAULT '', -- account; empty: Steward itself
  decided_at    bigint NOT NULL DEFAULT 0,
  decided_why   text NOT NULL DEFAULT '',
  against       text NOT NULL,            -- JSON: what sources said when it became binding, else when it was said
  claimed       text NOT NULL,            -- JSON: what sources said when they were last read
  claimed_text  text NOT NULL DEFAULT ''  -- what counted of it, for people
);
CREATE INDEX correction_subject ON correction (subject_kind, subject_id, name);
CREATE INDEX correction_repository ON correction (repository_id, state);
CREATE INDEX correction_state ON correction (state);
CREATE INDEX correction_batch ON correction (batch);
CREATE UNIQUE INDEX correction_binding ON correction (subject_kind, subject_id, name) WHERE state = 'binding';

-- Which corrections a deed changed: it is undone as a whole, or not.
CREATE TABLE correction_deed (
  batch      text NOT NULL,
  correction text NOT NULL, -- uid
  PRIMARY KEY (batch, correction)
);
