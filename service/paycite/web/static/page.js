// Optional: adds copy buttons, the names of places and sorting, and keeps empty fields out of the URL.
const copied = document.getElementById("copied");

for (const button of document.querySelectorAll("[data-copies]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const text = document.getElementById(button.dataset.copies);
    try {
      await navigator.clipboard.writeText(text.value);
    } catch { // the clipboard API needs HTTPS
      text.select();
      if (!document.execCommand("copy")) return;
    }
    copied.textContent = `Copied: ${text.labels[0].textContent}`;
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = "Copy"), 2000);
  });
}

for (const form of document.querySelectorAll("form")) {
  form.addEventListener("formdata", ({ formData }) => {
    for (const name of new Set(formData.keys())) {
      const values = formData.getAll(name).filter((value) => value.size ?? value.trim());
      formData.delete(name);
      for (const value of values) formData.append(name, value);
    }
  });
}

const places = document.getElementById("places");
let latest = "";

for (const field of document.querySelectorAll("[list=places]")) {
  field.addEventListener("input", async () => {
    const prefix = field.value.trim();
    latest = prefix;
    if (prefix.length < 2) return;
    const response = await fetch(`/metros?${new URLSearchParams({ prefix, limit: 8 })}`);
    if (!response.ok || latest !== prefix) return;
    const { items } = await response.json();
    places.replaceChildren(...items.map(({ name }) => new Option(name, name)));
  });
}

// Sort by a column: by `data-order`, else by the first number, else as text. Rows without it stay last.
function orderOf(row, column) {
  const cell = row.cells[column];
  const text = cell?.dataset.order ?? cell?.textContent.trim() ?? "";
  const number = text.match(/^\D?([\d,.]+)/);
  return number ? Number(number[1].replaceAll(",", "")) : text;
}

function compareCells(one, other) {
  if (typeof one === typeof other) return one < other ? -1 : Number(one > other);
  return typeof one === "number" ? -1 : 1;
}

for (const table of document.querySelectorAll(".sorts")) {
  const headers = [...table.tHead.rows[0].cells];
  for (const [column, header] of headers.entries()) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...header.childNodes);
    header.append(button);
    button.addEventListener("click", () => {
      const sign = header.ariaSort === "ascending" ? -1 : 1;
      for (const other of headers) other.removeAttribute("aria-sort");
      header.setAttribute("aria-sort", sign > 0 ? "ascending" : "descending");
      const isEmpty = (row) => column >= row.cells.length || row.cells[column].matches(".none, [colspan]");
      const rows = [...table.tBodies[0].rows];
      const full = rows.filter((row) => !isEmpty(row));
      full.sort((one, other) => sign * compareCells(orderOf(one, column), orderOf(other, column)));
      table.tBodies[0].append(...full, ...rows.filter(isEmpty));
    });
  }
}
