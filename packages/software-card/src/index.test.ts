import { expect, it } from "@jest/globals";
import * as softwareCard from "./index.ts";

it("the package exports these names and no others", () => {
  expect(Object.keys(softwareCard).sort()).toEqual(["CARD_IMAGE_BYTES", "openSoftwareCard"]);
});
