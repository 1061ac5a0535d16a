-- +goose Up
CREATE TABLE unit (
  id        text PRIMARY KEY,
  kind      text NOT NULL,               -- country, legal entity, division, unit, team
  name      text NOT NULL,
  parent_id text NOT NULL DEFAULT '',
  place     text NOT NULL UNIQUE,        -- kinds and names from the top to itself, folded: what it is known by
  file      text NOT NULL,               -- that named it first
  line      bigint NOT NULL,
  stated_at bigint NOT NULL,
  gone_at   bigint NOT NULL DEFAULT 0    -- since when a complete file does not name it
);
CREATE INDEX unit_parent ON unit (parent_id);

-- Each unit with itself and all above it, so that roll-ups are one join.
CREATE TABLE unit_above (
  unit_id  text NOT NULL,
  above_id text NOT NULL,
  PRIMARY KEY (unit_id, above_id)
);
CREATE INDEX unit_above_above ON unit_above (above_id);

CREATE TABLE application (
  id          text PRIMARY KEY,
  key         text NOT NULL,             -- the firm's own id, as written; the name when it has none
  folded      text NOT NULL UNIQUE,      -- the key in lower case
  name        text NOT NULL,
  tier        text NOT NULL DEFAULT '',  -- empty, as below: not known
  status      text NOT NULL DEFAULT '',  -- production, internal, retired, or as written
  external    text NOT NULL DEFAULT '',  -- yes, no, or as written
  data_class  text NOT NULL DEFAULT '',
  owner       text NOT NULL DEFAULT '',  -- of a team; names of people are not kept
  owner_kind  text NOT NULL DEFAULT '',  -- team, person
  cost_centre text NOT NULL DEFAULT '',
  unit_id     text NOT NULL DEFAULT '',
  unit_from   text NOT NULL DEFAULT '',  -- YYYY-MM-DD
  unit_to     text NOT NULL DEFAULT '',
  file        text NOT NULL,             -- that says what is here, with the line of its first row
  line        bigint NOT NULL,
  stated_at   bigint NOT NULL,
  gone_at     bigint NOT NULL DEFAULT 0  -- since when a complete file does not name it
);
CREATE INDEX application_unit_now ON application (unit_id);

CREATE TABLE application_unit (
  application_id text NOT NULL,
  seq            bigint NOT NULL,        -- from 1, the earliest first
  unit_id        text NOT NULL,          -- to which it belonged before
  from_day       text NOT NULL,          -- YYYY-MM-DD, empty: not known
  to_day         text NOT NULL,
  PRIMARY KEY (application_id, seq)
);

CREATE TABLE application_part (
  application_id text NOT NULL,
  seq            bigint NOT NULL,
  repository     text NOT NULL,          -- as the row names it, without credentials
  component      text NOT NULL,
  repository_id  bigint NOT NULL DEFAULT 0, -- 0: not found
  component_id   bigint NOT NULL DEFAULT 0, -- 0: the whole repository
  file           text NOT NULL,
  line           bigint NOT NULL,
  stated_at      bigint NOT NULL,
  PRIMARY KEY (application_id, seq)
);
CREATE INDEX application_part_repository ON application_part (repository_id);
