-- +goose Up
CREATE TABLE component (
  id              bigint PRIMARY KEY,
  uid             text NOT NULL UNIQUE,
  repository_id   bigint NOT NULL,
  root            text NOT NULL,                   -- folder, "" is the top of the tree
  ref             text NOT NULL DEFAULT '',        -- entity ref when a catalogue entry names it
  project         text NOT NULL DEFAULT '',        -- package URL of the project that its manifest names
  name            text NOT NULL,
  title           text NOT NULL DEFAULT '',
  description     text NOT NULL DEFAULT '',
  description_from text NOT NULL DEFAULT '',       -- "file:line", as the other columns *_from
  type            text NOT NULL DEFAULT '',
  type_basis      text NOT NULL DEFAULT '',        -- written, inferred
  type_from       text NOT NULL DEFAULT '',
  lifecycle       text NOT NULL DEFAULT '',
  lifecycle_from  text NOT NULL DEFAULT '',
  system          text NOT NULL DEFAULT '',        -- entity ref
  system_from     text NOT NULL DEFAULT '',
  tags            text NOT NULL DEFAULT '',        -- separated by blanks
  language        text NOT NULL DEFAULT '',
  manifest        text NOT NULL DEFAULT '',        -- path of the first one
  entry           text NOT NULL DEFAULT '',        -- "file:line" of its catalogue entry
  has_manifest    bigint NOT NULL DEFAULT 0,
  files           bigint NOT NULL DEFAULT 0,
  licence         text NOT NULL DEFAULT '',        -- as people read it; empty when none was found
  licence_basis   text NOT NULL DEFAULT '',        -- written, measured, inferred
  licence_from    text NOT NULL DEFAULT '',
  owner_kind      text NOT NULL DEFAULT '',        -- team, person
  owner_team_id   bigint NOT NULL DEFAULT 0,
  owner_name      text NOT NULL DEFAULT '',        -- of a team, or what stands for people in lists
  owner_state     text NOT NULL DEFAULT 'none',    -- declared, confirmed, inferred, disputed, none
  owner_source    text NOT NULL DEFAULT '',
  owner_from      text NOT NULL DEFAULT '',
  owner_seen_day  text NOT NULL DEFAULT '',        -- when the owner changed something in the repository last, YYYY-MM-DD; empty: not known
  corrected       text NOT NULL DEFAULT '',        -- names of values that a correction took the place of, between blanks
  last_changed_at bigint NOT NULL DEFAULT 0,
  last_changed_day text NOT NULL DEFAULT '',       -- the same as YYYY-MM-DD
  first_seen_at   bigint NOT NULL,
  gone_at         bigint NOT NULL DEFAULT 0,       -- since when the repository has it no more
  scan_id         bigint NOT NULL
);
CREATE INDEX component_repository ON component (repository_id);
CREATE INDEX component_ref ON component (ref);
CREATE INDEX component_owner_team ON component (owner_team_id);
CREATE INDEX component_name ON component (name);
-- All that counting components by owner, age and lifecycle needs, so that it reads no rows.
CREATE INDEX component_counted ON component (gone_at, repository_id, owner_state, last_changed_day, lifecycle);

CREATE TABLE component_owner (
  repository_id bigint NOT NULL,
  component_id  bigint NOT NULL,
  seq           bigint NOT NULL,
  source        text NOT NULL,                     -- catalog-info, CODEOWNERS, OWNERS, changes
  state         text NOT NULL,                     -- declared, inferred
  kind          text NOT NULL,                     -- team, person
  team_id       bigint NOT NULL DEFAULT 0,
  person_id     bigint NOT NULL DEFAULT 0,         -- names of people are in person_name alone
  name          text NOT NULL DEFAULT '',          -- of a team as the source writes it
  share         double precision NOT NULL DEFAULT 0, -- of the files or of the changes, 0..1; 0 when not measured
  decides       bigint NOT NULL DEFAULT 1,         -- 0: known, but too little to make an owner
  file          text NOT NULL DEFAULT '',
  line          bigint NOT NULL DEFAULT 0,
  note          text NOT NULL DEFAULT '',
  PRIMARY KEY (repository_id, component_id, seq)
);
CREATE INDEX component_owner_component ON component_owner (component_id);
CREATE INDEX component_owner_by_team ON component_owner (team_id);

CREATE TABLE owner_confirmation (
  id           text PRIMARY KEY,
  batch        text NOT NULL,                      -- what was done at once and is undone at once
  component_id bigint NOT NULL,
  team_id      bigint NOT NULL,
  account      text NOT NULL,
  made_at      bigint NOT NULL,
  replaced     text NOT NULL DEFAULT '',           -- the confirmation that this one took the place of
  ended_at     bigint NOT NULL DEFAULT 0
);
CREATE INDEX owner_confirmation_component ON owner_confirmation (component_id, ended_at);
CREATE INDEX owner_confirmation_batch ON owner_confirmation (batch);

CREATE TABLE owner_strike (
  component_id bigint NOT NULL,                    -- is not this team's, as a correction in force says
  team_id      bigint NOT NULL,
  PRIMARY KEY (component_id, team_id)
);

CREATE TABLE entity (
  repository_id bigint NOT NULL,
  seq           bigint NOT NULL,
  uid           text NOT NULL UNIQUE,
  ref           text NOT NULL,                     -- kind:namespace/name in lower case
  kind          text NOT NULL,                     -- as written
  name          text NOT NULL,
  title         text NOT NULL DEFAULT '',
  description   text NOT NULL DEFAULT '',
  type          text NOT NULL DEFAULT '',
  lifecycle     text NOT NULL DEFAULT '',
  owner         text NOT NULL DEFAULT '',          -- entity ref
  file          text NOT NULL,
  line          bigint NOT NULL,
  component_id  bigint NOT NULL DEFAULT 0,
  body          text NOT NULL,                     -- the document as JSON, keys in the order of the file
  scan_id       bigint NOT NULL,
  PRIMARY KEY (repository_id, seq)
);
CREATE INDEX entity_ref ON entity (ref);

CREATE TABLE relation (
  repository_id bigint NOT NULL,
  seq           bigint NOT NULL,
  from_kind     text NOT NULL,
  from_id       text NOT NULL,                     -- entity ref
  type          text NOT NULL,                     -- as seen from it: ownedBy, partOf, dependsOn ...
  to_kind       text NOT NULL,
  to_id         text NOT NULL,                     -- entity ref, also of what is not known
  source        text NOT NULL,
  file          text NOT NULL,
  line          bigint NOT NULL,
  PRIMARY KEY (repository_id, seq)
);
CREATE INDEX relation_from ON relation (from_id, type);
CREATE INDEX relation_to ON relation (to_id, type);

CREATE TABLE catalog_sequence (
  kind text PRIMARY KEY,
  last bigint NOT NULL
);
