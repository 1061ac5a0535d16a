-- +goose Up
CREATE TABLE demo_thing (
  id bigint PRIMARY KEY,
  uid text NOT NULL,
  name text NOT NULL,
  path text,
  owner text,
  licence text,
  lifecycle text,
  languages text,
  packages bigint,
  size bigint,
  commits text,
  changed_at bigint,
  visibility text NOT NULL
);
