package descriptor

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

type valueKind uint8

const (
	nullValue valueKind = iota
	stringValue
	otherScalar // number or boolean; text is valid JSON
	sequence
	mapping
)

// value is one YAML node with its line. Aliases share the node that they name,
// so that a small file stays small until it is written out.
type value struct {
	kind  valueKind
	text  string
	items []*value // of a sequence; of a mapping the values
	keys  []string // of a mapping, parallel to items
	line  int
}

// get returns the value of a key, or nil. A nil value has no keys.
func (v *value) get(key string) *value {
	if v == nil || v.kind != mapping {
		return nil
	}
	for i, k := range v.keys {
		if k == key {
			return v.items[i]
		}
	}
	return nil
}

// scalar returns the text of a string, number or boolean.
func (v *value) scalar() (string, bool) {
	if v == nil || v.kind != stringValue && v.kind != otherScalar {
		return "", false
	}
	return v.text, true
}

type yamlError struct {
	line int // 0 when not known
	text string
}

// parseYAML parses one document whose first line has the given number.
func parseYAML(text []byte, firstLine int) (*value, *yamlError) {
	if line := tooDeep(text); line > 0 {
		return nil, &yamlError{line: firstLine + line - 1, text: fmt.Sprintf("nested deeper than %d", MaxDepth)}
	}
	tokens := lexer.Tokenize(string(text))
	if line := tooManyKeys(tokens); line > 0 {
		return nil, &yamlError{line: firstLine + line - 1, text: fmt.Sprintf("a mapping with more than %d keys", MaxKeys)}
	}
	file, err := parser.Parse(tokens, 0)
	if err != nil {
		out := &yamlError{text: err.Error()}
		if typed, ok := errors.AsType[yaml.Error](err); ok {
			out.text = typed.GetMessage()
			if t := typed.GetToken(); t != nil && t.Position != nil {
				out.line = firstLine + t.Position.Line - 1
			}
		}
		out.text, _, _ = strings.Cut(out.text, "\n")
		return nil, out
	}
	t := tree{offset: firstLine - 1, anchors: map[string]*value{}}
	var root *value
	for _, doc := range file.Docs {
		if doc == nil || doc.Body == nil {
			continue
		}
		if _, comment := doc.Body.(*ast.CommentGroupNode); comment {
			continue
		}
		if doc.Body.Type() == ast.DirectiveType {
			continue
		}
		if root != nil {
			return nil, &yamlError{line: t.line(doc.Body), text: "a second document without the mark ---"}
		}
		if root, err = t.value(doc.Body, 0); err != nil {
			return nil, &yamlError{line: t.line(doc.Body), text: err.Error()}
		}
	}
	return root, nil
}

// tooDeep returns the line where nesting is beyond what a descriptor may have,
// before a recursive parser sees it, or 0. It counts brackets outside of quotes
// roughly and runs of "- " and "? " exactly; indentation is bounded by the
// parser's own work on lines.
func tooDeep(text []byte) int {
	const roughLimit = 10 * MaxDepth // brackets in prose need not be balanced
	depth, run, line := 0, 0, 1
	for i, c := range text {
		switch c {
		case '[', '{':
			depth++
		case ']', '}':
			depth = max(0, depth-1)
		case '\n':
			line++
			run = 0
		case '-', '?', ':', '!', '&':
			if i+1 < len(text) && (text[i+1] == ' ' || text[i+1] == '\t' || c == '!' || c == '&') {
				run++
			}
		case ' ', '\t':
		default:
			if c != '!' && c != '&' && i > 0 && (text[i-1] == ' ' || text[i-1] == '\t') {
				run = 0
			}
		}
		if depth > roughLimit || run > roughLimit {
			return line
		}
	}
	return 0
}

// tooManyKeys returns the line where a mapping grows beyond MaxKeys, or 0: the
// parser's work grows with the square of the keys (measured: 10,000 keys 1.3 s,
// 40,000 keys 22 s). A mapping is told by the column of its keys, until
// something stands further left.
func tooManyKeys(tokens token.Tokens) int {
	type open struct{ column, keys int }
	var stack []open
	for _, t := range tokens {
		at := t
		switch t.Type {
		case token.MappingValueType:
			if t.Prev != nil {
				at = t.Prev
			}
		case token.SequenceEntryType:
		default:
			continue
		}
		if at.Position == nil {
			continue
		}
		column := at.Position.Column
		for len(stack) > 0 && stack[len(stack)-1].column > column {
			stack = stack[:len(stack)-1]
		}
		if t.Type == token.SequenceEntryType {
			continue
		}
		if len(stack) == 0 || stack[len(stack)-1].column < column {
			stack = append(stack, open{column: column})
		}
		top := &stack[len(stack)-1]
		if top.keys++; top.keys > MaxKeys {
			return at.Position.Line
		}
	}
	return 0
}

// tree turns the parser's nodes into values.
type tree struct {
	offset  int
	anchors map[string]*value
}

func (t *tree) line(n ast.Node) int {
	if tok := n.GetToken(); tok != nil && tok.Position != nil {
		return tok.Position.Line + t.offset
	}
	return t.offset + 1
}

var errTooDeep = fmt.Errorf("nested deeper than %d", MaxDepth)

func (t *tree) value(n ast.Node, depth int) (*value, error) {
	if depth > MaxDepth {
		return nil, errTooDeep
	}
	v := &value{}
	if n == nil {
		return v, nil
	}
	v.line = t.line(n)
	switch n := n.(type) {
	case *ast.StringNode:
		v.kind, v.text = stringValue, n.Value
	case *ast.LiteralNode:
		v.kind, v.text = stringValue, n.Value.Value
	case *ast.IntegerNode:
		v.kind, v.text = otherScalar, number(n.GetToken().Value, n.Value)
	case *ast.FloatNode:
		v.kind, v.text = otherScalar, number(n.GetToken().Value, n.Value)
	case *ast.BoolNode:
		v.kind, v.text = otherScalar, strconv.FormatBool(n.Value)
	case *ast.InfinityNode, *ast.NanNode:
		v.kind, v.text = stringValue, n.GetToken().Value // JSON has no such number
	case *ast.AnchorNode:
		inner, err := t.value(n.Value, depth+1)
		if err == nil {
			t.anchors[n.Name.GetToken().Value] = inner
		}
		return inner, err
	case *ast.AliasNode:
		name := n.Value.GetToken().Value
		if known := t.anchors[name]; known != nil {
			return known, nil
		}
		return nil, fmt.Errorf("alias *%s names no anchor before it", name)
	case *ast.TagNode:
		inner, err := t.value(n.Value, depth+1)
		if err == nil && n.Start.Value == "!!str" && inner.kind == otherScalar {
			return &value{kind: stringValue, text: n.Value.GetToken().Value, line: inner.line}, nil
		}
		return inner, err
	case *ast.SequenceNode:
		v.kind = sequence
		for _, item := range n.Values {
			one, err := t.value(item, depth+1)
			if err != nil {
				return nil, err
			}
			v.items = append(v.items, one)
		}
	case *ast.MappingNode:
		if len(n.Values) == 1 && !n.IsFlowStyle {
			return t.pair(v, n.Values[0], depth)
		}
		return v, t.pairs(v, n.Values, depth)
	case *ast.MappingValueNode:
		return t.pair(v, n, depth)
	}
	return v, nil
}

// pair fills a mapping of one pair, or what only looks like one.
func (t *tree) pair(v *value, n *ast.MappingValueNode, depth int) (*value, error) {
	if text, ok := touching(n); ok {
		v.kind, v.text = stringValue, text
		return v, nil
	}
	return v, t.pairs(v, []*ast.MappingValueNode{n}, depth)
}

// touching gives the text of a plain scalar such as component:a, which the
// library takes for a mapping within { }: a colon parts key and value only when
// a space follows it (YAML 1.2.2, section 7.3.3).
func touching(n *ast.MappingValueNode) (string, bool) {
	key, ok := n.Key.(*ast.StringNode)
	if !ok || key.Token.Type != token.StringType || n.Value == nil {
		return "", false
	}
	colon, first := n.Start.Position, n.Value.GetToken()
	if first == nil || first.Position.Line != colon.Line || first.Position.Column != colon.Column+1 {
		return "", false
	}
	switch value := n.Value.(type) {
	case *ast.StringNode:
		if value.Token.Type != token.StringType {
			return "", false
		}
		return key.Value + ":" + value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return key.Value + ":" + first.Value, true
	}
	return "", false
}

// pairs fills a mapping. Keys of merged mappings (<<) come after, and give way to, its own.
func (t *tree) pairs(v *value, pairs []*ast.MappingValueNode, depth int) error {
	v.kind = mapping
	own := map[string]bool{}
	var merged []*value
	for i, pair := range pairs {
		item, err := t.value(pair.Value, depth+1)
		if err != nil {
			return err
		}
		if i == 0 {
			v.line = t.line(pair.Key)
		}
		if pair.Key.Type() == ast.MergeKeyType {
			merged = append(merged, item)
			continue
		}
		key, err := t.key(pair.Key, depth)
		if err != nil {
			return err
		}
		if own[key] {
			return fmt.Errorf("the key %q stands twice", cut(key))
		}
		own[key] = true
		if item.line == 0 || item.kind == nullValue {
			item.line = t.line(pair.Key)
		}
		v.keys, v.items = append(v.keys, key), append(v.items, item)
	}
	for _, m := range merged {
		sources := []*value{m}
		if m.kind == sequence {
			sources = m.items
		}
		for _, source := range sources {
			for i, key := range source.keys {
				if !own[key] {
					own[key] = true
					v.keys, v.items = append(v.keys, key), append(v.items, source.items[i])
				}
			}
		}
	}
	return nil
}

func (t *tree) key(n ast.Node, depth int) (string, error) {
	if explicit, ok := n.(*ast.MappingKeyNode); ok {
		n = explicit.Value
	}
	v, err := t.value(n, depth+1)
	if err != nil {
		return "", err
	}
	text, ok := v.scalar()
	if !ok && v.kind != nullValue {
		return "", errors.New("a key is a mapping or a list")
	}
	return text, nil
}

// number keeps a number's own spelling when JSON has the same, else its value.
func number(text string, parsed any) string {
	if json.Valid([]byte(text)) {
		return text
	}
	if b, err := json.Marshal(parsed); err == nil {
		return string(b)
	}
	return "null"
}

// appendJSON writes a value with its keys in their order and takes the bytes
// from the budget; false means that the budget is spent or the depth too great.
func appendJSON(b []byte, v *value, budget *int, depth int) ([]byte, bool) {
	if *budget <= 0 || depth > 2*MaxDepth {
		return b, false
	}
	before, ok := len(b), true
	switch v.kind {
	case nullValue:
		b = append(b, "null"...)
	case otherScalar:
		b = append(b, v.text...)
	case stringValue:
		b = appendString(b, v.text)
	default:
		*budget -= 2
		open, shut := byte('['), byte(']')
		if v.kind == mapping {
			open, shut = '{', '}'
		}
		b = append(b, open)
		for i, item := range v.items {
			if i > 0 {
				b = append(b, ',')
			}
			if v.kind == mapping {
				n := len(b)
				b = append(appendString(b, v.keys[i]), ':')
				*budget -= len(b) - n
			}
			if b, ok = appendJSON(b, item, budget, depth+1); !ok {
				return b, false
			}
		}
		return append(b, shut), true
	}
	*budget -= len(b) - before
	return b, true
}

func appendString(b []byte, s string) []byte {
	quoted, err := json.Marshal(s)
	if err != nil {
		return append(b, `""`...)
	}
	return append(b, quoted...)
}

// cut shortens a text for a message.
func cut(s string) string {
	if len(s) > 80 {
		return strings.ToValidUTF8(s[:80], "") + "…"
	}
	return s
}
