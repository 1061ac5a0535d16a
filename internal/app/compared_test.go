package app

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
)

// compared is what a visitor is told of a list that names what may be restricted, and of a bill.
func (v visitor) compared() string {
	v.t.Helper()
	all := ""
	for _, list := range []string{
		"Repository,Component\nzqxvault,\nvault,\nhttps://git.zqx.example/other,\nhttps://git.former.example/zqx/former,\nzqxvault,zqxapi\nledger,\n,zqxpackage\n",
		"Repository\nzqxvault\nhttps://git.zqx.example/other\nhttps://git.former.example/zqx/former\nledgr\n",
		`{"bomFormat":"CycloneDX","specVersion":"1.5","components":[{"type":"library","name":"zqxpackage","version":"1","purl":"pkg:npm/zqxpackage@1"},{"type":"library","name":"none","version":"1","purl":"pkg:npm/none@1"},{"type":"library","name":"zqxdep","version":"v2.0.0","purl":"pkg:golang/x.example/zqxdep@v2.0.0"},{"type":"library","name":"zqxjs","version":"1.0.0"}]}`,
	} {
		var body bytes.Buffer
		form := multipart.NewWriter(&body)
		file, err := form.CreateFormFile("file", "list")
		if err == nil {
			_, err = file.Write([]byte(list))
		}
		if err == nil {
			err = form.WriteField("as", "json")
		}
		if err == nil {
			err = form.Close()
		}
		if err != nil {
			v.t.Fatal(err)
		}
		r := httptest.NewRequest(http.MethodPost, "http://localhost/compare", &body)
		r.Header.Set("Content-Type", form.FormDataContentType())
		r.Header.Set("Cookie", v.session)
		w := httptest.NewRecorder()
		v.handler.ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			v.t.Fatalf("a list is answered %d: %s", w.Code, w.Body)
		}
		all += w.Body.String() + "\n"
	}
	return all
}
