import { expect, it } from "@jest/globals";
import * as card from "./index.ts";

it("the package exports these names and no others", () => {
  expect(Object.keys(card).sort()).toMatchSnapshot("@tallystick/card");
});
