// Package glance is home as programs read it: the same figures, attention and news in plain values.
package glance

import "time"

// Home is home for programs: what the page shows.
type Home struct {
	Figures   []Figure  `json:"figures"`
	Attention []Item    `json:"attention" doc:"At most five kinds of things, the most urgent first"`
	Kinds     int       `json:"attention_kinds" doc:"How many kinds there are in all"`
	Records   int64     `json:"attention_records" doc:"How many records they have in all"`
	Pictures  []Picture `json:"pictures"`
	News      []Event   `json:"news" doc:"Newest first"`
	Late      []string  `json:"late" doc:"What did not answer in time and is missing here"`
}

// Figure is one figure of the ledger line, as it is written there.
type Figure struct {
	Label string `json:"label"`
	Value string `json:"value" doc:"With separators, as people read it"`
	Note  string `json:"note,omitempty"`
	Page  string `json:"page,omitempty" doc:"Address of what is counted"`
}

// Item is one row of what needs attention.
type Item struct {
	Urgency string `json:"urgency" enum:"Act,Look,Settle,Know"`
	Count   int64  `json:"count"`
	Title   string `json:"title"`
	Reason  string `json:"reason,omitempty"`
	Page    string `json:"page" doc:"Address of the list of them"`
	Step    string `json:"next_step,omitempty"`
	StepTo  string `json:"next_step_page,omitempty"`
}

// Picture is the figures of one panel.
type Picture struct {
	Title string `json:"title"`
	Note  string `json:"note,omitempty"`
	Rows  []Row  `json:"rows"`
}

// Row is one part, bar or column of a picture.
type Row struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Page  string  `json:"page,omitempty"`
}

// Event is one line of what changed.
type Event struct {
	Name string    `json:"name"`
	Text string    `json:"text"`
	Page string    `json:"page,omitempty"`
	At   time.Time `json:"at"`
}
