// Optional: adds copy buttons and the names of places, and keeps empty fields out of the URL.
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
      const values = formData.getAll(name).filter((value) => value.trim());
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
