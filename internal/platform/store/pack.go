package store

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
)

// Pack compresses bytes that a blob or bytea column keeps; nothing stays nothing.
func Pack(b []byte) ([]byte, error) {
	if len(b) == 0 {
		return nil, nil
	}
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestSpeed)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(b); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return packed.Bytes(), nil
}

// Unpack gives back what Pack was given, at most limit bytes of it.
func Unpack(packed []byte, limit int64) ([]byte, error) {
	if len(packed) == 0 {
		return nil, nil
	}
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("unpack: %w", err)
	}
	b, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, fmt.Errorf("unpack: %w", err)
	}
	if int64(len(b)) > limit {
		return nil, fmt.Errorf("unpack: more than %d bytes", limit)
	}
	return b, nil
}
