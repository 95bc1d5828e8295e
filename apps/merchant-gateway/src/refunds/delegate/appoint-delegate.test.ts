import { describe, expect, it } from "@jest/globals";
import { createAsset } from "@tallystick/money";
import { addressOfKey, encodeDomain, toAddress, toHex } from "@tallystick/protocol";
import { setDelegateCall, setReserveCall } from "@tallystick/vault";
import { codeOf } from "../../../test/harness/codes.ts";
import { domain, payee, servedDomain, terminalSigner } from "../../../test/harness/test-terminal.ts";
import { appointDelegate, type DelegateLine } from "./appoint-delegate.ts";

const euros = { chainId: 5n, vault: toAddress(new Uint8Array(20).fill(0x52)) };
const delegate = addressOfKey(terminalSigner.publicKey);

async function linesOf(perDay: string, reserve: string | null): Promise<readonly DelegateLine[]> {
  const asset = createAsset({ code: "EURC", decimals: 6, scale: 1n });
  const euro = await servedDomain({ domain: euros, domainBytes: encodeDomain(euros), asset });
  const lines: DelegateLine[] = [];
  appointDelegate(
    { payee, domains: [await servedDomain(), euro] },
    { terminalKey: terminalSigner.publicKey, perDay, reserve },
    (line) => lines.push(line),
  );
  return lines;
}

describe("the calls by which a payee appoints this terminal", () => {
  const place = { schema: "tallystick.delegate/1", from: toHex(payee) };
  const dollar = { ...place, chainId: "31337", to: toHex(domain.vault), currency: "USDC" };
  const euro = { ...place, chainId: "5", to: toHex(euros.vault), currency: "EURC" };
  const appointed = { event: "delegate", delegate: toHex(delegate), amount: "200.00" };
  const data = toHex(setDelegateCall({ delegate, unitsPerDay: 200_000_000n }));
  const reserved = { event: "reserve", delegate: null, amount: "50.00", data: toHex(setReserveCall(50_000_000n)) };

  it("are one for each currency, and another for its reserve", async () => {
    expect(await linesOf("200", "50.00")).toEqual([
      { ...dollar, ...appointed, data },
      { ...dollar, ...reserved },
      { ...euro, ...appointed, data },
      { ...euro, ...reserved },
    ]);
  });

  it("leave a reserve as it is that nobody names, and set one of nothing", async () => {
    expect((await linesOf("0", null)).map(({ event, amount }) => [event, amount])).toEqual([
      ["delegate", "0.00"],
      ["delegate", "0.00"],
    ]);
    expect((await linesOf("1", "0")).map(({ event }) => event)).toEqual(["delegate", "reserve", "delegate", "reserve"]);
  });

  it("are not made of what is no amount", () => {
    const command = { terminalKey: terminalSigner.publicKey, perDay: "much", reserve: null };
    const asset = createAsset({ code: "USDC", decimals: 6, scale: 1n });
    const domains = [{ domain, asset }] as unknown as Parameters<typeof appointDelegate>[0]["domains"];
    expect(codeOf(() => appointDelegate({ payee, domains }, command, () => undefined))).toBe("MALFORMED_AMOUNT");
  });
});
