// Package disk says what the file system of a folder is like, as far as this system tells.
package disk
