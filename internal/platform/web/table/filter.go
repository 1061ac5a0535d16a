package table

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"steward/internal/platform/listing"
	"steward/internal/platform/web/piece"
)

// manyChoices is how many choices are seen at a glance.
const manyChoices = 12

// Pills draws the filters, those that are set first.
func (t Table) Pills(q listing.Query, result listing.Result) []Pill {
	var set, unset []Pill
	for _, f := range t.Spec.Filters {
		chosen := q.Of(f.Key)
		words := make([]string, len(chosen))
		for i, value := range chosen {
			words[i] = f.Word(value)
		}
		opened := q.Values()
		opened.Set("choices", f.Key)
		p := Pill{
			Key: f.Key, Label: f.Label, Kind: f.Kind, Words: joinWords(words), Remove: t.at(q.Without(f.Key).Values()),
			Open: t.at(opened), Opened: q.Wants() == f.Key, Hidden: hidden(q.Values(), f.Key),
		}
		if len(chosen) > 0 {
			p.Typed = chosen[0]
		}
		if p.Opened {
			for _, c := range result.Choices {
				cell := Choice{Value: c.Value, Label: c.Label, On: c.On}
				if f.Kind == listing.OneOf {
					cell.Count = piece.Number(c.Count)
				}
				p.Choices = append(p.Choices, cell)
			}
			p.Others, p.Find = result.MoreChoices, q.Find()
			p.Findable = f.Kind == listing.OneOf && (p.Others || p.Find != "" || len(p.Choices) > manyChoices)
		}
		if len(chosen) > 0 {
			set = append(set, p)
		} else {
			unset = append(unset, p)
		}
	}
	return append(set, unset...)
}

// hidden lists parameters for a form, without those that it sets itself.
func hidden(values url.Values, without ...string) []Hidden {
	var out []Hidden
	for name, all := range values {
		for _, value := range all {
			if !slices.Contains(without, name) {
				out = append(out, Hidden{name, value})
			}
		}
	}
	slices.SortFunc(out, func(a, b Hidden) int { return strings.Compare(a.Name+"\x00"+a.Value, b.Name+"\x00"+b.Value) })
	return out
}

// nothing says why there are no rows and what to do about it.
func (t Table) nothing(q listing.Query, result listing.Result) (*piece.State, []piece.Action) {
	if len(result.Rows) > 0 {
		return nil, nil
	}
	empty := t.Spec.Empty
	if !q.Filtered() && q.View == "" {
		if empty.Title == "" {
			empty.Title = "No " + t.Spec.Plural + " yet"
		}
		return &piece.State{Title: empty.Title, Text: empty.Text, Action: piece.Action{Label: empty.Label, Href: empty.Href, Main: true}}, nil
	}
	if !q.Filtered() {
		return &piece.State{
			Title: "Nothing here", Text: "No " + t.Spec.Noun + " is in this view. All of them are under All.",
			Action: piece.Action{Label: "Show all", Href: t.at(url.Values{})},
		}, nil
	}
	var words []string
	var actions []piece.Action
	if q.Text != "" {
		words = append(words, "the text is “"+q.Text+"”")
		actions = append(actions, piece.Action{Label: "Remove the text", Href: t.at(q.Without("q").Values())})
	}
	for _, p := range t.Pills(q, result) {
		if p.Words != "" {
			words = append(words, strings.ToLower(p.Label)+" is "+p.Words)
			actions = append(actions, piece.Action{Label: "Remove " + strings.ToLower(p.Label), Href: p.Remove})
		}
	}
	state := &piece.State{Title: "Nothing matches these filters", Text: strings.ToUpper(words[0][:1]) + strings.Join(words, " and ")[1:] + "."}
	if len(actions) > 1 {
		actions = append(actions, piece.Action{Label: "Clear all", Href: t.at(q.Without("").Values())})
	}
	return state, actions
}

// joinWords writes words as "a, b + 3".
func joinWords(words []string) string {
	const shown = 2
	if len(words) <= shown {
		return strings.Join(words, ", ")
	}
	return strings.Join(words[:shown], ", ") + fmt.Sprintf(" + %d", len(words)-shown)
}
