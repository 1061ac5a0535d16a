package licence

import (
	"context"
	"net/url"

	"steward/internal/feature/estate"
	"steward/internal/platform/access"
	"steward/internal/platform/web"
)

// shownRows is how many components and places a panel shows.
const shownRows = 6

// panel is the licence part of a repository's or component's page.
type panel struct {
	Answers []useRow
	More    int // components that are not shown
	Files   []fileRow
	Notices []web.Notice
	All     string // address of the list of all places
}

// fileRow is a place as the panel shows it.
type fileRow struct {
	File
	Tone, Word string
}

// Panel shows the licences on the repository page.
func (f *Feature) Panel() estate.Panel {
	return estate.Panel{
		ID: "licences", Title: "Licence", Order: 40,
		Show: func(ctx context.Context, v access.Viewer, r estate.Repository) (string, bool) {
			return "", r.CurrentScanID > 0 && r.State != "empty"
		},
		Render: func(ctx context.Context, v access.Viewer, r estate.Repository, long bool) (string, any, error) {
			answers, err := f.Answers(ctx, v, r.ID)
			if err != nil {
				return "", nil, err
			}
			files, err := f.Files(ctx, v, r.ID, shownRows)
			return "licence/panel", panelOf(r.Name, answers, files, long), err
		},
	}
}

func panelOf(repository string, answers []Answer, files []File, long bool) panel {
	p := panel{All: "/licence-files?repository=" + url.QueryEscape(repository)}
	for _, a := range answers {
		if a.Dispute != "" && len(p.Notices) < 3 {
			p.Notices = append(p.Notices, web.Notice{Tone: "warn", Word: "Disputed", Text: a.Dispute + "."})
		}
		if !long && len(p.Answers) == shownRows {
			p.More++
			continue
		}
		p.Answers = append(p.Answers, rowOf(Use{Answer: a}))
	}
	for _, o := range files {
		p.Files = append(p.Files, fileRow{File: o, Tone: certaintyTones[string(o.Certainty)], Word: certaintyWords[string(o.Certainty)]})
	}
	return p
}
