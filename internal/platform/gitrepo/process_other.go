//go:build !unix

package gitrepo

import "os/exec"

const openNonblock = 0

func ownGroup(cmd *exec.Cmd) {}

func killGroup(cmd *exec.Cmd) error { return cmd.Process.Kill() }
