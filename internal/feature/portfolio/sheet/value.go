package sheet

import (
	"strings"
	"time"
)

// What Steward knows of a value. What is not in these tables stays as it was written and is listed:
// a bank's "silver" may be its second tier or its third.
var (
	tiers = map[string]string{
		"0": "Tier 0", "1": "Tier 1", "2": "Tier 2", "3": "Tier 3", "4": "Tier 4", "5": "Tier 5",
		"platinum": "Platinum", "gold": "Gold", "silver": "Silver", "bronze": "Bronze",
		"mission critical": "Mission critical", "business critical": "Business critical", "critical": "Critical", "high": "High", "medium": "Medium", "low": "Low",
	}
	statuses = map[string]string{
		"production": Production, "in production": Production, "prod": Production, "live": Production, "operational": Production, "in service": Production, "in use": Production,
		"internal": Internal, "internal only": Internal,
		"retired": Retired, "decommissioned": Retired, "sunset": Retired, "shut down": Retired, "end of life": Retired,
	}
	answers = map[string]string{
		"yes": Yes, "y": Yes, "true": Yes, "1": Yes, "x": Yes, "external": Yes, "externally facing": Yes, "internet facing": Yes, "ja": Yes, "oui": Yes,
		"no": No, "n": No, "false": No, "0": No, "internal": No, "internal only": No, "nein": No, "non": No,
	}
	classes = map[string]string{
		"public": "Public", "internal": "Internal", "internal use only": "Internal", "confidential": "Confidential",
		"strictly confidential": "Strictly confidential", "highly confidential": "Highly confidential", "restricted": "Restricted", "secret": "Secret",
	}
)

// Words of status and external.
const (
	Production = "production"
	Internal   = "internal"
	Retired    = "retired"
	Yes        = "yes"
	No         = "no"
)

// normal gives a value as Steward writes it; known is false when it stays as it was written.
func normal(f Field, value string) (_ string, known bool) {
	word, table := plain(value), map[string]string(nil)
	switch f {
	case Tier:
		table = tiers
		for _, before := range []string{"tier ", "tier", "t", "criticality ", "level "} {
			if digit, ok := strings.CutPrefix(word, before); ok && len(digit) == 1 {
				word = digit
				break
			}
		}
	case Status:
		table = statuses
	case External:
		table = answers
	case DataClass:
		table = classes
	case From, To:
		return day(value)
	default:
		return value, true
	}
	if said, ok := table[word]; ok {
		return said, true
	}
	return value, false
}

// day reads a civil date that can mean one day only: 2026-03-01 or 20260301.
func day(value string) (string, bool) {
	for _, form := range []string{time.DateOnly, "20060102", "2006/01/02", time.RFC3339, "2006-01-02 15:04:05"} {
		if t, err := time.Parse(form, value); err == nil {
			return t.Format(time.DateOnly), true
		}
	}
	return "", false
}
