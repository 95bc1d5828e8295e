import { describe, expect, it } from "@jest/globals";
import { isRpcError, RpcError } from "./rpc-error.ts";

describe("an error of a node", () => {
  const refused = new RpcError("REFUSED", "txpool is full");

  it("is told from any other error, and by its code", () => {
    expect(isRpcError(refused)).toBe(true);
    expect(isRpcError(refused, "REFUSED")).toBe(true);
    expect(isRpcError(refused, "UNREACHABLE")).toBe(false);
    expect(isRpcError(new Error("REFUSED"))).toBe(false);
    expect(isRpcError({ code: "REFUSED" }, "REFUSED")).toBe(false);
    expect(isRpcError(null)).toBe(false);
  });

  it("has neither data nor a reason unless they are known", () => {
    expect(refused).toMatchObject({ name: "RpcError", code: "REFUSED", data: null, reason: null });
    expect(new RpcError("REVERTED", "reverted", "0x01", "NotPayee")).toMatchObject({
      data: "0x01",
      reason: "NotPayee",
    });
  });
});
