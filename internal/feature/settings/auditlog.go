package settings

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"steward/internal/platform/access"
	"steward/internal/platform/audit"
	"steward/internal/platform/web"
	"steward/internal/platform/web/download"
)

// auditSize is how many entries a page shows.
const auditSize = 50

// auditLog is what page/audit.tmpl shows.
type auditLog struct {
	frame
	Entries  []auditRow
	Verified *audit.Report // nil unless it was asked for
	Action   string        // only entries of this action
	Next     string        // address of the next page, "" at the end
	First    string        // address of the first page, "" on it
}

type auditRow struct {
	audit.Entry
	Who, Subject, Detail string
}

func (f *Feature) auditPage(r *web.Request) (web.Page, error) {
	q := r.URL.Query()
	data := auditLog{frame: sections(r.Viewer, "/settings/audit"), Action: q.Get("action")}
	entries, err := f.config.Audit.List(r.Context(), r.Viewer, audit.Page{Action: data.Action, Before: q.Get("before"), Limit: auditSize + 1})
	if err != nil {
		return web.Page{}, err
	}
	names, err := f.names(r.Context(), r.Viewer)
	if err != nil {
		return web.Page{}, err
	}
	at := func(before string) string {
		values := url.Values{}
		for key, value := range map[string]string{"action": data.Action, "before": before} {
			if value != "" {
				values.Set(key, value)
			}
		}
		return "/settings/audit?" + values.Encode()
	}
	if len(entries) > auditSize {
		entries = entries[:auditSize]
		data.Next = at(entries[auditSize-1].ID)
	}
	if q.Get("before") != "" {
		data.First = at("")
	}
	for _, e := range entries {
		data.Entries = append(data.Entries, rowOf(e, names))
	}
	if q.Get("verify") != "" {
		report, err := f.config.Audit.Verify(r.Context(), r.Viewer)
		if err != nil {
			return web.Page{}, err
		}
		data.Verified = &report
	}
	p := page("Audit log", "audit", data)
	p.Lede, p.API = "Who did what to which record. Entries are chained and signed, so that later changes to them show.", "/api/v1/audit"
	p.Actions = []web.Action{{Label: "Verify the log", Href: "/settings/audit?verify=yes", Icon: "check"}}
	p.Export = []web.Action{{Label: "Signed heads, to keep elsewhere", Href: "/settings/audit/heads.jsonl"}}
	return p, nil
}

func rowOf(e audit.Entry, names map[string]string) auditRow {
	row := auditRow{Entry: e, Who: who(names, e.Account), Subject: e.SubjectID}
	if e.Account == "" && e.Reason != "" {
		row.Who = "Steward (" + e.Reason + ")"
	}
	if name, ok := names[e.SubjectID]; ok && e.SubjectKind == "account" {
		row.Subject = name
	}
	if detail := string(e.Detail); detail != "null" {
		row.Detail = detail
	}
	return row
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

// auditQuery is what programs may ask of the log.
type auditQuery struct {
	Account     string `query:"account" doc:"Only what this account did, by id"`
	Action      string `query:"action" doc:"Only this action, such as setting.set"`
	SubjectKind string `query:"subject_kind"`
	SubjectID   string `query:"subject_id"`
	Before      string `query:"before" doc:"Only entries older than this id: next_before of the page before"`
	Limit       int    `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

type auditJSON struct {
	ID          string          `json:"id"`
	At          time.Time       `json:"at"`
	Account     string          `json:"account,omitempty" doc:"Id of the account that did it; absent when Steward itself did"`
	Reason      string          `json:"reason,omitempty" doc:"For what Steward did it"`
	Action      string          `json:"action"`
	SubjectKind string          `json:"subject_kind"`
	SubjectID   string          `json:"subject_id"`
	Detail      json.RawMessage `json:"detail,omitempty"`
	Seq         int64           `json:"seq" doc:"Number in the chain; 0 until it is sealed, within a second"`
}

type auditListed struct {
	Items      []auditJSON `json:"items"`
	NextBefore string      `json:"next_before,omitempty" doc:"Ask with before= this for the next page; absent at the end"`
}

func (f *Feature) apiAudit(ctx context.Context, v access.Viewer, q *auditQuery) (auditListed, error) {
	entries, err := f.config.Audit.List(ctx, v, audit.Page{Account: q.Account, Action: q.Action, SubjectKind: q.SubjectKind, SubjectID: q.SubjectID, Before: q.Before, Limit: q.Limit})
	out := auditListed{Items: []auditJSON{}}
	for _, e := range entries {
		out.Items = append(out.Items, auditJSON{e.ID, e.At, e.Account, e.Reason, e.Action, e.SubjectKind, e.SubjectID, e.Detail, e.Seq})
	}
	if len(entries) == q.Limit {
		out.NextBefore = entries[len(entries)-1].ID
	}
	return out, err
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
