package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"sort"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// server is started once per test process, by the first test that needs it.
var server = sync.OnceValues(startServer)

// serverDSN returns the DSN of a PostgreSQL server on which databases can be made.
func serverDSN(t testing.TB) string {
	t.Helper()
	if dsn := os.Getenv("STEWARD_TEST_POSTGRES"); dsn != "" {
		return dsn
	}
	s, err := server()
	if err != nil {
		t.Fatalf("no PostgreSQL for the test: %v\nInstall it (Debian: apt-get install postgresql), "+
			"or set STEWARD_TEST_POSTGRES to the DSN of a server on which databases may be made.", err)
	}
	return s.dsn
}

// running is the server of this process. The pipe stays open, unused, for as long as the process
// lives; it is kept here because a forgotten one is closed by the garbage collector.
type running struct {
	dsn  string
	pipe io.WriteCloser
}

// watch is a shell script that makes and runs a server in the folder $2 with the binaries in $1
// until its own standard input ends, which is when the test process is gone; then it ends the
// server and removes the folder.
const watch = `
trap '' INT HUP
"$1/initdb" -D "$2/data" -U postgres -A trust -E UTF8 --locale=C --no-sync >"$2/log" 2>&1 &&
"$1/postgres" -D "$2/data" -k "$2" -c listen_addresses= -c fsync=off -c synchronous_commit=off \
	-c full_page_writes=off -c shared_buffers=32MB -c max_connections=120 -c autovacuum=off \
	>>"$2/log" 2>&1 </dev/null &
job=$!
cat >/dev/null
[ -s "$2/data/postmaster.pid" ] && kill -QUIT "$(head -n 1 "$2/data/postmaster.pid")"
wait $job
rm -rf "$2"
`

func startServer() (running, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if len(found) == 0 {
		if one, err := exec.LookPath("postgres"); err == nil {
			found = []string{one}
		}
	}
	if len(found) == 0 {
		return running{}, errors.New("there is no /usr/lib/postgresql/*/bin/postgres and none in PATH")
	}
	sort.Strings(found)
	dir, err := os.MkdirTemp("", "stewpg")
	if err != nil {
		return running{}, err
	}
	cmd := exec.Command("/bin/sh", "-c", watch, "watch", filepath.Dir(found[len(found)-1]), dir)
	cmd.Dir = dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if os.Geteuid() == 0 { // the server refuses to run as root
		if err := asPostgres(cmd, dir); err != nil {
			return running{}, err
		}
	}
	pipe, err := cmd.StdinPipe()
	if err != nil {
		return running{}, err
	}
	if err := cmd.Start(); err != nil {
		return running{}, err
	}
	dsn := "postgres://postgres@/postgres?host=" + url.QueryEscape(dir)
	return running{dsn, pipe}, awaitServer(dsn, dir)
}

// asPostgres lets cmd run as the user postgres, who owns dir.
func asPostgres(cmd *exec.Cmd, dir string) error {
	account, err := user.Lookup("postgres")
	if err != nil {
		return err
	}
	uid, uidErr := strconv.Atoi(account.Uid)
	gid, gidErr := strconv.Atoi(account.Gid)
	if err := errors.Join(uidErr, gidErr); err != nil {
		return err
	}
	cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return os.Chown(dir, uid, gid)
}

func awaitServer(dsn, dir string) error {
	ctx, stop := context.WithTimeout(context.Background(), 2*time.Minute)
	defer stop()
	for {
		conn, err := pgx.Connect(ctx, dsn)
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-ctx.Done():
			log, _ := os.ReadFile(filepath.Join(dir, "log"))
			return fmt.Errorf("the server does not answer: %w\n%s", err, bytes.TrimSpace(log))
		case <-time.After(50 * time.Millisecond):
		}
	}
}
