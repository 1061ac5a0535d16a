package version

import (
	"fmt"
	"math/big"
	"regexp"
	"strings"

	"github.com/google/osv-scalibr/semantic"
)

// Limits on a range.
const (
	MaxRangeLength = 1024 // bytes
	maxParts       = 64
)

// Allowed is what ParseRange reads, for messages and help.
const Allowed = "<2.17  >=1.2,<3  1.2.3  !=1.2.3  ^1.2  ~1.2  ~>1.2  1.x  [1,2)  1.2 - 2.0  a || b  *"

// Range is a set of versions of one purl type. The zero value holds nothing;
// make one with ParseRange.
type Range struct {
	text         string
	ecosystem    ecosystem
	alternatives [][]bound // any of them, of each all bounds
}

type relation int

const (
	lower      relation = iota // <
	atMost                     // <=
	higher                     // >
	atLeast                    // >=
	equal                      // =
	different                  // !=
	below                      // numbers less than the bound's: 2.0.0-beta is not below 2
	notWithin                  // outside of version ... next, where next is as below
	everything                 // *
)

// bound is one comparison.
type bound struct {
	relation relation
	version  string
	parsed   semantic.Version
	next     []string // for notWithin and below: the numbers at which the stretch ends
}

// ParseRange reads a range as people write it:
//
//	<2.17  <=2.17  >1.2  >=1.2,<3  >=1.2 <3     bounds, all must hold
//	1.2.3  =1.2.3  ==1.2.3  !=1.2.3             one version; a bare one is exact in every ecosystem
//	^1.2                                        up to the next first number that is not 0
//	~1.2                                        up to the next number before the last one given is reached:
//	                                            ~1.2.3 and ~1.2 end at 1.3, ~1 at 2; in Composer as ~>
//	~>1.2  ~=1.2                                up to the next second-last number: ends at 2; ~>1.2.3 at 1.3
//	1.x  1.2.*  !=1.4.*                         all that start so
//	[1,2)  (,1.0]  [1.5]  [1,2),[3,4)           intervals of Maven and NuGet, any of them
//	1.2 - 2.0                                   from, to; both included
//	a || b                                      either
//	*                                           any version
//
// Pre-releases count by their place in the order (2.0.0-beta is in <2), except
// that ^, ~, ~> and x end before the pre-releases of the version where they end.
// Ranges with ^, ~ and x are not read for deb, rpm, alpm and apk.
func ParseRange(purlType, expr string) (Range, error) {
	if len(expr) > MaxRangeLength {
		return Range{}, fmt.Errorf("%w: longer than %d bytes", ErrRange, MaxRangeLength)
	}
	r := Range{text: strings.TrimSpace(expr), ecosystem: ecosystemOf(purlType)}
	parts := 0
	for alternative := range strings.SplitSeq(r.text, "||") {
		alternative = strings.TrimSpace(alternative)
		var sets [][]bound
		var err error
		if strings.HasPrefix(alternative, "[") || strings.HasPrefix(alternative, "(") {
			sets, err = r.intervals(alternative)
		} else {
			var set []bound
			set, err = r.bounds(alternative)
			sets = [][]bound{set}
		}
		if err != nil {
			return Range{}, fmt.Errorf("%w: %q: %w (allowed: %s)", ErrRange, expr, err, Allowed)
		}
		for _, set := range sets {
			parts += len(set)
		}
		if r.alternatives = append(r.alternatives, sets...); parts > maxParts {
			return Range{}, fmt.Errorf("%w: more than %d parts", ErrRange, maxParts)
		}
	}
	return r, nil
}

// String returns the range as it was written.
func (r Range) String() string { return r.text }

// Contains says whether a version is in the range. A text that is no version
// is an ErrVersion, except that * contains everything.
func (r Range) Contains(version string) (bool, error) {
	if len(r.alternatives) == 1 && len(r.alternatives[0]) == 1 && r.alternatives[0][0].relation == everything {
		return true, nil
	}
	clean, err := r.ecosystem.check(version)
	if err != nil {
		return false, err
	}
	parsed, err := r.ecosystem.parse(version)
	if err != nil {
		return false, err
	}
	for _, set := range r.alternatives {
		all := true
		for _, b := range set {
			ok, err := b.holds(clean, parsed)
			if err != nil {
				return false, err
			}
			if !ok {
				all = false
				break
			}
		}
		if all {
			return true, nil
		}
	}
	return false, nil
}

func (b bound) holds(clean string, parsed semantic.Version) (bool, error) {
	if b.relation == everything {
		return true, nil
	}
	if b.relation == below {
		return compareNumbers(numbers(withoutEpoch(clean)), b.next) < 0, nil
	}
	c, err := compare(parsed, b.parsed)
	if err != nil {
		return false, err
	}
	switch b.relation {
	case lower:
		return c < 0, nil
	case atMost:
		return c <= 0, nil
	case higher:
		return c > 0, nil
	case atLeast:
		return c >= 0, nil
	case different:
		return c != 0, nil
	case notWithin:
		return c < 0 || compareNumbers(numbers(withoutEpoch(clean)), b.next) >= 0, nil
	default:
		return c == 0, nil
	}
}

// withoutEpoch drops the epoch of PEP 440; bounds with an epoch are refused
// where only numbers are compared.
func withoutEpoch(v string) string {
	if i := strings.IndexByte(v, '!'); i >= 0 {
		return v[i+1:]
	}
	return v
}

var (
	operatorPart = regexp.MustCompile(`^(===|==|=|!=|<=|>=|<|>|\^|~>|~=|~)?\s*([^\s,<>=!^~][^\s,<>=^]*)`)
	hyphenPart   = regexp.MustCompile(`^(\S+)\s+-\s+(\S+)$`)
	wildcardPart = regexp.MustCompile(`^[vV]?([0-9]+(?:\.[0-9]+)*)((?:\.[xX*])+)$`)
)

// bounds reads comparisons joined by commas or spaces.
func (r Range) bounds(text string) ([]bound, error) {
	if text == "" {
		return nil, fmt.Errorf("a part is empty")
	}
	if m := hyphenPart.FindStringSubmatch(text); m != nil {
		from, err := r.comparison(">=", m[1])
		if err != nil {
			return nil, err
		}
		to, err := r.comparison("<=", m[2])
		return append(from, to...), err
	}
	var all []bound
	for rest := text; rest != ""; {
		m := operatorPart.FindStringSubmatch(rest)
		if m == nil {
			return nil, fmt.Errorf("part %q cannot be read", rest)
		}
		bs, err := r.comparison(m[1], m[2])
		if err != nil {
			return nil, err
		}
		all = append(all, bs...)
		rest = strings.TrimLeft(rest[len(m[0]):], " \t")
		if after, ok := strings.CutPrefix(rest, ","); ok {
			if rest = strings.TrimLeft(after, " \t"); rest == "" {
				return nil, fmt.Errorf("nothing follows the last comma")
			}
		}
	}
	return all, nil
}

// comparison reads one operator with its version.
func (r Range) comparison(operator, text string) ([]bound, error) {
	if text == "*" || text == "x" || text == "X" {
		if operator != "" && operator != "=" && operator != "==" && operator != ">=" {
			return nil, fmt.Errorf("part %q: * stands alone", operator+text)
		}
		return []bound{{relation: everything}}, nil
	}
	part := operator + text
	if m := wildcardPart.FindStringSubmatch(text); m != nil {
		return r.wildcard(part, operator, m[1])
	}
	switch operator {
	case "^", "~", "~>", "~=":
		return r.upTo(part, operator, text)
	}
	relations := map[string]relation{"<": lower, "<=": atMost, ">": higher, ">=": atLeast, "!=": different}
	rel, ok := relations[operator]
	if !ok {
		rel = equal
	}
	return r.bound(part, rel, text)
}

func (r Range) bound(part string, rel relation, text string) ([]bound, error) {
	parsed, err := r.ecosystem.parse(text)
	if err != nil {
		return nil, fmt.Errorf("part %q: %w", part, err)
	}
	return []bound{{relation: rel, version: text, parsed: parsed}}, nil
}

// wildcard reads 1.x with any operator.
func (r Range) wildcard(part, operator, stem string) ([]bound, error) {
	if err := r.numeric(part); err != nil {
		return nil, err
	}
	from := strings.Split(stem, ".")
	next := numbers(strings.Join(raise(from, len(from)-1), "."))
	start, err := r.bound(part, atLeast, stem)
	if err != nil {
		return nil, err
	}
	switch operator {
	case ">=":
		return start, nil
	case "<":
		return []bound{{relation: below, next: numbers(stem)}}, nil
	case "<=":
		return []bound{{relation: below, next: next}}, nil
	case ">":
		return r.bound(part, atLeast, strings.Join(raise(from, len(from)-1), "."))
	case "!=":
		start[0].relation, start[0].next = notWithin, next
		return start, nil
	case "^":
		return r.upTo(part, operator, stem)
	default: // =, none, and ~ mean the same
		return append(start, bound{relation: below, next: next}), nil
	}
}

// upTo reads ^, ~, ~> and ~=.
func (r Range) upTo(part, operator, text string) ([]bound, error) {
	if err := r.numeric(part); err != nil {
		return nil, err
	}
	clean, err := r.ecosystem.check(text)
	if err != nil {
		return nil, fmt.Errorf("part %q: %w", part, err)
	}
	if strings.Contains(clean, "!") {
		return nil, fmt.Errorf("part %q: a version with an epoch needs < and >=", part)
	}
	stem := strings.Split(numberPart(clean), ".")
	if len(stem) == 1 && stem[0] == "" {
		return nil, fmt.Errorf("part %q: the version does not start with a number", part)
	}
	at := 0
	switch {
	case operator == "^":
		for at < len(stem)-1 && strings.Trim(stem[at], "0") == "" {
			at++
		}
	case operator == "~" && r.ecosystem.name != "Packagist":
		at = min(1, len(stem)-1)
	default:
		at = max(0, len(stem)-2)
	}
	start, err := r.bound(part, atLeast, text)
	if err != nil {
		return nil, err
	}
	return append(start, bound{relation: below, next: numbers(strings.Join(raise(stem, at), "."))}), nil
}

func (r Range) numeric(part string) error {
	if !r.ecosystem.ranges {
		return fmt.Errorf("part %q: ^, ~ and x are not used for versions of %s; use < and >=", part, r.ecosystem.name)
	}
	return nil
}

// raise adds one to the number at a place and drops what follows.
func raise(stem []string, at int) []string {
	out := append([]string(nil), stem[:at+1]...)
	n, ok := new(big.Int).SetString(out[at], 10)
	if !ok {
		n = new(big.Int)
	}
	out[at] = n.Add(n, big.NewInt(1)).String()
	return out
}

// intervals reads [1,2),[3,4) of Maven and NuGet.
func (r Range) intervals(text string) ([][]bound, error) {
	var sets [][]bound
	for rest := text; rest != ""; {
		end := strings.IndexAny(rest, ")]")
		if end < 0 || rest[0] != '[' && rest[0] != '(' {
			return nil, fmt.Errorf("part %q: an interval is written [1,2), with [ ] for included and ( ) for excluded ends", rest)
		}
		set, err := r.interval(rest[:end+1])
		if err != nil {
			return nil, err
		}
		sets = append(sets, set)
		rest = strings.TrimSpace(rest[end+1:])
		if after, ok := strings.CutPrefix(rest, ","); ok {
			if rest = strings.TrimSpace(after); rest == "" {
				return nil, fmt.Errorf("nothing follows the last comma")
			}
		}
	}
	return sets, nil
}

func (r Range) interval(text string) ([]bound, error) {
	from, to, both := strings.Cut(text[1:len(text)-1], ",")
	from, to = strings.TrimSpace(from), strings.TrimSpace(to)
	if !both {
		if text[0] != '[' || text[len(text)-1] != ']' || from == "" {
			return nil, fmt.Errorf("part %q: one version is written [1.5]", text)
		}
		return r.bound(text, equal, from)
	}
	var set []bound
	if from != "" {
		rel := higher
		if text[0] == '[' {
			rel = atLeast
		}
		b, err := r.bound(text, rel, from)
		if err != nil {
			return nil, err
		}
		set = append(set, b...)
	}
	if to != "" {
		rel := lower
		if text[len(text)-1] == ']' {
			rel = atMost
		}
		b, err := r.bound(text, rel, to)
		if err != nil {
			return nil, err
		}
		set = append(set, b...)
	}
	if set == nil {
		set = []bound{{relation: everything}}
	}
	return set, nil
}
