package download

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRows(t *testing.T) {
	type one struct {
		Name string `json:"name"`
		N    int    `json:"n"`
	}
	write := func(f Format, all ...one) string {
		var out strings.Builder
		err := Rows[one]{[]any{"name", "n"}, func(o one) []any { return []any{o.Name, o.N} }, func(do func(one) error) error {
			for _, o := range all {
				if err := do(o); err != nil {
					return err
				}
			}
			return nil
		}}.Write(&out, f)
		if err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	got := []string{write(CSV), write(JSON), write(CSV, one{"=a", -1}, one{"b\u202e", 2}), write(JSON, one{"=a", -1}, one{"b\u202e", 2})}
	want := []string{"name,n\r\n", "[\n]\n", "name,n\r\n'=a,-1\r\nb\ufffd,2\r\n", "[\n{\"name\":\"=a\",\"n\":-1},\n{\"name\":\"b\\u202e\",\"n\":2}\n]\n"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
}
