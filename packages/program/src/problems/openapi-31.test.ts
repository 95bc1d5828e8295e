import { describe, expect, it } from "@jest/globals";
import { asOpenApi31 } from "./openapi-31.ts";

/** One schema in a document, converted. */
function converted(schema: object): unknown {
  const document = asOpenApi31({ openapi: "3.0.0", components: { schemas: { A: schema } } });
  return document.components.schemas.A;
}

describe("a document in OpenAPI 3.1", () => {
  it("says so, and keeps what is the same in both", () => {
    const paths = { "/a": { get: { parameters: [], responses: { 200: { description: "x" } } } } };
    expect(asOpenApi31({ openapi: "3.0.0", paths })).toEqual({ openapi: "3.1.0", paths });
  });

  it.each<[string, object, object]>([
    ["a type", { type: "string", nullable: true, pattern: "a" }, { type: ["string", "null"], pattern: "a" }],
    [
      "an enumeration",
      { type: "string", enum: ["a"], nullable: true },
      { type: ["string", "null"], enum: ["a", null] },
    ],
    [
      "a reference",
      { allOf: [{ $ref: "#/x" }], nullable: true, description: "y" },
      { anyOf: [{ allOf: [{ $ref: "#/x" }] }, { type: "null" }], description: "y" },
    ],
    ["nothing", { type: "string", nullable: false }, { type: "string" }],
    [
      "a part",
      { type: "object", properties: { a: { type: "integer", nullable: true } } },
      { type: "object", properties: { a: { type: ["integer", "null"] } } },
    ],
    [
      "a property of that name",
      { type: "object", properties: { nullable: { type: "boolean" } } },
      { type: "object", properties: { nullable: { type: "boolean" } } },
    ],
  ])("has null as a type beside %s", (_, schema, expected) => {
    expect(converted(schema)).toEqual(expected);
  });

  it("has exclusive bounds as numbers", () => {
    expect(converted({ type: "number", minimum: 0, exclusiveMinimum: true, maximum: 9 })).toEqual({
      ...{ type: "number", exclusiveMinimum: 0, maximum: 9 },
    });
    expect(converted({ type: "number", maximum: 9, exclusiveMaximum: false })).toEqual({ type: "number", maximum: 9 });
  });
});
