package estate

import (
	"context"
	"strconv"

	"steward/internal/platform/access"
	"steward/internal/platform/web"
)

// Panel is a part of the repository page: those below are the estate's own, others come from other
// features.
type Panel = web.Panel[Repository]

// shortRows is how many rows a panel shows on the overview.
const shortRows = 6

// allPanels are those of other features and the estate's own.
func (f *Feature) allPanels() []Panel {
	return append([]Panel{f.factsPanel(), f.notesPanel()}, f.panels...)
}

// factsView is what the panel of facts shows.
type factsView struct {
	Href  string // of the repository
	Facts []StoredFact
}

// factsPanel shows the facts of a repository with where each comes from.
func (f *Feature) factsPanel() Panel {
	return Panel{
		ID: "facts", Title: "Facts", Order: 90,
		Show: func(ctx context.Context, v access.Viewer, r Repository) (string, bool) {
			facts, err := f.Facts(ctx, v, r)
			return strconv.Itoa(len(facts)), err != nil || len(facts) > 0
		},
		Render: func(ctx context.Context, v access.Viewer, r Repository, long bool) (string, any, error) {
			facts, err := f.Facts(ctx, v, r)
			if !long {
				facts = facts[:min(len(facts), shortRows)]
			}
			return "estate/facts", factsView{"/repositories/" + r.UID, facts}, err
		},
	}
}

// maxNotes is how many notes the long form of their panel shows; the list of notes has all.
const maxNotes = 200

// notesView is what the panel of notes shows.
type notesView struct {
	Repository Repository
	Notes      []Note
	Long       bool
}

// notesPanel shows what the reading of a repository left out, and why.
func (f *Feature) notesPanel() Panel {
	return Panel{
		ID: "left-out", Title: "What was left out", Order: 95,
		Show: func(ctx context.Context, v access.Viewer, r Repository) (string, bool) {
			notes, err := f.Notes(ctx, v, r, 1)
			return "", err != nil || len(notes) > 0
		},
		Render: func(ctx context.Context, v access.Viewer, r Repository, long bool) (string, any, error) {
			limit := shortRows
			if long {
				limit = maxNotes
			}
			notes, err := f.Notes(ctx, v, r, limit)
			return "estate/notes", notesView{r, notes, long}, err
		},
	}
}
