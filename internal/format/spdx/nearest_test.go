package spdx_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"steward/internal/format/spdx"
)

func TestNearest(t *testing.T) {
	want := map[string]string{
		"Apache2": "Apache-2.0", "apache-2": "Apache-2.0", "GPLv3": "GPL-3.0-only", "MITT": "MIT", "ISCC": "ISC", "MPL2": "MPL-2.0", "BSD-3-Clauses": "BSD-3-Clause",
		"Classpath-exception-2": "Classpath-exception-2.0", "qqqqqqqqqq": "", "": "", "--": "", strings.Repeat("MIT", 100): "",
	}
	got := map[string]string{}
	for word := range want {
		got[word] = spdx.Nearest(word)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("nearest (-want +got)\n%s", diff)
	}
}
