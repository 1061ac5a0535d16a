package inventory

import (
	"bytes"
	"cmp"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// bom is what is read of a CycloneDX bill (ECMA-424), of both its forms.
type bom struct {
	XMLName     xml.Name       `json:"-"`
	SpecVersion string         `json:"specVersion" xml:"-"`
	Metadata    bomMetadata    `json:"metadata" xml:"metadata"`
	Components  []bomComponent `json:"components" xml:"components>component"`
}

type bomMetadata struct {
	Timestamp string          `json:"timestamp" xml:"timestamp"`
	Tools     json.RawMessage `json:"tools" xml:"-"`
	XMLTools  []bomComponent  `json:"-" xml:"tools>tool"`
	XMLNewer  []bomComponent  `json:"-" xml:"tools>components>component"`
	Component *bomComponent   `json:"component" xml:"component"`
}

type bomComponent struct {
	Type       string         `json:"type" xml:"type,attr"`
	Group      string         `json:"group" xml:"group"`
	Name       string         `json:"name" xml:"name"`
	Version    string         `json:"version" xml:"version"`
	PURL       string         `json:"purl" xml:"purl"`
	Components []bomComponent `json:"components" xml:"components>component"`
}

func (c bomComponent) words() string {
	name := cut(c.Name)
	if c.Group != "" {
		name = cut(c.Group) + "/" + name
	}
	return strings.TrimSpace(name + " " + cut(c.Version))
}

func bomJSON(b []byte) (List, error) {
	var in bom
	if err := json.Unmarshal(b, &in); err != nil {
		return List{}, brokenJSON(b, err)
	}
	return in.list(toolsOf(in.Metadata.Tools))
}

// toolsOf reads which tools wrote a bill: a list until version 1.4, an object from then on.
func toolsOf(raw json.RawMessage) []bomComponent {
	var older []bomComponent
	var newer struct{ Components []bomComponent }
	if json.Unmarshal(raw, &older) == nil {
		return older
	}
	_ = json.Unmarshal(raw, &newer) // who wrote it is worth a word, not a refusal
	return newer.Components
}

func bomXML(b []byte) (List, error) {
	d := xml.NewDecoder(bytes.NewReader(b))
	d.CharsetReader = func(string, io.Reader) (io.Reader, error) { return nil, errors.New("not UTF-8") }
	var in bom
	if err := d.Decode(&in); err != nil {
		line, _ := d.InputPos()
		return List{}, refuse("the XML cannot be read from line %d on: it is damaged, or not UTF-8; export the file again", line)
	}
	if in.XMLName.Local != "bom" || !strings.Contains(in.XMLName.Space, "cyclonedx.org/schema/bom") {
		return List{}, refuse("this XML is no CycloneDX bill; export the list as CycloneDX, CSV or XLSX")
	}
	in.SpecVersion = in.XMLName.Space[strings.LastIndexByte(in.XMLName.Space, '/')+1:]
	return in.list(append(in.Metadata.XMLTools, in.Metadata.XMLNewer...))
}

func (in *bom) list(tools []bomComponent) (List, error) {
	l := List{Form: CycloneDX, At: moment(in.Metadata.Timestamp)}
	if len(tools) > 0 {
		l.Tool = tools[0].words()
	}
	if in.Metadata.Component != nil {
		l.Subject = in.Metadata.Component.words()
	}
	files := 0
	var add func(all []bomComponent) error
	add = func(all []bomComponent) error {
		for _, c := range all {
			if c.Type == "file" && c.PURL == "" {
				files++
			} else {
				l.Packages = append(l.Packages, release(entry(len(l.Packages)), c.PURL, c.Group, c.Name, c.Version, c.Type))
			}
			if len(l.Packages) > MaxEntries {
				return refuse("the bill has more than %d components; split it", MaxEntries)
			}
			if err := add(c.Components); err != nil {
				return err
			}
		}
		return nil
	}
	if err := add(in.Components); err != nil {
		return l, err
	}
	if files > 0 {
		l.Notes = append(l.Notes, fmt.Sprintf("Entries that are files, not packages, were left aside: %d.", files))
	}
	return l, nil
}

// spdx reads an SPDX 2 document (ISO/IEC 5962).
func spdx(b []byte) (List, error) {
	var in struct {
		Name         string
		CreationInfo struct {
			Created  string
			Creators []string
		}
		DocumentDescribes []string
		Packages          []struct {
			SPDXID                string
			Name                  string
			VersionInfo           string
			PrimaryPackagePurpose string
			ExternalRefs          []struct{ ReferenceType, ReferenceLocator string }
		}
		Relationships []struct {
			ID      string `json:"spdxElementId"`
			Type    string `json:"relationshipType"`
			Related string `json:"relatedSpdxElement"`
		}
	}
	if err := json.Unmarshal(b, &in); err != nil {
		return List{}, brokenJSON(b, err)
	}
	if len(in.Packages) > MaxEntries {
		return List{}, refuse("the bill has more than %d packages; split it", MaxEntries)
	}
	l := List{Form: SPDX, Subject: cut(in.Name), At: moment(in.CreationInfo.Created)}
	for _, c := range in.CreationInfo.Creators {
		if tool, ok := strings.CutPrefix(c, "Tool: "); ok {
			l.Tool = cut(tool)
			break
		}
	}
	described := map[string]bool{}
	for _, id := range in.DocumentDescribes {
		described[id] = true
	}
	for _, r := range in.Relationships {
		switch {
		case r.Type == "DESCRIBES" && r.ID == "SPDXRef-DOCUMENT":
			described[r.Related] = true
		case r.Type == "DESCRIBED_BY" && r.Related == "SPDXRef-DOCUMENT":
			described[r.ID] = true
		}
	}
	for i, p := range in.Packages {
		address := ""
		for _, r := range p.ExternalRefs {
			if r.ReferenceType == "purl" {
				address = cmp.Or(address, r.ReferenceLocator)
			}
		}
		version := p.VersionInfo
		if version == "NOASSERTION" || version == "NONE" {
			version = ""
		}
		if described[p.SPDXID] && len(described) == 1 && len(in.Packages) > 1 {
			l.Subject = strings.TrimSpace(cut(p.Name) + " " + cut(version))
			continue
		}
		l.Packages = append(l.Packages, release(entry(i), address, "", p.Name, version, p.PrimaryPackagePurpose))
	}
	return l, nil
}
