package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"steward/internal/platform/access"
	"steward/internal/platform/api"
	"steward/internal/platform/fault"
	"steward/internal/platform/listing"
	"steward/internal/platform/store"
	"steward/internal/platform/web"
	"steward/internal/platform/web/webtest"
)

var (
	admin    = access.As("a", "Ann", access.Admin)
	member   = access.As("m", "Ben", access.Member)
	errCause = errors.New("a cause that is nobody's business")
)

// things is a list with a column of every kind over a table of constants.
var things = listing.Spec{
	Name: "things", Title: "Things", Noun: "thing", Plural: "things",
	From: `(SELECT 'a<b>' AS name, 5 AS n, 1767225600000000 AS at, '{"Go":3}' AS parts, '[1,2]' AS series, 0.5 AS part, 1 = 1 AS yes, '2026-01-01' AS day
		UNION ALL SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL) t`,
	Key:   "COALESCE(t.name, '')",
	Where: func(access.Viewer) string { return "1 = 1" },
	Columns: []listing.Column{
		{Key: "name", Label: "Name", SQL: "t.name", Sort: true},
		{Key: "n", Label: "Number", SQL: "t.n", Kind: listing.Number, Sort: true},
		{Key: "at", Label: "When", SQL: "t.at", Kind: listing.Time},
		{Key: "parts", Label: "Parts", SQL: "t.parts", Kind: listing.Split},
		{Key: "series", Label: "Series", SQL: "t.series", Kind: listing.Spark},
		{Key: "part", Label: "Part", SQL: "t.part", Kind: listing.Share},
		{Key: "yes", Label: "Yes", SQL: "t.yes", Kind: listing.YesNo},
		{Key: "day", Label: "Day", SQL: "t.day", Kind: listing.Date},
	},
	Filters: []listing.Filter{
		{Key: "name", Label: "Name", SQL: "t.name", Unknown: "No name"},
		{Key: "size", Label: "Size", SQL: "t.name", Choices: []listing.Choice{{Value: "big", Label: "Big"}}, Unknown: "No size"},
		{Key: "some", Label: "Some", SQL: "t.n > 1", Kind: listing.Yes},
		{Key: "range", Label: "Range", SQL: "t.n", Kind: listing.Range},
		{Key: "changed", Label: "Changed", SQL: "t.at", Kind: listing.When},
		{Key: "has", Label: "Text", SQL: "t.name", Kind: listing.Contains},
	},
	Search: []string{"t.name"}, Views: []listing.View{{Key: "known", Label: "Known", Where: "t.name IS NOT NULL"}},
}

type input struct {
	ID   string `path:"id"`
	Many int    `query:"many" minimum:"1" default:"3"`
}

type output struct {
	ID    string `json:"id"`
	Many  int    `json:"many"`
	Who   string `json:"who"`
	Below []struct {
		Name string `json:"name" doc:"What it is called"`
	} `json:"below"`
}

func hub(t *testing.T, v access.Viewer, log *bytes.Buffer) *webtest.Hub {
	t.Helper()
	db, err := store.Open(t.Context(), store.Config{Path: filepath.Join(t.TempDir(), "x.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return webtest.New(t, v, func(s *web.Server) {
		a := api.New(api.Config{Version: "1.2", Logger: slog.New(slog.NewTextHandler(log, nil))})
		s.List(things, db, web.ListOptions{Area: web.Estate, Needs: access.ReadEstate})
		api.Get(a.Operations(), api.Doc{Path: "/api/v1/things/{id}", Tag: "Things", Summary: "One thing", Needs: access.ReadEstate},
			func(_ context.Context, v access.Viewer, in *input) (output, error) {
				switch in.ID {
				case "none":
					return output{}, fault.New(fault.NotFound, "There is no such thing. Look in the list.")
				case "broken":
					return output{}, errCause
				}
				return output{ID: in.ID, Many: in.Many, Who: v.Name()}, nil
			})
		api.Get(a.Operations(), api.Doc{Path: "/api/v1/secret", Tag: "Secret", Needs: access.ManageSettings},
			func(context.Context, access.Viewer, *struct{}) (output, error) { return output{}, nil })
		a.Mount(s)
	})
}

func TestOperationsAnswerAndErrorsAreProblems(t *testing.T) {
	var log bytes.Buffer
	h := hub(t, member, &log)
	status, body := h.Get("/api/v1/things/x?many=2")
	if status != 200 || strings.TrimSpace(body) != `{"id":"x","many":2,"who":"Ben","below":null}` {
		t.Errorf("%d %s", status, body)
	}
	for address, want := range map[string]struct {
		status int
		holds  string
	}{
		"/api/v1/things/none":     {404, "Look in the list"},
		"/api/v1/things/x?many=0": {422, "validation failed"},
		"/api/v1/things/x?odd=1":  {422, "validation failed"},
		"/api/v1/secret":          {403, "Ask an administrator"},
		"/api/v1/nowhere":         {404, "/api lists every address"},
		"/api/v1/":                {404, "/api lists every address"},
	} {
		status, body := h.Get(address)
		var p struct {
			Title  string
			Status int
			Detail string
		}
		if err := json.Unmarshal([]byte(body), &p); err != nil || status != want.status || p.Status != want.status || p.Title == "" || !strings.Contains(p.Detail, want.holds) {
			t.Errorf("%s: %d %s", address, status, body)
		}
	}
	status, body = h.Get("/api/v1/things/broken")
	if status != 500 || strings.Contains(body, errCause.Error()) || !strings.Contains(body, "error_id") {
		t.Errorf("%d %s", status, body)
	}
	if !strings.Contains(log.String(), errCause.Error()) {
		t.Error("the cause is not in the log")
	}
	if status, _, body := h.Post("/api/v1/things/x", nil); status != http.StatusMethodNotAllowed {
		t.Errorf("%d %s", status, body)
	}
	if status, body := hub(t, access.Viewer{}, &log).Get("/api/v1/things/x"); status != http.StatusUnauthorized || !strings.Contains(body, "Bearer") {
		t.Errorf("nobody: %d %s", status, body)
	}
	if status, _ := hub(t, admin, &log).Get("/api/v1/secret"); status != 200 {
		t.Errorf("an administrator: %d", status)
	}
}

// described is the description, decoded.
func described(t *testing.T, h *webtest.Hub) (any, map[string]any) {
	t.Helper()
	_, body := h.Get("/openapi.json")
	open, err := jsonschema.UnmarshalJSON(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return open, open.(map[string]any)["paths"].(map[string]any)
}

func TestEverythingServedIsDescribedAndAnswers(t *testing.T) {
	var log bytes.Buffer
	h := hub(t, admin, &log)
	_, paths := described(t, h)
	for _, path := range []string{"/api/v1/things", "/api/v1/things/{id}", "/api/v1/secret"} {
		if paths[path] == nil {
			t.Errorf("%s is not described", path)
		}
	}
	for path := range paths {
		if status, body := h.Get(strings.ReplaceAll(path, "{id}", "x")); status != 200 {
			t.Errorf("%s is described and answers %d %s", path, status, body)
		}
	}
}

func TestListsAnswerAsDescribed(t *testing.T) {
	var log bytes.Buffer
	h := hub(t, admin, &log)
	open, paths := described(t, h)
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("openapi.json", open); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("openapi.json#/paths/~1api~1v1~1things/get/responses/200/content/application~1json/schema")
	if err != nil {
		t.Fatal(err)
	}
	_, body := h.Get("/api/v1/things")
	answer, err := jsonschema.UnmarshalJSON(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(answer); err != nil {
		t.Errorf("%v\n%s", err, body)
	}
	if n := len(answer.(map[string]any)["items"].([]any)); n != 2 {
		t.Errorf("%d rows, want 2", n)
	}
	// Every parameter that is described is understood, with every value that is named.
	values := map[string]string{"q": "a", "name": "a", "range": "1..9", "changed": "30d", "has": "a", "after": ""}
	for _, p := range paths["/api/v1/things"].(map[string]any)["get"].(map[string]any)["parameters"].([]any) {
		name := p.(map[string]any)["name"].(string)
		described := p.(map[string]any)["schema"].(map[string]any)
		if items, ok := described["items"].(map[string]any); ok {
			described = items
		}
		enum, _ := described["enum"].([]any)
		if len(enum) == 0 {
			enum = []any{values[name]}
		}
		for _, value := range enum {
			text := strings.Trim(string(must(json.Marshal(value))), `"`)
			if _, body := h.Get("/api/v1/things?" + name + "=" + text); strings.Contains(body, "does not know") {
				t.Errorf("%s=%s is described and not understood: %s", name, text, body)
			}
		}
	}
	for _, wrong := range []string{"/api/v1/things?nonsense=1", "/api/v1/things?limit=abc", "/things.csv?nonsense=1"} {
		if status, body := h.Get(wrong); status != 422 || !strings.Contains(body, "does not know") {
			t.Errorf("%s: %d %.200s; want a refusal", wrong, status, body)
		}
	}
}

func must(b []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return b
}

func TestPageIsDrawnFromTheDescription(t *testing.T) {
	var log bytes.Buffer
	_, body := hub(t, member, &log).Get("/api")
	for _, text := range []string{"/api/v1/things/{id}", "below[].name", "What it is called", "big | -", "integer or null", "- is no name", "The list of things", "/openapi.json"} {
		if !strings.Contains(body, text) {
			t.Errorf("%q is missing", text)
		}
	}
	if strings.Contains(body, "<script>") || strings.Contains(body, " style=") {
		t.Error("the page holds what the content policy forbids")
	}
}
