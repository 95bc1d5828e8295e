import { readFileSync } from "node:fs";
import { beforeEach, describe, expect, it } from "@jest/globals";
import { bytesFromHex, bytesToHex, concatBytes, encodeCommand, formatStatusWord } from "@tallystick/apdu";
import { createSigner, digestOf, encodePinBlock, normalizeCardSignature, uncompressKey } from "@tallystick/protocol";
import { selectInstanceCommand, selectShortCommand } from "@tallystick/card";
import { openSoftwareCard, type SoftwareCard } from "../src/index.ts";
import { MemoryStore } from "../src/testing/issued-card.ts";

// The software card with the vectors' card key: the vectors' requests go in, the vectors' bytes
// come out. CardVectorTest does the same with the applet, so that a changed rule of the card fails
// in both languages.

interface Valid {
  readonly name: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly hex: string;
}
interface Invalid {
  readonly name: string;
  readonly hex: string;
  readonly code: string;
}

function vectors(name: string): { readonly valid: readonly Valid[]; readonly invalid: readonly Invalid[] } {
  const path = new URL(`../../../vectors/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(path, "utf8")) as ReturnType<typeof vectors>;
}

const plain = (text: unknown) => bytesFromHex(String(text).replace(/^0x/, "").toUpperCase());
const bytesAt = (name: string, index: number) => plain(vectors(name).valid[index]?.hex);
const fieldAt = (name: string, index: number, field: string) => vectors(name).valid[index]?.fields[field];

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
/** The vectors' test keys: SHA-256 of a public name, modulo n − 1, plus 1. */
function testSecret(name: string): Uint8Array {
  const hash = BigInt(`0x${bytesToHex(digestOf(new TextEncoder().encode(`tallystick test key: ${name}`)))}`);
  return bytesFromHex(((hash % (ORDER - 1n)) + 1n).toString(16).toUpperCase().padStart(64, "0"));
}

const REQUESTS = [0, 1, 2].map((index) => bytesAt("card-record", index).slice(0, 67));
const PAYMENTS = REQUESTS.length;
const DONE = "9000";
const cardKey = plain(fieldAt("select-answer", 0, "cardKey"));

/** What the card draws next: its key, later a key of a PIN session. */
let drawn: Uint8Array;
let card: SoftwareCard;

interface Answer {
  readonly sw: string;
  readonly data: Uint8Array;
}

function parse(response: Uint8Array): Answer {
  const sw = (response.at(-2) ?? 0) * 256 + (response.at(-1) ?? 0);
  return { sw: formatStatusWord(sw), data: response.slice(0, -2) };
}

/** Sends a command by its header and data; without data there is no Lc. */
async function ask(header: string, data: Uint8Array, channel = card.transmit): Promise<Answer> {
  const body = data.length === 0 ? data : concatBytes(Uint8Array.of(data.length), data);
  return parse(await channel(concatBytes(bytesFromHex(header), body)));
}

async function store(tag: string, value: Uint8Array): Promise<void> {
  const group = concatBytes(bytesFromHex(tag), Uint8Array.of(value.length), value);
  expect(await ask("80E28800", group, card.personalize)).toMatchObject({ sw: DONE });
}

async function shortSelectAnswer(): Promise<Uint8Array> {
  return parse(await card.transmit(encodeCommand(selectShortCommand()))).data;
}

async function selectAnswer(): Promise<Uint8Array> {
  return parse(await card.transmit(encodeCommand(selectInstanceCommand()))).data;
}

async function allow(): Promise<void> {
  const signed = concatBytes(
    bytesAt("allowance", 0).slice(52),
    plain(fieldAt("select-answer", 0, "allowanceSignature")),
  );
  expect(await ask("80140000", signed, card.personalize)).toMatchObject({ sw: DONE });
}

/** Whether DER is the card's signature over SHA-256 of a message; throws where it is not. */
function assertSigned(der: Uint8Array, message: Uint8Array): void {
  expect(() => normalizeCardSignature(der, digestOf(message), cardKey)).not.toThrow();
}

beforeEach(async () => {
  drawn = testSecret("card 1");
  card = await openSoftwareCard({ store: new MemoryStore(), random: (length) => drawn.slice(0, length) });
  await selectAnswer();
  const opening = bytesAt("opening", 0);
  await store("7F02", opening.slice(4, 32));
  expect((await ask("80460000", new Uint8Array(), card.personalize)).data.slice(1, 33)).toEqual(cardKey.slice(1));
  await store("7F03", concatBytes(Uint8Array.of(1), uncompressKey(createSigner(testSecret("issuer")).publicKey)));
  await store("7F04", plain(fieldAt("allowance", 0, "card")));
  await store("7F05", opening.slice(32));
});

describe("the software card with the vectors' key", () => {
  it("signs the vectors' opening", async () => {
    const { data } = await ask("801E0000", new Uint8Array(), card.personalize);
    assertSigned(data, bytesAt("opening", 0));
  });

  it("pays the vectors' history, byte by byte but for the signatures, and repeats each payment without a debit", async () => {
    await allow();
    expect(await shortSelectAnswer()).toEqual(bytesAt("short-select-answer", 1));
    expect(await selectAnswer()).toEqual(bytesAt("select-answer", 1));
    const given: Uint8Array[] = [];
    for (const [index, request] of REQUESTS.entries()) {
      const { sw, data } = await ask("80100000", request);
      expect(sw).toBe(DONE);
      expect(data.slice(0, 48)).toEqual(bytesAt("pay-answer", index).slice(0, 48));
      given.push(data);
      assertSigned(data.slice(48), bytesAt("voucher-message", index));
    }
    expect(await selectAnswer()).toEqual(bytesAt("select-answer", 0));
    for (const [index, request] of REQUESTS.entries())
      expect(await ask("80100000", request)).toEqual({ sw: DONE, data: given[index] });
    expect(await shortSelectAnswer()).toEqual(bytesAt("short-select-answer", 0));
    for (const [index, request] of REQUESTS.entries()) {
      const { sw, data } = await ask("80100001", request);
      expect(sw).toBe(DONE);
      expect(data.slice(0, 2)).toEqual(bytesAt("short-pay-answer", index).slice(0, 2));
      expect(data.slice(2)).toEqual(given[index]?.slice(48));
    }
    expect(await selectAnswer()).toEqual(bytesAt("select-answer", 0));
  });

  it("shows the vectors' records and proves the vectors' state", async () => {
    await allow();
    for (const request of REQUESTS) await ask("80100000", request);
    for (let index = 0; index < PAYMENTS; index += 1) {
      const header = `8016${formatStatusWord(PAYMENTS - 1 - index).slice(2)}00`;
      const { data } = await ask(header, new Uint8Array(), card.personalize);
      expect(data.slice(0, 143)).toEqual(bytesAt("card-record", index));
      assertSigned(data.slice(143), bytesAt("voucher-message", index));
    }
    const proof = bytesAt("state-proof", 0);
    const { data } = await ask("80120000", plain(fieldAt("state-proof", 0, "challenge")));
    expect(data.slice(0, 47)).toEqual(proof.slice(48));
    assertSigned(data.slice(47), proof);
  });

  it.each(vectors("pin-command").valid)("understands the vectors' PIN command: $name", async ({ fields, hex }) => {
    await allow();
    const digits = (text: string) => Uint8Array.from(text, Number);
    const [first, unblocks] = [String(fields["first"]), fields["instruction"] === 0x2c];
    const blocks = concatBytes(
      encodePinBlock(digits(unblocks ? "9999" : first)),
      encodePinBlock(digits(unblocks ? first : "87654321")),
    );
    await store("7F06", card.encryptSensitive(blocks));
    const verifies = fields["instruction"] === 0x20;
    if (verifies) expect(await ask("80100000", bytesAt("pay-request", 0))).toMatchObject({ sw: DONE });
    const session = fields["session"] as { readonly challenge: string; readonly ephemeralKey: string };
    drawn = plain(fields["cardSecret"]);
    const opened = await ask("801A0000", plain(session.challenge));
    expect(opened.data.slice(0, 65)).toEqual(plain(session.ephemeralKey));
    const instruction = Number(fields["instruction"]).toString(16).toUpperCase();
    expect(await ask(`80${instruction}0000`, plain(hex))).toMatchObject({ sw: DONE });
    if (!verifies) return;
    // The vectors' PIN is for their second payment: it says so, and the sums without PIN begin
    // anew.
    const { data } = await ask("80100000", bytesAt("pay-request", 1));
    expect(data[14]).toBe(1);
    expect((await selectAnswer()).slice(195, 202)).toEqual(new Uint8Array(7));
  });

  it.each(vectors("pay-request").invalid)("refuses a PAY by its fault: $name", async ({ name, hex, code }) => {
    await allow();
    const statusWords: Readonly<Record<string, string>> = {
      "counter zero": "9E08",
      "amount zero": "6A80",
      "category 64": "9E03",
      WRONG_LENGTH: "6700",
      SURPLUS_BYTES: "6700",
      ZERO_PAYEE: "6A80",
    };
    expect(await ask("80100000", plain(hex))).toMatchObject({ sw: statusWords[name] ?? statusWords[code] });
  });
});

describe("the short forms", () => {
  it("show the 16 bytes of the long SELECT before the first allowance, and refuse PAY alike", async () => {
    expect(await shortSelectAnswer()).toEqual(bytesAt("select-answer", 4));
    expect(await ask("80100001", REQUESTS[0] ?? new Uint8Array())).toMatchObject({ sw: "9E01" });
  });

  it("pay as well, and the long form repeats the payment without a debit", async () => {
    await allow();
    const [first = new Uint8Array(), second = new Uint8Array()] = REQUESTS;
    const paid = await ask("80100001", first);
    assertSigned(paid.data.slice(2), bytesAt("voucher-message", 0));
    const full = await ask("80100000", first);
    expect(full.data.slice(0, 48)).toEqual(bytesAt("pay-answer", 0).slice(0, 48));
    expect(full.data.slice(48)).toEqual(paid.data.slice(2));
    expect((await ask("80100001", second)).sw).toBe(DONE);
    expect((await shortSelectAnswer()).slice(18, 28)).toEqual(bytesAt("pay-answer", 1).slice(0, 10));
  });

  it.each(["02", "04", "80", "FF"])("are none with P2 %s of PAY: 6A86, before anything changes", async (p2) => {
    await allow();
    const before = await selectAnswer();
    for (const data of [REQUESTS[0] ?? new Uint8Array(), Uint8Array.of(1)])
      expect(await ask(`801000${p2}`, data)).toEqual({ sw: "6A86", data: new Uint8Array() });
    expect(await selectAnswer()).toEqual(before);
  });

  it.each([0x01, 0x0c, 0xff])("are none with P2 %i of SELECT: nothing is selected", async (p2) => {
    await allow();
    expect(parse(await card.transmit(encodeCommand({ ...selectInstanceCommand(), p2 })))).toMatchObject({ sw: "6A82" });
  });
});
