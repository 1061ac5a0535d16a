// Package static serves the hub's own files: the sheet, the icons, the scripts.
//
// They are part of the program and are served under addresses that hold a hash of their content,
// so that browsers keep them for ever and never see an old one. htmx.js is version 4.0.1 of
// htmx.org as published, under its own licence in htmx.LICENSE; the rest is ours.
package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"regexp"
	"strings"
)

//go:embed *.css *.js *.svg htmx.LICENSE
var embedded embed.FS

// Files are the files with their addresses. Make them with Read.
type Files struct {
	address map[string]string // "steward.css" → "/static/steward.3f2a91c0.css"
	files   map[string]file   // by address
	icons   map[string]bool   // names of symbols in icons.svg
}

type file struct {
	kind        string
	plain, gzip []byte
}

var symbolID = regexp.MustCompile(`<symbol id="([a-z]+)"`)

// Read reads and compresses the files.
func Read() (*Files, error) {
	s := &Files{address: map[string]string{}, files: map[string]file{}, icons: map[string]bool{}}
	err := fs.WalkDir(embedded, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		body, err := embedded.ReadFile(name)
		if err != nil {
			return err
		}
		small, err := squeeze(body)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(body)
		extension := path.Ext(name)
		base := strings.TrimSuffix(name, extension)
		address := "/static/" + base + "." + hex.EncodeToString(sum[:5]) + extension
		kind := mime.TypeByExtension(extension)
		if fixed, ok := kinds[extension]; ok {
			kind = fixed // the machine's own table may say otherwise
		}
		s.address[base+extension], s.files[address] = address, file{kind: kind, plain: body, gzip: small}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read static files: %w", err)
	}
	for _, m := range symbolID.FindAllSubmatch(s.files[s.address["icons.svg"]].plain, -1) {
		s.icons[string(m[1])] = true
	}
	return s, nil
}

var kinds = map[string]string{
	".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
	".LICENSE": "text/plain; charset=utf-8", ".png": "image/png",
}

func squeeze(body []byte) ([]byte, error) {
	var out bytes.Buffer
	z, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := z.Write(body); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// Icon reports whether icons.svg holds a symbol of that name.
func (s *Files) Icon(name string) bool { return s.icons[name] }

// Address returns the address of a file; a name that does not exist is a mistake in a template.
func (s *Files) Address(name string) (string, error) {
	address, ok := s.address[name]
	if !ok {
		return "", fmt.Errorf("there is no static file %q", name)
	}
	return address, nil
}

// ServeHTTP answers with a file.
func (s *Files) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	found, ok := s.files[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", found.kind)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Vary", "Accept-Encoding")
	body := found.plain
	if TakesGzip(r) {
		h.Set("Content-Encoding", "gzip")
		body = found.gzip
	}
	w.Header().Set("Content-Length", fmt.Sprint(len(body)))
	if r.Method != http.MethodHead {
		_, _ = w.Write(body)
	}
}

// TakesGzip reports whether a client takes answers compressed with gzip; "gzip;q=0" is a refusal.
func TakesGzip(r *http.Request) bool {
	for _, part := range strings.Split(r.Header.Get("Accept-Encoding"), ",") {
		name, quality, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.TrimSpace(name) == "gzip" {
			q := strings.TrimPrefix(strings.ReplaceAll(quality, " ", ""), "q=")
			return q != "0" && q != "0.0" && q != "0.00" && q != "0.000"
		}
	}
	return false
}
