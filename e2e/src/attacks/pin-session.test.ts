import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { pinSessionCommand } from "@tallystick/card";
import { encodeCommand } from "@tallystick/apdu";
import {
  createSigner,
  digestOf,
  decodeSignature,
  encodeDerSignature,
  encodePinBlock,
  encodePinSession,
  toAddress,
  uncompressKey,
} from "@tallystick/protocol";
import { domain, draw } from "./harness/issuer.ts";
import { ATTACK_TIMEOUT_MS } from "./harness/limits.ts";
import {
  instructionOf,
  type Meddling,
  statusWord,
  statusWordOf,
  withByteFlipped,
  withBytes,
} from "./harness/man-in-the-middle.ts";
import { PIN, showOf } from "./harness/real-card.ts";
import { openAttackHarness, type AttackHarness, socketReader } from "./harness/attack-harness.ts";
import { fieldNamed, requestFields } from "./harness/wire-fields.ts";

jest.setTimeout(ATTACK_TIMEOUT_MS);

// A man in the middle of the PIN session (spec §4.9), between the gateway's program and the applet.

const PAY = 0x10;
const PIN_SESSION = 0x1a;
const VERIFY_PIN = 0x20;
/** Above pinAbove: it needs the PIN. */
const DEAR = "30.00";
const HEADER = 5;
/** VERIFY PIN: terminal key 65 ‖ request hash 32 ‖ cryptogram 16 ‖ MAC 8. */
const verifyParts = { terminalKey: 0, requestHash: 65, cryptogram: 97, mac: 113 } as const;

let harness: AttackHarness;

beforeAll(async () => {
  harness = await openAttackHarness({ reader: socketReader });
});

afterAll(async () => {
  await harness.close();
});

async function tapWith(meddling: Meddling, pin = PIN) {
  harness.middle.begin(meddling);
  const tap = await harness.terminal.tap(DEAR, { pin });
  harness.middle.meddling = {};
  return tap;
}

const onCommand = (instruction: number, change: (command: Uint8Array) => Uint8Array): Meddling => ({
  command: (command) => (instructionOf(command) === instruction ? change(command) : command),
});

const onResponse = (instruction: number, change: (response: Uint8Array) => Uint8Array | null): Meddling => ({
  response: (response, command) => (instructionOf(command) === instruction ? change(response) : response),
});

/** The next wrong PIN is the first one of three: nobody has used a try before. Then the right one gives it back. */
async function expectAllTriesLeft(): Promise<void> {
  expect(await tapWith({}, "0000")).toMatchObject({ code: "CARD_WRONG_PIN", sw: "63C2" });
  expect(await tapWith({})).toMatchObject({ outcome: "accepted", apdus: 4 });
}

async function expectNothingPaid(work: () => Promise<void>): Promise<void> {
  const before = await showOf(harness.card.channel);
  await work();
  const after = await showOf(harness.card.channel);
  expect([after.counter, after.spent]).toEqual([before.counter, before.spent]);
}

describe("a man in the middle of the PIN session can", () => {
  it("relay it unmodified, and reads no PIN: two sessions of one PIN have nothing in common", async () => {
    const block = Buffer.from(encodePinBlock(Uint8Array.from(PIN, Number)));
    const parts: string[] = [];
    for (let session = 0; session < 2; session += 1) {
      expect(await tapWith({})).toMatchObject({ outcome: "accepted", apdus: 4 });
      const heard = Buffer.concat(
        harness.middle.seen.flatMap(({ sent, answered }) => [sent, answered ?? new Uint8Array()]),
      );
      expect(heard.includes(block)).toBe(false);
      expect(heard.includes(Buffer.from(PIN, "latin1"))).toBe(false);
      const [opened] = harness.middle.of(PIN_SESSION);
      const verify = (harness.middle.of(VERIFY_PIN)[0]?.sent ?? new Uint8Array()).slice(HEADER);
      const { terminalKey, requestHash, cryptogram, mac } = verifyParts;
      parts.push(
        hex(opened?.answered?.slice(0, 65)),
        ...[verify.slice(terminalKey, requestHash), verify.slice(requestHash, cryptogram)].map(hex),
        ...[verify.slice(cryptogram, mac), verify.slice(mac)].map(hex),
      );
    }
    expect(new Set(parts).size).toBe(10);
  });

  it("see no payments of the card without its PIN, which shows them on the terminal, newest first", async () => {
    harness.middle.begin({});
    const { balances } = await harness.terminal.payments(PIN);
    const { counter } = await showOf(harness.card.channel);
    const [shown] = balances;
    expect(shown?.payments?.slice(0, 2)).toEqual([
      expect.objectContaining({ counter, amount: DEAR, here: true }),
      expect.objectContaining({ counter: counter - 1, amount: DEAR, here: true }),
    ]);
    expect(harness.middle.of(PAY)).toEqual([]);
    const wrong = await harness.terminal.payments("0000");
    expect(wrong.balances[0]).toMatchObject({ left: shown?.left, payments: null, paymentsCode: "CARD_WRONG_PIN" });
    expect((await harness.terminal.payments(PIN)).balances[0]).toMatchObject({ paymentsCode: null });
  });

  it.each<[string, Meddling, string]>([
    ["by refusing the session", onResponse(PIN_SESSION, () => statusWord(0x6985)), "CARD_REFUSED"],
    ["by cutting it off", onResponse(PIN_SESSION, () => null), "TORN"],
    ["by calling the PIN wrong", onResponse(VERIFY_PIN, () => statusWord(0x63c2)), "CARD_WRONG_PIN"],
    ["by calling it blocked", onResponse(VERIFY_PIN, () => statusWord(0x6983)), "CARD_PIN_BLOCKED"],
  ])("deny it %s: nothing is paid and no try is lost", async (_name, meddling, code) => {
    await expectNothingPaid(async () => {
      expect(await tapWith(meddling)).toMatchObject({ outcome: "refused", code, voucherId: null });
    });
    await expectAllTriesLeft();
  });
});

describe("a man in the middle of the PIN session cannot", () => {
  it("put a key of his own into it: the terminal sends no PIN to a key that the card did not sign", async () => {
    const his = createSigner(draw(32));
    const key = uncompressKey(his.publicKey);
    expect(await tapWith({})).toMatchObject({ outcome: "accepted" });
    const old = harness.middle.of(PIN_SESSION)[0]?.answered ?? new Uint8Array();
    let challenge: Uint8Array = new Uint8Array(16);
    const signedByHim = async (): Promise<Uint8Array> => {
      const signature = await his.sign(digestOf(encodePinSession({ domain, challenge, ephemeralKey: key })));
      return Uint8Array.of(...key, ...encodeDerSignature(decodeSignature(signature)), 0x90, 0x00);
    };
    const attempts: Meddling[] = [
      onResponse(PIN_SESSION, (response) => withBytes(response, 0, key)),
      {
        instead: async (command) => {
          if (instructionOf(command) !== PIN_SESSION) return undefined;
          challenge = command.slice(HEADER, HEADER + 16);
          return await signedByHim();
        },
      },
      // A genuine answer of an earlier session is of another challenge.
      onResponse(PIN_SESSION, () => old),
    ];
    for (const attempt of attempts) {
      await expectNothingPaid(async () => {
        expect(await tapWith(attempt)).toMatchObject({ outcome: "refused", code: "PIN_SESSION_UNTRUSTED" });
      });
      expect(harness.middle.of(VERIFY_PIN)).toHaveLength(0);
      expect(harness.middle.of(PAY)).toHaveLength(0);
    }
  });

  it.each<[string, (data: Uint8Array) => Uint8Array]>([
    ["payee", (data) => withBytes(data, fieldNamed(requestFields, "payee").offset, toAddress(draw(20)))],
    ["amount", (data) => withByteFlipped(data, fieldNamed(requestFields, "amount").offset + 5)],
    ["challenge", (data) => withByteFlipped(data, fieldNamed(requestFields, "challenge").offset)],
  ])("bind the PIN to a request with another %s: the card wants a PIN for that one", async (_name, change) => {
    await expectNothingPaid(async () => {
      const redirected = onCommand(PAY, (command) => withBytes(command, HEADER, change(command.slice(HEADER, -1))));
      expect(await tapWith(redirected)).toMatchObject({ outcome: "refused", code: "CARD_PIN_NEEDED", sw: "9E07" });
    });
  });

  it.each<[string, number, readonly string[]]>([
    ["terminal key", verifyParts.terminalKey + 1, ["6A80", "6982"]],
    ["request hash", verifyParts.requestHash, ["6982"]],
    ["cryptogram", verifyParts.cryptogram, ["6982"]],
    ["MAC", verifyParts.mac, ["6982"]],
  ])("change the %s of VERIFY PIN without being noticed, nor use up a try by it", async (_name, at, expected) => {
    await expectNothingPaid(async () => {
      const tap = await tapWith(onCommand(VERIFY_PIN, (command) => withByteFlipped(command, HEADER + at)));
      expect(tap).toMatchObject({ outcome: "refused", code: "CARD_REFUSED" });
      expect(expected).toContain(tap.sw);
    });
    await expectAllTriesLeft();
  });

  it("replay it: neither in the same session, nor in a new one, nor by another tap", async () => {
    expect(await tapWith({})).toMatchObject({ outcome: "accepted" });
    const verify = harness.middle.of(VERIFY_PIN)[0]?.sent ?? new Uint8Array();
    const paid = harness.middle.of(PAY)[0]?.sent ?? new Uint8Array();
    const { wire, channel } = harness.card;
    await expectNothingPaid(async () => {
      await showOf(channel);
      expect(statusWordOf(await wire.transmit(verify))).toBe(0x6985);
      expect(statusWordOf(await wire.transmit(encodeCommand(pinSessionCommand(draw(16)))))).toBe(0x9000);
      expect(statusWordOf(await wire.transmit(verify))).toBe(0x6982);
      const { counter } = fieldsOf(paid);
      const next = withBytes(paid, HEADER + fieldNamed(requestFields, "counter").offset, u32(counter + 1));
      expect(statusWordOf(await wire.transmit(next))).toBe(0x9e07);
      const swapped = await tapWith(onCommand(VERIFY_PIN, () => verify));
      expect(swapped).toMatchObject({ outcome: "refused", code: "CARD_REFUSED", sw: "6982" });
    });
    await expectAllTriesLeft();
  });
});

function hex(bytes: Uint8Array = new Uint8Array()): string {
  return Buffer.from(bytes).toString("hex");
}

function u32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

function fieldsOf(pay: Uint8Array): { readonly counter: number } {
  const at = HEADER + fieldNamed(requestFields, "counter").offset;
  return { counter: new DataView(pay.buffer, pay.byteOffset).getUint32(at) };
}
