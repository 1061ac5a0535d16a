//go:build !linux

package process

import (
	"io"
	"syscall"
)

func widenPipe(io.ReadCloser) {}

func limitMemory(int, uint64) {}

func dieWithParent(*syscall.SysProcAttr) {}
