import { expect, it } from "@jest/globals";
import { fromHex, toHex } from "@tallystick/protocol";
import { AbiCoder, getCreate2Address, keccak256 } from "ethers";
import { DEPLOYMENT_PROXY, deploymentOf, vaultInitCode } from "./deployment.ts";

const salt = new Uint8Array(32).fill(0x7a);

it("finds the address that CREATE2 gives, as another library does", () => {
  const initCode = fromHex("0x6001");
  const { address, data } = deploymentOf(initCode, salt);
  const theirs = getCreate2Address(toHex(DEPLOYMENT_PROXY), toHex(salt), keccak256(initCode));
  expect(toHex(address)).toBe(theirs.toLowerCase());
  expect(toHex(data)).toBe(`${toHex(salt)}6001`);
  expect(() => deploymentOf(initCode, salt.slice(1))).toThrow(expect.objectContaining({ code: "OUT_OF_RANGE" }));
});

it("puts the constructor's arguments behind the code as the compiler's interface does", () => {
  const token = new Uint8Array(20).fill(0x0b);
  const encoded = AbiCoder.defaultAbiCoder().encode(["address", "uint256"], [toHex(token), 10_000n]);
  expect(toHex(vaultInitCode(fromHex("0x60"), { token, scale: 10_000n }))).toBe(`0x60${encoded.slice(2)}`);
});
