// What the pages do with scripts. Without them everything is there, and the whole catalogue of rules is shown.
const name = (selector, label) => document.querySelector(selector)?.setAttribute('aria-label', label);
name('.sidebar-drawer', 'All pages');
name('.toc-drawer', 'On this page');

// What is wider than the page can be scrolled with the keyboard, too.
const reach = () => {
  for (const block of document.querySelectorAll('.highlight pre, .table-wrapper')) {
    if (block.scrollWidth > block.clientWidth) block.tabIndex = 0;
    else block.removeAttribute('tabindex');
  }
};
addEventListener('resize', reach);
reach();

// On the catalogue of rules: a field that leaves the rows in which every word occurs, and a box for each severity.
const title = document.querySelector('section#rules > h1');
const tables = [...document.querySelectorAll('section#rules table')];
if (title && tables.length) {
  const form = document.createElement('form');
  form.className = 'filter';
  form.innerHTML = `<label>Show rules with <input type="search" placeholder="gateway IST0118"></label>
    ${['error', 'warning', 'info'].map((severity) => `<label><input type="checkbox" value="${severity}" checked> ${severity}</label>`).join('\n')}
    <output></output>`;
  title.after(form);
  const rows = tables.flatMap((table) => [...table.tBodies[0].rows]);
  const show = () => {
    const words = form.querySelector('[type=search]').value.toLowerCase().split(/\s+/).filter(Boolean);
    const severities = [...form.querySelectorAll(':checked')].map((box) => box.value);
    for (const row of rows) {
      const text = `${row.textContent} ${row.closest('section').firstElementChild.textContent}`.toLowerCase();
      row.hidden = !severities.includes(row.cells[2].textContent) || !words.every((word) => text.includes(word));
    }
    for (const table of tables) {
      table.closest('section').hidden = [...table.tBodies[0].rows].every((row) => row.hidden);
    }
    form.querySelector('output').textContent = `${rows.filter((row) => !row.hidden).length} of ${rows.length} rules`;
  };
  form.addEventListener('input', show);
  form.addEventListener('submit', (event) => event.preventDefault());
  show();
}
