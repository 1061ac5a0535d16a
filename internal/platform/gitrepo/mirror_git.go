package gitrepo

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"steward/internal/platform/gitrepo/layout"
	"steward/internal/platform/gitrepo/process"
)

// tokenHelper is a credential helper (gitcredentials(7)) that reads the token
// when git asks. Neither the token nor the name of its file is part of it.
const tokenHelper = `!f() { test "$1" = get || exit 0; printf 'username=%s\npassword=%s\n' "$STEWARD_GIT_USER" "$(head -n 1 < "$STEWARD_GIT_TOKEN_FILE" | tr -d '\r\n')"; }; f`

// oldSins are checks of received objects that old histories fail and that
// nothing here depends on (git-fsck(1), "FSCK MESSAGES").
var oldSins = []string{
	"badDate", "badDateOverflow", "badEmail", "badFilemode", "badName", "badParentSha1", "badTagName", "badTimezone", "badTree",
	"duplicateEntries", "emptyName", "fullPathname", "gitmodulesBlob", "gitmodulesLarge", "gitmodulesMissing", "gitmodulesName",
	"gitmodulesParse", "gitmodulesPath", "gitmodulesSymlink", "gitmodulesUpdate", "gitmodulesUrl", "gitattributesBlob",
	"gitattributesLarge", "gitattributesLineLength", "gitattributesMissing", "hasDot", "hasDotdot", "hasDotgit",
	"missingAuthor", "missingCommitter", "missingEmail", "missingNameBeforeEmail", "missingSpaceBeforeDate",
	"missingSpaceBeforeEmail", "missingTagEntry", "missingTaggerEntry", "multipleAuthors", "nullSha1", "treeNotSorted",
	"zeroPaddedDate", "zeroPaddedFilemode",
}

// prepare writes the configuration and the environment for this run. It is
// git's global configuration, in place of the person's.
func (m *mirroring) prepare(ctx context.Context) error {
	if err := m.create(filepath.Join(m.temp, "ask"), remoteRefs{hexLen: 40}); err != nil {
		return err
	}
	var c strings.Builder
	fmt.Fprintf(&c, "[protocol]\n\tallow = never\n[protocol %q]\n\tallow = always\n", m.address.Scheme)
	c.WriteString("[core]\n\thooksPath = /dev/null\n\tfsmonitor = false\n\taskPass = \"\"\n[gc]\n\tauto = 0\n[fetch]\n\tfsckObjects = true\n")
	c.WriteString("[fetch \"fsck\"]\n")
	for _, id := range oldSins {
		fmt.Fprintf(&c, "\t%s = warn\n", id)
	}
	c.WriteString("[ssh]\n\tvariant = ssh\n[credential]\n\thelper = \"\"\n\tinteractive = never\n")
	c.WriteString("[http]\n\tfollowRedirects = false\n\tlowSpeedLimit = 1000\n\tlowSpeedTime = 60\n\temptyAuth = false\n")
	if m.opts.CAFile != "" {
		file, err := filepath.Abs(m.opts.CAFile)
		if err != nil {
			return layout.Reason(err)
		}
		fmt.Fprintf(&c, "\tsslCAInfo = %s\n", configValue(file))
	}
	home := filepath.Join(m.temp, "home")
	if m.opts.UserConfig {
		if real, err := os.UserHomeDir(); err == nil {
			home = real
		}
		c.WriteString(m.userSettings(ctx, home))
	}
	m.env = append(process.BaseEnvironment(home),
		"GIT_CONFIG_GLOBAL="+filepath.Join(m.temp, "gitconfig"),
		"GIT_ALLOW_PROTOCOL="+m.address.Scheme,
		"GIT_PROTOCOL_FROM_USER=1",
		"GIT_NO_LAZY_FETCH=1",
		"GIT_ASKPASS=", "SSH_ASKPASS=", "SSH_ASKPASS_REQUIRE=never",
	)
	if !m.address.Local() {
		text, err := m.reach(ctx)
		if err != nil {
			return err
		}
		c.WriteString(text)
	}
	return os.WriteFile(filepath.Join(m.temp, "gitconfig"), []byte(c.String()), 0o600)
}

// reach adds what contacting another machine needs: proxy, addresses, credentials.
func (m *mirroring) reach(ctx context.Context) (config string, err error) {
	for _, name := range []string{
		"http_proxy", "https_proxy", "all_proxy", "no_proxy", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY",
		"GIT_SSL_CAINFO", "SSL_CERT_FILE", "SSL_CERT_DIR", "SSH_AUTH_SOCK",
	} {
		if name == "GIT_SSL_CAINFO" && m.opts.CAFile != "" {
			continue // git would take it instead
		}
		if v, ok := os.LookupEnv(name); ok {
			m.env = append(m.env, name+"="+v)
		}
	}
	var pinned []string
	if m.opts.Resolve != nil {
		addresses, err := m.opts.Resolve(ctx, m.address.Host, m.address.Port)
		if err != nil {
			return "", err
		}
		for _, a := range addresses {
			pinned = append(pinned, a.String())
		}
		if len(pinned) == 0 {
			return "", fmt.Errorf("host %q has no address: %w", m.address.Host, ErrUnreachable)
		}
	}
	if m.address.Scheme == "ssh" {
		m.env = append(m.env, "GIT_SSH_COMMAND="+m.sshCommand(pinned))
		return "", nil
	}
	if len(pinned) > 0 {
		config = fmt.Sprintf("[http]\n\tcurloptResolve = %s\n", configValue(m.address.Host+":"+m.address.Port+":"+strings.Join(pinned, ",")))
	}
	if m.opts.TokenFile == "" || !m.mayHaveToken() {
		return config, nil
	}
	if m.address.Scheme == "http" && !m.address.Loopback() {
		return "", fmt.Errorf("a token is not sent over http, where everybody can read it: %w; use https", ErrAccess)
	}
	file, err := filepath.Abs(m.opts.TokenFile)
	if err == nil {
		var f *os.File
		if f, err = os.Open(file); err == nil {
			err = f.Close()
		}
	}
	if err != nil {
		return "", fmt.Errorf("the token file cannot be read: %w: %w", ErrAccess, layout.Reason(err))
	}
	m.env = append(m.env, "STEWARD_GIT_USER="+m.opts.Username, "STEWARD_GIT_TOKEN_FILE="+file)
	root, _, _ := strings.Cut(strings.SplitAfterN(m.address.Text, "://", 2)[1], "/")
	config += fmt.Sprintf("[credential %s]\n\thelper = \"\"\n\thelper = %s\n", configValue(m.address.Scheme+"://"+root), configValue(tokenHelper))
	return config, nil
}

// mayHaveToken reports whether the token is meant for the host of the address.
func (m *mirroring) mayHaveToken() bool {
	host := strings.ToLower(m.address.Host)
	return slices.Contains(m.opts.TokenHosts, host) || slices.Contains(m.opts.TokenHosts, net.JoinHostPort(host, m.address.Port))
}

// sshCommand never asks and forwards nothing. Host keys must be known.
func (m *mirroring) sshCommand(pinned []string) string {
	command := "ssh -oBatchMode=yes -oStrictHostKeyChecking=yes -oForwardAgent=no -oForwardX11=no -oPermitLocalCommand=no " +
		"-oClearAllForwardings=yes -oConnectTimeout=30 -oServerAliveInterval=15 -oServerAliveCountMax=4"
	if len(pinned) > 0 {
		alias := m.address.Host
		if m.address.Port != "22" {
			alias = "[" + alias + "]:" + m.address.Port
		}
		// Host and addresses hold no character that a shell or ssh reads (address.Parse).
		command += " -oHostName=" + pinned[0] + " -oHostKeyAlias='" + alias + "'"
	}
	return command
}

// userSettings copies the few harmless variables of the person's configuration.
func (m *mirroring) userSettings(ctx context.Context, home string) string {
	cmd := exec.CommandContext(ctx, m.opts.Git, "config", "--global", "--includes", "--null", "--get-regexp", `^(credential\..*|http\.(.*\.)?(proxy|sslcainfo))$`)
	cmd.Dir = m.temp
	cmd.Env = append(os.Environ(), "HOME="+home, "GIT_CONFIG_NOSYSTEM=1", "GIT_DIR="+filepath.Join(m.temp, "ask"))
	out, err := cmd.Output()
	if err != nil {
		return "" // none is set
	}
	var c strings.Builder
	for item := range bytes.SplitSeq(out, []byte{0}) {
		name, value, _ := strings.Cut(string(item), "\n")
		first, last := strings.IndexByte(name, '.'), strings.LastIndexByte(name, '.')
		if first < 0 {
			continue
		}
		section := name[:first]
		if last > first {
			section += " " + configValue(name[first+1:last])
		}
		fmt.Fprintf(&c, "[%s]\n\t%s = %s\n", section, name[last+1:], configValue(value))
	}
	return c.String()
}

// serveLocal makes a repository on this machine readable for git through our
// own bare directory, so that its configuration stays out of play here too.
func (m *mirroring) serveLocal(ctx context.Context) (done func(), err error) {
	r, err := Open(ctx, m.address.Path, m.opts.Read)
	if err != nil {
		return nil, err
	}
	v, err := r.ensureView()
	if err != nil {
		r.Close()
		return nil, err
	}
	var packed, seen strings.Builder
	packed.WriteString("# pack-refs with: sorted\n")
	for _, ref := range r.files.Refs() {
		if ref.Object != "" && ref.Target == "" {
			fmt.Fprintf(&packed, "%s %s\n", ref.Object, ref.Name)
		}
	}
	entries, err := os.ReadDir(filepath.Join(v.dir, "seen"))
	for _, e := range entries {
		seen.WriteString("../seen/" + e.Name() + "\n")
	}
	files := map[string]string{"packed-refs": packed.String(), "objects/info/alternates": seen.String()}
	if head, _, _ := r.Head(); head != "" {
		files["HEAD"] = "ref: " + head + "\n"
	}
	for name, content := range files {
		if err == nil {
			err = os.WriteFile(filepath.Join(v.dir, name), []byte(content), 0o600)
		}
	}
	if err != nil {
		r.Close()
		return nil, layout.Reason(err)
	}
	m.source = "file://" + v.dir
	return func() { r.Close() }, nil
}

func (m *mirroring) start(ctx context.Context, gitDir string, memory int64, args ...string) (*process.Process, error) {
	return process.Start(ctx, process.Command{
		Git: m.opts.Git, Dir: m.temp, Env: append(m.env[:len(m.env):len(m.env)], "GIT_DIR="+gitDir),
		Time: m.opts.Timeout, Memory: memory, Family: true, What: "git " + args[0], Args: args,
	})
}

// configValue quotes a value for a configuration file of git.
func configValue(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`).Replace(s) + `"`
}
