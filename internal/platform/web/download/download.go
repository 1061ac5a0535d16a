// Package download sends files: exports of lists and answers. All of a file is there before its first byte goes out, so
// that a client that takes it slowly holds no connection to the database, what fails midway is answered as a failure,
// and nobody takes a part for the whole.
package download

import (
	"io"
	"net/http"
	"strconv"
	"time"
)

// Format is what a file is, by the end of its name.
type Format string

// The formats of exports.
const (
	CSV       Format = "csv"
	JSON      Format = "json"
	JSONLines Format = "jsonl"
)

// mediaType is what the head of an answer says.
func (f Format) mediaType() string {
	if f == CSV {
		return "text/csv; charset=utf-8; header=present"
	}
	return "application/" + string(f)
}

// Send sends what write writes, as a file of that name with the day: packages-2026-11-22.csv. The name has no characters
// that a header would have to quote. An error of write is returned, and nothing has been sent. The time for writing
// is extended with every piece that the client takes.
func Send(w http.ResponseWriter, now time.Time, name string, f Format, write func(io.Writer) error) error {
	var all spool
	defer all.Close()
	if err := write(&all); err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", f.mediaType())
	h.Set("Content-Length", strconv.FormatInt(all.size, 10))
	h.Set("Cache-Control", "private, no-store")
	h.Set("Content-Disposition", `attachment; filename="`+name+"-"+now.UTC().Format(time.DateOnly)+"."+string(f)+`"`)
	if _, err := all.WriteTo(patient{w, http.NewResponseController(w)}); err != nil {
		panic(http.ErrAbortHandler) // the head is out: break the connection, so that nobody takes a part for the whole
	}
	return nil
}

// patient extends the time for writing with every piece that the client takes.
type patient struct {
	io.Writer
	control *http.ResponseController
}

func (p patient) Write(b []byte) (int, error) {
	_ = p.control.SetWriteDeadline(time.Now().Add(time.Minute)) // not every writer has one
	return p.Writer.Write(b)
}
