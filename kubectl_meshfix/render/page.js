"use strict";
const filter = document.querySelector("form");
const count = document.querySelector("output");
const rows = [...document.querySelectorAll("article")].map((row) => ({
  row, text: (row.parentElement.firstElementChild.textContent + " " + row.textContent).toLowerCase(),
}));

function narrow() {
  const words = filter.elements.words.value.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = new Set([...filter.elements.severity].filter((box) => box.checked).map((box) => box.value));
  const fixable = filter.elements.fixable.checked;
  let left = 0;
  for (const {row, text} of rows) {
    const fits = shown.has(row.dataset.severity) && (!fixable || "fixable" in row.dataset) && words.every((word) => text.includes(word));
    row.hidden = !fits;
    left += fits;
  }
  for (const group of document.querySelectorAll("main > section[data-group]")) {
    group.hidden = !group.querySelector("article:not([hidden])");
  }
  count.textContent = `${left} of ${rows.length} shown`;
}

let waiting = 0;
filter.hidden = false;
filter.addEventListener("submit", (event) => event.preventDefault());
filter.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(narrow, 100);
});
narrow();
