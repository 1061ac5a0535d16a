-- +goose Up
CREATE TABLE source (
  id         text PRIMARY KEY,
  given      text NOT NULL,              -- as the user gave it, without credentials
  kind       text NOT NULL,              -- folder, url
  address    text NOT NULL UNIQUE,       -- absolute path or address, without credentials
  state      text NOT NULL DEFAULT 'waiting', -- waiting, looking, looked, failed
  error      text NOT NULL DEFAULT '',
  found      bigint NOT NULL DEFAULT 0,
  created_at bigint NOT NULL,
  looked_at  bigint NOT NULL DEFAULT 0,
  removed_at bigint NOT NULL DEFAULT 0
);

CREATE TABLE repository (
  id              bigint PRIMARY KEY,
  uid             text NOT NULL UNIQUE,
  name            text NOT NULL,                   -- the shortest end of place that no other one has
  place           text NOT NULL DEFAULT '',        -- address by which it is called
  base            text NOT NULL DEFAULT '',        -- last part of place
  visibility      text NOT NULL DEFAULT 'internal',
  state           text NOT NULL DEFAULT 'waiting', -- waiting, read, empty, failed
  error           text NOT NULL DEFAULT '',
  default_branch  text NOT NULL DEFAULT '',
  head_commit     text NOT NULL DEFAULT '',
  fingerprint     text NOT NULL DEFAULT '',
  plan            text NOT NULL DEFAULT '',        -- digest of the analysers that have read it
  lost_on         text NOT NULL DEFAULT '',        -- fingerprint and plan with which its reading ended the process
  current_scan_id bigint NOT NULL DEFAULT 0,
  description     text NOT NULL DEFAULT '',
  main_language   text NOT NULL DEFAULT '',
  files           bigint NOT NULL DEFAULT 0,
  bytes           bigint NOT NULL DEFAULT 0,
  commits         bigint NOT NULL DEFAULT 0,
  first_commit_at bigint NOT NULL DEFAULT 0,
  last_commit_at  bigint NOT NULL DEFAULT 0,
  licence         text NOT NULL DEFAULT '',
  shallow         bigint NOT NULL DEFAULT 0,
  rewritten_at    bigint NOT NULL DEFAULT 0,
  created_at      bigint NOT NULL,
  read_at         bigint NOT NULL DEFAULT 0,
  vanished_at     bigint NOT NULL DEFAULT 0,
  joined_into     bigint NOT NULL DEFAULT 0
);
CREATE INDEX repository_name ON repository (name);
CREATE INDEX repository_base ON repository (base);
CREATE INDEX repository_state ON repository (state);

CREATE TABLE repository_alias (
  repository_id bigint NOT NULL,
  kind          text NOT NULL,             -- remote, path
  value         text NOT NULL,
  from_at       bigint NOT NULL,
  to_at         bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (kind, value, repository_id)
);
CREATE INDEX repository_alias_repository ON repository_alias (repository_id);

CREATE TABLE repository_root (
  repository_id bigint NOT NULL,
  commit_id     text NOT NULL,
  tree          bigint NOT NULL DEFAULT 0, -- first 8 bytes of its id; 0: says nothing of where it comes from
  files         bigint NOT NULL DEFAULT 0,
  telling       bigint NOT NULL DEFAULT 0, -- of the files those that can show where it comes from
  committed_at  bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (repository_id, commit_id)
);
CREATE INDEX repository_root_commit ON repository_root (commit_id);
CREATE INDEX repository_root_tree ON repository_root (tree);

CREATE TABLE repository_tree (
  repository_id bigint NOT NULL,
  tree          bigint NOT NULL,           -- first 8 bytes of its id
  commit_id     text NOT NULL,             -- the oldest on the main line that has it
  committed_at  bigint NOT NULL,
  PRIMARY KEY (repository_id, tree)
);
CREATE INDEX repository_tree_tree ON repository_tree (tree);

CREATE TABLE repository_root_file (
  repository_id bigint NOT NULL,
  seq           bigint NOT NULL,           -- from 0 by file
  file          bigint NOT NULL,           -- digest of path and content of a telling file of the first commit
  PRIMARY KEY (repository_id, seq)
);
CREATE INDEX repository_root_file_file ON repository_root_file (file, seq);

CREATE TABLE repository_file (
  repository_id bigint NOT NULL,
  file          bigint NOT NULL,           -- digest of path and content of a telling file that some commit brought
  committed_at  bigint NOT NULL,           -- of the oldest such commit
  PRIMARY KEY (repository_id, file)
);
CREATE INDEX repository_file_file ON repository_file (file, committed_at, repository_id);

CREATE TABLE location (
  id               text PRIMARY KEY,
  repository_id    bigint NOT NULL,
  split_from       bigint NOT NULL DEFAULT 0,  -- the repository it belonged to before it was joined
  role             text NOT NULL DEFAULT 'canonical', -- canonical, copy
  address          text NOT NULL UNIQUE,       -- absolute path or address, without credentials
  path             text NOT NULL,              -- where its git folder is on this machine
  remote           text NOT NULL DEFAULT '',   -- normalised remote, as its own configuration claims
  proved           text NOT NULL DEFAULT '',   -- fingerprint with which a copy was shown to have a commit in common
  first_seen_at    bigint NOT NULL,
  last_seen_at     bigint NOT NULL,
  missing_since    bigint NOT NULL DEFAULT 0   -- since when no source finds it
);
CREATE INDEX location_repository ON location (repository_id);
CREATE INDEX location_remote ON location (remote);

CREATE TABLE location_source (
  location_id   text NOT NULL,
  source_id     text NOT NULL,             -- names the location
  missing_since bigint NOT NULL DEFAULT 0, -- since when a look at the source does not find it
  PRIMARY KEY (location_id, source_id)
);
CREATE INDEX location_source_source ON location_source (source_id);

CREATE TABLE scan (
  id            bigint PRIMARY KEY,
  repository_id bigint NOT NULL,
  commit_id     text NOT NULL,
  fingerprint   text NOT NULL,
  started_at    bigint NOT NULL,
  finished_at   bigint NOT NULL,
  analysers     text NOT NULL                  -- names of those that ran
);
CREATE INDEX scan_repository ON scan (repository_id);

CREATE TABLE analyser_run (
  repository_id bigint NOT NULL,
  analyser      text NOT NULL,
  version       bigint NOT NULL,
  config        text NOT NULL DEFAULT '',
  fingerprint   text NOT NULL,
  commit_id     text NOT NULL,
  scan_id       bigint NOT NULL,
  error         text NOT NULL DEFAULT '',
  PRIMARY KEY (repository_id, analyser)
);

CREATE TABLE fact (
  subject_kind text NOT NULL,
  subject_id   text NOT NULL,
  repository_id bigint NOT NULL,
  name         text NOT NULL,
  value        text NOT NULL,
  basis        text NOT NULL,
  source       text NOT NULL,
  file         text NOT NULL DEFAULT '',
  line         bigint NOT NULL DEFAULT 0,
  scan_id      bigint NOT NULL,
  observed_at  bigint NOT NULL,
  PRIMARY KEY (subject_kind, subject_id, name, source, file, line)
);
CREATE INDEX fact_repository ON fact (repository_id, source);

CREATE TABLE coverage_note (
  repository_id bigint NOT NULL,
  source        text NOT NULL,
  seq           bigint NOT NULL,
  kind          text NOT NULL,
  path          text NOT NULL DEFAULT '',
  line          bigint NOT NULL DEFAULT 0,
  reason        text NOT NULL,
  scan_id       bigint NOT NULL,
  PRIMARY KEY (repository_id, source, seq)
);
CREATE INDEX coverage_note_kind ON coverage_note (kind);

CREATE TABLE estate_sequence (
  kind text PRIMARY KEY,
  last bigint NOT NULL
);
