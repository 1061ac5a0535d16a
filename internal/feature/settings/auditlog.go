package settings

import (
	"context"
	"io"
	"net/http"
	"strconv"

	"steward/internal/platform/access"
	"steward/internal/platform/audit"
	"steward/internal/platform/listing"
	"steward/internal/platform/web"
	"steward/internal/platform/web/download"
)

// auditList is the log, newest first. Names of accounts are those of today; an entry holds ids alone.
var auditList = listing.Spec{
	Name: "audit", Title: "Audit log", Noun: "entry", Plural: "entries",
	From: `audit_entry e LEFT JOIN audit_seal s ON s.entry_id = e.id LEFT JOIN account a ON a.id = e.account
		LEFT JOIN account sa ON e.subject_kind = 'account' AND sa.id = e.subject_id`,
	Key: "e.id",
	Where: func(v access.Viewer) string { // no repository stands behind an entry: who may read the log reads all of it
		if v.Can(access.ReadAudit) {
			return "1 = 1"
		}
		return "1 = 0"
	},
	Columns: []listing.Column{
		{Key: "action", Label: "Action", SQL: "e.action", Kind: listing.Code, Sort: true},
		{Key: "who", Label: "Who", SQL: whoDid, Sort: true, Help: "The account, by its name of today, or Steward itself with the reason"},
		{Key: "subject_kind", Label: "Kind", SQL: "e.subject_kind", Sort: true, Priority: 3},
		{Key: "subject", Label: "What", SQL: "COALESCE(sa.name, NULLIF(e.subject_id, ''))", Sort: true, Priority: 2, Unknown: "none"},
		{Key: "detail", Label: "Detail", SQL: "NULLIF(e.detail, 'null')", Kind: listing.JSON, Priority: 3, Unknown: "none"},
		{Key: "at", Label: "When", SQL: "e.at", Kind: listing.Time, Sort: true},
		{Key: "seq", Label: "Number", SQL: "s.seq", Kind: listing.Number, Sort: true, Priority: 4, Unknown: "not sealed", Help: "In the chain; an entry is sealed within a second"},
		{Key: "account", Label: "Id of the account", SQL: "NULLIF(e.account, '')", Hidden: true},
		{Key: "reason", Label: "For what Steward did it", SQL: "NULLIF(e.reason, '')", Hidden: true},
		{Key: "subject_id", Label: "Id of the subject", SQL: "NULLIF(e.subject_id, '')", Hidden: true},
		{Key: "id", Label: "Id", SQL: "e.id", Hidden: true},
	},
	Filters: []listing.Filter{
		{Key: "action", Label: "Action", SQL: "e.action"},
		{Key: "who", Label: "Who", SQL: whoDid},
		{Key: "kind", Label: "Kind", SQL: "e.subject_kind"},
		{Key: "subject", Label: "Id", SQL: "e.subject_id", Kind: listing.Contains},
		{Key: "at", Label: "When", SQL: "e.at", Kind: listing.When},
	},
	Search:  []string{"e.action", "e.subject_id", "e.detail", "e.reason", "a.name", "sa.name"},
	Default: listing.Sort{Column: "at", Desc: true},
	Empty:   listing.Empty{Title: "No entry", Text: "Entries appear when somebody changes a record, a setting or an account."},
}

// whoDid names who did it, as who does it in words.
const whoDid = `CASE WHEN e.account <> '' THEN COALESCE(a.name, 'an account that is gone') WHEN e.reason <> '' THEN 'Steward (' || e.reason || ')' ELSE 'Steward itself' END`

// verified is what page/verified.tmpl shows.
type verified struct {
	frame
	*audit.Report
}

func (f *Feature) verifiedPage(r *web.Request) (web.Page, error) {
	report, err := f.config.Audit.Verify(r.Context(), r.Viewer)
	if err != nil {
		return web.Page{}, err
	}
	p := page("Verification of the audit log", "verified", verified{sections(r.Viewer, "/audit"), &report})
	p.Crumbs = append(p.Crumbs, web.Crumb{Label: "Audit log", Href: "/audit"})
	p.Lede, p.API = "Entries are chained and signed, so that later changes to them show.", "/api/v1/audit/verification"
	return p, nil
}

func (f *Feature) auditHeads(w http.ResponseWriter, r *web.Request) error {
	since, err := strconv.ParseInt(r.URL.Query().Get("since"), 10, 64)
	if err != nil {
		since = 0
	}
	return download.Send(w, r.Now, "audit-heads", download.JSONLines, func(out io.Writer) error {
		_, err := f.config.Audit.Export(r.Context(), r.Viewer, out, since)
		return err
	})
}

// verification is what a walk over the log found.
type verification struct {
	OK       bool          `json:"ok" doc:"Nothing was altered, removed or added"`
	Entries  int64         `json:"entries" doc:"Sealed entries that were looked at"`
	Pending  int64         `json:"pending" doc:"Entries that are not sealed yet"`
	Problems []problemJSON `json:"problems"`
	More     bool          `json:"more" doc:"There are more problems than are listed"`
}

type problemJSON struct {
	Change   audit.Change `json:"change" enum:"altered,removed,added"`
	Seq      int64        `json:"seq"`
	Entry    string       `json:"entry,omitempty"`
	Sentence string       `json:"sentence"`
}

func (f *Feature) apiVerify(ctx context.Context, v access.Viewer, _ *struct{}) (verification, error) {
	r, err := f.config.Audit.Verify(ctx, v)
	out := verification{OK: r.OK(), Entries: r.Entries, Pending: r.Pending, Problems: []problemJSON{}, More: r.More}
	for _, p := range r.Problems {
		out.Problems = append(out.Problems, problemJSON{p.Change, p.Seq, p.EntryID, p.Sentence})
	}
	return out, err
}
