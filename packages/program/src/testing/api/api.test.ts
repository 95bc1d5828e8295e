import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { callsOf } from "./api-document.ts";
import { ApiWitness, type WatchedServer } from "./api-witness.ts";
import { type CallExample, exampleFault } from "./call-examples.ts";
import { assertCommitted, rewriteCommitted } from "./committed-reference.ts";

const json = (schema: object) => ({ content: { "application/json": { schema } } });
const refusal = (...codes: string[]) => ({
  content: {
    "application/problem+json": {
      schema: { allOf: [{ $ref: "#/components/schemas/Problem" }, { properties: { code: { enum: codes } } }] },
    },
  },
});
const amount = { type: "object", properties: { amount: { type: "string" } }, required: ["amount"] };
const fund = {
  operationId: "fundCard",
  summary: "Funds a card.",
  "x-roles": ["issuer", "admin"],
  requestBody: json(amount),
  responses: { 200: json(amount), 404: refusal("NOT_FOUND", "CARD_UNKNOWN") },
};
const document = (operation: object = fund) => ({ paths: { "/v1/cards/{card}": { post: operation } } });
const NAME = "POST /v1/cards/{card}";
const example: CallExample = { path: "/v1/cards/7", body: { amount: "1" }, answer: { amount: "1" } };

describe("the calls of a document", () => {
  it("have their roles, their schemas and the codes of every refusal", () => {
    const [call] = callsOf(document());
    expect(call).toMatchObject({ name: NAME, operationId: "fundCard", roles: ["issuer", "admin"] });
    expect(call?.problems.get(404)).toEqual(["NOT_FOUND", "CARD_UNKNOWN"]);
    expect(call?.request?.safeParse({ amount: 1 }).success).toBe(false);
  });

  it.each<[string, object]>([
    ["an id of its own", { operationId: "Cards_fund" }],
    ["a summary", { summary: undefined }],
    ["a schema of its body", { requestBody: undefined }],
    ["a schema of its answer", { responses: { 200: {} } }],
    ["codes at every refusal", { responses: { 200: json(amount), 404: { description: "x" } } }],
  ])("need %s", (_, change) => {
    expect(() => callsOf(document({ ...fund, ...change }))).toThrow(TypeError);
  });
});

describe("a witness of a service", () => {
  type Answered = (request: object, reply: object, payload: unknown, done: () => void) => void;

  /** A witness that saw one answer. */
  function seen(
    statusCode: number,
    body: unknown,
    url: string | null = "/v1/cards/:card",
    type = "application/json",
  ): ApiWitness {
    const hooks: [string, unknown][] = [];
    const server: WatchedServer = { addHook: (name: string, hook: unknown) => hooks.push([name, hook]) };
    const witness = new ApiWitness(server, document());
    const request = { method: "POST", routeOptions: url === null ? {} : { url } };
    let passedOn = 0;
    (new Map(hooks).get("onSend") as Answered)(
      request,
      { statusCode, getHeader: () => type },
      JSON.stringify(body),
      () => {
        passedOn += 1;
      },
    );
    expect(passedOn).toBe(1);
    return witness;
  }

  it("agrees with answers that the document names, and with paths that are none", () => {
    seen(200, { amount: "1" }).assertDescribed();
    seen(404, { code: "CARD_UNKNOWN" }).assertDescribed();
    seen(404, { code: "ANY" }, null).assertDescribed();
    // As a page for a browser.
    seen(409, "<html>", undefined, "text/html; charset=utf-8").assertDescribed();
  });

  it.each<[string, number, unknown]>([
    ["a code that the call does not name", 404, { code: "OTHER" }],
    ["a status that the call does not name", 409, { code: "NOT_FOUND" }],
    ["an answer of another form", 200, { amount: 1 }],
  ])("complains about %s", (_, status, body) => {
    expect(() => {
      seen(status, body).assertDescribed();
    }).toThrow(Error);
  });
});

describe("an example of a call", () => {
  it.each<[string, Partial<CallExample>]>([
    ["another path", { path: "/v1/cards/7/status" }],
    ["another body", { body: { amount: 1 } }],
    ["another answer", { answer: {} }],
  ])("does not fit with %s", (_, change) => {
    const [call] = callsOf(document());
    if (call === undefined) throw new Error("the document has no call");
    expect(exampleFault(call, example)).toBeNull();
    expect(exampleFault(call, { ...example, ...change })).not.toBeNull();
  });
});

describe("a committed reference", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tallystick-reference-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  const files = () => ({
    documentFile: join(folder, "openapi/api.json"),
    pageFile: join(folder, "api.md"),
    command: "pnpm reference",
  });
  const check = (served = document()) => {
    assertCommitted(files(), served);
  };

  it("is what the service serves, until the service or a file changes", () => {
    const { pageFile, documentFile } = files();
    writeFileSync(pageFile, "# The API\n\nBy hand.\n\n");
    expect(check).toThrow(Error);
    rewriteCommitted(files(), document(), new Map([[NAME, example]]));
    check();
    expect(() => {
      check(document({ ...fund, summary: "Another one." }));
    }).toThrow(Error);
    const page = readFileSync(pageFile, "utf8");
    expect(page).toContain("By hand.");
    for (const [file, damaged] of [
      [pageFile, page.replace('"amount": "1"', '"amount": 1')],
      [pageFile, page.replace("- 404: `NOT_FOUND`", "- 404: `NOT_FOUNT`")],
      [documentFile, "{}"],
    ] as const) {
      const before = readFileSync(file, "utf8");
      writeFileSync(file, damaged);
      expect(check).toThrow(Error);
      writeFileSync(file, before);
    }
    check();
  });

  it("keeps an example that is still right, and takes a new one where it is not", () => {
    const other: CallExample = { path: "/v1/cards/8", body: { amount: "2" }, answer: { amount: "2" } };
    writeFileSync(files().pageFile, "");
    rewriteCommitted(files(), document(), new Map([[NAME, example]]));
    rewriteCommitted(files(), document(), new Map([[NAME, other]]));
    expect(readFileSync(files().pageFile, "utf8")).toContain("POST /v1/cards/7");
    const changed = document({ ...fund, responses: { 200: json({ const: 7 }) } });
    rewriteCommitted(files(), changed, new Map([[NAME, { ...other, answer: 7 }]]));
    expect(readFileSync(files().pageFile, "utf8")).toContain("POST /v1/cards/8");
    check(changed);
  });
});
