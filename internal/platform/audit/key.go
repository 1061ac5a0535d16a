package audit

import (
	"context"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"steward/internal/platform/access"
	"steward/internal/platform/fault"
	"steward/internal/platform/store"
)

// Key signs heads and codes seals.
type Key struct {
	private ed25519.PrivateKey
	mac     []byte
	id      string
}

// keyBlock is the PEM type of the key's file (PKCS #8, RFC 5958), which openssl reads too.
const keyBlock = "PRIVATE KEY"

// maxKeyFile is the most that is read of a key's file, in bytes.
const maxKeyFile = 16 << 10

// NewKey makes a key from 32 random bytes read from random; crypto/rand.Reader outside tests.
func NewKey(random io.Reader) (Key, error) {
	seed := make([]byte, ed25519.SeedSize)
	if _, err := io.ReadFull(random, seed); err != nil {
		return Key{}, fmt.Errorf("make the audit key: %w", err)
	}
	return keyOf(ed25519.NewKeyFromSeed(seed)), nil
}

func keyOf(private ed25519.PrivateKey) Key {
	sum := sha256.Sum256(private.Public().(ed25519.PublicKey))
	h := hmac.New(sha256.New, private.Seed())
	h.Write([]byte("steward audit seal key 1"))
	return Key{private: private, mac: h.Sum(nil), id: hex.EncodeToString(sum[:8])}
}

// ID returns a short name of the key, made of its public half.
func (k Key) ID() string { return k.id }

// ParseKey reads a key in PEM (PKCS #8), as OpenKey writes it and openssl genpkey -algorithm
// ed25519 does. Anything else gives fault.Invalid without repeating it.
func ParseKey(text []byte) (Key, error) {
	block, _ := pem.Decode(text)
	if block != nil && block.Type == keyBlock {
		if parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes); err == nil {
			if private, ok := parsed.(ed25519.PrivateKey); ok {
				return keyOf(private), nil
			}
		}
	}
	return Key{}, fault.New(fault.Invalid,
		"The audit key is not an Ed25519 private key in PEM. Restore it, or make one with: openssl genpkey -algorithm ed25519.")
}

// OpenKey reads the key in a file and makes it, readable by this user only, when the file is
// absent. A file that others can read gives fault.Unavailable.
func OpenKey(path string) (Key, error) {
	if err := makeKey(path); err != nil && !errors.Is(err, fs.ErrExist) {
		return Key{}, fault.Wrap(fault.Unavailable, err, "The audit key %s cannot be made. Check who owns the folder.", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return Key{}, fault.Wrap(fault.Unavailable, err, "The audit key %s cannot be read. Check who owns the file.", path)
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return Key{}, fault.New(fault.Unavailable, "Others can read the audit key %s. Run: chmod 600 %s.", path, path)
	}
	text, err := io.ReadAll(io.LimitReader(f, maxKeyFile))
	if err != nil {
		return Key{}, fault.Wrap(fault.Unavailable, err, "The audit key %s cannot be read. Check the disk.", path)
	}
	key, err := ParseKey(text)
	if err != nil {
		return Key{}, fmt.Errorf("%s: %w", path, err)
	}
	return key, nil
}

// keyAction is the action of an entry that says that a key took the place of another, with which detail.
const keyAction = "audit.key"

type renewed struct {
	Before string `json:"before"` // id of the key that was in use
}

// KeyFor returns the key in a file, for the log in db. The key that a database is first opened with
// is its key, made then when the file is absent; from then on every process needs that one, and
// another, or none, gives fault.Conflict. With renew, when the key is lost, the one in the file takes
// its place from now on, which is an entry of the log.
func KeyFor(ctx context.Context, db *store.DB, path string, at time.Time, renew bool) (Key, error) {
	var key Key
	known, err := keyOfDatabase(ctx, db)
	if err != nil {
		return key, fmt.Errorf("look for the audit key: %w", err)
	}
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) && known != "" && !renew {
		return key, fault.New(fault.Conflict, "The audit log in this database is signed with the key %s, and there is no %s. %s", known, path, keyRemedy)
	}
	if key, err = OpenKey(path); err != nil {
		return key, err
	}
	err = db.Tx(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, "INSERT INTO audit_key (one, id, since) VALUES (1, $1, $2) ON CONFLICT (one) DO NOTHING", key.id, store.Micros(at))
		if err != nil {
			return err
		}
		known, err := keyOfDatabase(ctx, tx)
		if err != nil || known == key.id {
			return err
		}
		if !renew {
			return fault.New(fault.Conflict, "The audit log in this database is signed with the key %s, and %s is another (%s). %s", known, path, key.id, keyRemedy)
		}
		if _, err := tx.Exec(ctx, "UPDATE audit_key SET id = $1, since = $2", key.id, store.Micros(at)); err != nil {
			return err
		}
		return Append(ctx, tx, access.System("new audit key"), at, keyAction, "audit", key.id, renewed{Before: known})
	})
	if err != nil {
		return Key{}, fmt.Errorf("put the audit key: %w", err)
	}
	return key, nil
}

const keyRemedy = "Copy audit.key from the data folder of a Steward that signs there, or from its backup. If it is lost for good, start once with --new-audit-key: " +
	"what was signed before can then be verified by its chain only."

// keyOfDatabase returns the name of the key that seals, "" when there is none yet.
func keyOfDatabase(ctx context.Context, r store.Reader) (string, error) {
	var id string
	err := r.QueryRow(ctx, "SELECT id FROM audit_key").Scan(&id)
	if errors.Is(err, store.ErrNoRows) {
		err = nil
	}
	return id, err
}

// makeKey writes a new key to a file that must not exist. The file appears whole: written under
// another name first, then linked, so that two processes that start together share one key.
func makeKey(path string) error {
	if _, err := os.Lstat(path); err == nil {
		return fs.ErrExist
	}
	key, err := NewKey(rand.Reader)
	if err != nil {
		return err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key.private)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".audit-key-*") // made with mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(pem.EncodeToMemory(&pem.Block{Type: keyBlock, Bytes: der}))
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Link(f.Name(), path)
}
