-- +goose Up
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

CREATE TABLE job_again (
	job_id bigint PRIMARY KEY, -- was asked for while it ran: another one follows it
	args text NOT NULL         -- of the last asking
);
