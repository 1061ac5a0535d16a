package door

import (
	"net"
	"net/http"
	"sync"
)

// room is a listener with places for so many connections. When it is full, those who come wait
// outside, and a connection that only waits for its next request gives its place up.
type room struct {
	net.Listener
	places chan struct{} // holds one for each open connection
	closed chan struct{}
	close  func() error

	mu      sync.Mutex
	waiting bool                // somebody is outside
	idle    map[net.Conn]uint64 // connections between two requests, by when they became so
	turns   uint64
}

func newRoom(l net.Listener, places int) *room {
	r := &room{Listener: l, places: make(chan struct{}, places), closed: make(chan struct{}), idle: map[net.Conn]uint64{}}
	r.close = sync.OnceValue(func() error {
		close(r.closed)
		return l.Close()
	})
	return r
}

// Accept waits for a place, then for a connection.
func (r *room) Accept() (net.Conn, error) {
	select {
	case r.places <- struct{}{}:
	default:
		r.makeRoom()
		select {
		case r.places <- struct{}{}:
			r.mu.Lock()
			r.waiting = false
			r.mu.Unlock()
		case <-r.closed:
			return nil, net.ErrClosed
		}
	}
	c, err := r.Listener.Accept()
	if err != nil {
		<-r.places
		return nil, err
	}
	return &guest{Conn: c, leave: sync.OnceFunc(func() { <-r.places })}, nil
}

// Close stops accepting, also while waiting for a place.
func (r *room) Close() error { return r.close() }

// makeRoom closes the connection that has been idle for longest, or the next that becomes idle.
func (r *room) makeRoom() {
	r.mu.Lock()
	defer r.mu.Unlock()
	var oldest net.Conn
	for c, turn := range r.idle {
		if oldest == nil || turn < r.idle[oldest] {
			oldest = c
		}
	}
	if oldest == nil {
		r.waiting = true
		return
	}
	delete(r.idle, oldest)
	go oldest.Close() // over https it says goodbye first, which may take a moment
}

// state notes which connections are idle; it is http.Server.ConnState.
func (r *room) state(c net.Conn, s http.ConnState) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.idle, c)
	if s != http.StateIdle {
		return
	}
	if r.waiting {
		r.waiting = false
		go c.Close()
		return
	}
	r.turns++
	r.idle[c] = r.turns
}

// guest is a connection that has a place.
type guest struct {
	net.Conn
	leave func()
}

// Close gives the place back.
func (g *guest) Close() error {
	defer g.leave()
	return g.Conn.Close()
}
