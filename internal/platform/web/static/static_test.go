package static

import (
	"regexp"
	"strings"
	"testing"
)

// TestSheetHoldsColoursInTokensOnly keeps colours in one place of the sheet.
func TestSheetHoldsColoursInTokensOnly(t *testing.T) {
	sheet, err := embedded.ReadFile("steward.css")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(sheet), "/* ---------- base ---------- */")
	if !found {
		t.Fatal("the sheet has no section base")
	}
	for _, colour := range regexp.MustCompile(`#[0-9a-fA-F]{3,8}\b`).FindAllString(rest, -1) {
		if colour != "#fff" { // paper, in print
			t.Errorf("colour %s stands outside the tokens", colour)
		}
	}
}
