-- +goose Up
-- What figures of the report were on each day, from the first day on. Days older than 400 keep the last of each month.
CREATE TABLE report_kept (
  scope  text NOT NULL,              -- empty: the whole estate; unit:id
  reach  text NOT NULL,              -- all: every repository; internal: those that everybody with an account sees
  day    text NOT NULL,              -- YYYY-MM-DD, UTC
  family text NOT NULL,              -- figure, or what its members have in common: language, package
  name   text NOT NULL,
  value  bigint NOT NULL,
  PRIMARY KEY (scope, reach, day, family, name)
);
CREATE INDEX report_kept_name ON report_kept (scope, reach, family, name, day);
