package maven

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"steward/internal/format/lockfile"
)

// scanner walks the elements of an XML file. Document type declarations are
// refused, so that no entity of the file's own is ever expanded.
type scanner struct {
	dec   *xml.Decoder
	depth int
}

func newScanner(b []byte) (*scanner, error) {
	b, err := decode(b)
	if err != nil {
		return nil, err
	}
	dec := xml.NewDecoder(bytes.NewReader(b))
	dec.Entity = xml.HTMLEntity // Maven's own reader knows them without a declaration
	dec.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	return &scanner{dec: dec}, nil
}

// decode turns the single-byte encodings that a pom may declare into UTF-8.
// The rest is judged by lockfile.Text.
func decode(b []byte) ([]byte, error) {
	if len(b) > lockfile.MaxBytes {
		return nil, lockfile.ErrTooLarge
	}
	head := strings.ToLower(string(b[:min(len(b), 200)]))
	if end := strings.Index(head, "?>"); strings.HasPrefix(head, "<?xml") && end > 0 {
		head = head[:end]
		for _, name := range []string{"iso-8859-1", "iso-8859-15", "iso8859-1", "latin1", "latin-1", "windows-1252", "cp1252"} {
			if strings.Contains(head, name) {
				b = fromLatin1(b)
				break
			}
		}
	}
	return lockfile.Text(b)
}

// fromLatin1 reads each byte as the character of that number. The few letters
// that the relatives of ISO 8859-1 place elsewhere occur in names of people,
// never in coordinates.
func fromLatin1(b []byte) []byte {
	out := make([]byte, 0, len(b)+len(b)/16)
	for _, c := range b {
		if c < 0x80 {
			out = append(out, c)
			continue
		}
		out = append(out, 0xC0|c>>6, 0x80|c&0x3F)
	}
	return out
}

func (s *scanner) line() int {
	line, _ := s.dec.InputPos()
	return line
}

func (s *scanner) fail(kind error, format string, args ...any) error {
	return &lockfile.LineError{Line: s.line(), Err: fmt.Errorf("%w: %s", kind, fmt.Sprintf(format, args...))}
}

func (s *scanner) token() (xml.Token, error) {
	tok, err := s.dec.RawToken()
	switch {
	case err == nil:
	case errors.Is(err, io.EOF):
		return nil, s.fail(lockfile.ErrSyntax, "the file ends inside an element")
	default:
		var syntax *xml.SyntaxError
		if errors.As(err, &syntax) {
			return nil, &lockfile.LineError{Line: syntax.Line, Err: fmt.Errorf("%w: not well-formed XML", lockfile.ErrSyntax)}
		}
		return nil, s.fail(lockfile.ErrSyntax, "not well-formed XML")
	}
	if directive, ok := tok.(xml.Directive); ok {
		name, _, _ := strings.Cut(string(directive[:min(len(directive), 20)]), " ")
		return nil, s.fail(lockfile.ErrSyntax, "document type declarations (<!%.10s>) are refused, remove it", name)
	}
	return tok, nil
}

// root moves to the first element and returns its name.
func (s *scanner) root() (string, error) {
	for {
		tok, err := s.token()
		if err != nil {
			return "", err
		}
		if start, ok := tok.(xml.StartElement); ok {
			s.depth = 1
			return start.Name.Local, nil
		}
	}
}

// children calls each for every element inside the current one, which is named
// parent. each consumes the element by children, text or skip; line is where
// the element starts.
func (s *scanner) children(parent string, each func(name string, line int) error) error {
	for {
		tok, err := s.token()
		if err != nil {
			return err
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			if s.depth++; s.depth > lockfile.MaxDepth {
				return s.fail(lockfile.ErrTooDeep, "more than %d elements inside each other", lockfile.MaxDepth)
			}
			if err := each(tok.Name.Local, s.line()); err != nil {
				return err
			}
		case xml.EndElement:
			s.depth--
			if tok.Name.Local != parent {
				return s.fail(lockfile.ErrSyntax, "</%.40s> closes <%.40s>", tok.Name.Local, parent)
			}
			return nil
		}
	}
}

// skip passes over the current element and everything in it.
func (s *scanner) skip(name string) error {
	open := make([]string, 1, 16)
	open[0] = name
	for len(open) > 0 {
		tok, err := s.token()
		if err != nil {
			return err
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			if open = append(open, tok.Name.Local); s.depth+len(open) > lockfile.MaxDepth {
				return s.fail(lockfile.ErrTooDeep, "more than %d elements inside each other", lockfile.MaxDepth)
			}
		case xml.EndElement:
			if tok.Name.Local != open[len(open)-1] {
				return s.fail(lockfile.ErrSyntax, "</%.40s> closes <%.40s>", tok.Name.Local, open[len(open)-1])
			}
			open = open[:len(open)-1]
		}
	}
	s.depth--
	return nil
}

// text reads the current element as text, trimmed. Elements inside are passed
// over.
func (s *scanner) text(name string) (string, error) {
	var out []byte
	for {
		tok, err := s.token()
		if err != nil {
			return "", err
		}
		switch tok := tok.(type) {
		case xml.CharData:
			out = append(out, tok...)
		case xml.StartElement:
			if s.depth++; s.depth > lockfile.MaxDepth {
				return "", s.fail(lockfile.ErrTooDeep, "more than %d elements inside each other", lockfile.MaxDepth)
			}
			if err := s.skip(tok.Name.Local); err != nil {
				return "", err
			}
		case xml.EndElement:
			s.depth--
			if tok.Name.Local != name {
				return "", s.fail(lockfile.ErrSyntax, "</%.40s> closes <%.40s>", tok.Name.Local, name)
			}
			return strings.TrimSpace(string(out)), nil
		}
	}
}

// into reads the current element as text into to.
func (s *scanner) into(name string, to *string) error {
	text, err := s.text(name)
	*to = text
	return err
}
