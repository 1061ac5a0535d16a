package tree

import "bytes"

// Mode is a file mode of a git tree.
type Mode uint32

// The modes of files. An Entry shows the others of old trees, such as 0100664,
// as one of these; in a Change they come as they are.
const (
	ModeFile       Mode = 0o100644
	ModeExecutable Mode = 0o100755
	ModeSymlink    Mode = 0o120000
	ModeSubmodule  Mode = 0o160000
	modeType       Mode = 0o170000
	modeFolder     Mode = 0o040000
)

// IsFile reports whether the entry is a regular file, executable or not.
func (m Mode) IsFile() bool { return m&modeType == 0o100000 }

// IsSymlink reports whether the blob is the target of a symbolic link.
func (m Mode) IsSymlink() bool { return m&modeType == ModeSymlink }

// IsSubmodule reports whether the id is a commit of another repository.
func (m Mode) IsSubmodule() bool { return m&modeType == ModeSubmodule }

// Entry is one file, symbolic link or submodule of a commit's tree.
type Entry struct {
	Path string // from the root, with slashes; raw bytes, not always UTF-8; no part is ".", "..", ".git" or empty
	Blob string // object id; a commit for a submodule
	Size int64  // bytes; -1 when the blob is missing, and for submodules
	Mode Mode
}

// cutEntry takes one entry off a tree object: "<octal mode> <name>\0<id>". Modes
// of files become one of the four that an Entry has; 0 is one that git never wrote.
func cutEntry(data []byte, idLen int) (mode Mode, name, id, rest []byte, ok bool) {
	digits, rest, ok := bytes.Cut(data, []byte{' '})
	if !ok || len(digits) == 0 || len(digits) > 7 {
		return 0, nil, nil, nil, false
	}
	for _, c := range digits {
		if c < '0' || c > '7' {
			return 0, nil, nil, nil, false
		}
		mode = mode<<3 | Mode(c-'0')
	}
	name, rest, ok = bytes.Cut(rest, []byte{0})
	if !ok || len(rest) < idLen {
		return 0, nil, nil, nil, false
	}
	switch {
	case mode.IsFile() && mode&0o100 != 0:
		mode = ModeExecutable
	case mode.IsFile():
		mode = ModeFile
	case mode.IsSymlink(), mode.IsSubmodule(), mode&modeType == modeFolder:
		mode &= modeType
	default:
		mode = 0
	}
	return mode, name, rest[:idLen], rest[idLen:], true
}

// cleanName reports whether git would write a file of this name.
func cleanName(name []byte) bool {
	switch string(name) {
	case "", ".", "..":
		return false
	}
	return bytes.IndexByte(name, '/') < 0 && !bytes.EqualFold(name, []byte(".git"))
}

// ParseMode reads a mode of six octal digits, as git's raw output has it.
func ParseMode(b []byte) (Mode, bool) {
	var m Mode
	for _, c := range b {
		if c < '0' || c > '7' {
			return 0, false
		}
		m = m<<3 | Mode(c-'0')
	}
	return m, len(b) == 6
}
