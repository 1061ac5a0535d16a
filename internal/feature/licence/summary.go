package licence

import (
	"fmt"

	"steward/internal/format/licencetext"
)

// summary is what `steward scan` shows of licences.
type summary struct {
	Licences []Answer `json:"licences"`
	Files    []File   `json:"files"`
}

// Lines gives label and text pairs for people.
func (s summary) Lines() [][2]string {
	if len(s.Licences) == 0 {
		return nil
	}
	root := s.Licences[0]
	text := root.Licence.Title()
	if root.File != "" {
		text += " (" + root.File
		if root.Line > 0 {
			text += fmt.Sprintf(":%d", root.Line)
		}
		text += ")"
	}
	if root.Certainty == Certainty(licencetext.Suspected) {
		text += ", suspected: " + root.Why
	}
	lines := [][2]string{{"Licence", text}}
	others := map[Key]int{}
	for _, a := range s.Licences[1:] {
		if a.Licence != root.Licence {
			others[a.Licence]++
		}
	}
	for _, a := range s.Licences[1:] {
		if n := others[a.Licence]; n > 0 {
			lines = append(lines, [2]string{"", fmt.Sprintf("%s in %d components", a.Licence.Title(), n)})
			delete(others, a.Licence)
		}
	}
	if root.Dispute != "" {
		lines = append(lines, [2]string{"Disputed", root.Dispute})
	}
	return lines
}
