-- +goose Up
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
CREATE INDEX audit_entry_subject ON audit_entry (subject_kind, subject_id, id);
CREATE INDEX audit_entry_account ON audit_entry (account, id);
CREATE INDEX audit_entry_action ON audit_entry (action, id);

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

CREATE TABLE audit_head (
	seq bigint PRIMARY KEY,
	chain text NOT NULL,
	at bigint NOT NULL,
	key_id text NOT NULL,
	signature text NOT NULL
);

-- The key that seals: its short name, in the only row.
CREATE TABLE audit_key (
	one integer PRIMARY KEY CHECK (one = 1),
	id text NOT NULL,
	since bigint NOT NULL
);
