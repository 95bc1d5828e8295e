import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { type ApiDocument, callsOf } from "./api-document.ts";
import { type CallExamples, exampleFault, parseExamples, renderCalls } from "./call-examples.ts";

export interface CommittedReference {
  /** The OpenAPI document. */
  readonly documentFile: string;
  /** The page with an example of every call. */
  readonly pageFile: string;
  /** What rewrites both; part of every complaint. */
  readonly command: string;
}

/** Where the calls of a page begin and end; what stands around them is written by hand. */
const BEGIN = "<!-- calls: from the OpenAPI document and a real run of the service -->";
const END = "<!-- end of the calls -->";

/** What a document is as a file: its text is the same for the same document. */
export function documentText(document: ApiDocument): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}

/**
 * The document that a service under test is watched by: the committed one, which a test of its own compares with the
 * service. While the reference is rewritten, the service makes it (`rewritten`).
 */
export function committedDocument(
  documentFile: string,
  { rewritten, make }: { readonly rewritten: boolean; readonly make: () => ApiDocument },
): ApiDocument {
  if (rewritten || !existsSync(documentFile)) return make();
  return JSON.parse(readFileSync(documentFile, "utf8")) as ApiDocument;
}

/** Throws where a committed file is not what the running service makes of it. */
export function assertCommitted(reference: CommittedReference, served: ApiDocument): void {
  const { documentFile, pageFile, command } = reference;
  const wrong = (what: string): Error => new Error(`${what}; rewrite it: ${command}`);
  if (readText(documentFile) !== documentText(served)) throw wrong(`${documentFile} is not what the service serves`);
  const { calls } = partsOf(readText(pageFile));
  const examples = parseExamples(calls);
  for (const call of callsOf(served)) {
    const example = examples.get(call.name);
    if (example === undefined) throw wrong(`${pageFile} has no example of ${call.name}`);
    const fault = exampleFault(call, example);
    if (fault !== null) throw wrong(`${pageFile}: the example of ${call.name} is not as the document says: ${fault}`);
  }
  if (calls !== renderCalls(served, examples)) throw wrong(`${pageFile} does not describe the calls of the document`);
}

/** Writes both files. An example that is committed and still right stays, others come from the run. */
export function rewriteCommitted(reference: CommittedReference, served: ApiDocument, fresh: CallExamples): void {
  const { documentFile, pageFile } = reference;
  mkdirSync(dirname(documentFile), { recursive: true });
  writeFileSync(documentFile, documentText(served));
  const { before, calls, after } = partsOf(readText(pageFile));
  const committed = parseExamples(calls);
  const examples = new Map(fresh);
  for (const call of callsOf(served)) {
    const example = committed.get(call.name);
    if (example !== undefined && exampleFault(call, example) === null) examples.set(call.name, example);
  }
  writeFileSync(pageFile, `${before}${BEGIN}\n\n${renderCalls(served, examples)}\n\n${END}${after}`);
}

function readText(file: string): string {
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}

function partsOf(page: string): { readonly before: string; readonly calls: string; readonly after: string } {
  const [before = "", rest = ""] = page.split(BEGIN);
  const [calls = "", after = "\n"] = rest.split(END);
  return { before, calls: calls.trim(), after };
}
