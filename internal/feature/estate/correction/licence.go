package correction

import (
	"slices"
	"strings"

	"steward/internal/format/spdx"
	"steward/internal/platform/fault"
)

// ForLicence makes it the field of a licence: others than SPDX expressions are neither offered nor taken.
func (f Field) ForLicence() Field {
	f.Check = licence
	f.Choices = slices.DeleteFunc(slices.Clone(f.Choices), func(choice string) bool { _, err := spdx.Parse(choice); return err != nil })
	return f
}

// licence checks a typed licence: an SPDX expression, in its canonical spelling. An id that
// is not on the list is fault.Invalid, with the nearest that is; LicenseRef-name is right for any other.
func licence(words string) (string, error) {
	e, err := spdx.Parse(words)
	if err == nil {
		return e.String(), nil
	}
	const outside = "For a licence that is not on the SPDX list write LicenseRef- and its name."
	if meant, err := spdx.Normalise(words); err == nil {
		return "", fault.New(fault.Invalid, "A licence is given by its SPDX id. Did you mean %s? %s", meant, outside)
	}
	for _, word := range strings.FieldsFunc(words, func(r rune) bool { return r == ' ' || r == '(' || r == ')' }) {
		if unknown(word) {
			if near := spdx.Nearest(word); near != "" {
				return "", fault.New(fault.Invalid, "“%.60s” is not on the SPDX list. Did you mean %s? %s", word, near, outside)
			}
			return "", fault.New(fault.Invalid, "“%.60s” is not on the SPDX list. %s", word, outside)
		}
	}
	return "", fault.New(fault.Invalid, "That is no SPDX expression. Join several ids by AND or OR, such as MIT OR Apache-2.0. %s", outside)
}

// unknown says that a word of an expression is neither an id nor what joins them.
func unknown(word string) bool {
	switch strings.ToUpper(word) {
	case "AND", "OR", "WITH":
		return false
	}
	if _, ok := spdx.FindException(word); ok {
		return false
	}
	_, err := spdx.Parse(word)
	return err != nil
}
