"use strict";
// Adds to each table a way to sort and, where it is long, to filter; all of it can be read without.
const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });
const keyOf = (row, column) => row.cells[column].dataset.key;

function compare(one, other, column) {
  const [first, second] = [keyOf(one, column), keyOf(other, column)];
  if (first !== undefined && second !== undefined) return first - second;
  return collator.compare(one.cells[column].textContent, other.cells[column].textContent);
}

function sort(table, header, column) {
  const descending = header.getAttribute("aria-sort") === "ascending";
  for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
  header.setAttribute("aria-sort", descending ? "descending" : "ascending");
  const rows = Array.from(table.tBodies[0].rows);
  rows.sort((one, other) => (descending ? -1 : 1) * compare(one, other, column));
  table.tBodies[0].append(...rows);
}

// No <button>: browsers leave it out where they repeat a table's head on the next sheet of paper.
function asButton(text, press) {
  const button = document.createElement("span");
  button.setAttribute("role", "button");
  button.tabIndex = 0;
  button.textContent = text;
  button.addEventListener("click", press);
  button.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    press();
  });
  return button;
}

function addFilter(table) {
  const label = document.createElement("label");
  const input = document.createElement("input");
  const count = document.createElement("output");
  label.className = "filter";
  input.type = "search";
  input.addEventListener("input", () => {
    const wanted = input.value.toLowerCase();
    let shown = 0;
    for (const row of table.tBodies[0].rows) {
      row.hidden = !row.textContent.toLowerCase().includes(wanted);
      if (!row.hidden) shown += 1;
    }
    count.textContent = wanted ? `${shown} of ${table.tBodies[0].rows.length}` : "";
  });
  label.append("Filter ", input, count);
  table.parentElement.before(label);
}

function openTarget() {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target instanceof HTMLDetailsElement) target.open = true;
}

for (const table of document.querySelectorAll("table.sortable")) {
  Array.from(table.tHead.rows[0].cells).forEach((header, column) => {
    header.replaceChildren(asButton(header.textContent, () => sort(table, header, column)));
  });
  if (table.tBodies[0].rows.length > 10) addFilter(table);
}
addEventListener("hashchange", openTarget);
openTarget();
