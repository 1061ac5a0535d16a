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
		ID: "licences", Title: "Licence", Order: 40, API: "licences",
		Show: func(ctx context.Context, v access.Viewer, r estate.Repository) (string, bool) {
			return "", r.CurrentScanID > 0 && r.State != "empty"
		},
		Render: func(ctx context.Context, v access.Viewer, r estate.Repository, long bool) (string, any, error) {
			answers, err := f.Answers(ctx, v, r.ID)
			if err != nil {
				return "", nil, err
			}
			limit := shownRows
			if long {
				limit = maxShown
			}
			files, err := f.Files(ctx, v, r.ID, limit)
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

// ComponentPanel shows the licence on the page of a component; at tells its
// repository and root folder. A folder without an answer of its own has that
// of the nearest one above.
func ComponentPanel[T any](f *Feature, at func(T) (repository int64, root string)) web.Panel[T] {
	return web.Panel[T]{
		ID: "licence", Title: "Licence", Order: 40, API: "licences",
		Show: func(ctx context.Context, v access.Viewer, component T) (string, bool) {
			repository, root := at(component)
			a, err := f.AnswerAt(ctx, v, repository, root)
			return a.Licence.Title(), err == nil && a.Licence != ""
		},
		Render: func(ctx context.Context, v access.Viewer, component T, long bool) (string, any, error) {
			repository, root := at(component)
			a, err := f.AnswerAt(ctx, v, repository, root)
			if err != nil {
				return "", nil, err
			}
			limit := shownRows
			if long {
				limit = maxShown
			}
			files, err := f.filesOf(ctx, v, repository, a.Root, limit)
			p := panelOf("", []Answer{a}, files, long)
			p.All = ""
			return "licence/panel", p, err
		},
	}
}

// maxShown is how many places the long form of a panel shows.
const maxShown = 500
