import { describe, expect, it } from "@jest/globals";
import { readFileSync } from "node:fs";
import * as protocol from "./index.ts";
import { answerOf, domain, makeCard, requestFor, testSigner } from "./testing/fixture.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const example = /```ts\nimport \{ (.*) \} from "@tallystick\/protocol";\n([\s\S]*?)```/.exec(readme);
const names = example?.[1]?.split(", ") ?? [];

/**
 * Runs the README's example as it stands, with the names it imports and the values it takes as
 * given.
 */
function runExample(text: string, pinnedIssuerKey: string): string {
  const logged: unknown[][] = [];
  const values = names.map((name) => Object.entries(protocol).find(([exported]) => exported === name)?.[1]);
  const run = new Function(...names, "domain", "pinnedIssuerKey", "text", "console", example?.[2] ?? "");
  run(...values, domain, pinnedIssuerKey, text, { log: (...texts: unknown[]) => logged.push(texts) });
  return logged.map((texts) => texts.join(" ")).join("\n");
}

async function bundleText(body: Partial<protocol.AllowanceBody> = {}): Promise<string> {
  const card = await makeCard({ body });
  const request = requestFor(card.select);
  const verdict = protocol.checkVoucher({
    domain,
    select: card.select,
    request,
    answer: await answerOf(card, request),
    observations: [],
    pinVerified: false,
  });
  if (verdict.voucher === null) throw new Error("the fixture's card should sign");
  return protocol.toHex(protocol.encodeVoucherBundle(verdict.voucher.bundle));
}

describe("the README's example", () => {
  const issuer = protocol.toHex(testSigner("issuer").publicKey);

  it("has ten lines and imports only what there is", () => {
    expect(names.filter((name) => !Object.keys(protocol).includes(name))).toEqual([]);
    expect(
      (example?.[2] ?? "")
        .trim()
        .split("\n")
        .filter((line) => line.trim() !== "").length,
    ).toBeLessThanOrEqual(10);
  });

  it("accepts a good voucher, names an excess, and gives nothing for another issuer's", async () => {
    expect(runExample(await bundleText(), issuer)).toMatch(
      /^0x[0-9a-fA-F]{40} paid 2500000 units to 0x[0-9a-fA-F]{40}$/,
    );
    expect(runExample(await bundleText({ maxSpent: 1n }), issuer)).toBe(
      "OVER_MAX_SPENT signed by the card, but outside its allowance",
    );
    const otherIssuer = protocol.toHex(testSigner("otherIssuer").publicKey);
    expect(runExample(await bundleText(), otherIssuer)).toBe("ALLOWANCE_SIGNATURE_WRONG worth nothing");
  });
});
