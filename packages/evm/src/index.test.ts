import { expect, it } from "@jest/globals";
import * as ethersSide from "./ethers/index.ts";
import * as evm from "./index.ts";
import * as testing from "./testing/index.ts";

it("exports exactly these names", () => {
  expect(Object.keys(evm).sort()).toMatchSnapshot();
});

it("exports exactly these names where ethers is", () => {
  expect(Object.keys(ethersSide).sort()).toMatchSnapshot();
});

it("exports exactly these names for tests", () => {
  expect(Object.keys(testing).sort()).toMatchSnapshot();
});
