import { type ApiCall, type ApiDocument, callsOf } from "./api-document.ts";

/** One call as it was made, with its answer. */
export interface CallExample {
  /** Path with the query. */
  readonly path: string;
  /** undefined where the call has no body. */
  readonly body?: unknown;
  /** JSON, or the text of an answer that is not JSON. */
  readonly answer: unknown;
}

/** An example of each call, by the call's name. */
export type CallExamples = ReadonlyMap<string, CallExample>;

/** The longest text of an answer that is not JSON, in lines. */
const SHOWN_LINES = 12;

const FENCE = "```";

/** What is wrong with an example; null where it is as the document says. */
export function exampleFault(call: ApiCall, { path, body, answer }: CallExample): string | null {
  const [, template = ""] = call.name.split(" ");
  const pattern = new RegExp(`^${template.replace(/[.]/g, "\\.").replace(/\{[A-Za-z]+\}/g, "[^/?]+")}(?:\\?.*)?$`);
  if (!pattern.test(path)) return `${path} is not ${template}`;
  if (call.request !== null) {
    const fault = call.request.safeParse(body).error;
    if (fault !== undefined) return `request: ${fault.message}`;
  }
  const fault = call.answer?.safeParse(answer).error;
  return fault === undefined ? null : `answer: ${fault.message}`;
}

/** The part of a reference page that describes every call. Throws RangeError where one has no example. */
export function renderCalls(document: ApiDocument, examples: CallExamples): string {
  return callsOf(document)
    .map((call) => {
      const example = examples.get(call.name);
      if (example === undefined) throw new RangeError(`${call.name} has no example`);
      return renderCall(call, example);
    })
    .join("\n\n");
}

/** The examples of a page that `renderCalls` wrote; those that somebody damaged are left out. */
export function parseExamples(page: string): CallExamples {
  const sections = page.split(/^### (?=[A-Z]+ \/)/m).slice(1);
  const found = sections.flatMap((section): [string, CallExample][] => {
    const [name = ""] = section.split("\n");
    const [request, answer] = [...section.matchAll(/^```\n([^]*?)\n```$/gm)].map(({ 1: block = "" }) => block);
    if (request === undefined || answer === undefined) return [];
    const [line = ""] = request.split("\n");
    const [, path = ""] = line.split(" ");
    const body = request.includes("\n\n") ? parseJson(request.slice(request.indexOf("\n\n"))) : undefined;
    return [[name, { path, ...(body === undefined ? {} : { body }), answer: parseJson(answer) ?? answer }]];
  });
  return new Map(found);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function renderCall(call: ApiCall, { path, body, answer }: CallExample): string {
  const [method = ""] = call.name.split(" ");
  const token = call.role === null ? [] : [`Authorization: Bearer TOKEN_OF_THE_${call.role.toUpperCase()}`];
  const sent = body === undefined ? [] : ["", JSON.stringify(body, null, 2)];
  return [
    `### ${call.name}`,
    "",
    sentence(call.summary),
    ...(call.description === null ? [] : [sentence(call.description)]),
    "",
    call.role === null ? "No token." : `Role: ${call.role}.`,
    "",
    ...[FENCE, `${method} ${path}`, ...token, ...sent, FENCE],
    "",
    ...[FENCE, ...answerLines(answer), FENCE],
    "",
    ...[...call.problems].map(([status, codes]) => `- ${status}: ${codes.map((code) => `\`${code}\``).join(", ")}`),
  ].join("\n");
}

function answerLines(answer: unknown): readonly string[] {
  if (typeof answer !== "string") return [JSON.stringify(answer, null, 2)];
  const lines = answer.trimEnd().split("\n");
  return lines.length > SHOWN_LINES ? [...lines.slice(0, SHOWN_LINES - 1), "…"] : lines;
}

function sentence(text: string): string {
  return text.endsWith(".") ? text : `${text}.`;
}
