// Package signed carries who sent a request in the request's context, for handlers that see only
// a context, such as those of the API.
package signed

import (
	"context"

	"steward/internal/platform/access"
)

type key struct{}

// In returns a context in which the viewer is known.
func In(ctx context.Context, v access.Viewer) context.Context {
	return context.WithValue(ctx, key{}, v)
}

// Viewer returns who sent the request that a context belongs to; the zero Viewer outside of one.
func Viewer(ctx context.Context) access.Viewer {
	v, _ := ctx.Value(key{}).(access.Viewer)
	return v
}
