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

const PROSE_COLUMNS = 100;

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
  const calls = callsOf(document);
  const hasRoles = calls.some(({ roles }) => roles !== null);
  return calls
    .map((call) => {
      const example = examples.get(call.name);
      if (example === undefined) throw new RangeError(`${call.name} has no example`);
      return renderCall(call, example, hasRoles);
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

function renderCall(call: ApiCall, { path, body, answer }: CallExample, hasRoles: boolean): string {
  const [method = ""] = call.name.split(" ");
  const token = call.roles === null ? [] : ["Authorization: Bearer TOKEN"];
  const sent = body === undefined ? [] : ["", JSON.stringify(body, null, 2)];
  return [
    `### ${call.name}`,
    "",
    wrap([call.summary, ...(call.description === null ? [] : [call.description])].map(sentence).join(" ")),
    "",
    ...(hasRoles ? [call.roles === null ? "No token." : `Roles: ${call.roles.join(", ")}.`, ""] : []),
    ...[FENCE, `${method} ${path}`, ...token, ...sent, FENCE],
    "",
    ...[FENCE, ...answerLines(answer), FENCE],
    "",
    ...[...call.problems].map(([status, codes]) =>
      wrap(`- ${status}: ${codes.map((code) => `\`${code}\``).join(", ")}`, "  "),
    ),
  ]
    .join("\n")
    .trimEnd();
}

function answerLines(answer: unknown): readonly string[] {
  if (typeof answer !== "string") return [JSON.stringify(answer, null, 2)];
  const lines = answer.trimEnd().split("\n");
  return lines.length > SHOWN_LINES ? [...lines.slice(0, SHOWN_LINES - 1), "…"] : lines;
}

/** Breaks prose where the documents of the project break theirs. */
function wrap(text: string, indent = ""): string {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= PROSE_COLUMNS) lines.splice(-1, 1, `${last} ${word}`);
    else lines.push(last === undefined ? word : `${indent}${word}`);
  }
  return lines.join("\n");
}

function sentence(text: string): string {
  return text.endsWith(".") ? text : `${text}.`;
}
