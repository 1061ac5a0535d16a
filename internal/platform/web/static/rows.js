// Rows of lists: picking some of them shows what can be done with them.
"use strict";
(() => {
  const boxes = (form) => [...form.querySelectorAll("input[name='pick']")];
  const update = (form) => {
    const all = boxes(form);
    const picked = all.filter((b) => b.checked).length;
    // The second step, all rows of all pages, is offered once the whole page is picked.
    const offer = form.querySelector("[data-everything]");
    const everything = form.querySelector("input[name='all']");
    if (offer) offer.hidden = picked < all.length;
    if (everything && picked < all.length) everything.checked = false;
    form.querySelector("[data-picked]").textContent = everything?.checked ? everything.dataset.words : picked.toLocaleString("en-GB");
    form.querySelector(".selbar").hidden = picked === 0;
    for (const b of all) b.closest("tr").classList.toggle("picked", b.checked);
    const every = form.querySelector("[data-all]");
    every.checked = picked > 0 && picked === all.length;
    every.indeterminate = picked > 0 && picked < all.length;
  };
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form.selection");
    if (!form) return;
    if (event.target.matches("[data-all]")) for (const b of boxes(form)) b.checked = event.target.checked;
    update(form);
  });
  document.addEventListener("reset", (event) => {
    if (event.target.matches("form.selection")) setTimeout(() => update(event.target));
  });
  // Going back in history keeps what was picked.
  addEventListener("pageshow", () => { for (const form of document.querySelectorAll("form.selection")) update(form); });
})();
