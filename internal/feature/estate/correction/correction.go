// Package correction keeps what people say against what Steward found: that a value of a record is
// wrong, outdated, not ours, or so by design.
//
// A correction is about one value of one record, such as the licence of a component. While it is
// binding it counts in place of what sources say, in lists, exports and programs alike; what the
// sources say is kept beside it, is read on, and comes back when the correction ends:
//
//	         say ─┬─▶ queued ──accept──▶ binding ──evidence changed──▶ reopened ──keep──▶ binding
//	              │      └────refuse───▶ refused                          └─────let go──▶ ended
//	              └─▶ binding, at once, from administrators and from who speaks for the owner
//	queued, binding, reopened ──withdraw──▶ withdrawn
//	binding ──the day is over, or a later one took its place──▶ ended
//
// Nothing is deleted: the history of a value is its corrections. Each deed has a batch, by which it
// is undone as a whole, as long as nothing happened to those corrections since.
//
// Evidence changes when a source says something else, or says it elsewhere: a new reading with the
// same answers, a shifted line, or a newer detector with the same answers change nothing, and a
// count has to double or halve. What a correction does to a record is known by that record's
// feature, which brings a Subject.
package correction

import (
	"time"

	"steward/internal/feature/estate/column"
)

// Verdict is what is said of a value.
type Verdict string

// The verdicts.
const (
	Wrong    Verdict = "wrong"     // it is something else, or not known
	Outdated Verdict = "outdated"  // it was so once
	NotOurs  Verdict = "not-ours"  // it is about something that is not ours
	ByDesign Verdict = "by-design" // it is so, and meant to be; nothing is put in its place
)

// Verdicts are all verdicts in the order in which people are asked.
var verdicts = []Verdict{Wrong, Outdated, NotOurs, ByDesign}

var verdictWords = map[string]string{string(Wrong): "Wrong", string(Outdated): "Outdated", string(NotOurs): "Not ours", string(ByDesign): "By design"}

// Word is the verdict for people.
func (v Verdict) Word() string { return verdictWords[string(v)] }

// State is where a correction stands.
type State string

// The states; see the package comment for the ways between them.
const (
	Queued    State = "queued"
	Binding   State = "binding"
	Refused   State = "refused"
	Withdrawn State = "withdrawn"
	Ended     State = "ended"
	Reopened  State = "reopened"
)

var (
	stateWords = map[string]string{string(Queued): "Waiting", string(Binding): "Binding", string(Refused): "Refused", string(Withdrawn): "Withdrawn", string(Ended): "Ended", string(Reopened): "Reopened"}
	stateTones = map[string]string{string(Queued): "info", string(Binding): "good", string(Refused): "none", string(Withdrawn): "none", string(Ended): "none", string(Reopened): "warn"}
)

// Word is the state for people.
func (s State) Word() string { return stateWords[string(s)] }

// Tone is the tone in which the state is drawn.
func (s State) Tone() string { return stateTones[string(s)] }

// undone is the state into which undoing its last deed brings it.
func (c Correction) undone() State {
	if c.before == "" {
		return Withdrawn
	}
	return c.before
}

// doer is the account that did its last deed; empty for Steward itself.
func (c Correction) doer() string {
	if c.before == "" {
		return c.Account
	}
	return c.decider
}

// open says that somebody may still decide on it or take it back.
func (s State) open() bool { return s == Queued || s == Binding || s == Reopened }

// Correction is one statement of one person on one value of one record.
type Correction struct {
	UID         string
	Kind        string // of the record: repository, component
	Subject     string // uid of the record
	Record      string // name of the record when it was said
	Name        string // of the value
	Verdict     Verdict
	Value       string // JSON; empty: not known
	ValueText   string // the same for people; not empty either where nothing is put in its place
	Reason      string
	Evidence    string
	Account     string // id
	By          string // name of the account; empty when it is not known any more
	Made        time.Time
	Until       string // last day on which it holds, YYYY-MM-DD; empty: no end
	State       State
	Decider     string // name of the account that decided; empty: Steward itself
	Decided     time.Time
	Why         string
	Against     []Claim // what sources said when it became binding, else when it was said
	Claimed     []Claim // what sources said when they were last read, the one that counts first
	ClaimedText string
	repository  int64
	batch       string // the deed that changed it last
	before      State  // before that deed; empty: the deed made it
	decider     string // account; empty: Steward itself, or nobody yet
}

// InForce says that it counts in place of what sources say.
func (c Correction) InForce() bool { return c.State == Binding && c.Verdict != ByDesign }

// Href is the address of its page.
func (c Correction) Href() string { return "/corrections/" + c.UID }

// Says is what it puts in place of the claimed value, in words.
func (c Correction) Says() string {
	switch {
	case c.Verdict == ByDesign:
		return "as it is"
	case c.ValueText == "":
		return "not known"
	}
	return c.ValueText
}

// Claim is what one source says of one value of a record.
type Claim struct {
	Value    string       `json:"value"` // JSON
	Basis    column.Basis `json:"basis"`
	Source   string       `json:"source,omitempty"` // analyser
	File     string       `json:"file,omitempty"`
	Line     int          `json:"line,omitempty"`
	Words    string       `json:"words,omitempty"` // the evidence, where it is no place in a file
	Observed time.Time    `json:"observed,omitzero"`
}
