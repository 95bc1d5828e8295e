import { expect, it } from "@jest/globals";
import * as keystore from "./index.ts";
import * as testing from "./testing/index.ts";

it("exports exactly these names", () => {
  expect(Object.keys(keystore).sort()).toMatchSnapshot();
});

it("exports exactly these names for tests", () => {
  expect(Object.keys(testing).sort()).toMatchSnapshot();
});
