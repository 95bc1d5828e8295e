import { expect, it } from "@jest/globals";
import * as program from "./index.ts";
import * as service from "./service.ts";
import * as testing from "./testing/index.ts";

it("exports exactly these names", () => {
  expect(Object.keys(program).sort()).toMatchSnapshot();
});

it("exports exactly these names to services", () => {
  expect(Object.keys(service).sort()).toMatchSnapshot();
});

it("exports exactly these names to tests", () => {
  expect(Object.keys(testing).sort()).toMatchSnapshot();
});
