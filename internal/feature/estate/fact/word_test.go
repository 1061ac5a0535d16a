package fact

import "testing"

func TestLabel(t *testing.T) {
	for name, want := range map[string]string{"history.commits": "Commits", "ci": "Continuous integration", "some.new_fact": "Some new fact", "": ""} {
		if got := Label(name); got != want {
			t.Errorf("%q is called %q, want %q", name, got, want)
		}
	}
}
