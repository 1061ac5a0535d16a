package correction_test

import (
	"errors"
	"strings"
	"testing"

	"steward/internal/platform/fault"
)

func TestALicenceIsAnSPDXExpression(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		for typed, says := range map[string]string{
			"Apachee-2.0":          "Did you mean Apache-2.0?",
			"MIT OR Apachee-2.0":   "“Apachee-2.0” is not on the SPDX list. Did you mean Apache-2.0?",
			"Apache License 2.0":   "Did you mean Apache-2.0?",
			"Zzqqxx":               "“Zzqqxx” is not on the SPDX list. For a licence",
			"MIT AND":              "That is no SPDX expression.",
			"LicenseRef-":          "is not on the SPDX list",
			"GPL-2.0 WITH nothing": "“nothing” is not on the SPDX list",
		} {
			_, err := o.Say(t.Context(), admin, is(typed))
			if !errors.Is(err, fault.Invalid) || !strings.Contains(fault.Sentence(err), says) {
				t.Errorf("%q: %v, want %q", typed, err, says)
			}
		}
		for typed, want := range map[string]string{"isc": "ISC", "LicenseRef-Bank": "LicenseRef-Bank", "(bsl-1.0 or gpl-2.0+)": "BSL-1.0 OR GPL-2.0-or-later"} {
			o.say(admin, is(typed))
			o.want(typed, want)
		}
	})
}
