package estate

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"

	"steward/internal/feature/estate/source"
	"steward/internal/platform/access"
	"steward/internal/platform/fault"
	"steward/internal/platform/fetch"
	"steward/internal/platform/gitrepo"
	"steward/internal/platform/gitrepo/address"
)

// fetch brings a remote repository here. Only the place that the source names
// is contacted: addresses found in content never come to it.
func (f *Feature) fetch(ctx context.Context, l Location) error {
	a, err := address.Parse(l.Address)
	if err != nil {
		return err
	}
	options, err := f.options(a, l.Root)
	if err != nil {
		return err
	}
	return gitrepo.Mirror(ctx, l.Address, l.Path, options)
}

// options say how an address is reached: with the credentials that were given,
// and at no other place.
func (f *Feature) options(a address.Address, root string) (gitrepo.MirrorOptions, error) {
	options := f.p.Mirror
	options.Git, options.Read = f.git.Git, f.gitWithin(root)
	if !a.Local() {
		gate, err := fetch.New(fetch.Config{Allow: []string{place(a)}, CAFile: options.CAFile})
		if err != nil {
			return options, err
		}
		if proxied(a) {
			err = gate.Check(a.Host, a.Port) // the proxy resolves the name
		} else {
			options.Resolve = gate.Resolve
		}
		if err != nil {
			return options, err
		}
	}
	return options, nil
}

// Reach finds out whether a source can be read now: its folder opened, or its
// address asked, without copying anything. It needs access.ManageSources.
func (f *Feature) Reach(ctx context.Context, v access.Viewer, s Source) error {
	if err := v.Require(access.ManageSources); err != nil {
		return err
	}
	if s.Kind != source.URL {
		folder, err := os.Open(s.Address)
		if err == nil {
			_, err = folder.Readdirnames(1)
			err = errors.Join(err, folder.Close())
		}
		if errors.Is(err, io.EOF) {
			return fault.New(fault.NotFound, "%s: the folder is empty; give one that is a git repository or holds some", s.Given)
		}
		return inWords(err)
	}
	a, err := address.Parse(s.Address)
	if err != nil {
		return inWords(err)
	}
	options, err := f.options(a, "")
	if err == nil {
		_, err = gitrepo.Ask(ctx, s.Address, options)
	}
	return inWords(err)
}

// place is host:port of an address.
func place(a address.Address) string { return a.Host + ":" + a.Port }

// proxied reports whether the environment sends an address through a proxy.
func proxied(a address.Address) bool {
	if a.Scheme != "http" && a.Scheme != "https" {
		return false
	}
	proxy, err := http.ProxyFromEnvironment(&http.Request{URL: &url.URL{Scheme: a.Scheme, Host: place(a)}})
	return err == nil && proxy != nil
}
