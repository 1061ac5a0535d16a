package signin

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// TestAForgedDestinationIsHome: the cookie of another program on this host is no way out either.
func TestAForgedDestinationIsHome(t *testing.T) {
	for value, want := range map[string]string{"%2Fjobs": "/jobs", "%2F%2Fevil.example": "/", "//evil.example": "/", "%zz": "/", "": "/", "https%3A%2F%2Fevil.example": "/"} {
		r := httptest.NewRequest(http.MethodPost, "http://localhost/login", nil)
		r.Header.Set("Cookie", nextCookie+"="+value)
		if got := keptNext(r); got != want {
			t.Errorf("%q leads to %q, want %q", value, got, want)
		}
	}
}
