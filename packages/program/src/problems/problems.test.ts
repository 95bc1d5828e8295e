import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import {
  BadRequestException,
  Controller,
  Get,
  HttpException,
  InternalServerErrorException,
  Logger,
  Module,
  NotFoundException,
} from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { FastifyAdapter, type NestFastifyApplication } from "@nestjs/platform-fastify";
import { z } from "zod";
import { Problem, PROBLEM_MEDIA_TYPE, problemSchema, ProblemTable } from "./problem.ts";
import { ProblemFilter } from "./problem-filter.ts";
import { problemRule } from "./problem-rules.ts";
import { createValidationPipe, issueDetail } from "./validation.ts";

const table = new ProblemTable({
  MALFORMED_BODY: [400, "The request does not have the documented form."],
  NOT_FOUND: [404, "There is no such thing."],
  CARD_REVOKED: [409, "A revoked card stays revoked."],
  CHAIN_UNREACHABLE: [503, "The chain's node does not answer; nothing was changed."],
  INTERNAL: [500, "Something failed that should not have."],
});

class NodeError extends Error {}

const filter = new ProblemFilter({
  table,
  malformed: "MALFORMED_BODY",
  byStatus: { 404: "NOT_FOUND" },
  unexpected: { code: "INTERNAL", detail: "Ask again. The log names the fault." },
  rules: [
    problemRule(NodeError, ({ message }) => ({
      ...{ code: "CHAIN_UNREACHABLE" as const, detail: "Ask again when the node answers.", retryAfterSeconds: 4.2 },
      log: { level: "warn" as const, message },
    })),
  ],
});

let error: unknown;

@Controller()
class ThrowingController {
  @Get("/thrown")
  thrown(): never {
    throw error;
  }
}

@Module({ controllers: [ThrowingController] })
class ThrowingModule {}

let app: NestFastifyApplication;
const logged: string[] = [];

beforeAll(async () => {
  const keep = (message: unknown): void => void logged.push(String(message));
  const logger = { log: () => undefined, warn: keep, error: keep };
  app = await NestFactory.create<NestFastifyApplication>(ThrowingModule, new FastifyAdapter(), { logger });
  app.useGlobalFilters(filter);
  await app.init();
});

afterAll(async () => {
  await app.close();
  Logger.overrideLogger(false);
});

async function answer(thrown: unknown, url = "/thrown") {
  error = thrown;
  logged.length = 0;
  const { statusCode, headers, body } = await app.inject({ method: "GET", url });
  return { status: statusCode, type: headers["content-type"], retryAfter: headers["retry-after"], body };
}

describe("an answer outside 2xx", () => {
  it("is the problem that was thrown, byte for byte", async () => {
    expect(await answer(new Problem(table.kind("CARD_REVOKED"), "Order another card."))).toEqual({
      status: 409,
      type: PROBLEM_MEDIA_TYPE,
      retryAfter: undefined,
      body:
        '{"type":"urn:tallystick:problem:card-revoked","title":"A revoked card stays revoked.","status":409,' +
        '"detail":"Order another card.","code":"CARD_REVOKED"}',
    });
    expect(logged).toEqual([]);
  });

  it("says what to do next, and when to ask again, where it knows", async () => {
    const extras = { next: "Wait.", retryAfterSeconds: 30 };
    const { body, retryAfter } = await answer(new Problem(table.kind("CHAIN_UNREACHABLE"), "Away.", extras));
    expect([retryAfter, (JSON.parse(body) as { next: string }).next]).toEqual(["30", "Wait."]);
    expect(problemSchema.parse(JSON.parse(body))).toMatchObject({ code: "CHAIN_UNREACHABLE", next: "Wait." });
  });

  it("is what the application registered for its own errors", async () => {
    const { status, body, retryAfter } = await answer(new NodeError("no answer of 10.0.0.1"));
    expect([status, retryAfter]).toEqual([503, "5"]);
    expect(JSON.parse(body)).toEqual(table.body("CHAIN_UNREACHABLE", "Ask again when the node answers."));
    expect(logged).toEqual(["no answer of 10.0.0.1"]);
  });

  it.each<[string, unknown, number, string]>([
    ["a refusal of the framework", new NotFoundException("Cannot GET /x"), 404, "NOT_FOUND"],
    ["one that has no code of its own", new BadRequestException("odd"), 400, "MALFORMED_BODY"],
    ["one with a status that is not listed", new HttpException("teapot", 418), 400, "MALFORMED_BODY"],
    ["a fault of Fastify", Object.assign(new Error("too large"), { statusCode: 413 }), 400, "MALFORMED_BODY"],
  ])("has the table's status and code for %s", async (_, thrown, status, code) => {
    const { status: answered, body } = await answer(thrown);
    expect([answered, (JSON.parse(body) as { code: string }).code]).toEqual([status, code]);
    expect(logged).toEqual([]);
  });

  it("is there for a path that is none", async () => {
    const { status, type, body } = await answer(null, "/nowhere");
    expect([status, type, (JSON.parse(body) as { code: string }).code]).toEqual([404, PROBLEM_MEDIA_TYPE, "NOT_FOUND"]);
  });

  it.each<[string, unknown]>([
    ["an error", new TypeError("secret of the house")],
    ["an error of the framework", new InternalServerErrorException("secret of the house")],
    ["a fault of a server with a status", Object.assign(new Error("secret of the house"), { statusCode: 502 })],
    ["a text", "secret of the house"],
  ])("shows nothing of what was not expected, and the log has it: %s", async (_, thrown) => {
    const { status, body, retryAfter } = await answer(thrown);
    expect([status, retryAfter]).toEqual([500, undefined]);
    expect(JSON.parse(body)).toEqual(table.body("INTERNAL", "Ask again. The log names the fault."));
    expect(logged).toHaveLength(1);
    expect(logged[0]).toContain("secret of the house");
  });

  it("is not begun a second time", () => {
    const reply = {
      sent: true,
      status: () => {
        throw new Error("was answered twice");
      },
    };
    filter.catch(new Problem(table.kind("NOT_FOUND"), "x"), {
      switchToHttp: () => ({ getResponse: () => reply }),
    } as never);
  });

  it("has a code that the table lists", () => {
    expect(table.codes).toEqual(["MALFORMED_BODY", "NOT_FOUND", "CARD_REVOKED", "CHAIN_UNREACHABLE", "INTERNAL"]);
  });
});

describe("a request that does not have its form", () => {
  const schema = z.strictObject({ amount: z.string(), list: z.array(z.int()).optional() });

  it("is refused with every fault and its place", async () => {
    const pipe = createValidationPipe((detail) => new Problem(table.kind("MALFORMED_BODY"), detail));
    const check = (value: unknown): Promise<unknown> =>
      Promise.resolve(pipe.transform(value, { type: "body", schema } as never));
    expect(await check({ amount: "1" })).toEqual({ amount: "1" });
    const refused = await check({ amount: 1, list: [1, "x"] }).catch((thrown: unknown) => thrown);
    expect(refused).toMatchObject({ code: "MALFORMED_BODY", status: 400 });
    expect((refused as Problem).message).toMatch(/^amount: .*; list\.1: .*\.$/);
  });

  it("says which members are at fault, each once", async () => {
    const pipe = createValidationPipe((_detail, members) => Object.assign(new Error(), { members }));
    const check = (value: unknown): Promise<unknown> =>
      Promise.resolve(pipe.transform(value, { type: "body", schema } as never));
    await expect(check({ amount: 1, list: ["x", "y"] })).rejects.toMatchObject({ members: ["amount", "list"] });
    await expect(check(7)).rejects.toMatchObject({ members: ["body"] });
  });

  it("is described in one line, however many faults it has", () => {
    expect(issueDetail([{ message: "is no object" }])).toBe("body: is no object.");
    expect(issueDetail([{ message: "m", path: [{ key: "a" }, 0, "b"] }])).toBe("a.0.b: m.");
    const missing = { message: "Invalid input: expected string, received undefined", path: ["reason"] };
    expect(issueDetail([missing])).toBe("reason: is missing.");
    const many = Array.from({ length: 10 }, () => ({ message: "m", path: ["a"] }));
    expect(issueDetail(many)).toBe(`${Array.from({ length: 8 }, () => "a: m").join("; ")}; and 2 more.`);
  });
});
