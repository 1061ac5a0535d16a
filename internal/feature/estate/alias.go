package estate

import (
	"steward/internal/feature/estate/coverage"
	"steward/internal/feature/estate/snapshot"
	"steward/internal/feature/estate/source"
)

// Snapshot is the pinned state of a repository that analysers read.
type Snapshot = snapshot.Snapshot

// Entry is one file of a snapshot.
type Entry = snapshot.Entry

// Source is one place where repositories come from.
type Source = source.Source

// Base says how much of the estate an answer stands on.
type Base = coverage.Base
