package correction

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"steward/internal/platform/access"
	"steward/internal/platform/fault"
	"steward/internal/platform/store"
)

// Record is one record whose values can be corrected.
type Record struct {
	ID           string // uid
	Name         string
	RepositoryID int64 // whose visibility it has
	Key          int64 // for the feature that keeps it
}

// Subject is a kind of record whose values can be corrected. The feature that keeps those records
// brings it; what it reads and writes is in the transaction that it is given.
type Subject struct {
	Kind   string // "component"
	Plural string // heading of its list: "Components"
	Path   string // address of its list: "/components"; a record is below it
	// Find finds a record by its uid, as far as the viewer may see it, else fault.NotFound.
	Find func(ctx context.Context, r store.Reader, v access.Viewer, uid string) (Record, error)
	// Claims lists what sources say of a value, the one that counts first. Where a correction takes
	// the place of a claim, that claim has the basis column.Corrected: what it said before is kept
	// with the correction.
	Claims func(ctx context.Context, r store.Reader, v access.Viewer, of Record, name string) ([]Claim, error)
	// Field says how a value is called and typed; false: there is no such value to be corrected.
	Field func(ctx context.Context, r store.Reader, v access.Viewer, name string, claims []Claim) (Field, bool, error)
	// Apply makes a value what the change says. It may be called again with the same change.
	Apply func(ctx context.Context, tx *store.Tx, of Record, c Change) error
}

// Change is what Subject.Apply makes of one value.
type Change struct {
	Name     string
	Value    string // JSON; "null": not known. Empty: no correction is in force, and the original counts.
	Original *Claim // what the sources say, nil for nothing
	At       time.Time
}

// Input is how a value is typed.
type Input string

// The inputs.
const (
	Words   Input = "text"
	Figure  Input = "number" // a whole number, 0 or more
	YesNo   Input = "yesno"
	Day     Input = "date" // stored as µs since 1970 UTC
	List    Input = "list" // words, separated by commas
	Nothing Input = "none" // cannot be typed: it can only be said not to be known, or by design
)

// Field says how a value is called and typed.
type Field struct {
	Label   string
	Input   Input
	Choices []string // that are offered; others may be typed
	Instead string   // what is so where nothing can be typed; "" is that it is not known
	// Check looks at what was typed as words and gives the form that is kept; nil keeps them as they are.
	Check func(words string) (string, error)
}

// InputOf is how values like the claimed ones are typed; words when there are none.
func InputOf(claims []Claim) Input {
	if len(claims) == 0 {
		return Words
	}
	var v any
	if json.Unmarshal([]byte(claims[0].Value), &v) != nil {
		return Nothing
	}
	switch v := v.(type) {
	case string:
		return Words
	case float64:
		return Figure
	case bool:
		return YesNo
	case []any:
		if !slices.ContainsFunc(v, func(one any) bool { _, ok := one.(string); return !ok }) {
			return List
		}
	}
	return Nothing
}

// maxValue is how long a typed value may be, in bytes.
const maxValue = 500

// parse reads a typed value and gives it as JSON.
func (f Field) parse(typed string) (string, error) {
	typed = strings.Join(strings.Fields(store.Text(typed)), " ")
	var value any
	switch f.Input {
	case Nothing:
		return "", fault.New(fault.Invalid, "Another value cannot be typed here. Say that it is not known, or that it is by design.")
	case Figure:
		n, err := strconv.ParseInt(strings.ReplaceAll(typed, ",", ""), 10, 64)
		if err != nil || n < 0 {
			return "", fault.New(fault.Invalid, "Type a whole number, such as 12.")
		}
		value = n
	case YesNo:
		if typed != "yes" && typed != "no" {
			return "", fault.New(fault.Invalid, "Choose yes or no.")
		}
		value = typed == "yes"
	case Day:
		day, err := time.Parse(time.DateOnly, typed)
		if err != nil {
			return "", fault.New(fault.Invalid, "Give the day as 2026-11-30.")
		}
		value = store.Micros(day)
	case List:
		var words []string
		for _, word := range strings.Split(typed, ",") {
			if word = strings.TrimSpace(word); word != "" {
				words = append(words, word)
			}
		}
		if len(words) == 0 {
			return "", fault.New(fault.Invalid, "Type what it is, separated by commas.")
		}
		value = words
	default:
		if typed == "" {
			return "", fault.New(fault.Invalid, "Type what it is, or say that it is not known.")
		}
		if f.Check != nil {
			checked, err := f.Check(typed)
			if err != nil {
				return "", err
			}
			typed = checked
		}
		value = typed
	}
	if len(typed) > maxValue {
		return "", fault.New(fault.Invalid, "That is longer than %d letters. Shorten it.", maxValue)
	}
	text, err := json.Marshal(value)
	if err != nil {
		return "", fmt.Errorf("encode a typed value: %w", err)
	}
	return string(text), nil
}
