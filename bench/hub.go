package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"time"
)

// requests is how often each address is asked for.
const requests = 200

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

// pages asks for every kind of page; those of features that are not mounted
// are left out.
func (h *hub) pages() ([][]string, error) {
	record, err := h.record()
	if err != nil {
		return nil, err
	}
	addresses := []string{"/", "/repositories", "/repositories?q=service-00", "/repositories?sort=-last_commit", record, "/components", "/packages", "/licences", "/licences/MIT", "/licence-uses", "/technologies", "/teams", "/coverage", "/search?q=service"}
	var rows [][]string
	for _, address := range addresses {
		if _, _, err := h.get(address); err != nil {
			continue
		}
		row, err := h.timed(strings.Replace(address, record, "/repositories/{id}", 1), func(int) string { return address })
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	typed := "service-0007"
	_, found, err := h.get("/search/suggest?q=" + typed)
	if err != nil {
		return nil, err
	}
	if !strings.Contains(found, "/repositories/") { // a fast answer that finds nothing is no figure
		return append(rows, []string{"search as you type", "not measured: it finds no repository by its name", "", "", ""}), nil
	}
	row, err := h.timed("search as you type (`/search/suggest`, one request a letter)", func(i int) string { return "/search/suggest?q=" + url.QueryEscape(typed[:1+i%len(typed)]) })
	return append(rows, row), err
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
	if strings.HasPrefix(name, "/") {
		name = "`" + name + "`"
	}
	return []string{name, millis(share(times, 0.5)), millis(share(times, 0.95)), millis(share(times, 1)), fmt.Sprintf("%.0f kB", float64(size)/1000)}, nil
}

// record is the address of one repository's page.
func (h *hub) record() (string, error) {
	r, err := h.client.Get(h.at + "/repositories.json")
	if err != nil {
		return "", err
	}
	defer r.Body.Close()
	var all []struct {
		ID string `json:"id"`
	}
	if err := json.NewDecoder(r.Body).Decode(&all); err != nil || len(all) == 0 {
		return "", fmt.Errorf("list repositories: %d found: %v", len(all), err)
	}
	return "/repositories/" + all[len(all)/2].ID, nil
}
