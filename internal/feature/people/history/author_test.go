package history

import "testing"

func TestNamesFromMails(t *testing.T) {
	for name, want := range map[string]string{
		"=?UTF-8?q?Se=C3=A1n=20O=2E=20Ri?=":     "Seán O. Ri",
		"=?iso-8859-1?B?SvxyZ2Vu?= Oe":          "Jürgen Oe",
		"Ann =?utf-8?q?B=C3=B6?= =?utf-8?q?e?=": "Ann Böe",
		"=?koi8-r?B?8NLJ18XU?=":                 "=?koi8-r?B?8NLJ18XU?=",
		"=?UTF-8?q?=00=0Aevil?=":                "evil",
		"=?UTF-8?q??=":                          "=?UTF-8?q??=",
		"what =? is ?= this":                    "what =? is ?= this",
		"Ann Boe":                               "Ann Boe",
	} {
		if got := newAuthor(name, "a@x.test"); got.Name != want || got.ID != IdentityID(want, "a@x.test") {
			t.Errorf("%q: %q, want %q", name, got.Name, want)
		}
	}
}
