package web

import (
	"errors"
	"net/http"

	"steward/internal/platform/access"
	"steward/internal/platform/fault"
)

// Upload mounts POST path for a form with a file, of at most limit bytes in all. The form is read
// into memory before the handler runs. It is for answers that are kept nowhere: the page that the
// handler returns is the answer itself; nil when it has answered by itself, as with a download.
func (s *Server) Upload(path string, needs access.Action, limit int64, h func(http.ResponseWriter, *Request) (*Page, error)) {
	if s.limits == nil {
		s.limits = map[string]int64{}
	}
	s.limits[path] = limit
	s.Raw("POST "+path, needs, func(w http.ResponseWriter, r *Request) error {
		var large *http.MaxBytesError
		switch err := r.ParseMultipartForm(limit); {
		case errors.As(err, &large):
			return fault.Wrap(fault.Invalid, err, "What was sent is larger than %d MB. Send less, or use the command line.", limit>>20)
		case err != nil:
			return fault.Wrap(fault.Invalid, err, "The form could not be read. Go back and send it again.")
		}
		defer func() { _ = r.MultipartForm.RemoveAll() }() // all of it is in memory
		page, err := h(w, r)
		if err != nil || page == nil {
			return err
		}
		return s.Show(w, r, *page)
	})
}

// bodyLimit is how large the body of a request may be.
func (s *Server) bodyLimit(r *http.Request) int64 {
	if limit, ok := s.limits[r.URL.Path]; ok && r.Method == http.MethodPost {
		return limit
	}
	return maxBody
}
