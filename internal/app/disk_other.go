//go:build !unix

package app

// freeSpace is not known on this system.
func freeSpace(string) (int64, bool) { return 0, false }

// hasModes: permissions of folders say nothing here.
const hasModes = false
