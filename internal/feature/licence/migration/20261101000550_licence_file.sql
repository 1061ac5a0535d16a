-- +goose Up
CREATE TABLE licence_file (
  repository_id bigint NOT NULL,
  seq           bigint NOT NULL,
  kind          text NOT NULL,              -- text, declared
  path          text NOT NULL,
  line          bigint NOT NULL DEFAULT 0,
  root          text NOT NULL,              -- component root that it lies in
  counts        bigint NOT NULL,            -- 1 when it decides the licence of that root
  licence       text NOT NULL,              -- as in component_licence
  certainty     text NOT NULL,
  matched       double precision NOT NULL,  -- share of the words that licence texts explain, 0..1
  said          text NOT NULL DEFAULT '',   -- declared, verbatim
  restrictions  text NOT NULL DEFAULT '',   -- one a line
  reasons       text NOT NULL DEFAULT '',   -- one a line
  scan_id       bigint NOT NULL,
  PRIMARY KEY (repository_id, seq)
);
CREATE INDEX licence_file_licence ON licence_file (licence);

CREATE TABLE component_licence (
  repository_id bigint NOT NULL,
  root          text NOT NULL,              -- folder of the component; empty is the whole rest
  licence       text NOT NULL,              -- SPDX expression, 'changed:…', 'unknown' or 'none'
  basis         text NOT NULL,              -- written, measured, inferred; empty for none
  certainty     text NOT NULL,
  file          text NOT NULL DEFAULT '',
  line          bigint NOT NULL DEFAULT 0,
  matched       double precision NOT NULL DEFAULT 0,
  why           text NOT NULL DEFAULT '',   -- how the answer came about
  dispute       text NOT NULL DEFAULT '',   -- what the sources say differently
  scan_id       bigint NOT NULL,
  PRIMARY KEY (repository_id, root)
);
CREATE INDEX component_licence_licence ON component_licence (licence);

CREATE TABLE third_party_code (
  repository_id bigint PRIMARY KEY,
  path          text NOT NULL,              -- the first folder that holds somebody else's code
  scan_id       bigint NOT NULL
);
