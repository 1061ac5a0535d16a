package compare

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"steward/internal/format/inventory"
	"steward/internal/platform/access"
	"steward/internal/platform/comparison"
	"steward/internal/platform/fault"
	"steward/internal/platform/mount"
	"steward/internal/platform/store"
	"steward/internal/platform/store/storetest"
	"steward/internal/platform/web"
	"steward/internal/platform/web/webtest"
)

var member = access.As("m", "member", access.Member)

// known answers as a feature would: the first of theirs is ours too, and we have one more.
func known(plural string) comparison.Of {
	return func(_ context.Context, _ store.Reader, _ access.Viewer, q comparison.Question) (comparison.Answer, error) {
		if q.In == "nowhere" {
			return comparison.Answer{}, fault.New(fault.Invalid, "%q is no repository and no component.", q.In)
		}
		a := comparison.Answer{Noun: "one", Plural: plural, Scope: "the whole estate", Base: "3 of 4 repositories read", Notes: q.List.Notes}
		for i, r := range q.List.Records {
			row := comparison.Row{Side: comparison.OnlyThem, Theirs: r.String(), Place: r.Place, Kind: "no source holds it", Reason: "no source holds it"}
			if i == 0 {
				row = comparison.Row{Side: comparison.Both, Theirs: r.String(), Place: r.Place, Ours: "mono", Href: "/repositories/mono"}
			}
			a.Rows = append(a.Rows, row)
		}
		a.Rows = append(a.Rows, comparison.Row{Side: comparison.OnlyUs, Ours: "=cmd()", Href: "/repositories/x", Kind: "not named there", Reason: "not named there"})
		return a, nil
	}
}

func over(db *store.DB) *Feature {
	return New(mount.Platform{DB: db, Now: func() time.Time { return webtest.Noon }}, Config{Records: known("repositories"), Packages: known("releases")})
}

func TestCompare(t *testing.T) {
	storetest.Each(t, nil, func(t *testing.T, db *store.DB) {
		f := over(db)
		got, err := f.Compare(t.Context(), member, Input{File: "a.csv", Content: []byte("Where,Owner\nmono,core\n<b>x</b>,\nx,\n"), Map: []string{"where=repository"}, Date: "2026-03-31"})
		want := Result{
			File: "a.csv", Form: "table", At: time.Date(2026, 3, 31, 23, 59, 59, 0, time.UTC), Noun: "one", Scope: "the whole estate", Base: "3 of 4 repositories read", Both: 1, OnlyThem: 2, OnlyUs: 1,
			Sentence: "Of 3 repositories in their list 1 is in ours too, 2 are only in theirs; 1 is only in ours.",
			Reasons:  []Reason{{comparison.OnlyThem, "no source holds it", 2}, {comparison.OnlyUs, "not named there", 1}},
			Notes:    []string{`Columns: "Where" as repository, "Owner" as owner.`},
			Rows: []comparison.Row{
				{Side: comparison.Both, Theirs: "mono", Place: "line 2", Ours: "mono", Href: "/repositories/mono"},
				{Side: comparison.OnlyThem, Theirs: "<b>x</b>", Place: "line 3", Kind: "no source holds it", Reason: "no source holds it"},
				{Side: comparison.OnlyThem, Theirs: "x", Place: "line 4", Kind: "no source holds it", Reason: "no source holds it"},
				{Side: comparison.OnlyUs, Ours: "=cmd()", Href: "/repositories/x", Kind: "not named there", Reason: "not named there"},
			},
		}
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%v; want -, got +:\n%s", err, diff)
		}
		var out bytes.Buffer
		if err := got.writeCSV(&out); err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(out.String(), "\r\n")
		if want := "only us,,'=cmd(),not named there,not named there,,,,/repositories/x"; lines[len(lines)-2] != want {
			t.Errorf("the last line is %q, want %q", lines[len(lines)-2], want)
		}
		for _, in := range []Input{{Content: []byte("{")}, {Content: []byte("a\n1\n")}, {Content: []byte("repo\n1\n"), Date: "1.3."}, {Content: []byte("repo\n1\n"), Map: []string{"x"}}, {Content: []byte("repo\n1\n"), In: "nowhere"}} {
			if _, err := f.Compare(t.Context(), member, in); !errors.Is(err, fault.Invalid) {
				t.Errorf("%+v: %v", in, err)
			}
		}
		if _, err := f.Compare(t.Context(), access.Viewer{}, Input{Content: []byte("repo\n1\n")}); !errors.Is(err, fault.Denied) {
			t.Errorf("nobody: %v", err)
		}
	})
}

func TestTemplates(t *testing.T) {
	webtest.Templates(t, over(nil).Mount().Pages, map[string]any{"compare/compare": comparePage{}})
}

// send posts the form of the page with a file.
func send(t *testing.T, hub *webtest.Hub, content string, fields map[string]string) (*http.Response, string) {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	file, err := form.CreateFormFile("file", "their \"list\".csv")
	if err == nil {
		_, err = file.Write([]byte(content))
	}
	for name, value := range fields {
		err = errors.Join(err, form.WriteField(name, value))
	}
	if err := errors.Join(err, form.Close()); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "http://localhost/compare", &body)
	r.Header.Set("Content-Type", form.FormDataContentType())
	answer := hub.Do(r)
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer, string(text)
}

func TestPage(t *testing.T) {
	storetest.Each(t, nil, func(t *testing.T, db *store.DB) {
		f := over(db)
		hub := webtest.New(t, member, func(s *web.Server) { f.Mount().Pages(s) })
		if _, body := hub.Get("/compare?in=ledger"); !strings.Contains(body, `value="ledger"`) || !strings.Contains(body, `enctype="multipart/form-data"`) {
			t.Errorf("the form is %s", body)
		}
		answer, body := send(t, hub, "repo\nmono\n<b>x</b>\n", nil)
		for _, want := range []string{"Of 2 repositories in their list 1 is in ours too, 1 is only in theirs; 1 is only in ours.", "&lt;b&gt;x&lt;/b&gt;", `href="/repositories/mono"`, "3 of 4 repositories read"} {
			if answer.StatusCode != http.StatusOK || !strings.Contains(body, want) {
				t.Errorf("%d, and the page lacks %q", answer.StatusCode, want)
			}
		}
		answer, body = send(t, hub, "repo\nmono\n", map[string]string{"as": "csv"})
		if kind := answer.Header.Get("Content-Type"); !strings.HasPrefix(kind, "text/csv") || !strings.HasPrefix(body, "side,theirs,ours,") {
			t.Errorf("as CSV: %s: %.60q", kind, body)
		}
		answer, body = send(t, hub, "what\nmono\n", map[string]string{"map": "what=repository\n", "as": "json"})
		if answer.StatusCode != http.StatusOK || !strings.Contains(body, `"both":1`) {
			t.Errorf("as JSON: %d %.60q", answer.StatusCode, body)
		}
		answer, body = send(t, hub, "what\nmono\n", map[string]string{"in": "here & there"})
		if answer.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(body, "no column") || !strings.Contains(body, "here &amp; there") {
			t.Errorf("refused: %d %s", answer.StatusCode, body)
		}
	})
}

func TestOneListIsComparedAtATime(t *testing.T) {
	storetest.Each(t, nil, func(t *testing.T, db *store.DB) {
		f := over(db)
		list := Input{File: "a.csv", Content: []byte("repo\nx\n")}
		var inside error
		f.config.Records = func(ctx context.Context, _ store.Reader, v access.Viewer, _ comparison.Question) (comparison.Answer, error) {
			_, inside = f.Compare(ctx, v, list)
			return comparison.Answer{}, nil
		}
		if _, err := f.Compare(t.Context(), member, list); err != nil || !errors.Is(inside, fault.Busy) {
			t.Errorf("the first %v, a second meanwhile %v", err, inside)
		}
		if _, err := f.Compare(t.Context(), member, list); err != nil {
			t.Errorf("afterwards %v", err)
		}
	})
}

func TestAddressesAreShownWithoutPasswords(t *testing.T) {
	r := resultOf(Input{}, comparison.Question{List: inventory.List{Subject: "https://me:hunter2@git.example/x"}}, comparison.Answer{
		Notes: []string{"It is of https://me:hunter2@git.example/x."}, Rows: []comparison.Row{{Side: comparison.OnlyThem, Theirs: "https://me:hunter2@git.example/x"}},
	})
	var out bytes.Buffer
	if err := r.writeJSON(&out); err != nil || strings.Contains(out.String(), "hunter2") || strings.Count(out.String(), "https://git.example/x") != 3 {
		t.Errorf("%v: %s", err, out.String())
	}
	out.Reset()
	if err := resultOf(Input{}, comparison.Question{}, comparison.Answer{}).writeJSON(&out); err != nil || strings.Contains(out.String(), "null") {
		t.Errorf("an empty result: %v %s", err, out.String())
	}
}
