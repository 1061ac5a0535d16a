-- +goose Up
-- The order of the list of people, as listing.Column.Indexed says.
CREATE INDEX person_name_order ON person_name (substr(lower(CAST((label) AS TEXT)), 1, 200));
