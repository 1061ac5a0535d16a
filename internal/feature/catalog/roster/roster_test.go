package roster

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"steward/internal/feature/estate"
)

// TestSameTeam asks for every name in both orders: the answers are the same.
func TestSameTeam(t *testing.T) {
	for _, c := range []struct {
		about        string
		known, named []string
		want         map[string]string
	}{
		{"nothing alike", nil, []string{"payments", "bank/web"}, map[string]string{"payments": "payments", "bank/web": "bank/web"}},
		{"bare and long", nil, []string{"payments", "@bank/payments"}, map[string]string{"payments": "bank/payments", "bank/payments": "bank/payments"}},
		{"bare is kept", []string{"payments"}, []string{"payments", "@bank/payments"}, map[string]string{"payments": "payments", "bank/payments": "payments"}},
		{"long is kept", []string{"bank/payments"}, []string{"payments"}, map[string]string{"payments": "bank/payments"}},
		{"two firms", nil, []string{"payments", "@bank/payments", "@other/payments"}, map[string]string{"payments": "payments", "bank/payments": "bank/payments", "other/payments": "other/payments"}},
		{"two firms, bare is kept", []string{"payments"}, []string{"@bank/payments", "@other/payments"}, map[string]string{"payments": "payments", "bank/payments": "bank/payments", "other/payments": "other/payments"}},
	} {
		for range 2 {
			b, got := newBook(estate.Target{}, c.known, c.named), map[string]string{}
			for handle := range c.want {
				got[handle] = b.same(handle)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", c.about, diff)
			}
			slices.Reverse(c.named)
		}
	}
}
