package licence

import (
	"context"
	"errors"
	"fmt"

	"steward/internal/platform/access"
	"steward/internal/platform/fault"
	"steward/internal/platform/store"
)

// answered is what programs get of the licences of one record: what its panel shows.
type answered struct {
	Licences []Answer `json:"licences"`
	Files    []File   `json:"files" doc:"Places that say something about a licence, at most 500"`
}

// byID is the input of an operation on one record.
type byID struct {
	ID string `path:"id" doc:"Id of the record"`
}

func (f *Feature) repositoryOf(ctx context.Context, v access.Viewer, in *byID) (out answered, err error) {
	var id int64
	err = f.db.QueryRow(ctx, `SELECT r.id FROM repository r WHERE r.uid = $1 AND `+v.Where("r.visibility"), in.ID).Scan(&id)
	if err != nil {
		return out, notSeen(err, "repository", in.ID)
	}
	if out.Licences, err = f.Answers(ctx, v, id); err != nil {
		return out, err
	}
	out.Files, err = f.Files(ctx, v, id, maxShown)
	return out, err
}

func (f *Feature) componentOf(ctx context.Context, v access.Viewer, in *byID) (out answered, err error) {
	var id int64
	var root string
	err = f.db.QueryRow(ctx, `SELECT c.repository_id, c.root FROM component c JOIN repository r ON r.id = c.repository_id WHERE c.uid = $1 AND `+v.Where("r.visibility"), in.ID).Scan(&id, &root)
	if err != nil {
		return out, notSeen(err, "component", in.ID)
	}
	one, err := f.AnswerAt(ctx, v, id, root)
	if err != nil {
		return out, err
	}
	out.Licences = []Answer{one}
	out.Files, err = f.filesOf(ctx, v, id, one.Root, maxShown)
	return out, err
}

// notSeen is the error of a record that is not there for the viewer.
func notSeen(err error, kind, id string) error {
	if errors.Is(err, store.ErrNoRows) {
		return fault.New(fault.NotFound, "There is no such %s, or you may not see it.", kind)
	}
	return fmt.Errorf("find %s %s: %w", kind, id, err)
}
