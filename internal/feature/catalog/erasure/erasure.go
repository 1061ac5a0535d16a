// Package erasure takes persons whose names were erased out of the catalogue
// entries that name them. An entry is kept word for word otherwise.
package erasure

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"steward/internal/format/descriptor"
	"steward/internal/platform/store"
)

// Erased stands where a name was.
const Erased = "erased"

// Person is what is known of who is to be forgotten.
type Person struct {
	Refs  map[string]bool // of User entities: kind:namespace/name in lower case
	Words []string        // names and addresses
}

// Add takes one name and one address of the person; either may be empty.
func (p *Person) Add(name, email string) {
	for _, word := range []string{name, email} {
		if word != "" {
			p.Words = append(p.Words, word)
		}
	}
}

// AddRef takes a User by which entries name the person.
func (p *Person) AddRef(ref descriptor.Ref) {
	if p.Refs == nil {
		p.Refs = map[string]bool{}
	}
	p.Refs[ref.String()] = true
}

// Forget takes a person out of what is kept of one repository: the User
// itself, its relations, and its names in other entries and in descriptions.
func (p *Person) Forget(ctx context.Context, tx *store.Tx, repository int64) error {
	type entry struct {
		seq                                  int64
		ref, title, description, owner, body string
	}
	all, err := store.Collect(func(row store.Scanner) (e entry, err error) {
		return e, row.Scan(&e.seq, &e.ref, &e.title, &e.description, &e.owner, &e.body)
	})(tx.Query(ctx, `SELECT seq, ref, title, description, owner, body FROM entity WHERE repository_id = $1 ORDER BY seq`, repository))
	if err != nil {
		return fmt.Errorf("look for entries that name an erased person: %w", err)
	}
	words := p.replacer()
	for _, e := range all {
		if p.Refs[e.ref] {
			if _, err := tx.Exec(ctx, `DELETE FROM entity WHERE repository_id = $1 AND seq = $2`, repository, e.seq); err != nil {
				return fmt.Errorf("forget a User: %w", err)
			}
			continue
		}
		now := entry{e.seq, e.ref, words.in(e.title), words.in(e.description), e.owner, string(words.inJSON([]byte(e.body)))}
		if p.Refs[e.owner] {
			now.owner = ""
		}
		if now == e {
			continue
		}
		if _, err := tx.Exec(ctx, `UPDATE entity SET title = $3, description = $4, owner = $5, body = $6 WHERE repository_id = $1 AND seq = $2`, repository, e.seq, now.title, now.description, now.owner, now.body); err != nil {
			return fmt.Errorf("forget a person in an entry: %w", err)
		}
	}
	if err := words.inComponents(ctx, tx, repository); err != nil {
		return err
	}
	for ref := range p.Refs {
		if _, err := tx.Exec(ctx, `DELETE FROM relation WHERE repository_id = $1 AND (from_id = $2 OR to_id = $2)`, repository, ref); err != nil {
			return fmt.Errorf("forget the relations of a User: %w", err)
		}
	}
	return nil
}

// replacer finds names: short ones as a whole text, those that tell one person anywhere in it.
type replacer struct {
	whole  map[string]bool // lower case
	within []string        // lower case
}

func (p *Person) replacer() replacer {
	r := replacer{whole: map[string]bool{}}
	for ref := range p.Refs {
		_, name, _ := strings.Cut(ref, ":")
		r.whole[ref], r.whole[name] = true, true
		if short, ok := strings.CutPrefix(name, descriptor.DefaultNamespace+"/"); ok {
			r.whole["user:"+short], r.whole[short] = true, true
		}
	}
	for _, word := range p.Words {
		word = strings.ToLower(word)
		r.whole[word] = true
		if strings.ContainsAny(word, " @") {
			r.within = append(r.within, word)
		}
	}
	return r
}

// inComponents replaces names in what entries and READMEs say of components.
func (r replacer) inComponents(ctx context.Context, tx *store.Tx, repository int64) error {
	type component struct {
		id                 int64
		title, description string
	}
	all, err := store.Collect(func(row store.Scanner) (c component, err error) { return c, row.Scan(&c.id, &c.title, &c.description) })(
		tx.Query(ctx, `SELECT id, title, description FROM component WHERE repository_id = $1 ORDER BY id`, repository))
	if err != nil {
		return fmt.Errorf("look for components that name an erased person: %w", err)
	}
	for _, c := range all {
		if now := (component{c.id, r.in(c.title), r.in(c.description)}); now != c {
			if _, err := tx.Exec(ctx, `UPDATE component SET title = $2, description = $3 WHERE id = $1`, now.id, now.title, now.description); err != nil {
				return fmt.Errorf("forget a person in a component: %w", err)
			}
		}
	}
	return nil
}

// in replaces names in one text.
func (r replacer) in(text string) string {
	lower := strings.ToLower(text)
	if r.whole[lower] {
		return Erased
	}
	if len(lower) != len(text) { // letters whose small form is longer: places in one are not places in the other
		text = lower
	}
	for _, word := range r.within {
		for at := strings.Index(lower, word); at >= 0; at = strings.Index(lower, word) {
			text = text[:at] + Erased + text[at+len(word):]
			lower = lower[:at] + Erased + lower[at+len(word):]
		}
	}
	return text
}

// inJSON replaces names in every text of a document and leaves the rest as it is.
func (r replacer) inJSON(body []byte) []byte {
	out := make([]byte, 0, len(body))
	for i := 0; i < len(body); {
		if body[i] != '"' {
			out = append(out, body[i])
			i++
			continue
		}
		end := i + 1
		for end < len(body) && body[end] != '"' {
			if body[end] == '\\' {
				end++
			}
			end++
		}
		end = min(end+1, len(body))
		out = append(out, r.literal(body[i:end])...)
		i = end
	}
	return out
}

func (r replacer) literal(quoted []byte) []byte {
	var text string
	if json.Unmarshal(quoted, &text) != nil {
		return quoted
	}
	now := r.in(text)
	if now == text {
		return quoted
	}
	b, err := json.Marshal(now)
	if err != nil {
		return quoted
	}
	return b
}
