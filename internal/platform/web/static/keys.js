// Keys. None of them changes data; all can be turned off in the account menu.
"use strict";
(() => {
  const places = { h: "/", r: "/repositories", c: "/components", p: "/packages", t: "/teams" };
  let waiting = 0; // until when a letter after g is a place

  const rows = () => [...document.querySelectorAll("table.rows tbody tr")];
  const here = () => document.querySelector("table.rows tr.here");
  const move = (step) => {
    const all = rows();
    if (!all.length) return;
    const at = all.indexOf(here());
    const next = all[Math.min(Math.max(at + step, 0), all.length - 1)];
    all[at]?.classList.remove("here");
    next.classList.add("here");
    next.scrollIntoView({ block: "nearest" });
    (next.querySelector("th a") ?? next.querySelector("a"))?.focus({ preventScroll: true });
  };
  const open = (details) => {
    if (!details) return;
    details.open = true;
    details.querySelector("summary").focus();
  };

  const acts = {
    "/": () => { const q = document.getElementById("q"); q?.focus(); q?.select(); },
    "?": () => document.getElementById("help")?.togglePopover(),
    j: () => move(1),
    k: () => move(-1),
    x: () => here()?.querySelector("input[name='pick']")?.click(),
    f: () => (document.getElementById("filter-text") ?? document.querySelector(".filters summary"))?.focus(),
    e: () => open(document.getElementById("export")),
    ".": () => open(document.querySelector(".head .menu:not(#export)") ?? document.getElementById("export")),
    g: () => { waiting = Date.now() + 1500; },
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
    const typing = event.target.closest("input:not([type='checkbox']):not([type='radio']), textarea, select, [contenteditable]");
    if (typing) {
      if (event.key === "Escape") typing.blur();
      return;
    }
    const name = event.key.length === 1 ? event.key : "";
    if (waiting > Date.now() && places[name]) {
      waiting = 0;
      const link = [...document.querySelectorAll("#side a")].find((a) => a.getAttribute("href") === places[name]);
      if (link) { event.preventDefault(); location.href = places[name]; }
      return;
    }
    waiting = 0;
    if (event.key === "Enter" && event.target === document.body) { here()?.querySelector("th a")?.click(); return; }
    if (acts[name]) { event.preventDefault(); acts[name](); }
  });
})();
