import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { isReasonCode } from "@tallystick/protocol";
import { makeWorkFolder, type WorkFolder } from "@tallystick/stack";
import { HostileCard } from "./hostile-card.ts";
import { allowanceBody } from "./harness/issuer.ts";
import type { Lie } from "./lie.ts";
import { ATTACK_TIMEOUT_MS } from "./harness/limits.ts";
import { liesInPay } from "./lies-in-pay.ts";
import { liesInSelect } from "./lies-in-select.ts";
import { openSettlementDouble, type SettlementDouble } from "./harness/settlement-double.ts";
import { openTerminal, type Tap, type Terminal } from "./harness/terminal.ts";
import { listenAsCard } from "./harness/wire.ts";
import { payFields, selectFields } from "./harness/wire-fields.ts";

jest.setTimeout(ATTACK_TIMEOUT_MS);

// A broken chip with a genuine allowance lies to the gateway's program, in each field in turn. The same rows are the tables of
// docs/reference/attacks.md.

const PRICE = "2.50";

let folder: WorkFolder;
let settlement: SettlementDouble;
let terminal: Terminal;
let card: HostileCard;
let socket: Awaited<ReturnType<typeof listenAsCard>>;
/** Keys of cards whose voucher must reach settlement as evidence. */
const convictedCards = new Set<string>();

beforeAll(async () => {
  folder = makeWorkFolder("attack-hostile");
  settlement = await openSettlementDouble();
  socket = await listenAsCard(() => card);
  const reader = { name: "socket", vpcd: { host: "127.0.0.1", port: socket.port } };
  terminal = await openTerminal({ name: "terminal", folder, reader, settlementUrl: settlement.url });
});

afterAll(async () => {
  await terminal.stop();
  await socket.close();
  await settlement.close();
  folder.remove();
});

/** A card that paid honestly once, or is met for the first time, and then tells its lie. */
async function hear(lie: Lie): Promise<Tap> {
  card = await HostileCard.issued({ ...allowanceBody, ...lie.body });
  if (lie.firstMeeting !== true) expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "accepted", counter: 1 });
  card.select = lie.select ?? {};
  card.pay = lie.pay ?? {};
  return await terminal.tap(PRICE);
}

async function expectOutcome(lie: Lie): Promise<void> {
  const tap = await hear(lie);
  if ("bearer" in lie.outcome) {
    expect(tap).toMatchObject({ outcome: "accepted", code: null });
    return;
  }
  expect(isReasonCode(lie.outcome.code)).toBe(true);
  expect({ code: tap.code, voucherId: tap.voucherId }).toEqual({ code: lie.outcome.code, voucherId: null });
  expect(tap.outcome).not.toBe("accepted");
  if (lie.evidence === true) convictedCards.add(Buffer.from(card.cardKey).toString("hex"));
}

const rows = (lies: readonly Lie[]): [string, string, Lie][] => lies.map((lie) => [lie.field, lie.says, lie]);

describe("a hostile card that lies in SELECT", () => {
  it.each(rows(liesInSelect))("about %s: %s", async (_field, _says, lie) => {
    await expectOutcome(lie);
  });
});

describe("a hostile card that lies in PAY", () => {
  it.each(rows(liesInPay))("about %s: %s", async (_field, _says, lie) => {
    await expectOutcome(lie);
  });
});

describe("the tables of lies", () => {
  it.each([
    ["SELECT", selectFields, liesInSelect, 236],
    ["PAY", payFields, liesInPay, 122],
  ] as const)("leave out no field of %s, and no byte", (_name, fields, lies, length) => {
    expect(fields.reduce((sum, field) => sum + field.length, 0)).toBe(length);
    const named = new Set(lies.map(({ field }) => field));
    expect([...named].sort()).toEqual(fields.map(({ name }) => name).sort());
    // Fields of the card's record that no terminal can check alone are the only ones without a code.
    const checked = new Set(lies.filter(({ outcome }) => "code" in outcome).map(({ field }) => field));
    expect([...named].filter((field) => !checked.has(field))).toEqual([]);
  });

  it("send every voucher that convicts a card to settlement, each with its reversal", async () => {
    await terminal.sync();
    const sent = new Set(settlement.vouchers.map(({ cardKey }) => Buffer.from(cardKey).toString("hex")));
    expect([...convictedCards].filter((key) => !sent.has(key))).toEqual([]);
    expect(convictedCards.size).toBe([...liesInSelect, ...liesInPay].filter(({ evidence }) => evidence).length);
    expect(settlement.reversed.length).toBeGreaterThanOrEqual(convictedCards.size);
  });
});
