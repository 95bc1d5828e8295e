import { describe, expect, it } from "@jest/globals";
import { ProblemTable } from "./problem.ts";
import { describeProblems, PROBLEMS_EXTENSION } from "./describe-problems.ts";

const table = new ProblemTable({
  MALFORMED: [400, "Malformed."],
  UNAUTHENTICATED: [401, "No token."],
  NOT_FOUND: [404, "Not found."],
  CARD_UNKNOWN: [404, "No such card."],
  INTERNAL: [500, "Failed."],
});
const options = {
  table,
  ...{ always: ["INTERNAL"], withBody: ["MALFORMED"], withToken: ["UNAUTHENTICATED"] },
} as const;

const described = (operation: object, paths = ["/a"]) =>
  describeProblems({ paths: Object.fromEntries(paths.map((path) => [path, { get: operation }])) }, options);

/** The codes of each status of the only call. */
function codesOf(operation: object): object {
  const { "/a": item = {} } = described(operation).paths;
  const { get } = item as { readonly get: { readonly responses: object } };
  return Object.fromEntries(
    Object.entries(get.responses).map(([status, answer]) => {
      const [, { properties }] = answer.content["application/problem+json"].schema.allOf;
      return [status, properties.code.enum];
    }),
  );
}

describe("the problems of a call in an OpenAPI document", () => {
  it("are one answer for each status, with its codes in the table's order", () => {
    expect(codesOf({ [PROBLEMS_EXTENSION]: ["CARD_UNKNOWN", "NOT_FOUND"] })).toEqual({
      404: ["NOT_FOUND", "CARD_UNKNOWN"],
      500: ["INTERNAL"],
    });
  });

  it("are those of a body and of a token as well, where the call has them", () => {
    const body = { [PROBLEMS_EXTENSION]: [], requestBody: {}, security: [{ bearer: [] }] };
    expect(codesOf(body)).toEqual({ 400: ["MALFORMED"], 401: ["UNAUTHENTICATED"], 500: ["INTERNAL"] });
  });

  it("are those of a member of the body, where the call has it", () => {
    const own = { ...options, withMember: { reason: ["CARD_UNKNOWN"] } } as const;
    const call = (properties: object) => ({
      post: {
        [PROBLEMS_EXTENSION]: [],
        requestBody: { content: { "application/json": { schema: { properties } } } },
      },
    });
    const { paths } = describeProblems({ paths: { "/a": call({ reason: {} }), "/b": call({ amount: {} }) } }, own);
    const statuses = Object.values(paths).map((item) => Object.keys((item as never)["post"]["responses"]));
    expect(statuses).toEqual([
      ["400", "404", "500"],
      ["400", "500"],
    ]);
  });

  it("stand beside the answer of success, and the list of codes is gone", () => {
    expect(described({ [PROBLEMS_EXTENSION]: [], responses: { 200: { description: "x" } } })).toEqual({
      paths: { "/a": { get: { responses: { 200: { description: "x" }, 500: expect.anything() } } } },
      components: { schemas: { Problem: expect.objectContaining({ type: "object" }) } },
    });
  });

  it("need a list at every call, also an empty one", () => {
    expect(() => described({ responses: {} })).toThrow(RangeError);
  });

  it("leave the paths in alphabetical order", () => {
    const { paths } = described({ [PROBLEMS_EXTENSION]: [] }, ["/b", "/a", "/c"]);
    expect(Object.keys(paths)).toEqual(["/a", "/b", "/c"]);
  });
});
