import type { ArgumentsHost } from "@nestjs/common";
import { RpcError } from "@tallystick/evm";
import { expect, it } from "@jest/globals";
import { DatabaseAway } from "../../foundation/database/database-away.ts";
import { Problem } from "../../foundation/http/problem.ts";
import type { Readiness } from "../readiness/readiness.ts";
import { PageProblems } from "./page-problems.tsx";

const fault = { message: "It is away.", next: "Start it.", since: "2026-11-30T04:35:10.000Z" };

/** The status and the page that a browser gets for an error, while the parts of `codes` are away. */
function pageOf(error: Error, ...codes: readonly string[]): readonly [number, string] {
  return answerOf(error, { codes, headers: {} });
}

function answerOf(
  error: Error,
  { codes, headers }: { readonly codes: readonly string[]; readonly headers: Readonly<Record<string, string>> },
): readonly [number, string] {
  const standing = (asked: readonly string[]) => (asked.some((code) => codes.includes(code)) ? fault : null);
  const sent: { status: number; body: string } = { status: 0, body: "" };
  const reply = {
    status: (code: number) => {
      sent.status = code;
      return reply;
    },
    header: () => reply,
    send: (body: string) => void (sent.body = body),
  };
  const http = {
    getRequest: () => ({ url: "/console/cases", headers: { accept: "text/html", host: "console.test", ...headers } }),
    getResponse: () => reply,
  };
  const host = { switchToHttp: () => http } as unknown as ArgumentsHost;
  new PageProblems({ standing } as unknown as Readiness).catch(error, host);
  return [sent.status, sent.body];
}

it.each([
  ["PostgreSQL", new DatabaseAway("gone"), "DATABASE_UNAVAILABLE"],
  ["the chain's node", new RpcError("UNREACHABLE", "away"), "CHAIN_UNREACHABLE"],
])("says on a page since when %s is away, and who must do what", (_part, error, code) => {
  const [status, page] = pageOf(error, code);
  expect(status).toBe(503);
  for (const part of [code, "It is away.", "2026-11-30 04:35 UTC", "start it."]) expect(page).toContain(part);
  // What stands of another part is no answer.
  expect(pageOf(error, "REDIS_UNAVAILABLE")[1]).not.toContain("It is away.");
});

it.each([
  ["https://console.test/console/cases/7?a=1", "/console/cases/7?a=1"],
  ["https://other.test/console/cases/7", null],
  ["https://console.test/sign-in", null],
  ["https://console.test//other.test/console/", null],
  ["no address", null],
  [undefined, null],
])("leads from a refusal back to the page of the form, and nowhere else: %s", (referer, back) => {
  const headers: Record<string, string> = referer === undefined ? {} : { referer };
  const [, page] = answerOf(new Problem("PERIOD_RANGE", "It ends before it begins."), { codes: [], headers });
  const links = [...page.matchAll(/<a href="([^"]+)"/g)].map(([, href]) => href);
  expect(links).toEqual([...(back === null ? [] : [back]), "/console"]);
});
