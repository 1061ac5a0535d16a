package download

import (
	"fmt"
	"io"

	"steward/internal/format/plain"
	"steward/internal/format/table"
)

// Rows are records that are written as they are read, for exports of what is no listing.Spec.
type Rows[T any] struct {
	Head  []any         // first line of CSV
	Cells func(T) []any // the other lines, see table.Writer; JSON has the record as json.Marshal writes it
	Each  func(do func(T) error) error
}

// Write writes them as CSV, or as one JSON array.
func (r Rows[T]) Write(out io.Writer, f Format) error {
	if f == CSV {
		return r.csv(out)
	}
	before := "[\n"
	err := r.Each(func(one T) error {
		line, err := plain.Marshal(one)
		if err != nil {
			return fmt.Errorf("write a record as JSON: %w", err)
		}
		_, err = io.WriteString(out, before+string(line))
		before = ",\n"
		return err
	})
	if err == nil && before == "[\n" {
		_, err = io.WriteString(out, "[")
	}
	if err == nil {
		_, err = io.WriteString(out, "\n]\n")
	}
	return err
}

func (r Rows[T]) csv(out io.Writer) error {
	w := table.NewWriter(out)
	if err := w.Write(r.Head...); err != nil {
		return err
	}
	if err := r.Each(func(one T) error { return w.Write(r.Cells(one)...) }); err != nil {
		return err
	}
	return w.Flush()
}
