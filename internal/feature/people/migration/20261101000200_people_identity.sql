-- +goose Up
-- An identity is one name with one address, as a commit or an owner file has it. Its id is a digest
-- of both, so that the same pair has the same id in every reading.
CREATE TABLE identity (
  id         bigint PRIMARY KEY,
  person_id  bigint NOT NULL,
  kind       text NOT NULL,               -- ours, outside, service, unknown
  first_scan bigint NOT NULL,             -- the reading that brought it
  seen_at    bigint NOT NULL,
  erased_at  bigint NOT NULL DEFAULT 0
);
CREATE INDEX identity_person ON identity (person_id);

-- The id of a person is that of the identity it was first known by.
CREATE TABLE person (
  id          bigint PRIMARY KEY,
  uid         text NOT NULL UNIQUE,
  kind        text NOT NULL,
  name_of     bigint NOT NULL,            -- the identity whose name is the person's
  created_at  bigint NOT NULL,
  merged_into bigint NOT NULL DEFAULT 0
);
CREATE INDEX person_name_of ON person (name_of);

-- The only place of names and addresses; erasing a person empties it.
CREATE TABLE person_name (
  identity_id bigint PRIMARY KEY,
  label       text NOT NULL,              -- what is shown: name, else @account, else address
  name        text NOT NULL,
  email       text NOT NULL,
  account     text NOT NULL,
  email_key   text NOT NULL,              -- lower case; empty when it has none
  local_key   text NOT NULL,              -- the part before the @, when it may tell a person
  name_key    text NOT NULL               -- full name as the name rule compares it; empty when it is none
);
CREATE INDEX person_name_email ON person_name (email_key);
CREATE INDEX person_name_local ON person_name (local_key);
CREATE INDEX person_name_name ON person_name (name_key);
CREATE INDEX person_name_account ON person_name (account) WHERE account <> '';

-- What people decided by hand; ids only, so that it survives rescans.
CREATE TABLE identity_apart (
  identity_id bigint PRIMARY KEY,
  person_id   bigint NOT NULL,            -- the person it was taken from
  account     text NOT NULL,
  at          bigint NOT NULL
);
CREATE TABLE identity_join (
  identity_id bigint NOT NULL,
  other_id    bigint NOT NULL,
  account     text NOT NULL,
  at          bigint NOT NULL,
  PRIMARY KEY (identity_id, other_id)
);

CREATE TABLE people_state (
  key   text PRIMARY KEY,
  value text NOT NULL
);

CREATE TABLE team (
  id     bigint PRIMARY KEY,
  uid    text NOT NULL UNIQUE,
  handle text NOT NULL UNIQUE,            -- lower case, without a leading @
  title  text NOT NULL
);

-- Which repositories' files name a team, a member, a person; repository 0 is what people entered.
CREATE TABLE team_mention (
  team_id       bigint NOT NULL,
  repository_id bigint NOT NULL,
  source        text NOT NULL,
  PRIMARY KEY (team_id, repository_id, source)
);
CREATE INDEX team_mention_repository ON team_mention (repository_id);
CREATE TABLE team_member (
  team_id       bigint NOT NULL,
  identity_id   bigint NOT NULL,
  repository_id bigint NOT NULL,
  source        text NOT NULL,
  PRIMARY KEY (team_id, identity_id, repository_id, source)
);
CREATE INDEX team_member_repository ON team_member (repository_id);
CREATE INDEX team_member_identity ON team_member (identity_id);
CREATE TABLE publication (
  identity_id   bigint NOT NULL,
  repository_id bigint NOT NULL,
  PRIMARY KEY (identity_id, repository_id)
);
CREATE INDEX publication_repository ON publication (repository_id);

-- Who worked on a repository, and on a component root in it. Commits leaves bulk commits out.
CREATE TABLE contributor (
  repository_id bigint NOT NULL,
  identity_id   bigint NOT NULL,
  commits       bigint NOT NULL,
  bulk_commits  bigint NOT NULL,
  first_at      bigint NOT NULL,
  last_at       bigint NOT NULL,
  PRIMARY KEY (repository_id, identity_id)
);
CREATE INDEX contributor_identity ON contributor (identity_id);
CREATE TABLE contribution (
  repository_id bigint NOT NULL,
  root          text NOT NULL,
  identity_id   bigint NOT NULL,
  commits       bigint NOT NULL,
  bulk_commits  bigint NOT NULL,
  first_at      bigint NOT NULL,
  last_at       bigint NOT NULL,
  PRIMARY KEY (repository_id, root, identity_id)
);

CREATE TABLE commit_month (
  repository_id bigint NOT NULL,
  month         bigint NOT NULL,          -- yyyymm, UTC
  commits       bigint NOT NULL,
  contributors  bigint NOT NULL,
  PRIMARY KEY (repository_id, month)
);
-- All that the commits of the whole estate are summed from.
CREATE INDEX commit_month_month ON commit_month (month, repository_id, commits);
CREATE TABLE root_month (
  repository_id bigint NOT NULL,
  root          text NOT NULL,
  month         bigint NOT NULL,
  commits       bigint NOT NULL,
  PRIMARY KEY (repository_id, root, month)
);
CREATE TABLE directory_month (
  repository_id bigint NOT NULL,
  directory     text NOT NULL,            -- its first two parts; * for all others
  month         bigint NOT NULL,
  commits       bigint NOT NULL,
  PRIMARY KEY (repository_id, directory, month)
);

CREATE TABLE release (
  repository_id bigint NOT NULL,
  name          text NOT NULL,
  commit_id     text NOT NULL,
  at            bigint NOT NULL,          -- 0 when not known
  preview       bigint NOT NULL,          -- 1 for alpha, beta, rc and the like
  PRIMARY KEY (repository_id, name)
);
