package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"time"
)

// requests is how often each address is asked for.
const requests = 100

// hub is a Steward that serves, with somebody signed in.
type hub struct {
	process *exec.Cmd
	client  *http.Client
	at      string
	first   time.Duration // from its start to the first page
}

var link = regexp.MustCompile(`(http://[^/\s]+)/login\?link=([A-Za-z0-9_-]+)`)

// open starts Steward on a data folder and asks for its first page.
func open(steward, data string) (*hub, error) {
	h := &hub{process: exec.Command(steward, "up", "--data", data, "--listen", "127.0.0.1:0")}
	out, err := h.process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	start := time.Now()
	if err := h.process.Start(); err != nil {
		return nil, err
	}
	var key string
	said := bufio.NewScanner(out)
	for said.Scan() {
		if m := link.FindStringSubmatch(said.Text()); m != nil {
			h.at, key = m[1], m[2]
			break
		}
	}
	go io.Copy(io.Discard, out)
	if key == "" {
		return nil, errors.Join(errors.New("steward up printed no link to sign in"), h.close())
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, errors.Join(err, h.close())
	}
	h.client = &http.Client{Jar: jar, Timeout: time.Minute}
	r, err := http.NewRequest(http.MethodPost, h.at+"/login", strings.NewReader(url.Values{"link": {key}}.Encode()))
	if err != nil {
		return nil, errors.Join(err, h.close())
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", h.at)
	answer, err := h.client.Do(r) // follows to the first page
	if err != nil {
		return nil, errors.Join(err, h.close())
	}
	body, err := io.ReadAll(answer.Body)
	answer.Body.Close()
	if err != nil || answer.StatusCode != http.StatusOK || !strings.Contains(string(body), "Repositories") {
		return nil, errors.Join(fmt.Errorf("the first page: %s: %v", answer.Status, err), h.close())
	}
	h.first = time.Since(start)
	return h, nil
}

// close ends the program and waits for it.
func (h *hub) close() error {
	if err := h.process.Process.Signal(os.Interrupt); err != nil {
		return err
	}
	var exit *exec.ExitError
	if err := h.process.Wait(); err != nil && !errors.As(err, &exit) {
		return err
	}
	return nil
}

// get asks for an address and returns how long the whole answer took.
func (h *hub) get(address string) (took time.Duration, body string, err error) {
	start := time.Now()
	r, err := h.client.Get(h.at + address)
	if err != nil {
		return 0, "", err
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	took = time.Since(start)
	if err == nil && r.StatusCode != http.StatusOK {
		err = fmt.Errorf("GET %s: %s", address, r.Status)
	}
	return took, string(b), err
}

// pages asks for every kind of page that is linked from the places of the
// navigation, each with up to twenty different records in turn, then searches as
// people type.
func (h *hub) pages() ([][]string, error) {
	kinds, err := h.crawl()
	if err != nil {
		return nil, err
	}
	var rows [][]string
	for _, shape := range slices.Sorted(maps.Keys(kinds)) {
		all := kinds[shape]
		row, err := h.timed(fmt.Sprintf("`%s`", shape), func(i int) string { return all[i%len(all)] })
		if err != nil {
			return nil, err
		}
		rows = append(rows, append(row, fmt.Sprint(len(all))))
	}
	names, err := h.names()
	if err != nil {
		return nil, err
	}
	var typed []string
	for _, name := range names {
		for n := range min(len(name), 8) {
			typed = append(typed, "/search/suggest?q="+url.QueryEscape(name[:n+1]))
		}
	}
	_, found, err := h.get("/search/suggest?q=" + url.QueryEscape(names[0]))
	if err != nil {
		return nil, err
	}
	if !strings.Contains(found, "/repositories/") { // a fast answer that finds nothing is no figure
		return nil, fmt.Errorf("search as you type does not find the repository %s by its name", names[0])
	}
	row, err := h.timed(fmt.Sprintf("search as you type (`/search/suggest`, a request for each letter of %d names)", len(names)), func(i int) string { return typed[i%len(typed)] })
	return append(rows, append(row, fmt.Sprint(len(typed)))), err
}

// samples is how many different records of one kind are asked for.
const samples = 20

var anchor = regexp.MustCompile(`href="(/[^"#]*)"`)

// crawl follows the links of the home page and of what it links to, three
// steps deep, and returns the addresses by shape, such as /components/{id}/people.
func (h *hub) crawl() (map[string][]string, error) {
	kinds := map[string][]string{"/": {"/"}, "/search": {"/search?q=a", "/search?q=service"}}
	known := map[string]bool{"/": true}
	next := []string{"/"}
	for range 3 {
		step := next
		next = nil
		for _, address := range step {
			_, body, err := h.get(address)
			if err != nil {
				return nil, err
			}
			for _, m := range anchor.FindAllStringSubmatch(body, -1) {
				link := html.UnescapeString(m[1])
				shape, ok := shapeOf(link)
				if !ok || known[link] || len(kinds[shape]) >= samples {
					continue
				}
				known[link] = true
				kinds[shape] = append(kinds[shape], link)
				next = append(next, link)
			}
		}
	}
	return kinds, nil
}

// shapeOf names the kind of page that an address leads to; ok is false for
// files, programs' answers and places that change something when asked for.
func shapeOf(address string) (shape string, ok bool) {
	path, query, _ := strings.Cut(address, "?")
	parts := strings.Split(strings.Trim(path, "/"), "/")
	switch parts[0] {
	case "static", "api", "login", "logout", "openapi.json", "search", "":
		return "", false
	}
	if strings.HasSuffix(path, ".csv") || strings.HasSuffix(path, ".json") {
		return "", false
	}
	if len(parts) > 1 && parts[0] != "settings" {
		parts[1] = "{id}"
	}
	shape = "/" + strings.Join(parts, "/")
	for _, key := range []string{"sort", "q", "after", "before"} {
		if values, err := url.ParseQuery(query); err == nil && values.Has(key) {
			return shape + "?" + key, true
		}
	}
	if query != "" {
		return shape + "?filter", true
	}
	return shape, true
}

func (h *hub) timed(name string, address func(i int) string) ([]string, error) {
	var times []time.Duration
	size := 0
	for i := range requests {
		took, body, err := h.get(address(i))
		if err != nil {
			return nil, err
		}
		times, size = append(times, took), max(size, len(body))
	}
	return []string{name, millis(share(times, 0.5)), millis(share(times, 0.95)), millis(share(times, 1)), fmt.Sprintf("%.0f kB", float64(size)/1000)}, nil
}

// count is how many records a list has, from its export.
func (h *hub) count(list string) (int, error) {
	r, err := h.client.Get(h.at + "/" + list + ".json")
	if err != nil {
		return 0, err
	}
	defer r.Body.Close()
	var all []json.RawMessage
	if err := json.NewDecoder(r.Body).Decode(&all); err != nil {
		return 0, fmt.Errorf("list %s: %w", list, err)
	}
	return len(all), nil
}

// names are those of at most twenty repositories, spread over the list.
func (h *hub) names() ([]string, error) {
	r, err := h.client.Get(h.at + "/repositories.json")
	if err != nil {
		return nil, err
	}
	defer r.Body.Close()
	var all []struct {
		Name string `json:"name"`
	}
	if err := json.NewDecoder(r.Body).Decode(&all); err != nil || len(all) == 0 {
		return nil, fmt.Errorf("list repositories: %d found: %v", len(all), err)
	}
	var names []string
	for i := 0; i < len(all); i += max(1, len(all)/20) {
		names = append(names, all[i].Name)
	}
	return names, nil
}
