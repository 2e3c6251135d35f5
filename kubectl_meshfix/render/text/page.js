"use strict";
const filter = document.querySelector("form");

function rowsOf(group) {
  const head = group.firstElementChild.textContent;
  return [...group.querySelectorAll("article")].map((row) => ({row, text: `${head} ${row.textContent}`.toLowerCase()}));
}

function filtering() {
  const count = filter.querySelector("output");
  const groups = [...document.querySelectorAll("section[data-group]")].map((group) => ({group, rows: rowsOf(group)}));
  const total = groups.reduce((sum, {rows}) => sum + rows.length, 0);
  let waiting = 0;

  function narrow() {
    const words = filter.elements.words.value.toLowerCase().split(/\s+/).filter(Boolean);
    const kinds = new Set([...filter.querySelectorAll("[name=kind]:checked")].map((box) => box.value));
    const fixable = filter.elements.fixable?.checked;
    let left = 0;
    for (const {group, rows} of groups) {
      let here = 0;
      for (const {row, text} of rows) {
        const fits = kinds.has(row.dataset.kind) && (!fixable || "fixable" in row.dataset) && words.every((word) => text.includes(word));
        row.hidden = !fits;
        here += fits;
      }
      group.hidden = !here;
      left += here;
    }
    count.textContent = left ? `${left.toLocaleString("en")} of ${total.toLocaleString("en")} shown` : `None of ${total.toLocaleString("en")} fits. Change the search or the boxes.`;
  }

  filter.hidden = false;
  filter.addEventListener("submit", (event) => event.preventDefault());
  filter.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(narrow, 100);
  });
  for (const link of document.querySelectorAll("[data-words]")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      filter.elements.words.value = link.dataset.words;
      narrow();
      filter.elements.words.focus();
    });
  }
  narrow();
}

let closed = [];
addEventListener("beforeprint", () => {
  closed = [...document.querySelectorAll("details:not([open])")];
  for (const item of closed) item.open = true;
});
addEventListener("afterprint", () => {
  for (const item of closed) item.open = false;
});
if (filter) filtering();
