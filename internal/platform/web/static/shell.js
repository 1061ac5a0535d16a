// Shell: what the user opened stays open, menus close, preferences apply at once.
"use strict";
(() => {
  const root = document.documentElement;
  const year = "; path=/; max-age=31536000; samesite=lax" + (location.protocol === "https:" ? "; secure" : "");

  // Areas of the navigation that are open, read by the server for the next page.
  const areas = [...document.querySelectorAll("#side details[data-area]")];
  for (const area of areas) {
    area.addEventListener("toggle", () => {
      const open = areas.filter((a) => a.open).map((a) => a.dataset.area);
      document.cookie = "steward-nav=" + open.join(".") + year;
    });
  }

  // Where tabs do not all fit, the current one is in sight.
  document.querySelector(".views [aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });

  // A menu closes when something else is clicked or left with Escape; focus goes back to its button.
  const menus = () => document.querySelectorAll("details.menu[open]");
  document.addEventListener("click", (event) => {
    for (const menu of menus()) if (!menu.contains(event.target)) menu.open = false;
    const box = document.getElementById("suggestions");
    if (box && !event.target.closest(".appbar .find")) box.replaceChildren();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of menus()) {
      const inside = menu.contains(document.activeElement);
      menu.open = false;
      if (inside) menu.querySelector("summary").focus();
    }
    document.getElementById("suggestions")?.replaceChildren();
  });

  // Theme and density change without a new page; the form works by itself without this.
  document.querySelector(".account form[action='/preferences']")?.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!button || button.name === "keys") return;
    event.preventDefault();
    document.cookie = "steward-" + button.name + "=" + button.value + year;
    if (button.name === "theme") {
      if (button.value === "system") delete root.dataset.theme; else root.dataset.theme = button.value;
    } else if (button.value === "compact") root.dataset.density = "compact"; else delete root.dataset.density;
    for (const b of button.parentElement.querySelectorAll("button")) {
      if (b === button) b.setAttribute("aria-pressed", "true"); else b.removeAttribute("aria-pressed");
    }
  });

  // Arrows move between the search field and what it suggests.
  const find = document.querySelector(".appbar .find");
  find?.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const stops = [find.querySelector("input"), ...find.querySelectorAll(".suggest a")];
    const at = stops.indexOf(document.activeElement);
    const next = stops[at + (event.key === "ArrowDown" ? 1 : -1)];
    if (at < 0 || !next) return;
    event.preventDefault();
    next.focus();
  });
})();
