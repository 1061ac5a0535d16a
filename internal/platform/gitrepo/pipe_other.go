//go:build !linux

package gitrepo

import "io"

func widenPipe(io.ReadCloser) {}

func limitMemory(int, uint64) {}
