import { describe, expect, it } from "@jest/globals";
import { VaultError, type VaultErrorCode, type VaultErrorContexts } from "./errors.ts";

const contexts: { readonly [C in VaultErrorCode]: VaultErrorContexts[C] } = {
  MALFORMED_PAYLOAD: { fault: "cut in a voucher", at: 4_711 },
  OUT_OF_RANGE: { field: "amount", expected: "from 1 on", actual: "0" },
  TOO_MANY: { what: "payees", maximum: 65_535, actual: 65_536 },
  UNKNOWN_EVENT: { topic: "0x51" },
  PAYLOAD_MISSING: { transactionHash: "0x52", payloadHash: "0x53" },
  FINAL_BLOCK_GONE: { block: 77n, hash: "0x54" },
  BLOCK_UNKNOWN: { block: 78n },
  CHAIN_UNSTEADY: { attempts: 5 },
};

describe("a vault error", () => {
  it.each(Object.entries(contexts))("%s states each fact of its context", (code, context) => {
    const error = new VaultError(code as VaultErrorCode, context as never);
    expect(error).toMatchObject({ name: "VaultError", code, context });
    for (const fact of Object.values(context)) expect(error.message).toContain(String(fact));
  });
});
