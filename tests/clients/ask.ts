// What a typed client is told by the server at the address given, as JSON.
import {
  batch,
  compare,
  getSource,
  listMetros,
  offer,
  salary,
  salaryCsv,
  salaryJsonld,
  salaryPng,
} from "./paycite/index.js";
import type { Answer, ComparisonRow } from "./paycite/index.js";
import { client } from "./paycite/client.gen.js";

declare const process: { argv: string[] };

function stated({ estimate, chains, sources }: Answer) {
  const steps = chains.flatMap((chain) => chain.steps);
  return {
    range: [estimate.range.min, estimate.range.max],
    confidence: estimate.confidence.label,
    steps: steps.map((step) => [step.operation, step.figure_id, step.as_published]),
    citations: sources.map((source) => source.citation),
  };
}

function placed({ requested, offer }: Answer) {
  return {
    period: requested.period,
    level: requested.level ?? null,
    positions: offer?.positions.map(({ compared_to, verdict, percentile }) => [compared_to, verdict, percentile]),
  };
}

function told({ requested, estimate, problem }: ComparisonRow) {
  return [requested?.role, requested?.metro ?? null, estimate?.range.midpoint ?? null, problem?.type ?? null];
}

client.setConfig({ baseUrl: process.argv[2] ?? "" });
const query = { role: "mlops", level: "mid", metro: "nyc" };
const throwOnError = true;
const { data: answer } = await salary({ query, throwOnError });
const { data: byTheHour } = await offer({
  query: { role: "data-scientist", offer: "70-95.50", period: "hour" },
  throwOnError,
});
const { data: comparison } = await compare({
  query: { role: ["mlops"], metro: ["nyc", "Austin", "narnia"] },
  throwOnError,
});
const { data: batched } = await batch({
  body: { rows: [{ id: 7, role: "Sr. MLOps Eng", offer: 185000 }, { role: "astronaut" }] },
  throwOnError,
});
const { data: metros } = await listMetros({ query: { limit: 2, kind: "region" }, throwOnError });
const { data: source } = await getSource({ path: { id: "kore1-ai-jobs-2026" }, throwOnError });
const { response: whole } = await salary({ query, headers: { "Min-Generation": 0 } });
const { response: unchanged } = await salary({ query, headers: { "If-None-Match": whole?.headers.get("ETag") } });
const { data: csv } = await salaryCsv({ query, throwOnError });
const { data: linked } = await salaryJsonld({ query, throwOnError });
const { data: png } = await salaryPng({ query, throwOnError });
const { error: problem } = await salary({ query: { role: "mlosp" } });

console.log(
  JSON.stringify({
    salary: stated(answer),
    offer: placed(byTheHour),
    comparison: comparison.rows.map(told),
    batch: batched.rows.map((row) => [row.id, ...told(row)]),
    metros: [metros.items.map((metro) => metro.id), metros.next],
    published: source.published.date,
    problem: [problem?.status, problem?.errors.flatMap((fault) => fault.suggestions)],
    unchanged: [whole?.headers.get("X-Dataset-Generation"), unchanged?.status],
    csv,
    linked: linked["@type"],
    png: png.size,
  }),
);

// What the document does not allow does not compile.
export const misused = () => [
  // @ts-expect-error - a parameter that is missing
  salary({ query: { level: "mid" } }),
  // @ts-expect-error - a parameter that is not there
  salary({ query: { role: "mlops", rol: "mlops" } }),
  // @ts-expect-error - a word that is not in the list
  salary({ query: { role: "mlops", period: "month" } }),
  // @ts-expect-error - a number that may be null
  answer.estimate.range.max + 1,
  // @ts-expect-error - a verdict that is never given
  answer.offer?.positions[0]?.verdict === "generous",
  // @ts-expect-error - a field that is not there
  answer.estimate.mean,
];
