// Package remote decides how a source is reached: with the credentials that were given, at its own
// place and at no other. What is read of a repository never adds a place.
package remote

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"

	"steward/internal/feature/estate/source"
	"steward/internal/platform/fault"
	"steward/internal/platform/fetch"
	"steward/internal/platform/gitrepo"
	"steward/internal/platform/gitrepo/address"
)

// Options adds to options that git contacts only the place of an address.
func Options(a address.Address, options gitrepo.MirrorOptions) (gitrepo.MirrorOptions, error) {
	if a.Local() {
		return options, nil
	}
	gate, err := fetch.New(fetch.Config{Allow: []string{Place(a)}, CAFile: options.CAFile})
	if err != nil {
		return options, err
	}
	if Proxy(a) != "" {
		return options, gate.Check(a.Host, a.Port) // the proxy resolves the name
	}
	options.Resolve = gate.Resolve
	return options, nil
}

// Fetch brings the repository at an address into a folder of ours. Only the place that the source names
// is contacted: addresses found in content never come to it.
func Fetch(ctx context.Context, at, into string, git gitrepo.Config, options gitrepo.MirrorOptions) error {
	a, err := address.Parse(at)
	if err != nil {
		return err
	}
	options.Git, options.Read = git.Git, git
	if options, err = Options(a, options); err != nil {
		return err
	}
	return gitrepo.Mirror(ctx, at, into, options)
}

// Reach finds out whether a source can be read now: its folder opened, or its address asked,
// without copying anything. Errors are those of gitrepo.Ask, or have a kind.
func Reach(ctx context.Context, s source.Source, options gitrepo.MirrorOptions) error {
	if s.Kind != source.URL {
		return folder(s)
	}
	a, err := address.Parse(s.Address)
	if err == nil {
		options, err = Options(a, options)
	}
	if err == nil {
		err = gitrepo.Ask(ctx, s.Address, options)
	}
	return err
}

func folder(s source.Source) error {
	f, err := os.Open(s.Address)
	if err == nil {
		_, err = f.Readdirnames(1)
		err = errors.Join(err, f.Close())
	}
	switch {
	case errors.Is(err, io.EOF):
		return fault.New(fault.NotFound, "The folder is empty. Give one that is a git repository or holds some.")
	case errors.Is(err, fs.ErrNotExist):
		return fault.Wrap(fault.NotFound, err, "The folder is not there any more. Remove the source, or give the place that it was moved to.")
	case errors.Is(err, fs.ErrPermission):
		return fault.Wrap(fault.Denied, err, "This user may not read the folder. Change its permissions or run Steward as a user who may.")
	}
	return fault.Wrap(fault.Unavailable, err, "The folder cannot be read. See to the disk or the network drive that it lies on.")
}

// Place is host:port of an address that is not of this machine's file system.
func Place(a address.Address) string { return net.JoinHostPort(a.Host, a.Port) }

// Proxy is host:port of the proxy that the environment puts before an address, "" for none.
func Proxy(a address.Address) string {
	if a.Scheme != "http" && a.Scheme != "https" {
		return ""
	}
	proxy, err := http.ProxyFromEnvironment(&http.Request{URL: &url.URL{Scheme: a.Scheme, Host: Place(a)}})
	if err != nil || proxy == nil {
		return ""
	}
	port := proxy.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443", "socks5": "1080"}[proxy.Scheme]
	}
	return net.JoinHostPort(proxy.Hostname(), port)
}
