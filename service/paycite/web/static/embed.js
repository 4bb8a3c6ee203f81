// <salary-range role="mlops" level="mid" metro="nyc"><a href="...">What it pays</a></salary-range>
// Shows the estimate with its citation; what stands inside stays where there is none.
const home = new URL(".", import.meta.url);
const asked = ["role", "level", "years", "metro", "offer", "period", "source", "dataset", "strict"];
const style = new CSSStyleSheet(); // which the policy of the page around does not forbid
style.replaceSync(`
  :host { display: block; }
  :host([hidden]) { display: none; }
  p { margin: 0; }
  .range { font-size: 1.5em; font-weight: 700; line-height: 1.3; }
  .told { font-size: 0.875em; overflow-wrap: anywhere; }
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

const told = ({ used, fallbacks, estimate, chains, sources, dataset }, query) => {
  const place = used.metro.id === "us" ? `the ${used.metro.name}` : used.metro.name;
  const cited = chains
    .filter((chain) => chain.weight)
    .flatMap(({ steps }) => steps)
    .flatMap(({ statistics, spread, ...step }) => [
      ...[step, ...(statistics?.figures ?? []), ...(spread?.figures ?? [])],
      ...(statistics?.ratio_to_nation ? [statistics.ratio_to_nation] : []),
    ]);
  const ids = new Set(cited.map((figure) => figure.source_id));
  const citations = sources.filter(({ id }) => ids.has(id)).map(({ citation }) => citation);
  const link = document.createElement("a");
  query.set("dataset", dataset.version);
  link.href = new URL(`salary.html?${query}`, home);
  link.textContent = "How it was made";
  const { range, period, confidence } = estimate;
  return [
    line("subject", [used.role.title, used.level?.title ?? "all levels", place].join(", ")),
    line("range", `${inDollars(range)} ${period === "hour" ? "an hour" : "a year"}`),
    line("told", `Base pay, ${confidence.label} confidence: ${confidence.reason}.`),
    ...fallbacks.map(({ reason }) => line("told", `Broader than asked: ${reason}`)),
    line("told", `Source: ${citations.join("; ")}; by Paycite, dataset ${dataset.version}. `, link),
  ];
};

const answered = async (query) => {
  const response = await fetch(new URL(`salary?${query}`, home));
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.detail);
  return told(answer, query);
};

class SalaryRange extends HTMLElement {
  static observedAttributes = asked;
  #query; // that was asked last

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
    await null; // several attributes that change together are one question
    if (!isLast() || !this.isConnected || !given.includes("role")) return this.#fallBack(isLast());
    try {
      const lines = await answered(query);
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
