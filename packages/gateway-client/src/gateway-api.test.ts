import { readFileSync, writeFileSync } from "node:fs";
import { expect, it } from "@jest/globals";
import openapiTS, { astToString } from "openapi-typescript";

const document = new URL("../../../docs/reference/openapi/gateway.json", import.meta.url);
const written = new URL("./generated/gateway-api.ts", import.meta.url);
const HEAD =
  "// Written from docs/reference/openapi/gateway.json by `pnpm --filter @tallystick/gateway-client generate`.\n";

it("has the types of the committed OpenAPI document", async () => {
  const types = HEAD + astToString(await openapiTS(document, { exportType: false }));
  if (process.env["REWRITE_REFERENCE"] === "1") writeFileSync(written, types);
  expect(readFileSync(written, "utf8")).toBe(types);
});
