package estate

import (
	"steward/internal/feature/estate/column"
	"steward/internal/feature/estate/coverage"
	"steward/internal/feature/estate/fact"
	"steward/internal/feature/estate/place"
	"steward/internal/feature/estate/snapshot"
	"steward/internal/feature/estate/source"
)

// Snapshot is the pinned state of a repository that analysers read.
type Snapshot = snapshot.Snapshot

// Entry is one file of a snapshot.
type Entry = snapshot.Entry

// Location is one place where a repository lies.
type Location = place.Location

// Source is one place where repositories come from.
type Source = source.Source

// Base says how much of the estate an answer stands on.
type Base = coverage.Base

// Note is something that a reading left out, and why.
type Note = snapshot.Note

// NoteKind sorts notes on the coverage page.
type NoteKind = snapshot.NoteKind

// The kinds of notes.
const (
	NoteFailed     = snapshot.NoteFailed
	NoteUnresolved = snapshot.NoteUnresolved
	NoteLeftOut    = snapshot.NoteLeftOut
)

// Fact is one thing that an analyser learnt.
type Fact = fact.Fact

// StoredFact is a fact as pages show it.
type StoredFact = fact.Stored

// Basis says how sure a fact is by its origin.
type Basis = column.Basis

// The bases, strongest first.
const (
	Corrected = column.Corrected
	Written   = column.Written
	Measured  = column.Measured
	Inferred  = column.Inferred
)
