package web_test

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"steward/internal/platform/access"
	"steward/internal/platform/web"
)

// everybody is signed in as a member.
type everybody struct{}

func (everybody) Viewer(*http.Request) (access.Viewer, error) {
	return access.As("m", "member", access.Member), nil
}

func TestUploadsMayBeLargerThanForms(t *testing.T) {
	s := web.New(web.Config{Auth: everybody{}, Logger: slog.New(slog.DiscardHandler)})
	s.Upload("/files", access.ReadEstate, 3<<20, func(w http.ResponseWriter, r *web.Request) (*web.Page, error) {
		file, _, err := r.FormFile("file")
		if err != nil {
			return nil, err
		}
		n, err := io.Copy(io.Discard, file)
		fmt.Fprint(w, n)
		return nil, err
	})
	s.Raw("POST /forms", access.ReadEstate, func(w http.ResponseWriter, r *web.Request) error {
		_, err := io.Copy(io.Discard, r.Body)
		return err
	})
	h, err := s.Handler()
	if err != nil {
		t.Fatal(err)
	}
	send := func(path string, size int) (int, string) {
		var body bytes.Buffer
		form := multipart.NewWriter(&body)
		file, err := form.CreateFormFile("file", "a")
		if err == nil {
			_, err = file.Write(make([]byte, size))
		}
		if err != nil || form.Close() != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequest("POST", "http://localhost"+path, &body)
		r.Header.Set("Content-Type", form.FormDataContentType())
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Code, w.Body.String()
	}
	if code, body := send("/files", 2<<20); code != http.StatusOK || body != fmt.Sprint(2<<20) {
		t.Errorf("2 MB: %d %.100s", code, body)
	}
	if code, body := send("/files", 4<<20); code != http.StatusUnprocessableEntity && code != http.StatusBadRequest || !strings.Contains(body, "larger than 3 MB") {
		t.Errorf("4 MB: %d %.200s", code, body)
	}
	if code, _ := send("/forms", 2<<20); code == http.StatusOK {
		t.Errorf("2 MB elsewhere: %d", code)
	}
}
