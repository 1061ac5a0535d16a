//go:build !unix

package disk

// Free is not known on this system.
func Free(string) (int64, bool) { return 0, false }

// HasModes: permissions of folders say nothing here.
const HasModes = false
