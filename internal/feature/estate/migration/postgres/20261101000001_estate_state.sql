-- +goose Up
CREATE TABLE analyser_state (
  repository_id bigint NOT NULL,
  analyser      text NOT NULL,
  state         bytea NOT NULL,
  PRIMARY KEY (repository_id, analyser)
);
