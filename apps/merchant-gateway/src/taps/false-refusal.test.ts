import { afterEach, describe, expect, it } from "@jest/globals";
import { decodeUploadBody, uploadEntryKinds } from "@tallystick/protocol";
import { READ_BACKS_PER_TAP } from "../limits.ts";
import type { TestCard } from "../../test/harness/test-card.ts";
import { Uploader } from "../sync/uploader.ts";
import { allowanceBody, terminalSigner, type TestTerminal } from "../../test/harness/test-terminal.ts";
import { PRICE, TerminalSuite } from "../../test/harness/terminal-suite.ts";

const suite = new TerminalSuite();
const PAY = 0x10;
/** Above the card's own cap for one payment. */
const TOO_DEAR = allowanceBody.perTap + 1n;

afterEach(() => {
  suite.removeAll();
});

/** Somebody between terminal and card puts a refusal in place of what PAY answers. */
function forge(card: TestCard, sw = 0x9e06): void {
  card.lies = { raw: (ins, response) => (ins === PAY ? Uint8Array.of(sw >> 8, sw & 0xff) : response) };
}

function stateOf(terminal: TestTerminal, tapId: string) {
  const { journal } = terminal.gateway;
  const { state, readBack } = journal.taps.byId(tapId) ?? {};
  return { state, readBack, reversed: journal.reversals.has(tapId), voucher: journal.vouchers.ofTap(tapId) };
}

/** Kinds of the entries of the next upload. */
async function packed(terminal: TestTerminal): Promise<readonly number[]> {
  const [served] = terminal.config.domains;
  if (served === undefined) throw new Error("the terminal serves no domain");
  const uploader = new Uploader(terminal.gateway.journal, terminal.config, terminalSigner);
  const upload = await uploader.next(served, terminal.now);
  return upload === null ? [] : decodeUploadBody(upload.body).entries.map(({ kind }) => kind);
}

describe("a refusal that somebody put in place of PAY's answer", () => {
  it("is a refusal to the merchant, and the payment is found, reversed and sent when the card comes back", async () => {
    const { terminal, card } = await suite.withCard();
    forge(card);
    const refused = await terminal.tap(PRICE, { saleId: "s-1" });
    expect(refused).toMatchObject({
      ...{ outcome: "refused", code: "CARD_SPENDING_CAP", sw: "9E06", apdus: 2 },
      ...{ saleOpen: false, voucherId: null },
    });
    expect(card.spent).toBe(PRICE);
    expect(stateOf(terminal, refused.id)).toMatchObject({
      state: "reversed",
      readBack: false,
      reversed: true,
      voucher: null,
    });

    card.lies = {};
    terminal.restart();
    expect(await terminal.tap(1n)).toMatchObject({ outcome: "accepted", counter: 2, spentAfter: PRICE + 1n });
    expect(stateOf(terminal, refused.id)).toMatchObject({
      ...{ state: "reversed", readBack: true },
      voucher: { reversed: true, amount: PRICE, counter: 1 },
    });
    const { voucher, reversal } = uploadEntryKinds;
    expect(await packed(terminal)).toEqual([voucher, voucher, reversal]);
    // What the merchant counts as sold is the second payment alone.
    const { domainBytes } = terminal.config.domains[0] ?? { domainBytes: new Uint8Array(28) };
    expect(terminal.gateway.journal.vouchers.unsent(domainBytes)).toMatchObject({ count: 1, sum: 1n });
    expect((await terminal.tap(1n)).apdus).toBe(2);
  });

  it("and whose PAY reaches the card later is found as well", async () => {
    const { terminal, card } = await suite.withCard();
    card.refuse = 0x9e06;
    const refused = await terminal.tap(PRICE);
    card.refuse = null;
    const request = card.requests[0];
    if (request === undefined) throw new Error("the card was not asked");
    await card.transmit(Uint8Array.of(0x80, PAY, 0, 0, request.length, ...request, 0));
    expect(card.spent).toBe(PRICE);
    expect(await terminal.tap(1n)).toMatchObject({ outcome: "accepted", counter: 2 });
    expect(stateOf(terminal, refused.id).voucher).toMatchObject({ reversed: true, amount: PRICE });
  });

  it("is never the answer to a later request of the same sale", async () => {
    const { terminal, card } = await suite.withCard();
    forge(card, 0x6a80);
    await terminal.tap(PRICE, { saleId: "s-1" });
    card.lies = {};
    expect(await terminal.tap(PRICE, { saleId: "s-1" })).toMatchObject({ outcome: "accepted", counter: 2 });
  });
});

describe("an honest refusal", () => {
  it("costs no command once the card has paid with that number here", async () => {
    const { terminal, card } = await suite.withCard();
    const refusals: string[] = [];
    for (const sw of [0x9e07, 0x9e04, 0x9e06]) {
      card.refuse = sw;
      refusals.push((await terminal.tap(PRICE)).id);
    }
    card.refuse = null;
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "accepted", counter: 1, apdus: 2, resolved: [] });
    for (const id of refusals)
      expect(stateOf(terminal, id)).toMatchObject({ state: "reversed", readBack: true, voucher: null });
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "accepted", counter: 2, apdus: 2 });
    expect(card.received.filter((ins) => ins === PAY)).toHaveLength(5);
  });

  it("costs one command, once, where the card has paid elsewhere since", async () => {
    const { terminal, card } = await suite.withCard();
    const refused = await terminal.tap(TOO_DEAR);
    const other = await suite.terminal();
    other.reader.card = card;
    await other.tap(PRICE);
    const asked = card.requests.length;
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "accepted", counter: 2 });
    expect(card.requests.length).toBe(asked + 2);
    expect(stateOf(terminal, refused.id)).toMatchObject({ readBack: true, voucher: null });
    await terminal.tap(PRICE);
    expect(card.requests.length).toBe(asked + 3);
  });

  it("is not asked about where the card never reached its number", async () => {
    const { terminal, card } = await suite.withCard();
    await terminal.tap(TOO_DEAR);
    await terminal.tap(TOO_DEAR);
    expect(card.requests).toHaveLength(2);
  });
});

describe("many refusals of one number", () => {
  it("are asked about four in one tap, and the rest in the next", async () => {
    const { terminal, card } = await suite.withCard();
    const refusals: string[] = [];
    for (let count = 0; count < READ_BACKS_PER_TAP + 2; count += 1) refusals.push((await terminal.tap(TOO_DEAR)).id);
    const other = await suite.terminal();
    other.reader.card = card;
    await other.tap(1n);
    const before = card.requests.length;
    expect(await terminal.tap(TOO_DEAR)).toMatchObject({ outcome: "refused", code: "CARD_PER_TAP" });
    expect(card.requests.length).toBe(before + READ_BACKS_PER_TAP + 1);
    expect(refusals.map((id) => stateOf(terminal, id).readBack)).toEqual([true, true, true, true, false, false]);
    expect(await terminal.tap(1n)).toMatchObject({ outcome: "accepted", counter: 2 });
    expect(card.requests.length).toBe(before + READ_BACKS_PER_TAP + 4);
    expect(refusals.every((id) => stateOf(terminal, id).readBack)).toBe(true);
    await terminal.tap(1n);
    expect(card.requests.length).toBe(before + READ_BACKS_PER_TAP + 5);
  });
});
