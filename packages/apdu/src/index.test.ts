import { expect, it } from "@jest/globals";
import * as apdu from "./index.ts";
import * as pcsc from "./pcsc/index.ts";
import * as pcscd from "./pcsc/pcscd.ts";
import * as testing from "./testing/index.ts";
import * as vpcd from "./vpcd/index.ts";

it("the package exports these names and no others", () => {
  expect(Object.keys(apdu).sort()).toMatchSnapshot("@tallystick/apdu");
  expect(Object.keys(pcsc).sort()).toMatchSnapshot("@tallystick/apdu/pcsc");
  expect(Object.keys(pcscd).sort()).toMatchSnapshot("@tallystick/apdu/pcscd");
  expect(Object.keys(vpcd).sort()).toMatchSnapshot("@tallystick/apdu/vpcd");
  expect(Object.keys(testing).sort()).toMatchSnapshot("@tallystick/apdu/testing");
});
