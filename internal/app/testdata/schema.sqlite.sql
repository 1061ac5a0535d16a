CREATE TABLE account (
  id          text PRIMARY KEY,
  name        text NOT NULL UNIQUE,
  role        text NOT NULL,
  created_at  bigint NOT NULL,
  seen_at     bigint NOT NULL DEFAULT 0,
  disabled_at bigint NOT NULL DEFAULT 0
);
CREATE TABLE account_link (
  digest     text PRIMARY KEY,
  account_id text NOT NULL,
  created_at bigint NOT NULL,
  expires_at bigint NOT NULL,
  spent_at   bigint NOT NULL DEFAULT 0
);
CREATE TABLE account_session (
  digest     text PRIMARY KEY,
  account_id text NOT NULL,
  created_at bigint NOT NULL,
  expires_at bigint NOT NULL
);
CREATE INDEX account_session_account ON account_session (account_id);
CREATE TABLE account_token (
  id         text PRIMARY KEY,
  digest     text NOT NULL UNIQUE,
  account_id text NOT NULL,
  name       text NOT NULL,
  role       text NOT NULL,
  created_at bigint NOT NULL,
  expires_at bigint NOT NULL,
  used_at    bigint NOT NULL DEFAULT 0,
  revoked_at bigint NOT NULL DEFAULT 0
);
CREATE INDEX account_token_account ON account_token (account_id);
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
CREATE TABLE analyser_state (
  repository_id bigint NOT NULL,
  analyser      text NOT NULL,
  state         blob NOT NULL,
  PRIMARY KEY (repository_id, analyser)
);
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
CREATE TABLE application_unit (
  application_id text NOT NULL,
  seq            bigint NOT NULL,        -- from 1, the earliest first
  unit_id        text NOT NULL,          -- to which it belonged before
  from_day       text NOT NULL,          -- YYYY-MM-DD, empty: not known
  to_day         text NOT NULL,
  PRIMARY KEY (application_id, seq)
);
CREATE TABLE audit_entry (
	id text PRIMARY KEY,
	at bigint NOT NULL,
	account text NOT NULL,
	reason text NOT NULL,
	action text NOT NULL,
	subject_kind text NOT NULL,
	subject_id text NOT NULL,
	detail text NOT NULL,
	digest text NOT NULL
);
CREATE INDEX audit_entry_account ON audit_entry (account, id);
CREATE INDEX audit_entry_action ON audit_entry (action, id);
CREATE INDEX audit_entry_subject ON audit_entry (subject_kind, subject_id, id);
CREATE TABLE audit_head (
	seq bigint PRIMARY KEY,
	chain text NOT NULL,
	at bigint NOT NULL,
	key_id text NOT NULL,
	signature text NOT NULL
);
CREATE TABLE audit_key (
	one integer PRIMARY KEY CHECK (one = 1),
	id text NOT NULL,
	since bigint NOT NULL
);
CREATE TABLE audit_pending (
	entry_id text PRIMARY KEY
);
CREATE TABLE audit_seal (
	seq bigint PRIMARY KEY,
	entry_id text NOT NULL UNIQUE,
	digest text NOT NULL,
	chain text NOT NULL,
	mac text NOT NULL
);
CREATE TABLE catalog_sequence (
  kind text PRIMARY KEY,
  last bigint NOT NULL
);
CREATE TABLE commit_month (
  repository_id bigint NOT NULL,
  month         bigint NOT NULL,          -- yyyymm, UTC
  commits       bigint NOT NULL,
  contributors  bigint NOT NULL,
  PRIMARY KEY (repository_id, month)
);
CREATE INDEX commit_month_month ON commit_month (month, repository_id, commits);
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
CREATE INDEX component_counted ON component (gone_at, repository_id, owner_state, last_changed_day, lifecycle);
CREATE INDEX component_name ON component (name);
CREATE INDEX component_owner_team ON component (owner_team_id);
CREATE INDEX component_ref ON component (ref);
CREATE INDEX component_repository ON component (repository_id);
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
CREATE INDEX component_owner_by_team ON component_owner (team_id);
CREATE INDEX component_owner_component ON component_owner (component_id);
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
CREATE INDEX correction_batch ON correction (batch);
CREATE UNIQUE INDEX correction_binding ON correction (subject_kind, subject_id, name) WHERE state = 'binding';
CREATE INDEX correction_repository ON correction (repository_id, state);
CREATE INDEX correction_state ON correction (state);
CREATE INDEX correction_subject ON correction (subject_kind, subject_id, name);
CREATE TABLE correction_deed (
  batch      text NOT NULL,
  correction text NOT NULL, -- uid
  PRIMARY KEY (batch, correction)
);
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
CREATE TABLE directory_month (
  repository_id bigint NOT NULL,
  directory     text NOT NULL,            -- its first two parts; * for all others
  month         bigint NOT NULL,
  commits       bigint NOT NULL,
  PRIMARY KEY (repository_id, directory, month)
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
CREATE TABLE estate_sequence (
  kind text PRIMARY KEY,
  last bigint NOT NULL
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
CREATE TABLE identity (
  id         bigint PRIMARY KEY,
  person_id  bigint NOT NULL,
  kind       text NOT NULL,               -- ours, outside, service, unknown
  first_scan bigint NOT NULL,             -- the reading that brought it
  seen_at    bigint NOT NULL,
  erased_at  bigint NOT NULL DEFAULT 0
);
CREATE INDEX identity_person ON identity (person_id);
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
CREATE TABLE job_again (
	job_id bigint PRIMARY KEY, -- was asked for while it ran: another one follows it
	args text NOT NULL         -- of the last asking
);
CREATE TABLE job_progress (
	job_id bigint PRIMARY KEY,
	done bigint NOT NULL,
	total bigint NOT NULL,
	what text NOT NULL,
	updated_at bigint NOT NULL
);
CREATE TABLE job_worker (
	id text PRIMARY KEY,
	seen_at bigint NOT NULL
);
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
CREATE INDEX location_remote ON location (remote);
CREATE INDEX location_repository ON location (repository_id);
CREATE TABLE location_source (
  location_id   text NOT NULL,
  source_id     text NOT NULL,             -- names the location
  missing_since bigint NOT NULL DEFAULT 0, -- since when a look at the source does not find it
  PRIMARY KEY (location_id, source_id)
);
CREATE INDEX location_source_source ON location_source (source_id);
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
CREATE INDEX manifest_read_component ON manifest_read (component_id);
CREATE INDEX manifest_read_open ON manifest_read (ecosystem, repository_id) WHERE unresolved <> '' AND fixture = 0;
CREATE INDEX manifest_read_project ON manifest_read (project);
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
CREATE INDEX owner_confirmation_batch ON owner_confirmation (batch);
CREATE INDEX owner_confirmation_component ON owner_confirmation (component_id, ended_at);
CREATE TABLE owner_import (
  id            text PRIMARY KEY,
  batch         text NOT NULL,                     -- the import that brought it; later ones are greater
  file          text NOT NULL,                     -- name of the file; the same name replaces its own
  line          bigint NOT NULL,                   -- row or entry in it
  repository_id bigint NOT NULL,
  component_id  bigint NOT NULL DEFAULT 0,         -- 0: all components of the repository
  team_id       bigint NOT NULL,
  owner         text NOT NULL,                     -- as written
  since         text NOT NULL DEFAULT '',          -- as written
  fills         bigint NOT NULL DEFAULT 0,         -- 1: counts only where files of the repository say nothing
  made_at       bigint NOT NULL,
  ended_at      bigint NOT NULL DEFAULT 0,
  ended_by      text NOT NULL DEFAULT ''           -- batch that replaced it, or "taken back"
);
CREATE INDEX owner_import_file ON owner_import (file);
CREATE INDEX owner_import_repository ON owner_import (repository_id);
CREATE TABLE owner_strike (
  component_id bigint NOT NULL,                    -- is not this team's, as a correction in force says
  team_id      bigint NOT NULL,
  PRIMARY KEY (component_id, team_id)
);
CREATE TABLE package (
  id        integer PRIMARY KEY,
  uid       text NOT NULL UNIQUE,
  purl      text NOT NULL UNIQUE,            -- canonical package URL without version
  type      text NOT NULL,
  namespace text NOT NULL,
  name      text NOT NULL,
  full_name text NOT NULL,                   -- as people of the ecosystem write it
  full_key  text NOT NULL,                   -- full_name in lower case
  name_key  text NOT NULL                    -- last part in lower case
);
CREATE INDEX package_full_key ON package (full_key);
CREATE INDEX package_name_key ON package (name_key);
CREATE TABLE package_edge (
  repository_id bigint NOT NULL,
  manifest_seq  bigint NOT NULL,
  from_seq      bigint NOT NULL,
  to_seq        bigint NOT NULL,
  PRIMARY KEY (repository_id, manifest_seq, from_seq, to_seq)
);
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
CREATE INDEX package_reach_direct ON package_reach (reach, direct, package_id);
CREATE INDEX package_reach_ours ON package_reach (reach, ours, package_id);
CREATE INDEX package_reach_used ON package_reach (reach, repositories, package_id);
CREATE INDEX package_reach_versions ON package_reach (reach, versions, package_id);
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
CREATE INDEX package_use_package ON package_use (package_id, version, fixture, repository_id, component_id, direct, through, scope);
CREATE TABLE package_version (
  package_id bigint NOT NULL,
  reach      text NOT NULL,
  version    text NOT NULL,                  -- empty: not known
  components bigint NOT NULL,
  PRIMARY KEY (package_id, reach, version)
);
CREATE TABLE people_state (
  key   text PRIMARY KEY,
  value text NOT NULL
);
CREATE TABLE person (
  id          bigint PRIMARY KEY,
  uid         text NOT NULL UNIQUE,
  kind        text NOT NULL,
  name_of     bigint NOT NULL,            -- the identity whose name is the person's
  created_at  bigint NOT NULL,
  merged_into bigint NOT NULL DEFAULT 0
);
CREATE INDEX person_name_of ON person (name_of);
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
CREATE INDEX person_name_account ON person_name (account) WHERE account <> '';
CREATE INDEX person_name_email ON person_name (email_key);
CREATE INDEX person_name_local ON person_name (local_key);
CREATE INDEX person_name_name ON person_name (name_key);
CREATE INDEX person_name_order ON person_name (substr(lower(CAST((label) AS TEXT)), 1, 200));
CREATE TABLE publication (
  identity_id   bigint NOT NULL,
  repository_id bigint NOT NULL,
  PRIMARY KEY (identity_id, repository_id)
);
CREATE INDEX publication_repository ON publication (repository_id);
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
CREATE TABLE release (
  repository_id bigint NOT NULL,
  name          text NOT NULL,
  commit_id     text NOT NULL,
  at            bigint NOT NULL,          -- 0 when not known
  preview       bigint NOT NULL,          -- 1 for alpha, beta, rc and the like
  PRIMARY KEY (repository_id, name)
);
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
CREATE INDEX repository_base ON repository (base);
CREATE INDEX repository_name ON repository (name);
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
CREATE TABLE repository_file (
  repository_id bigint NOT NULL,
  file          bigint NOT NULL,           -- digest of path and content of a telling file that some commit brought
  committed_at  bigint NOT NULL,           -- of the oldest such commit
  PRIMARY KEY (repository_id, file)
);
CREATE INDEX repository_file_file ON repository_file (file, committed_at, repository_id);
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
CREATE TABLE repository_root_file (
  repository_id bigint NOT NULL,
  seq           bigint NOT NULL,           -- from 0 by file
  file          bigint NOT NULL,           -- digest of path and content of a telling file of the first commit
  PRIMARY KEY (repository_id, seq)
);
CREATE INDEX repository_root_file_file ON repository_root_file (file, seq);
CREATE TABLE repository_tree (
  repository_id bigint NOT NULL,
  tree          bigint NOT NULL,           -- first 8 bytes of its id
  commit_id     text NOT NULL,             -- the oldest on the main line that has it
  committed_at  bigint NOT NULL,
  PRIMARY KEY (repository_id, tree)
);
CREATE INDEX repository_tree_tree ON repository_tree (tree);
CREATE TABLE root_month (
  repository_id bigint NOT NULL,
  root          text NOT NULL,
  month         bigint NOT NULL,
  commits       bigint NOT NULL,
  PRIMARY KEY (repository_id, root, month)
);
CREATE TABLE saved_view (
  id         text PRIMARY KEY,
  list       text NOT NULL,             -- name of the list: "components"
  account_id text NOT NULL,             -- whose it is
  name       text NOT NULL,
  terms      text NOT NULL,             -- parameters of its address
  shared     bigint NOT NULL DEFAULT 0, -- 1: everybody sees it
  created_at bigint NOT NULL,
  removed_at bigint NOT NULL DEFAULT 0  -- kept for a day, so that removing can be undone
);
CREATE INDEX saved_view_list ON saved_view (list, account_id);
CREATE TABLE saved_view_default (
  account_id text NOT NULL,
  list       text NOT NULL,
  view_id    text NOT NULL,
  PRIMARY KEY (account_id, list)
);
CREATE TABLE sbom_repository (
  repository_id bigint PRIMARY KEY,
  digest        text NOT NULL,               -- of what was read
  counted       text NOT NULL                -- internal, restricted; empty: nowhere
);
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
CREATE TABLE schema_migration (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL,
		tstamp TIMESTAMP DEFAULT (datetime('now'))
	);
CREATE TABLE search_document (
  rowid         integer PRIMARY KEY,
  kind          text NOT NULL,
  id            text NOT NULL,
  url           text NOT NULL,
  visibility    text NOT NULL,
  repository_id bigint NOT NULL DEFAULT 0,
  weight        bigint NOT NULL DEFAULT 0,
  title         text NOT NULL,
  title_key     text NOT NULL,
  body          text NOT NULL DEFAULT '',
  UNIQUE (kind, id)
);
CREATE INDEX search_document_repository ON search_document (repository_id, kind);
CREATE INDEX search_document_title ON search_document (title_key, weight);
CREATE VIRTUAL TABLE search_words USING fts5(words, content='', contentless_delete=1, prefix='3 4');
CREATE TABLE 'search_words_config'(k PRIMARY KEY, v) WITHOUT ROWID;
CREATE TABLE 'search_words_data'(id INTEGER PRIMARY KEY, block BLOB);
CREATE TABLE 'search_words_docsize'(id INTEGER PRIMARY KEY, sz BLOB, origin INTEGER);
CREATE TABLE 'search_words_idx'(segid, term, pgno, PRIMARY KEY(segid, term)) WITHOUT ROWID;
CREATE TABLE setting (
  key        text PRIMARY KEY,
  value      text NOT NULL,
  changed_at bigint NOT NULL,
  changed_by text NOT NULL DEFAULT ''
);
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
CREATE TABLE team (
  id     bigint PRIMARY KEY,
  uid    text NOT NULL UNIQUE,
  handle text NOT NULL UNIQUE,            -- lower case, without a leading @
  title  text NOT NULL
);
CREATE TABLE team_member (
  team_id       bigint NOT NULL,
  identity_id   bigint NOT NULL,
  repository_id bigint NOT NULL,
  source        text NOT NULL,
  PRIMARY KEY (team_id, identity_id, repository_id, source)
);
CREATE INDEX team_member_identity ON team_member (identity_id);
CREATE INDEX team_member_repository ON team_member (repository_id);
CREATE TABLE team_mention (
  team_id       bigint NOT NULL,
  repository_id bigint NOT NULL,
  source        text NOT NULL,
  PRIMARY KEY (team_id, repository_id, source)
);
CREATE INDEX team_mention_repository ON team_mention (repository_id);
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
CREATE INDEX team_speaker_account ON team_speaker (account_id);
CREATE INDEX team_speaker_team ON team_speaker (team_id);
CREATE TABLE technology_use (
  repository_id bigint NOT NULL,
  kind          text NOT NULL,
  name          text NOT NULL,
  files         bigint NOT NULL,
  bytes         bigint NOT NULL,
  file          text NOT NULL,
  scan_id       bigint NOT NULL,
  PRIMARY KEY (repository_id, kind, name)
);
CREATE INDEX technology_use_name ON technology_use (kind, name);
CREATE TABLE third_party_code (
  repository_id bigint PRIMARY KEY,
  path          text NOT NULL,              -- the first folder that holds somebody else's code
  scan_id       bigint NOT NULL
);
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
CREATE TABLE unit_above (
  unit_id  text NOT NULL,
  above_id text NOT NULL,
  PRIMARY KEY (unit_id, above_id)
);
CREATE INDEX unit_above_above ON unit_above (above_id);
