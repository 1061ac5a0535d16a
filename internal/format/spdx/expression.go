package spdx

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Limits on an expression.
const (
	MaxLength = 16 << 10 // bytes
	MaxDepth  = 50       // parentheses within each other
)

// ErrInvalid is wrapped by every error of Parse and Normalise.
var ErrInvalid = errors.New("not a licence expression")

// Op joins the terms of an expression.
type Op string

// The operators; AND binds closer than OR.
const (
	And Op = "AND"
	Or  Op = "OR"
)

// Expression is a parsed licence expression: either one licence (Op empty) or
// two and more Terms joined by Op. Terms never have the Op of what holds them,
// and no two are equal.
type Expression struct {
	Op        Op
	Terms     []Expression
	Licence   string // canonical id, LicenseRef-x or DocumentRef-d:LicenseRef-x
	OrLater   bool   // written with a +, for licences that have no -or-later id
	Exception string // canonical id after WITH, or AdditionRef-x
}

// Parse reads an SPDX licence expression. Operators and ids are taken in any
// letter case. An id that is not on the list is an error; licences outside the
// list are written LicenseRef-name.
func Parse(text string) (Expression, error) { return parse(text, false) }

// Normalise returns the canonical text of an expression or of a licence's name
// as people write it, alone or as a term of an expression ("The MIT License",
// "Apache 2.0 OR MIT", a well-known address of a licence). What can mean two
// licences is an error.
func Normalise(text string) (string, error) {
	if id, ok := spelled(text); ok {
		return id, nil
	}
	e, err := parse(text, true)
	if err != nil {
		return "", err
	}
	return e.String(), nil
}

// String returns the canonical text, with parentheses only where they matter.
func (e Expression) String() string {
	if e.Op == "" {
		s := e.Licence
		if e.OrLater {
			s += "+"
		}
		if e.Exception != "" {
			s += " WITH " + e.Exception
		}
		return s
	}
	parts := make([]string, len(e.Terms))
	for i, t := range e.Terms {
		parts[i] = t.String()
		if t.Op == Or {
			parts[i] = "(" + parts[i] + ")"
		}
	}
	return strings.Join(parts, " "+string(e.Op)+" ")
}

// Licences returns each licence id once, in the order of writing, without
// operators and exceptions.
func (e Expression) Licences() []string {
	var ids []string
	e.collect(&ids)
	return ids
}

func (e Expression) collect(ids *[]string) {
	if e.Op == "" {
		if e.Licence != "" && !slices.Contains(*ids, e.Licence) {
			*ids = append(*ids, e.Licence)
		}
		return
	}
	for _, t := range e.Terms {
		t.collect(ids)
	}
}

// Join combines expressions by op; none gives the zero Expression.
func Join(op Op, terms ...Expression) Expression {
	out := Expression{Op: op}
	seen := map[string]bool{}
	for _, t := range terms {
		inner := []Expression{t}
		if t.Op == op {
			inner = t.Terms
		}
		for _, x := range inner {
			if s := x.String(); s != "" && !seen[s] {
				seen[s] = true
				out.Terms = append(out.Terms, x)
			}
		}
	}
	switch len(out.Terms) {
	case 0:
		return Expression{}
	case 1:
		return out.Terms[0]
	}
	return out
}

type word struct {
	text   string
	column int // from 1, bytes
}

type parser struct {
	words  []word
	at     int
	depth  int
	spells bool
	end    int
}

func parse(text string, spells bool) (Expression, error) {
	if len(text) > MaxLength {
		return Expression{}, fmt.Errorf("%w: longer than %d bytes", ErrInvalid, MaxLength)
	}
	p := &parser{words: split(text), spells: spells, end: len(text) + 1}
	if len(p.words) == 0 {
		return Expression{}, fmt.Errorf("%w: it is empty", ErrInvalid)
	}
	e, err := p.or()
	if err == nil && p.at < len(p.words) {
		err = p.fail("%q is not expected here: join licences by AND or OR", p.words[p.at].text)
	}
	if err != nil {
		return Expression{}, fmt.Errorf("%w: %.80q: %w", ErrInvalid, text, err)
	}
	return e, nil
}

// split makes words of the text; parentheses are words of their own.
func split(text string) []word {
	var words []word
	start := -1
	flush := func(end int) {
		if start >= 0 {
			words = append(words, word{text[start:end], start + 1})
			start = -1
		}
	}
	for i := range len(text) {
		switch text[i] {
		case ' ', '\t', '\n', '\r':
			flush(i)
		case '(', ')':
			flush(i)
			words = append(words, word{text[i : i+1], i + 1})
		default:
			if start < 0 {
				start = i
			}
		}
	}
	flush(len(text))
	return words
}

func (p *parser) fail(format string, args ...any) error {
	column := p.end
	if p.at < len(p.words) {
		column = p.words[p.at].column
	}
	return fmt.Errorf("column %d: %s", column, fmt.Sprintf(format, args...))
}

func (p *parser) peek(op string) bool {
	return p.at < len(p.words) && strings.EqualFold(p.words[p.at].text, op)
}

func (p *parser) take(op string) bool {
	if p.peek(op) {
		p.at++
		return true
	}
	return false
}

func (p *parser) or() (Expression, error)  { return p.joined(Or, p.and) }
func (p *parser) and() (Expression, error) { return p.joined(And, p.with) }

func (p *parser) joined(op Op, next func() (Expression, error)) (Expression, error) {
	first, err := next()
	if err != nil {
		return Expression{}, err
	}
	terms := []Expression{first}
	for p.take(string(op)) {
		term, err := next()
		if err != nil {
			return Expression{}, err
		}
		terms = append(terms, term)
	}
	return Join(op, terms...), nil
}

func (p *parser) with() (Expression, error) {
	if p.take("(") {
		if p.depth++; p.depth > MaxDepth {
			return Expression{}, p.fail("more than %d parentheses within each other", MaxDepth)
		}
		e, err := p.or()
		if err != nil {
			return Expression{}, err
		}
		if !p.take(")") {
			return Expression{}, p.fail("a closing parenthesis is missing")
		}
		p.depth--
		if p.peek("WITH") {
			return Expression{}, p.fail("WITH follows one licence, not parentheses")
		}
		return e, nil
	}
	e, err := p.licence()
	if err != nil || !p.take("WITH") {
		return e, err
	}
	if e.Op != "" || e.Exception != "" {
		p.at--
		return Expression{}, p.fail("a second WITH, or one after a name that means more than one licence")
	}
	if p.at == len(p.words) {
		return Expression{}, p.fail("the exception after WITH is missing")
	}
	name := p.words[p.at].text
	exception, ok := FindException(name)
	if !ok {
		if exception, ok = reference(name, "AdditionRef-"); !ok {
			return Expression{}, p.fail("%q is not an exception of the SPDX list", name)
		}
	}
	p.at++
	e.Exception = exception
	return e, nil
}

func (p *parser) licence() (Expression, error) {
	start := p.at
	if p.at == len(p.words) {
		return Expression{}, p.fail("a licence is missing")
	}
	if name := p.words[p.at].text; name == ")" || operator(name) {
		return Expression{}, p.fail("a licence is missing before %q", name)
	}
	for p.at < len(p.words) && !operator(p.words[p.at].text) && p.words[p.at].text != "(" && p.words[p.at].text != ")" {
		p.at++
		if !p.spells {
			break
		}
	}
	var texts []string
	for _, w := range p.words[start:p.at] {
		texts = append(texts, w.text)
	}
	name := strings.Join(texts, " ")
	if e, ok := simple(name); ok {
		return e, nil
	}
	if p.spells {
		if id, ok := spelled(name); ok {
			return Parse(id)
		}
	}
	p.at = start
	return Expression{}, p.fail("%q is not an id of the SPDX list; for licences outside it write LicenseRef-name", name)
}

func operator(text string) bool {
	return strings.EqualFold(text, "AND") || strings.EqualFold(text, "OR") || strings.EqualFold(text, "WITH")
}

// simple reads one id, a reference, or an id with a +.
func simple(name string) (Expression, bool) {
	if ref, ok := licenceRef(name); ok {
		return Expression{Licence: ref}, true
	}
	id, plus := strings.CutSuffix(name, "+")
	entry, ok := Find(id)
	if !ok {
		return Expression{}, false
	}
	id = entry.ID
	if entry.Deprecated && replaced[id] != "" {
		id = replaced[id]
	}
	id, exception, _ := strings.Cut(id, " WITH ")
	if later, ok := Find(strings.TrimSuffix(id, "-only") + "-or-later"); plus && ok {
		id, plus = later.ID, false
	} else if strings.HasSuffix(id, "-or-later") {
		plus = false
	}
	return Expression{Licence: id, OrLater: plus, Exception: exception}, true
}

func licenceRef(name string) (string, bool) {
	document, rest, found := strings.Cut(name, ":")
	if !found {
		return reference(name, "LicenseRef-")
	}
	document, ok := reference(document, "DocumentRef-")
	licence, ok2 := reference(rest, "LicenseRef-")
	return document + ":" + licence, ok && ok2
}

// reference checks a user-defined id: the prefix, then letters, digits, - and dots.
func reference(name, prefix string) (string, bool) {
	if len(name) <= len(prefix) || !strings.EqualFold(name[:len(prefix)], prefix) {
		return "", false
	}
	for _, r := range name[len(prefix):] {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '.' {
			return "", false
		}
	}
	return prefix + name[len(prefix):], true
}
