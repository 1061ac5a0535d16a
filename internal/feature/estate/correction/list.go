package correction

import (
	"context"
	"fmt"

	"steward/internal/platform/access"
	"steward/internal/platform/listing"
	"steward/internal/platform/web"
)

// waiting holds for corrections that somebody has to decide on.
const waiting = "c.state IN ('queued', 'reopened')"

// mine is the condition that a correction waits for the viewer: an administrator, or who speaks for the owner.
func (d *Desk) mine() string {
	return waiting + ` AND EXISTS (SELECT 1 FROM account w WHERE w.id = {account} AND w.disabled_at = 0 AND (w.role = 'admin' OR w.role = 'member' AND ` + d.speaks + `))`
}

func (d *Desk) list() listing.Spec {
	kinds := []listing.Choice{}
	for _, s := range d.subjects {
		kinds = append(kinds, listing.Choice{Value: s.Kind, Label: s.Plural})
	}
	var said []listing.Choice
	for _, v := range verdicts {
		said = append(said, listing.Choice{Value: string(v), Label: v.Word()})
	}
	return listing.Spec{
		Name: "corrections", Title: "Corrections", Noun: "correction", Plural: "corrections",
		From: "correction c JOIN repository r ON r.id = c.repository_id LEFT JOIN account a ON a.id = c.account LEFT JOIN account d ON d.id = c.decided_by",
		Base: "r.joined_into = 0", Key: "c.uid",
		Where: func(v access.Viewer) string { return v.Where("r.visibility") },
		Columns: []listing.Column{
			{Key: "name", Label: "Value", SQL: "c.name", Sort: true, Link: "/corrections/{id}"},
			{Key: "record", Label: "Of", SQL: "c.record_name", Context: true},
			{Key: "verdict", Label: "Said to be", SQL: "c.verdict", Kind: listing.Badge, Words: verdictWords, Sort: true},
			{Key: "claimed", Label: "Sources say", SQL: "NULLIF(c.claimed_text, '')", Priority: 2, Unknown: "Nothing"},
			{Key: "value", Label: "It is", SQL: "CASE WHEN c.verdict = 'by-design' THEN 'as it is' ELSE NULLIF(c.value_text, '') END", Priority: 2, Unknown: "Not known"},
			{Key: "state", Label: "State", SQL: "c.state", Kind: listing.Status, Words: stateWords, Tones: stateTones, Sort: true},
			{Key: "said_by", Label: "Said by", SQL: "a.name", Kind: listing.Person, Priority: 3, Sort: true},
			{Key: "said", Label: "Said", SQL: "c.made_at", Kind: listing.Time, Sort: true, Priority: 3},
			{Key: "until", Label: "Until", SQL: "NULLIF(c.until_day, '')", Kind: listing.Date, Sort: true, Priority: 4, Unknown: "No end"},
			{Key: "reason", Label: "Reason", SQL: "c.reason", Hidden: true},
			{Key: "evidence", Label: "Evidence", SQL: "NULLIF(c.evidence, '')", Hidden: true},
			{Key: "decided_by", Label: "Decided by", SQL: "d.name", Hidden: true},
			{Key: "decided", Label: "Decided", SQL: "NULLIF(c.decided_at, 0)", Kind: listing.Time, Hidden: true},
			{Key: "decided_why", Label: "Why so decided", SQL: "NULLIF(c.decided_why, '')", Hidden: true},
			{Key: "kind", Label: "Kind of record", SQL: "c.subject_kind", Hidden: true},
			{Key: "record_id", Label: "Record id", SQL: "c.subject_id", Hidden: true},
			{Key: "id", Label: "Id", SQL: "c.uid", Hidden: true},
		},
		Filters: []listing.Filter{
			{Key: "state", Label: "State", SQL: "c.state", Choices: []listing.Choice{{Value: string(Queued), Label: "Waiting"}, {Value: string(Binding), Label: "Binding"}, {Value: string(Reopened), Label: "Reopened"}, {Value: string(Refused), Label: "Refused"}, {Value: string(Withdrawn), Label: "Withdrawn"}, {Value: string(Ended), Label: "Ended"}}},
			{Key: "verdict", Label: "Said to be", SQL: "c.verdict", Choices: said},
			{Key: "kind", Label: "Kind of record", SQL: "c.subject_kind", Choices: kinds},
			{Key: "value", Label: "Value", SQL: "c.name"},
			{Key: "record", Label: "Record", SQL: "c.record_name"},
			{Key: "said_by", Label: "Said by", SQL: "a.name"},
			{Key: "said", Label: "Said", SQL: "c.made_at", Kind: listing.When},
		},
		Search: []string{"c.name", "c.record_name", "c.reason"},
		Views: []listing.View{
			{Key: "mine", Label: "Waiting for me", Where: d.mine()},
			{Key: "waiting", Label: "Waiting", Where: "c.state = 'queued'"},
			{Key: "binding", Label: "Binding", Where: "c.state = 'binding'"},
			{Key: "reopened", Label: "Reopened", Where: "c.state = 'reopened'"},
			{Key: "over", Label: "Settled", Where: "c.state IN ('refused', 'withdrawn', 'ended')"},
		},
		Default: listing.Sort{Column: "said", Desc: true},
		Empty:   listing.Empty{Title: "Nothing was said to be wrong yet", Text: "Each fact of a repository or component leads to why Steward says so, and there to “Not right?”."},
	}
}

// attention says on home what waits for a decision of the viewer.
func (d *Desk) attention(ctx context.Context, v access.Viewer) ([]web.Item, error) {
	if !v.Can(access.LinkRecords) {
		return nil, nil
	}
	var queued, reopened int64
	err := d.p.DB.QueryRow(ctx, `SELECT COALESCE(SUM(CASE WHEN c.state = 'queued' THEN 1 ELSE 0 END), 0), COALESCE(SUM(CASE WHEN c.state = 'reopened' THEN 1 ELSE 0 END), 0)
		FROM correction c JOIN repository r ON r.id = c.repository_id JOIN account w ON w.id = $1
		WHERE `+waiting+` AND r.joined_into = 0 AND w.disabled_at = 0 AND (w.role = 'admin' OR w.role = 'member' AND `+d.speaks+`) AND `+v.Where("r.visibility"), v.AccountID()).Scan(&queued, &reopened)
	if err != nil {
		return nil, fmt.Errorf("count corrections that wait: %w", err)
	}
	return []web.Item{
		{Urgency: web.Settle, Count: queued, Title: "Corrections waiting", Reason: "somebody says that a value is not right", Href: "/corrections?view=mine&state=queued", Step: "Decide"},
		{Urgency: web.Settle, Count: reopened, Title: "Corrections reopened", Reason: "what they were said against has changed", Href: "/corrections?view=mine&state=reopened", Step: "Look again"},
	}, nil
}
