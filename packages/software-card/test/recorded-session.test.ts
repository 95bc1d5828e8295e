import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { bytesToHex, kdf3 } from "@tallystick/apdu";
import { parseSession, replaySession } from "@tallystick/apdu/testing";
import {
  digestOf,
  encodeOpening,
  encodePinBlock,
  encodeStateProof,
  encodeVoucherMessage,
  normalizeCardSignature,
  rebuildVoucher,
  toAddress,
} from "@tallystick/protocol";
import { CHALLENGE, FACTORY_KEY, issueAndPay, MASTER_KEY } from "../src/testing/issue-and-pay.ts";
import { domain, PIN, PUK } from "../src/testing/issued-card.ts";

// A real session of the applet, recorded once: a changed byte of what `packages/card` sends to a
// card fails here, without a card, at the command where the recording no longer fits.

const text = readFileSync(new URL("./sessions/issue-and-pay.txt", import.meta.url), "utf8");
/** INITIALIZE UPDATE answers the card's diversification data first. */
const DIVERSIFICATION_BYTES = 10;

describe("the recorded way of a card from its factory keys to its first payment", () => {
  it("replays byte by byte, to the end", async () => {
    const replay = replaySession(parseSession(text));
    const { cardKey, opening, proof, request, paid, again, logged } = await issueAndPay(replay.channel);
    replay.assertFinished();
    const { message } = rebuildVoucher(domain, request, paid);
    const owner = toAddress(Uint8Array.from({ length: 20 }, (_unused, index) => 0x81 + index));
    const { signature, ...shown } = proof;
    for (const [der, signed] of [
      [opening, encodeOpening({ domain, owner })],
      [paid.signature, encodeVoucherMessage(message)],
      [signature, encodeStateProof({ ...shown, domain, challenge: CHALLENGE })],
    ] as const)
      expect(() => normalizeCardSignature(der, digestOf(signed), cardKey)).not.toThrow();
    expect(paid).toMatchObject({ counter: 1, spent: 50n, cvm: 0 });
    expect(again).toEqual(paid);
    expect(shown).toMatchObject({ counter: 1, spent: 50n, seq: 1, head: digestOf(encodeVoucherMessage(message)) });
    expect(logged).toMatchObject({ record: { request, spent: 50n }, signature: paid.signature });
  });

  it("does not replay where one byte of one answer is another", async () => {
    const lines = text.split("\n");
    // Answers inside the channel carry a response MAC, so not a digit of them may be another.
    const answers = lines.flatMap((_line, at) => (isSecured(lines, at) ? [at] : []));
    expect(answers.length).toBeGreaterThan(8);
    for (const at of answers) {
      const changed = lines.map((line, index) => (index === at ? flipped(line) : line)).join("\n");
      await expect(issueAndPay(replaySession(parseSession(changed)).channel)).rejects.toThrow();
    }
  });

  it("holds no secret: no key, no PIN, no PUK", () => {
    const [, update = ""] = text.split("\n").filter((line) => line.startsWith("< "));
    const diversification = Uint8Array.from(Buffer.from(update.slice(2, 2 + 2 * DIVERSIFICATION_BYTES), "hex"));
    const own = (["enc", "mac", "dek"] as const).map((purpose) => kdf3(MASTER_KEY, purpose, diversification));
    for (const secret of [FACTORY_KEY, MASTER_KEY, ...own, encodePinBlock(PIN), encodePinBlock(PUK)])
      expect(text).not.toContain(bytesToHex(secret));
  });
});

/** Whether a line is an answer with a response MAC: EXTERNAL AUTHENTICATE's alone has none. */
function isSecured(lines: readonly string[], at: number): boolean {
  const command = lines[at - 1] ?? "";
  return command.startsWith("> 84") && !command.startsWith("> 8482");
}

/** An answer with one digit changed. */
function flipped(line: string): string {
  const at = 12;
  return `${line.slice(0, at)}${line[at] === "0" ? "1" : "0"}${line.slice(at + 1)}`;
}
