package sbom_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"steward/internal/feature/sbom"
	"steward/internal/platform/access"
)

// manyPackages is a package-lock.json of one direct package that brings in n others, one after another.
func manyPackages(n int) string {
	var b strings.Builder
	b.WriteString(`{"name": "many", "lockfileVersion": 3, "packages": {"": {"name": "many", "dependencies": {"p0": "1.0.0"}}`)
	for i := range n {
		fmt.Fprintf(&b, `, "node_modules/p%d": {"version": "1.0.%d", "dependencies": {"p%d": "*"}}`, i, i, i+1)
	}
	b.WriteString(`}}`)
	return b.String()
}

// TestExportsHoldAll: more than is read with one statement, in the order of the page, each once, and as the page shows it.
func TestExportsHoldAll(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		const n = 2345
		root := t.TempDir()
		repository(t, filepath.Join(root, "many"), map[string]string{"package.json": `{"name": "many", "dependencies": {"p0": "1.0.0"}}`, "package-lock.json": manyPackages(n)})
		repository(t, filepath.Join(root, "secret"), map[string]string{"package.json": `{"name": "secret", "dependencies": {"p1": "1.0.1"}}`})
		h.look(root)
		must(t, h.estate.SetVisibility(h.ctx, admin, h.uid("secret"), access.Restricted))
		one, err := h.estate.RepositoryByUID(h.ctx, member, h.uid("many"))
		must(t, err)
		want, err := h.sbom.UsesOf(h.ctx, member, one.ID, 0, true, n+10, 0)
		must(t, err)
		if len(want) < n {
			t.Fatalf("%d uses", len(want))
		}
		address := "/repositories/" + one.UID + "/packages"
		var got []sbom.Use
		must(t, json.Unmarshal([]byte(h.get(member, address+".json", 200)), &got))
		if diff := cmp.Diff(asJSON(t, want), asJSON(t, got)); diff != "" {
			t.Errorf("as JSON, want -, got +:\n%.3000s", diff)
		}
		rows, err := csv.NewReader(strings.NewReader(h.get(member, address+".csv", 200))).ReadAll()
		must(t, err)
		var names, wanted []string
		for _, row := range rows[1:] {
			names = append(names, row[0])
		}
		for _, u := range want {
			wanted = append(wanted, u.PackageURL)
		}
		if diff := cmp.Diff(wanted, names); diff != "" {
			t.Errorf("as CSV, want -, got +:\n%.3000s", diff)
		}
		for who, uses := range map[access.Viewer]int{member: 1, admin: 2} {
			got = nil
			must(t, json.Unmarshal([]byte(h.get(who, "/packages/"+h.packageUID("p1")+"/uses.json", 200)), &got))
			if len(got) != uses {
				t.Errorf("%s gets %d uses, want %d", who.Role(), len(got), uses)
			}
		}
		h.get(member, "/repositories/"+h.uid("secret")+"/packages.csv", 404)
		h.get(member, "/components/none/packages.json", 404, "There is no such component")
		h.get(member, "/packages/"+h.packageUID("p1")+"/uses.csv?range=%3C%3C4", 422, "is not a range of npm versions")
	})
}

// asJSON is what can be seen of uses from outside.
func asJSON(t *testing.T, uses []sbom.Use) (lines []string) {
	t.Helper()
	for _, u := range uses {
		line, err := json.Marshal(u)
		must(t, err)
		lines = append(lines, string(line))
	}
	return lines
}

// TestExportsAreSafe: neither formulas nor what turns text around reaches a spreadsheet, and programs get what is there.
func TestExportsAreSafe(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		const formula, turned = "=cmd|' /C calc'!A0", "^1.0.0 \u202e\u200b\x1b[0m"
		manifest, err := json.Marshal(map[string]any{"name": "x", "dependencies": map[string]string{"debug": formula, "lodash": turned}})
		must(t, err)
		h.look(repository(t, filepath.Join(t.TempDir(), "odd"), map[string]string{"package.json": string(manifest)}))
		address := "/repositories/" + h.uid("odd") + "/packages"
		body := h.get(member, address+".csv", 200)
		rows, err := csv.NewReader(strings.NewReader(body)).ReadAll()
		must(t, err)
		var got []string
		for _, row := range rows[1:] {
			got = append(got, row[3])
		}
		if diff := cmp.Diff([]string{"'" + formula, "^1.0.0 \ufffd\ufffd\ufffd[0m"}, got); diff != "" {
			t.Errorf("requirements as CSV, want -, got +:\n%s", diff)
		}
		body = h.get(member, address+".json", 200)
		var uses []sbom.Use
		must(t, json.Unmarshal([]byte(body), &uses))
		if strings.ContainsAny(body, "\u202e\u200b\x1b") || len(uses) != 2 || uses[0].Requirement != formula || uses[1].Requirement != turned {
			t.Errorf("as JSON: %s", body)
		}
	})
}
