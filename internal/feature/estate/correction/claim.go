package correction

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"

	"steward/internal/feature/estate/column"
)

// maxClaims is how many claims on one value are kept with a correction; further ones are left out.
const maxClaims = 200

// material says whether the evidence of two readings differs enough to look at a correction again:
// some source has another answer, on another basis or in another file.
func material(before, now []Claim) bool {
	in := func(c Claim, others []Claim) bool {
		return slices.ContainsFunc(others, func(o Claim) bool { return c.Basis == o.Basis && c.File == o.File && alike(c.Value, o.Value) })
	}
	for _, c := range before {
		if !in(c, now) {
			return true
		}
	}
	for _, c := range now {
		if !in(c, before) {
			return true
		}
	}
	return false
}

// alike compares two values as JSON. Figures are counted anew with every reading: they are alike
// until one is twice the other.
func alike(a, b string) bool {
	var x, y any
	if json.Unmarshal([]byte(a), &x) != nil || json.Unmarshal([]byte(b), &y) != nil {
		return a == b
	}
	return alikeValues(x, y)
}

func alikeValues(x, y any) bool {
	switch x := x.(type) {
	case float64:
		other, ok := y.(float64)
		if !ok || math.Signbit(x) != math.Signbit(other) {
			return false
		}
		low, high := min(math.Abs(x), math.Abs(other)), max(math.Abs(x), math.Abs(other))
		return low == high || (low > 0 && high < 2*low)
	case []any:
		other, ok := y.([]any)
		return ok && slices.EqualFunc(x, other, alikeValues)
	case map[string]any:
		other, ok := y.(map[string]any)
		if !ok || len(x) != len(other) {
			return false
		}
		for key, value := range x {
			if o, has := other[key]; !has || !alikeValues(value, o) {
				return false
			}
		}
		return true
	}
	return reflect.DeepEqual(x, y)
}

// kept are the claims that are kept with a correction: the one that counts stays the first, and of too
// many the same ones are left out at each reading.
func kept(all []Claim) []Claim {
	if len(all) <= maxClaims {
		return all
	}
	rest := slices.Clone(all[1:])
	slices.SortStableFunc(rest, func(a, b Claim) int {
		return cmp.Or(cmp.Compare(a.Basis, b.Basis), cmp.Compare(a.File, b.File), cmp.Compare(a.Value, b.Value), cmp.Compare(a.Source, b.Source), cmp.Compare(a.Line, b.Line))
	})
	return slices.Concat(all[:1], rest[:maxClaims-1])
}

// encodeClaims writes claims for a column. They always encode: strings, a number, a time.
func encodeClaims(all []Claim) (string, error) {
	text, err := json.Marshal(kept(all))
	if err != nil {
		return "", fmt.Errorf("encode claims: %w", err)
	}
	return string(text), nil
}

// Sure says how sure a claim is, and why.
func (c Claim) Sure() (word, why string) {
	switch {
	case c.Basis == column.Written:
		return "certain", "people wrote it"
	case c.Basis == column.Measured && counted(c.Value):
		return "certain", "counted"
	case c.Basis == column.Measured:
		return "strong", "measured with a rule"
	}
	return "suspected", "inferred"
}

// counted says that a value is a figure or a yes or no.
func counted(value string) bool {
	var v any
	if json.Unmarshal([]byte(value), &v) != nil {
		return false
	}
	switch v.(type) {
	case float64, bool:
		return true
	}
	return false
}
