package web

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

//go:embed static
var staticFiles embed.FS

//go:embed template/*.tmpl
var templates embed.FS

// static serves the embedded files under addresses that hold a hash of their content, so that they
// may be kept for ever.
type static struct {
	address map[string]string     // "steward.css" → "/static/steward.3f2a91c0.css"
	files   map[string]staticFile // by address
	icons   map[string]bool       // names of symbols in icons.svg
}

type staticFile struct {
	kind        string
	plain, gzip []byte
}

var symbolID = regexp.MustCompile(`<symbol id="([a-z]+)"`)

func readStatic() (*static, error) {
	s := &static{address: map[string]string{}, files: map[string]staticFile{}, icons: map[string]bool{}}
	err := fs.WalkDir(staticFiles, "static", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		body, err := staticFiles.ReadFile(name)
		if err != nil {
			return err
		}
		small, err := squeeze(body)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(body)
		extension := path.Ext(name)
		base := strings.TrimSuffix(strings.TrimPrefix(name, "static/"), extension)
		address := "/static/" + base + "." + hex.EncodeToString(sum[:5]) + extension
		kind := mime.TypeByExtension(extension)
		if fixed, ok := staticKinds[extension]; ok {
			kind = fixed // the machine's own table may say otherwise
		}
		s.address[base+extension], s.files[address] = address, staticFile{kind: kind, plain: body, gzip: small}
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

var staticKinds = map[string]string{
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

// of returns the address of a static file; a name that does not exist is a mistake in a template.
func (s *static) of(name string) (string, error) {
	address, ok := s.address[name]
	if !ok {
		return "", fmt.Errorf("there is no static file %q", name)
	}
	return address, nil
}

func (s *static) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	file, ok := s.files[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", file.kind)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Vary", "Accept-Encoding")
	body := file.plain
	if accepts(r, "gzip") {
		h.Set("Content-Encoding", "gzip")
		body = file.gzip
	}
	w.Header().Set("Content-Length", fmt.Sprint(len(body)))
	if r.Method != http.MethodHead {
		_, _ = w.Write(body)
	}
}
