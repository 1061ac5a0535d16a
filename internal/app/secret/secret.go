// Package secret reads files that an operator names for a secret, and refuses those that everybody can read.
package secret

import (
	"bufio"
	"errors"
	"io"
	"os"
	"strings"

	"steward/internal/platform/disk"
	"steward/internal/platform/fault"
)

const (
	shortestSecret = 16
	longestSecret  = 4 << 10
)

// Open opens a file that an operator named for a secret, such as "the token for sources". One that everybody
// on this machine can read is refused, with the command that mends it.
func Open(what, file string) (*os.File, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, err, "The file with %s, %s, cannot be read. Check that it is there and that this user may read it.", what, file)
	}
	info, err := f.Stat()
	if err == nil && info.IsDir() {
		err = errors.New("it is a folder")
	}
	switch {
	case err != nil:
		err = fault.Wrap(fault.Unavailable, err, "The file with %s, %s, cannot be read. Give a text file.", what, file)
	case disk.HasModes && info.Mode().Perm()&0o007 != 0:
		err = fault.New(fault.Unavailable, "Everybody on this machine can read %s in %s. Run: chmod o= %s.", what, file, file)
	default:
		return f, nil
	}
	return nil, errors.Join(err, f.Close())
}

// ForMetrics reads the secret for metrics, the first line of a file; no file is no secret. One that is too short
// is fault.Invalid.
func ForMetrics(file string) (string, error) {
	if file == "" {
		return "", nil
	}
	const what = "the secret for metrics"
	f, err := Open(what, file)
	if err != nil {
		return "", err
	}
	defer f.Close()
	line, err := bufio.NewReader(io.LimitReader(f, longestSecret)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fault.Wrap(fault.Unavailable, err, "The file with %s, %s, cannot be read. Give a text file.", what, file)
	}
	line = strings.TrimSpace(line)
	if len(line) < shortestSecret {
		return "", fault.New(fault.Invalid, "The secret for metrics in %s is too short. Put at least %d characters on its first line: openssl rand -hex 32.", file, shortestSecret)
	}
	return line, nil
}
