import { expect, it } from "@jest/globals";
import * as client from "./index.ts";

it("exports exactly these names", () => {
  expect(Object.keys(client).sort()).toMatchSnapshot();
});
