table account: id text not null
table account: name text not null
table account: role text not null
table account: created_at bigint not null
table account: seen_at bigint not null default 0
table account: disabled_at bigint not null default 0
table account: constraint account_name_key UNIQUE (name)
table account: constraint account_pkey PRIMARY KEY (id)
CREATE UNIQUE INDEX account_name_key ON public.account USING btree (name)
CREATE UNIQUE INDEX account_pkey ON public.account USING btree (id)
table account_link: digest text not null
table account_link: account_id text not null
table account_link: created_at bigint not null
table account_link: expires_at bigint not null
table account_link: spent_at bigint not null default 0
table account_link: constraint account_link_pkey PRIMARY KEY (digest)
CREATE UNIQUE INDEX account_link_pkey ON public.account_link USING btree (digest)
table account_session: digest text not null
table account_session: account_id text not null
table account_session: created_at bigint not null
table account_session: expires_at bigint not null
table account_session: constraint account_session_pkey PRIMARY KEY (digest)
CREATE INDEX account_session_account ON public.account_session USING btree (account_id)
CREATE UNIQUE INDEX account_session_pkey ON public.account_session USING btree (digest)
table account_token: id text not null
table account_token: digest text not null
table account_token: account_id text not null
table account_token: name text not null
table account_token: role text not null
table account_token: created_at bigint not null
table account_token: expires_at bigint not null
table account_token: used_at bigint not null default 0
table account_token: revoked_at bigint not null default 0
table account_token: constraint account_token_digest_key UNIQUE (digest)
table account_token: constraint account_token_pkey PRIMARY KEY (id)
CREATE INDEX account_token_account ON public.account_token USING btree (account_id)
CREATE UNIQUE INDEX account_token_digest_key ON public.account_token USING btree (digest)
CREATE UNIQUE INDEX account_token_pkey ON public.account_token USING btree (id)
table analyser_run: repository_id bigint not null
table analyser_run: analyser text not null
table analyser_run: version bigint not null
table analyser_run: config text not null default ''::text
table analyser_run: fingerprint text not null
table analyser_run: commit_id text not null
table analyser_run: scan_id bigint not null
table analyser_run: error text not null default ''::text
table analyser_run: constraint analyser_run_pkey PRIMARY KEY (repository_id, analyser)
CREATE UNIQUE INDEX analyser_run_pkey ON public.analyser_run USING btree (repository_id, analyser)
table analyser_state: repository_id bigint not null
table analyser_state: analyser text not null
table analyser_state: state bytea not null
table analyser_state: constraint analyser_state_pkey PRIMARY KEY (repository_id, analyser)
CREATE UNIQUE INDEX analyser_state_pkey ON public.analyser_state USING btree (repository_id, analyser)
table application: id text not null
table application: key text not null
table application: folded text not null
table application: name text not null
table application: tier text not null default ''::text
table application: status text not null default ''::text
table application: external text not null default ''::text
table application: data_class text not null default ''::text
table application: owner text not null default ''::text
table application: owner_kind text not null default ''::text
table application: cost_centre text not null default ''::text
table application: unit_id text not null default ''::text
table application: unit_from text not null default ''::text
table application: unit_to text not null default ''::text
table application: file text not null
table application: line bigint not null
table application: stated_at bigint not null
table application: gone_at bigint not null default 0
table application: constraint application_folded_key UNIQUE (folded)
table application: constraint application_pkey PRIMARY KEY (id)
CREATE INDEX application_unit_now ON public.application USING btree (unit_id)
CREATE UNIQUE INDEX application_folded_key ON public.application USING btree (folded)
CREATE UNIQUE INDEX application_pkey ON public.application USING btree (id)
table application_part: application_id text not null
table application_part: seq bigint not null
table application_part: repository text not null
table application_part: component text not null
table application_part: repository_id bigint not null default 0
table application_part: component_id bigint not null default 0
table application_part: file text not null
table application_part: line bigint not null
table application_part: stated_at bigint not null
table application_part: constraint application_part_pkey PRIMARY KEY (application_id, seq)
CREATE INDEX application_part_repository ON public.application_part USING btree (repository_id)
CREATE UNIQUE INDEX application_part_pkey ON public.application_part USING btree (application_id, seq)
table application_unit: application_id text not null
table application_unit: seq bigint not null
table application_unit: unit_id text not null
table application_unit: from_day text not null
table application_unit: to_day text not null
table application_unit: constraint application_unit_pkey PRIMARY KEY (application_id, seq)
CREATE UNIQUE INDEX application_unit_pkey ON public.application_unit USING btree (application_id, seq)
table audit_entry: id text not null
table audit_entry: at bigint not null
table audit_entry: account text not null
table audit_entry: reason text not null
table audit_entry: action text not null
table audit_entry: subject_kind text not null
table audit_entry: subject_id text not null
table audit_entry: detail text not null
table audit_entry: digest text not null
table audit_entry: constraint audit_entry_pkey PRIMARY KEY (id)
CREATE INDEX audit_entry_account ON public.audit_entry USING btree (account, id)
CREATE INDEX audit_entry_action ON public.audit_entry USING btree (action, id)
CREATE INDEX audit_entry_subject ON public.audit_entry USING btree (subject_kind, subject_id, id)
CREATE UNIQUE INDEX audit_entry_pkey ON public.audit_entry USING btree (id)
table audit_head: seq bigint not null
table audit_head: chain text not null
table audit_head: at bigint not null
table audit_head: key_id text not null
table audit_head: signature text not null
table audit_head: constraint audit_head_pkey PRIMARY KEY (seq)
CREATE UNIQUE INDEX audit_head_pkey ON public.audit_head USING btree (seq)
table audit_key: one integer not null
table audit_key: id text not null
table audit_key: since bigint not null
table audit_key: constraint audit_key_one_check CHECK ((one = 1))
table audit_key: constraint audit_key_pkey PRIMARY KEY (one)
CREATE UNIQUE INDEX audit_key_pkey ON public.audit_key USING btree (one)
table audit_pending: entry_id text not null
table audit_pending: constraint audit_pending_pkey PRIMARY KEY (entry_id)
CREATE UNIQUE INDEX audit_pending_pkey ON public.audit_pending USING btree (entry_id)
table audit_seal: seq bigint not null
table audit_seal: entry_id text not null
table audit_seal: digest text not null
table audit_seal: chain text not null
table audit_seal: mac text not null
table audit_seal: constraint audit_seal_entry_id_key UNIQUE (entry_id)
table audit_seal: constraint audit_seal_pkey PRIMARY KEY (seq)
CREATE UNIQUE INDEX audit_seal_entry_id_key ON public.audit_seal USING btree (entry_id)
CREATE UNIQUE INDEX audit_seal_pkey ON public.audit_seal USING btree (seq)
table catalog_sequence: kind text not null
table catalog_sequence: last bigint not null
table catalog_sequence: constraint catalog_sequence_pkey PRIMARY KEY (kind)
CREATE UNIQUE INDEX catalog_sequence_pkey ON public.catalog_sequence USING btree (kind)
table commit_month: repository_id bigint not null
table commit_month: month bigint not null
table commit_month: commits bigint not null
table commit_month: contributors bigint not null
table commit_month: constraint commit_month_pkey PRIMARY KEY (repository_id, month)
CREATE INDEX commit_month_month ON public.commit_month USING btree (month, repository_id, commits)
CREATE UNIQUE INDEX commit_month_pkey ON public.commit_month USING btree (repository_id, month)
table component: id bigint not null
table component: uid text not null
table component: repository_id bigint not null
table component: root text not null
table component: ref text not null default ''::text
table component: project text not null default ''::text
table component: name text not null
table component: title text not null default ''::text
table component: description text not null default ''::text
table component: description_from text not null default ''::text
table component: type text not null default ''::text
table component: type_basis text not null default ''::text
table component: type_from text not null default ''::text
table component: lifecycle text not null default ''::text
table component: lifecycle_from text not null default ''::text
table component: system text not null default ''::text
table component: system_from text not null default ''::text
table component: tags text not null default ''::text
table component: language text not null default ''::text
table component: manifest text not null default ''::text
table component: entry text not null default ''::text
table component: has_manifest bigint not null default 0
table component: files bigint not null default 0
table component: licence text not null default ''::text
table component: licence_basis text not null default ''::text
table component: licence_from text not null default ''::text
table component: owner_kind text not null default ''::text
table component: owner_team_id bigint not null default 0
table component: owner_name text not null default ''::text
table component: owner_state text not null default 'none'::text
table component: owner_source text not null default ''::text
table component: owner_from text not null default ''::text
table component: owner_seen_day text not null default ''::text
table component: corrected text not null default ''::text
table component: last_changed_at bigint not null default 0
table component: last_changed_day text not null default ''::text
table component: first_seen_at bigint not null
table component: gone_at bigint not null default 0
table component: scan_id bigint not null
table component: constraint component_pkey PRIMARY KEY (id)
table component: constraint component_uid_key UNIQUE (uid)
CREATE INDEX component_counted ON public.component USING btree (gone_at, repository_id, owner_state, last_changed_day, lifecycle)
CREATE INDEX component_name ON public.component USING btree (name)
CREATE INDEX component_owner_team ON public.component USING btree (owner_team_id)
CREATE INDEX component_ref ON public.component USING btree (ref)
CREATE INDEX component_repository ON public.component USING btree (repository_id)
CREATE UNIQUE INDEX component_pkey ON public.component USING btree (id)
CREATE UNIQUE INDEX component_uid_key ON public.component USING btree (uid)
table component_licence: repository_id bigint not null
table component_licence: root text not null
table component_licence: licence text not null
table component_licence: basis text not null
table component_licence: certainty text not null
table component_licence: file text not null default ''::text
table component_licence: line bigint not null default 0
table component_licence: matched double precision not null default 0
table component_licence: why text not null default ''::text
table component_licence: dispute text not null default ''::text
table component_licence: scan_id bigint not null
table component_licence: constraint component_licence_pkey PRIMARY KEY (repository_id, root)
CREATE INDEX component_licence_licence ON public.component_licence USING btree (licence)
CREATE UNIQUE INDEX component_licence_pkey ON public.component_licence USING btree (repository_id, root)
table component_owner: repository_id bigint not null
table component_owner: component_id bigint not null
table component_owner: seq bigint not null
table component_owner: source text not null
table component_owner: state text not null
table component_owner: kind text not null
table component_owner: team_id bigint not null default 0
table component_owner: person_id bigint not null default 0
table component_owner: name text not null default ''::text
table component_owner: share double precision not null default 0
table component_owner: decides bigint not null default 1
table component_owner: file text not null default ''::text
table component_owner: line bigint not null default 0
table component_owner: note text not null default ''::text
table component_owner: constraint component_owner_pkey PRIMARY KEY (repository_id, component_id, seq)
CREATE INDEX component_owner_by_team ON public.component_owner USING btree (team_id)
CREATE INDEX component_owner_component ON public.component_owner USING btree (component_id)
CREATE UNIQUE INDEX component_owner_pkey ON public.component_owner USING btree (repository_id, component_id, seq)
table contribution: repository_id bigint not null
table contribution: root text not null
table contribution: identity_id bigint not null
table contribution: commits bigint not null
table contribution: bulk_commits bigint not null
table contribution: first_at bigint not null
table contribution: last_at bigint not null
table contribution: constraint contribution_pkey PRIMARY KEY (repository_id, root, identity_id)
CREATE UNIQUE INDEX contribution_pkey ON public.contribution USING btree (repository_id, root, identity_id)
table contributor: repository_id bigint not null
table contributor: identity_id bigint not null
table contributor: commits bigint not null
table contributor: bulk_commits bigint not null
table contributor: first_at bigint not null
table contributor: last_at bigint not null
table contributor: constraint contributor_pkey PRIMARY KEY (repository_id, identity_id)
CREATE INDEX contributor_identity ON public.contributor USING btree (identity_id)
CREATE UNIQUE INDEX contributor_pkey ON public.contributor USING btree (repository_id, identity_id)
table correction: uid text not null
table correction: batch text not null
table correction: before_state text not null default ''::text
table correction: subject_kind text not null
table correction: subject_id text not null
table correction: repository_id bigint not null
table correction: record_name text not null
table correction: name text not null
table correction: verdict text not null
table correction: value text not null default ''::text
table correction: value_text text not null default ''::text
table correction: reason text not null
table correction: evidence text not null default ''::text
table correction: account text not null
table correction: made_at bigint not null
table correction: until_day text not null default ''::text
table correction: state text not null
table correction: decided_by text not null default ''::text
table correction: decided_at bigint not null default 0
table correction: decided_why text not null default ''::text
table correction: against text not null
table correction: claimed text not null
table correction: claimed_text text not null default ''::text
table correction: constraint correction_pkey PRIMARY KEY (uid)
CREATE INDEX correction_batch ON public.correction USING btree (batch)
CREATE INDEX correction_repository ON public.correction USING btree (repository_id, state)
CREATE INDEX correction_state ON public.correction USING btree (state)
CREATE INDEX correction_subject ON public.correction USING btree (subject_kind, subject_id, name)
CREATE UNIQUE INDEX correction_binding ON public.correction USING btree (subject_kind, subject_id, name) WHERE (state = 'binding'::text)
CREATE UNIQUE INDEX correction_pkey ON public.correction USING btree (uid)
table correction_deed: batch text not null
table correction_deed: correction text not null
table correction_deed: constraint correction_deed_pkey PRIMARY KEY (batch, correction)
CREATE UNIQUE INDEX correction_deed_pkey ON public.correction_deed USING btree (batch, correction)
table coverage_note: repository_id bigint not null
table coverage_note: source text not null
table coverage_note: seq bigint not null
table coverage_note: kind text not null
table coverage_note: path text not null default ''::text
table coverage_note: line bigint not null default 0
table coverage_note: reason text not null
table coverage_note: scan_id bigint not null
table coverage_note: constraint coverage_note_pkey PRIMARY KEY (repository_id, source, seq)
CREATE INDEX coverage_note_kind ON public.coverage_note USING btree (kind)
CREATE UNIQUE INDEX coverage_note_pkey ON public.coverage_note USING btree (repository_id, source, seq)
table directory_month: repository_id bigint not null
table directory_month: directory text not null
table directory_month: month bigint not null
table directory_month: commits bigint not null
table directory_month: constraint directory_month_pkey PRIMARY KEY (repository_id, directory, month)
CREATE UNIQUE INDEX directory_month_pkey ON public.directory_month USING btree (repository_id, directory, month)
table entity: repository_id bigint not null
table entity: seq bigint not null
table entity: uid text not null
table entity: ref text not null
table entity: kind text not null
table entity: name text not null
table entity: title text not null default ''::text
table entity: description text not null default ''::text
table entity: type text not null default ''::text
table entity: lifecycle text not null default ''::text
table entity: owner text not null default ''::text
table entity: file text not null
table entity: line bigint not null
table entity: component_id bigint not null default 0
table entity: body text not null
table entity: scan_id bigint not null
table entity: constraint entity_pkey PRIMARY KEY (repository_id, seq)
table entity: constraint entity_uid_key UNIQUE (uid)
CREATE INDEX entity_ref ON public.entity USING btree (ref)
CREATE UNIQUE INDEX entity_pkey ON public.entity USING btree (repository_id, seq)
CREATE UNIQUE INDEX entity_uid_key ON public.entity USING btree (uid)
table estate_sequence: kind text not null
table estate_sequence: last bigint not null
table estate_sequence: constraint estate_sequence_pkey PRIMARY KEY (kind)
CREATE UNIQUE INDEX estate_sequence_pkey ON public.estate_sequence USING btree (kind)
table fact: subject_kind text not null
table fact: subject_id text not null
table fact: repository_id bigint not null
table fact: name text not null
table fact: value text not null
table fact: basis text not null
table fact: source text not null
table fact: file text not null default ''::text
table fact: line bigint not null default 0
table fact: scan_id bigint not null
table fact: observed_at bigint not null
table fact: constraint fact_pkey PRIMARY KEY (subject_kind, subject_id, name, source, file, line)
CREATE INDEX fact_repository ON public.fact USING btree (repository_id, source)
CREATE UNIQUE INDEX fact_pkey ON public.fact USING btree (subject_kind, subject_id, name, source, file, line)
table identity: id bigint not null
table identity: person_id bigint not null
table identity: kind text not null
table identity: first_scan bigint not null
table identity: seen_at bigint not null
table identity: erased_at bigint not null default 0
table identity: constraint identity_pkey PRIMARY KEY (id)
CREATE INDEX identity_person ON public.identity USING btree (person_id)
CREATE UNIQUE INDEX identity_pkey ON public.identity USING btree (id)
table identity_apart: identity_id bigint not null
table identity_apart: person_id bigint not null
table identity_apart: account text not null
table identity_apart: at bigint not null
table identity_apart: constraint identity_apart_pkey PRIMARY KEY (identity_id)
CREATE UNIQUE INDEX identity_apart_pkey ON public.identity_apart USING btree (identity_id)
table identity_join: identity_id bigint not null
table identity_join: other_id bigint not null
table identity_join: account text not null
table identity_join: at bigint not null
table identity_join: constraint identity_join_pkey PRIMARY KEY (identity_id, other_id)
CREATE UNIQUE INDEX identity_join_pkey ON public.identity_join USING btree (identity_id, other_id)
table job_again: job_id bigint not null
table job_again: args text not null
table job_again: constraint job_again_pkey PRIMARY KEY (job_id)
CREATE UNIQUE INDEX job_again_pkey ON public.job_again USING btree (job_id)
table job_progress: job_id bigint not null
table job_progress: done bigint not null
table job_progress: total bigint not null
table job_progress: what text not null
table job_progress: updated_at bigint not null
table job_progress: constraint job_progress_pkey PRIMARY KEY (job_id)
CREATE UNIQUE INDEX job_progress_pkey ON public.job_progress USING btree (job_id)
table job_worker: id text not null
table job_worker: seen_at bigint not null
table job_worker: constraint job_worker_pkey PRIMARY KEY (id)
CREATE UNIQUE INDEX job_worker_pkey ON public.job_worker USING btree (id)
table licence_file: repository_id bigint not null
table licence_file: seq bigint not null
table licence_file: kind text not null
table licence_file: path text not null
table licence_file: line bigint not null default 0
table licence_file: root text not null
table licence_file: counts bigint not null
table licence_file: licence text not null
table licence_file: certainty text not null
table licence_file: matched double precision not null
table licence_file: said text not null default ''::text
table licence_file: restrictions text not null default ''::text
table licence_file: reasons text not null default ''::text
table licence_file: scan_id bigint not null
table licence_file: constraint licence_file_pkey PRIMARY KEY (repository_id, seq)
CREATE INDEX licence_file_licence ON public.licence_file USING btree (licence)
CREATE UNIQUE INDEX licence_file_pkey ON public.licence_file USING btree (repository_id, seq)
table location: id text not null
table location: repository_id bigint not null
table location: split_from bigint not null default 0
table location: role text not null default 'canonical'::text
table location: address text not null
table location: path text not null
table location: remote text not null default ''::text
table location: proved text not null default ''::text
table location: first_seen_at bigint not null
table location: last_seen_at bigint not null
table location: missing_since bigint not null default 0
table location: constraint location_address_key UNIQUE (address)
table location: constraint location_pkey PRIMARY KEY (id)
CREATE INDEX location_remote ON public.location USING btree (remote)
CREATE INDEX location_repository ON public.location USING btree (repository_id)
CREATE UNIQUE INDEX location_address_key ON public.location USING btree (address)
CREATE UNIQUE INDEX location_pkey ON public.location USING btree (id)
table location_source: location_id text not null
table location_source: source_id text not null
table location_source: missing_since bigint not null default 0
table location_source: constraint location_source_pkey PRIMARY KEY (location_id, source_id)
CREATE INDEX location_source_source ON public.location_source USING btree (source_id)
CREATE UNIQUE INDEX location_source_pkey ON public.location_source USING btree (location_id, source_id)
table manifest_read: repository_id bigint not null
table manifest_read: seq bigint not null
table manifest_read: path text not null
table manifest_read: format text not null
table manifest_read: ecosystem text not null
table manifest_read: lock bigint not null
table manifest_read: unresolved text not null default ''::text
table manifest_read: project text not null default ''::text
table manifest_read: component_id bigint not null default 0
table manifest_read: fixture bigint not null default 0
table manifest_read: uses bigint not null
table manifest_read: scan_id bigint not null
table manifest_read: constraint manifest_read_pkey PRIMARY KEY (repository_id, seq)
CREATE INDEX manifest_read_component ON public.manifest_read USING btree (component_id)
CREATE INDEX manifest_read_open ON public.manifest_read USING btree (ecosystem, repository_id) WHERE ((unresolved <> ''::text) AND (fixture = 0))
CREATE INDEX manifest_read_project ON public.manifest_read USING btree (project)
CREATE UNIQUE INDEX manifest_read_pkey ON public.manifest_read USING btree (repository_id, seq)
table owner_confirmation: id text not null
table owner_confirmation: batch text not null
table owner_confirmation: component_id bigint not null
table owner_confirmation: team_id bigint not null
table owner_confirmation: account text not null
table owner_confirmation: made_at bigint not null
table owner_confirmation: replaced text not null default ''::text
table owner_confirmation: ended_at bigint not null default 0
table owner_confirmation: constraint owner_confirmation_pkey PRIMARY KEY (id)
CREATE INDEX owner_confirmation_batch ON public.owner_confirmation USING btree (batch)
CREATE INDEX owner_confirmation_component ON public.owner_confirmation USING btree (component_id, ended_at)
CREATE UNIQUE INDEX owner_confirmation_pkey ON public.owner_confirmation USING btree (id)
table owner_import: id text not null
table owner_import: batch text not null
table owner_import: file text not null
table owner_import: line bigint not null
table owner_import: repository_id bigint not null
table owner_import: component_id bigint not null default 0
table owner_import: team_id bigint not null
table owner_import: owner text not null
table owner_import: since text not null default ''::text
table owner_import: fills bigint not null default 0
table owner_import: made_at bigint not null
table owner_import: ended_at bigint not null default 0
table owner_import: ended_by text not null default ''::text
table owner_import: constraint owner_import_pkey PRIMARY KEY (id)
CREATE INDEX owner_import_file ON public.owner_import USING btree (file)
CREATE INDEX owner_import_repository ON public.owner_import USING btree (repository_id)
CREATE UNIQUE INDEX owner_import_pkey ON public.owner_import USING btree (id)
table owner_strike: component_id bigint not null
table owner_strike: team_id bigint not null
table owner_strike: constraint owner_strike_pkey PRIMARY KEY (component_id, team_id)
CREATE UNIQUE INDEX owner_strike_pkey ON public.owner_strike USING btree (component_id, team_id)
table package: id bigint not null
table package: uid text not null
table package: purl text not null
table package: type text not null
table package: namespace text not null
table package: name text not null
table package: full_name text not null
table package: full_key text not null
table package: name_key text not null
table package: constraint package_pkey PRIMARY KEY (id)
table package: constraint package_purl_key UNIQUE (purl)
table package: constraint package_uid_key UNIQUE (uid)
CREATE INDEX package_full_key ON public.package USING btree (full_key)
CREATE INDEX package_name_key ON public.package USING btree (name_key)
CREATE UNIQUE INDEX package_pkey ON public.package USING btree (id)
CREATE UNIQUE INDEX package_purl_key ON public.package USING btree (purl)
CREATE UNIQUE INDEX package_uid_key ON public.package USING btree (uid)
table package_edge: repository_id bigint not null
table package_edge: manifest_seq bigint not null
table package_edge: from_seq bigint not null
table package_edge: to_seq bigint not null
table package_edge: constraint package_edge_pkey PRIMARY KEY (repository_id, manifest_seq, from_seq, to_seq)
CREATE UNIQUE INDEX package_edge_pkey ON public.package_edge USING btree (repository_id, manifest_seq, from_seq, to_seq)
table package_reach: reach text not null
table package_reach: package_id bigint not null
table package_reach: repositories bigint not null
table package_reach: components bigint not null
table package_reach: direct bigint not null
table package_reach: unpinned bigint not null
table package_reach: versions bigint not null
table package_reach: production bigint not null
table package_reach: optional bigint not null
table package_reach: development bigint not null
table package_reach: test bigint not null
table package_reach: ours bigint not null default 0
table package_reach: constraint package_reach_pkey PRIMARY KEY (reach, package_id)
CREATE INDEX package_reach_direct ON public.package_reach USING btree (reach, direct, package_id)
CREATE INDEX package_reach_ours ON public.package_reach USING btree (reach, ours, package_id)
CREATE INDEX package_reach_used ON public.package_reach USING btree (reach, repositories, package_id)
CREATE INDEX package_reach_versions ON public.package_reach USING btree (reach, versions, package_id)
CREATE UNIQUE INDEX package_reach_pkey ON public.package_reach USING btree (reach, package_id)
table package_use: repository_id bigint not null
table package_use: manifest_seq bigint not null
table package_use: seq bigint not null
table package_use: package_id bigint not null
table package_use: component_id bigint not null default 0
table package_use: version text not null
table package_use: requirement text not null
table package_use: scope text not null
table package_use: direct bigint not null
table package_use: via bigint not null
table package_use: through bigint not null
table package_use: alias text not null
table package_use: origin text not null
table package_use: source text not null
table package_use: line bigint not null
table package_use: fixture bigint not null
table package_use: scan_id bigint not null
table package_use: constraint package_use_pkey PRIMARY KEY (repository_id, manifest_seq, seq)
CREATE INDEX package_use_package ON public.package_use USING btree (package_id, version, fixture, repository_id, component_id, direct, through, scope)
CREATE UNIQUE INDEX package_use_pkey ON public.package_use USING btree (repository_id, manifest_seq, seq)
table package_version: package_id bigint not null
table package_version: reach text not null
table package_version: version text not null
table package_version: components bigint not null
table package_version: constraint package_version_pkey PRIMARY KEY (package_id, reach, version)
CREATE UNIQUE INDEX package_version_pkey ON public.package_version USING btree (package_id, reach, version)
table people_state: key text not null
table people_state: value text not null
table people_state: constraint people_state_pkey PRIMARY KEY (key)
CREATE UNIQUE INDEX people_state_pkey ON public.people_state USING btree (key)
table person: id bigint not null
table person: uid text not null
table person: kind text not null
table person: name_of bigint not null
table person: created_at bigint not null
table person: merged_into bigint not null default 0
table person: constraint person_pkey PRIMARY KEY (id)
table person: constraint person_uid_key UNIQUE (uid)
CREATE INDEX person_name_of ON public.person USING btree (name_of)
CREATE UNIQUE INDEX person_pkey ON public.person USING btree (id)
CREATE UNIQUE INDEX person_uid_key ON public.person USING btree (uid)
table person_name: identity_id bigint not null
table person_name: label text not null
table person_name: name text not null
table person_name: email text not null
table person_name: account text not null
table person_name: email_key text not null
table person_name: local_key text not null
table person_name: name_key text not null
table person_name: constraint person_name_pkey PRIMARY KEY (identity_id)
CREATE INDEX person_name_account ON public.person_name USING btree (account) WHERE (account <> ''::text)
CREATE INDEX person_name_email ON public.person_name USING btree (email_key)
CREATE INDEX person_name_local ON public.person_name USING btree (local_key)
CREATE INDEX person_name_name ON public.person_name USING btree (name_key)
CREATE INDEX person_name_order ON public.person_name USING btree (substr(lower((label COLLATE "C")), 1, 200))
CREATE UNIQUE INDEX person_name_pkey ON public.person_name USING btree (identity_id)
table publication: identity_id bigint not null
table publication: repository_id bigint not null
table publication: constraint publication_pkey PRIMARY KEY (identity_id, repository_id)
CREATE INDEX publication_repository ON public.publication USING btree (repository_id)
CREATE UNIQUE INDEX publication_pkey ON public.publication USING btree (identity_id, repository_id)
table relation: repository_id bigint not null
table relation: seq bigint not null
table relation: from_kind text not null
table relation: from_id text not null
table relation: type text not null
table relation: to_kind text not null
table relation: to_id text not null
table relation: source text not null
table relation: file text not null
table relation: line bigint not null
table relation: constraint relation_pkey PRIMARY KEY (repository_id, seq)
CREATE INDEX relation_from ON public.relation USING btree (from_id, type)
CREATE INDEX relation_to ON public.relation USING btree (to_id, type)
CREATE UNIQUE INDEX relation_pkey ON public.relation USING btree (repository_id, seq)
table release: repository_id bigint not null
table release: name text not null
table release: commit_id text not null
table release: at bigint not null
table release: preview bigint not null
table release: constraint release_pkey PRIMARY KEY (repository_id, name)
CREATE UNIQUE INDEX release_pkey ON public.release USING btree (repository_id, name)
table report_kept: scope text not null
table report_kept: reach text not null
table report_kept: day text not null
table report_kept: family text not null
table report_kept: name text not null
table report_kept: value bigint not null
table report_kept: constraint report_kept_pkey PRIMARY KEY (scope, reach, day, family, name)
CREATE INDEX report_kept_name ON public.report_kept USING btree (scope, reach, family, name, day)
CREATE UNIQUE INDEX report_kept_pkey ON public.report_kept USING btree (scope, reach, day, family, name)
table repository: id bigint not null
table repository: uid text not null
table repository: name text not null
table repository: place text not null default ''::text
table repository: base text not null default ''::text
table repository: visibility text not null default 'internal'::text
table repository: state text not null default 'waiting'::text
table repository: error text not null default ''::text
table repository: default_branch text not null default ''::text
table repository: head_commit text not null default ''::text
table repository: fingerprint text not null default ''::text
table repository: plan text not null default ''::text
table repository: lost_on text not null default ''::text
table repository: current_scan_id bigint not null default 0
table repository: description text not null default ''::text
table repository: main_language text not null default ''::text
table repository: files bigint not null default 0
table repository: bytes bigint not null default 0
table repository: commits bigint not null default 0
table repository: first_commit_at bigint not null default 0
table repository: last_commit_at bigint not null default 0
table repository: licence text not null default ''::text
table repository: shallow bigint not null default 0
table repository: rewritten_at bigint not null default 0
table repository: created_at bigint not null
table repository: read_at bigint not null default 0
table repository: vanished_at bigint not null default 0
table repository: joined_into bigint not null default 0
table repository: constraint repository_pkey PRIMARY KEY (id)
table repository: constraint repository_uid_key UNIQUE (uid)
CREATE INDEX repository_base ON public.repository USING btree (base)
CREATE INDEX repository_name ON public.repository USING btree (name)
CREATE INDEX repository_state ON public.repository USING btree (state)
CREATE UNIQUE INDEX repository_pkey ON public.repository USING btree (id)
CREATE UNIQUE INDEX repository_uid_key ON public.repository USING btree (uid)
table repository_alias: repository_id bigint not null
table repository_alias: kind text not null
table repository_alias: value text not null
table repository_alias: from_at bigint not null
table repository_alias: to_at bigint not null default 0
table repository_alias: constraint repository_alias_pkey PRIMARY KEY (kind, value, repository_id)
CREATE INDEX repository_alias_repository ON public.repository_alias USING btree (repository_id)
CREATE UNIQUE INDEX repository_alias_pkey ON public.repository_alias USING btree (kind, value, repository_id)
table repository_file: repository_id bigint not null
table repository_file: file bigint not null
table repository_file: committed_at bigint not null
table repository_file: constraint repository_file_pkey PRIMARY KEY (repository_id, file)
CREATE INDEX repository_file_file ON public.repository_file USING btree (file, committed_at, repository_id)
CREATE UNIQUE INDEX repository_file_pkey ON public.repository_file USING btree (repository_id, file)
table repository_root: repository_id bigint not null
table repository_root: commit_id text not null
table repository_root: tree bigint not null default 0
table repository_root: files bigint not null default 0
table repository_root: telling bigint not null default 0
table repository_root: committed_at bigint not null default 0
table repository_root: constraint repository_root_pkey PRIMARY KEY (repository_id, commit_id)
CREATE INDEX repository_root_commit ON public.repository_root USING btree (commit_id)
CREATE INDEX repository_root_tree ON public.repository_root USING btree (tree)
CREATE UNIQUE INDEX repository_root_pkey ON public.repository_root USING btree (repository_id, commit_id)
table repository_root_file: repository_id bigint not null
table repository_root_file: seq bigint not null
table repository_root_file: file bigint not null
table repository_root_file: constraint repository_root_file_pkey PRIMARY KEY (repository_id, seq)
CREATE INDEX repository_root_file_file ON public.repository_root_file USING btree (file, seq)
CREATE UNIQUE INDEX repository_root_file_pkey ON public.repository_root_file USING btree (repository_id, seq)
table repository_tree: repository_id bigint not null
table repository_tree: tree bigint not null
table repository_tree: commit_id text not null
table repository_tree: committed_at bigint not null
table repository_tree: constraint repository_tree_pkey PRIMARY KEY (repository_id, tree)
CREATE INDEX repository_tree_tree ON public.repository_tree USING btree (tree)
CREATE UNIQUE INDEX repository_tree_pkey ON public.repository_tree USING btree (repository_id, tree)
table root_month: repository_id bigint not null
table root_month: root text not null
table root_month: month bigint not null
table root_month: commits bigint not null
table root_month: constraint root_month_pkey PRIMARY KEY (repository_id, root, month)
CREATE UNIQUE INDEX root_month_pkey ON public.root_month USING btree (repository_id, root, month)
table saved_view: id text not null
table saved_view: list text not null
table saved_view: account_id text not null
table saved_view: name text not null
table saved_view: terms text not null
table saved_view: shared bigint not null default 0
table saved_view: created_at bigint not null
table saved_view: removed_at bigint not null default 0
table saved_view: constraint saved_view_pkey PRIMARY KEY (id)
CREATE INDEX saved_view_list ON public.saved_view USING btree (list, account_id)
CREATE UNIQUE INDEX saved_view_pkey ON public.saved_view USING btree (id)
table saved_view_default: account_id text not null
table saved_view_default: list text not null
table saved_view_default: view_id text not null
table saved_view_default: constraint saved_view_default_pkey PRIMARY KEY (account_id, list)
CREATE UNIQUE INDEX saved_view_default_pkey ON public.saved_view_default USING btree (account_id, list)
table sbom_repository: repository_id bigint not null
table sbom_repository: digest text not null
table sbom_repository: counted text not null
table sbom_repository: constraint sbom_repository_pkey PRIMARY KEY (repository_id)
CREATE UNIQUE INDEX sbom_repository_pkey ON public.sbom_repository USING btree (repository_id)
table scan: id bigint not null
table scan: repository_id bigint not null
table scan: commit_id text not null
table scan: fingerprint text not null
table scan: started_at bigint not null
table scan: finished_at bigint not null
table scan: analysers text not null
table scan: constraint scan_pkey PRIMARY KEY (id)
CREATE INDEX scan_repository ON public.scan USING btree (repository_id)
CREATE UNIQUE INDEX scan_pkey ON public.scan USING btree (id)
table schema_migration: id integer not null
table schema_migration: version_id bigint not null
table schema_migration: is_applied boolean not null
table schema_migration: tstamp timestamp without time zone not null default now()
table schema_migration: constraint schema_migration_pkey PRIMARY KEY (id)
CREATE UNIQUE INDEX schema_migration_pkey ON public.schema_migration USING btree (id)
table search_document: rowid bigint not null
table search_document: kind text not null
table search_document: id text not null
table search_document: url text not null
table search_document: visibility text not null
table search_document: repository_id bigint not null default 0
table search_document: weight bigint not null default 0
table search_document: title text not null
table search_document: title_key text not null
table search_document: body text not null default ''::text
table search_document: words tsvector
table search_document: constraint search_document_kind_id_key UNIQUE (kind, id)
table search_document: constraint search_document_pkey PRIMARY KEY (rowid)
CREATE INDEX search_document_repository ON public.search_document USING btree (repository_id, kind)
CREATE INDEX search_document_title ON public.search_document USING btree (title_key, weight)
CREATE INDEX search_document_words ON public.search_document USING gin (words)
CREATE UNIQUE INDEX search_document_kind_id_key ON public.search_document USING btree (kind, id)
CREATE UNIQUE INDEX search_document_pkey ON public.search_document USING btree (rowid)
table setting: key text not null
table setting: value text not null
table setting: changed_at bigint not null
table setting: changed_by text not null default ''::text
table setting: constraint setting_pkey PRIMARY KEY (key)
CREATE UNIQUE INDEX setting_pkey ON public.setting USING btree (key)
table source: id text not null
table source: given text not null
table source: kind text not null
table source: address text not null
table source: state text not null default 'waiting'::text
table source: error text not null default ''::text
table source: found bigint not null default 0
table source: created_at bigint not null
table source: looked_at bigint not null default 0
table source: removed_at bigint not null default 0
table source: constraint source_address_key UNIQUE (address)
table source: constraint source_pkey PRIMARY KEY (id)
CREATE UNIQUE INDEX source_address_key ON public.source USING btree (address)
CREATE UNIQUE INDEX source_pkey ON public.source USING btree (id)
table team: id bigint not null
table team: uid text not null
table team: handle text not null
table team: title text not null
table team: constraint team_handle_key UNIQUE (handle)
table team: constraint team_pkey PRIMARY KEY (id)
table team: constraint team_uid_key UNIQUE (uid)
CREATE UNIQUE INDEX team_handle_key ON public.team USING btree (handle)
CREATE UNIQUE INDEX team_pkey ON public.team USING btree (id)
CREATE UNIQUE INDEX team_uid_key ON public.team USING btree (uid)
table team_member: team_id bigint not null
table team_member: identity_id bigint not null
table team_member: repository_id bigint not null
table team_member: source text not null
table team_member: constraint team_member_pkey PRIMARY KEY (team_id, identity_id, repository_id, source)
CREATE INDEX team_member_identity ON public.team_member USING btree (identity_id)
CREATE INDEX team_member_repository ON public.team_member USING btree (repository_id)
CREATE UNIQUE INDEX team_member_pkey ON public.team_member USING btree (team_id, identity_id, repository_id, source)
table team_mention: team_id bigint not null
table team_mention: repository_id bigint not null
table team_mention: source text not null
table team_mention: constraint team_mention_pkey PRIMARY KEY (team_id, repository_id, source)
CREATE INDEX team_mention_repository ON public.team_mention USING btree (repository_id)
CREATE UNIQUE INDEX team_mention_pkey ON public.team_mention USING btree (team_id, repository_id, source)
table team_speaker: uid text not null
table team_speaker: team_id bigint not null
table team_speaker: account_id text not null
table team_speaker: kind text not null
table team_speaker: until_day text not null default ''::text
table team_speaker: given_by text not null
table team_speaker: given_at bigint not null
table team_speaker: ended_at bigint not null default 0
table team_speaker: constraint team_speaker_pkey PRIMARY KEY (uid)
CREATE INDEX team_speaker_account ON public.team_speaker USING btree (account_id)
CREATE INDEX team_speaker_team ON public.team_speaker USING btree (team_id)
CREATE UNIQUE INDEX team_speaker_pkey ON public.team_speaker USING btree (uid)
table technology_use: repository_id bigint not null
table technology_use: kind text not null
table technology_use: name text not null
table technology_use: files bigint not null
table technology_use: bytes bigint not null
table technology_use: file text not null
table technology_use: scan_id bigint not null
table technology_use: constraint technology_use_pkey PRIMARY KEY (repository_id, kind, name)
CREATE INDEX technology_use_name ON public.technology_use USING btree (kind, name)
CREATE UNIQUE INDEX technology_use_pkey ON public.technology_use USING btree (repository_id, kind, name)
table third_party_code: repository_id bigint not null
table third_party_code: path text not null
table third_party_code: scan_id bigint not null
table third_party_code: constraint third_party_code_pkey PRIMARY KEY (repository_id)
CREATE UNIQUE INDEX third_party_code_pkey ON public.third_party_code USING btree (repository_id)
table unit: id text not null
table unit: kind text not null
table unit: name text not null
table unit: parent_id text not null default ''::text
table unit: place text not null
table unit: file text not null
table unit: line bigint not null
table unit: stated_at bigint not null
table unit: gone_at bigint not null default 0
table unit: constraint unit_pkey PRIMARY KEY (id)
table unit: constraint unit_place_key UNIQUE (place)
CREATE INDEX unit_parent ON public.unit USING btree (parent_id)
CREATE UNIQUE INDEX unit_pkey ON public.unit USING btree (id)
CREATE UNIQUE INDEX unit_place_key ON public.unit USING btree (place)
table unit_above: unit_id text not null
table unit_above: above_id text not null
table unit_above: constraint unit_above_pkey PRIMARY KEY (unit_id, above_id)
CREATE INDEX unit_above_above ON public.unit_above USING btree (above_id)
CREATE UNIQUE INDEX unit_above_pkey ON public.unit_above USING btree (unit_id, above_id)
