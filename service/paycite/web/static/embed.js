// <salary-range role="mlops" level="mid" metro="nyc"><a href="...">What it pays</a></salary-range>
// Shows the estimate and its quote, with the sources; without an answer, the content stays. `theme`
// is auto, light or dark; without it, the colors are those of the page.
const home = new URL(".", import.meta.url);
const asked = ["role", "level", "years", "metro", "offer", "period", "source", "dataset", "age", "strict"];
const themes = ["auto", "light", "dark"];
const style = new CSSStyleSheet(); // allowed by the content security policy of the page
style.replaceSync(`
  :host { display: block; }
  :host([hidden]) { display: none; }
  :host([theme]) { padding: 1em; border-radius: 0.5em; background: #fff; color: #16202c; }
  :host([theme="dark"]) { background: #0d1117; color: #e6eaf0; }
  @media (prefers-color-scheme: dark) {
    :host([theme="auto"]) { background: #0d1117; color: #e6eaf0; }
  }
  p { margin: 0; }
  .range { font-size: 1.5em; font-weight: 700; line-height: 1.3; }
  .quote, .fallback { font-size: 0.875em; overflow-wrap: anywhere; }
  a { color: inherit; }
`);

const dollars = (amount) => {
  const digits = Number.isInteger(amount) ? 0 : 2;
  const form = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return `$${amount.toLocaleString("en-US", form)}`;
};

const inDollars = ({ min, max }) => {
  if (max === null) return `${dollars(min)} or more`;
  return min === max ? dollars(min) : `${dollars(min)} to ${dollars(max)}`;
};

const line = (name, ...content) => {
  const paragraph = document.createElement("p");
  paragraph.className = name;
  paragraph.append(...content);
  return paragraph;
};

const describe = ({ quote, fallbacks, estimate, dataset }, query) => {
  const link = document.createElement("a");
  query.set("dataset", dataset.version);
  link.href = new URL(`salary.html?${query}`, home);
  link.textContent = "How it was made";
  const { range, median, percentiles, period } = estimate;
  const half = percentiles ? ` (${range.max === null ? "from P25" : "P25 to P75"})` : "";
  return [
    line("range", `${inDollars(range)} ${period === "hour" ? "an hour" : "a year"}${half}`),
    ...(median ? [line("median", `Median ${dollars(median)}`)] : []),
    line("quote", `${quote} `, link),
    ...fallbacks.map(({ reason }) => line("fallback", `No exact match: ${reason}`)),
  ];
};

const ask = async (query) => {
  const response = await fetch(new URL(`embed.json?${query}`, home));
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.detail);
  return describe(answer, query);
};

class SalaryRange extends HTMLElement {
  static observedAttributes = [...asked, "theme"];
  #query; // the latest one

  constructor() {
    super();
    this.attachShadow({ mode: "open" }).append(document.createElement("slot"));
    this.shadowRoot.adoptedStyleSheets = [style];
  }

  connectedCallback() {
    this.#ask();
  }

  attributeChangedCallback() {
    this.#ask();
  }

  async #ask() {
    const given = asked.filter((name) => this.getAttribute(name)?.trim());
    const query = new URLSearchParams(given.map((name) => [name, this.getAttribute(name)]));
    const isLast = () => this.#query === query;
    this.#query = query;
    await null; // attributes that change together make one question
    if (!isLast() || !this.isConnected || !given.includes("role")) return this.#fallBack(isLast());
    const theme = this.getAttribute("theme");
    try {
      if (theme !== null && !themes.includes(theme)) {
        throw new Error(`Invalid theme '${theme}': expected one of ${themes.join(", ")}.`);
      }
      const lines = await ask(query);
      if (isLast()) this.shadowRoot.replaceChildren(...lines);
    } catch (error) {
      console.warn(`salary-range: ${error.message}`);
      this.#fallBack(isLast());
    }
  }

  #fallBack(isLast) {
    if (isLast) this.shadowRoot.replaceChildren(document.createElement("slot"));
  }
}

if (!customElements.get("salary-range")) customElements.define("salary-range", SalaryRange);
