// On the catalogue of rules: a field that leaves the rows in which every word occurs. Without scripts the whole table is there.
const tables = document.querySelectorAll('section#rules table');
if (tables.length) {
  const label = document.createElement('label');
  label.className = 'filter';
  label.textContent = 'Show rules with ';
  const field = document.createElement('input');
  field.type = 'search';
  field.placeholder = 'error gateway IST0118';
  label.append(field);
  const count = document.createElement('output');
  document.querySelector('section#rules h1').after(label, count);
  const rows = [...tables].flatMap((table) => [...table.tBodies[0].rows]);
  const show = () => {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const row of rows) {
      const text = `${row.textContent} ${row.closest('section').firstElementChild.textContent}`.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
    }
    for (const table of tables) {
      table.closest('section').hidden = [...table.tBodies[0].rows].every((row) => row.hidden);
    }
    count.textContent = `${rows.filter((row) => !row.hidden).length} of ${rows.length} rules`;
  };
  field.addEventListener('input', show);
  show();
}
