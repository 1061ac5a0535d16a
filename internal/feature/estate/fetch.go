package estate

import (
	"context"
	"net/http"
	"net/url"

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
	options := f.p.Mirror
	options.Git, options.Read = f.git.Git, f.gitWithin(l.Root)
	if !a.Local() {
		gate, err := fetch.New(fetch.Config{Allow: []string{place(a)}, CAFile: options.CAFile})
		if err != nil {
			return err
		}
		if proxied(a) {
			err = gate.Check(a.Host, a.Port) // the proxy resolves the name
		} else {
			options.Resolve = gate.Resolve
		}
		if err != nil {
			return err
		}
	}
	return gitrepo.Mirror(ctx, l.Address, l.Path, options)
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
