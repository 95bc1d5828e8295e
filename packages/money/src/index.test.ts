import { expect, it } from "@jest/globals";
import * as money from "./index.ts";

it("exports exactly these names", () => {
  expect(Object.keys(money).sort()).toMatchSnapshot();
});
