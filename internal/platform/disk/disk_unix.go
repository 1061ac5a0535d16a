//go:build unix

package disk

import "golang.org/x/sys/unix"

// Free gives the bytes that this user may still write to the file system of a folder.
func Free(folder string) (int64, bool) {
	var s unix.Statfs_t
	if err := unix.Statfs(folder, &s); err != nil {
		return 0, false
	}
	return int64(s.Bavail) * int64(s.Bsize), true
}

// HasModes: folders have permissions for user, group and others.
const HasModes = true
