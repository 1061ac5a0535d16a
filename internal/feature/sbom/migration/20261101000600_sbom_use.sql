-- +goose Up
-- One row a manifest or lock file as it was read.
CREATE TABLE manifest_read (
  repository_id bigint NOT NULL,
  seq           bigint NOT NULL,             -- from 1, by path
  path          text NOT NULL,
  format        text NOT NULL,
  ecosystem     text NOT NULL,               -- package URL type
  lock          bigint NOT NULL,             -- 1: versions are pinned by a resolver
  unresolved    text NOT NULL DEFAULT '',    -- why the list is not complete
  project       text NOT NULL DEFAULT '',    -- package URL of the project it belongs to, without version
  component_id  bigint NOT NULL DEFAULT 0,   -- 0: the repository as a whole
  fixture       bigint NOT NULL DEFAULT 0,   -- 1: test data, example, template
  uses          bigint NOT NULL,
  scan_id       bigint NOT NULL,
  PRIMARY KEY (repository_id, seq)
);
CREATE INDEX manifest_read_project ON manifest_read (project);
CREATE INDEX manifest_read_component ON manifest_read (component_id);
CREATE INDEX manifest_read_open ON manifest_read (ecosystem, repository_id) WHERE unresolved <> '' AND fixture = 0;

CREATE TABLE package_use (
  repository_id bigint NOT NULL,
  manifest_seq  bigint NOT NULL,
  seq           bigint NOT NULL,             -- from 1, as the manifest lists them
  package_id    bigint NOT NULL,
  component_id  bigint NOT NULL DEFAULT 0,
  version       text NOT NULL,               -- empty: only a range is declared
  requirement   text NOT NULL,
  scope         text NOT NULL,               -- production, optional, development, test
  direct        bigint NOT NULL,
  via           bigint NOT NULL,             -- seq of what brings it in on the shortest way; 0: direct, or not known
  through       bigint NOT NULL,             -- package_id at the direct end of that way; 0: direct, or not known
  alias         text NOT NULL,
  origin        text NOT NULL,               -- empty: the registry; git, path, url
  source        text NOT NULL,               -- of git, path and url: where from
  line          bigint NOT NULL,
  fixture       bigint NOT NULL,
  scan_id       bigint NOT NULL,
  PRIMARY KEY (repository_id, manifest_seq, seq)
);
-- All that counting who uses a package needs, so that it reads no rows.
CREATE INDEX package_use_package ON package_use (package_id, version, fixture, repository_id, component_id, direct, through, scope);

CREATE TABLE package_edge (
  repository_id bigint NOT NULL,
  manifest_seq  bigint NOT NULL,
  from_seq      bigint NOT NULL,
  to_seq        bigint NOT NULL,
  PRIMARY KEY (repository_id, manifest_seq, from_seq, to_seq)
);

-- Roll-ups, one row a package for each reach: 'all' counts every repository,
-- 'internal' those that everybody with an account sees. Fixtures count nowhere.
CREATE TABLE package_reach (
  reach        text NOT NULL,
  package_id   bigint NOT NULL,
  repositories bigint NOT NULL,
  components   bigint NOT NULL,
  direct       bigint NOT NULL,              -- components that name it themselves
  unpinned     bigint NOT NULL,              -- components where only a range is known
  versions     bigint NOT NULL,              -- distinct known versions
  production   bigint NOT NULL,              -- repositories by their strongest scope
  optional     bigint NOT NULL,
  development  bigint NOT NULL,
  test         bigint NOT NULL,
  ours         bigint NOT NULL DEFAULT 0,    -- 1: a repository of the estate makes it
  PRIMARY KEY (reach, package_id)
);
CREATE INDEX package_reach_used ON package_reach (reach, repositories, package_id);
CREATE INDEX package_reach_direct ON package_reach (reach, direct, package_id);
CREATE INDEX package_reach_versions ON package_reach (reach, versions, package_id);
CREATE INDEX package_reach_ours ON package_reach (reach, ours, package_id);

CREATE TABLE package_version (
  package_id bigint NOT NULL,
  reach      text NOT NULL,
  version    text NOT NULL,                  -- empty: not known
  components bigint NOT NULL,
  PRIMARY KEY (package_id, reach, version)
);

-- What of a repository is stored, and in which reach it is counted.
CREATE TABLE sbom_repository (
  repository_id bigint PRIMARY KEY,
  digest        text NOT NULL,               -- of what was read
  counted       text NOT NULL                -- internal, restricted; empty: nowhere
);
