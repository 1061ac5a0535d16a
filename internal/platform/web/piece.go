package web

import "steward/internal/platform/web/piece"

// What pages are made of. Package piece says what each is and which function of templates draws it.
type (
	// Action is a button: a link, or with Post a form of its own.
	Action = piece.Action
	// Badge is a filled word for kind or lifecycle.
	Badge = piece.Badge
	// Part is one part of a whole, for split and mini.
	Part = piece.Part
	// Bar is one row of bars.
	Bar = piece.Bar
	// Point is one column of a chart.
	Point = piece.Point
	// Amount is one figure of a ledger line.
	Amount = piece.Amount
	// Fact is one row of facts.
	Fact = piece.Fact
	// Source says where a fact comes from.
	Source = piece.Source
	// Event is one line of a timeline.
	Event = piece.Event
	// Notice is a line about the state of what is shown.
	Notice = piece.Notice
	// Progress is how far something is.
	Progress = piece.Progress
	// State stands where something would be that is not.
	State = piece.State
	// Problem is something to be changed in a form.
	Problem = piece.Problem
)

// The sources of facts.
const (
	Measured  = piece.Measured // from content
	Written   = piece.Written  // by people
	Inferred  = piece.Inferred
	Corrected = piece.Corrected // by people, in Steward
	Disputed  = piece.Disputed  // sources disagree
	NotKnown  = piece.NotKnown
	Assumed   = piece.Assumed // money and hours only
)
