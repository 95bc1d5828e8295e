import { afterEach, describe, expect, it } from "@jest/globals";
import { ReaderError } from "@tallystick/apdu";
import { decodeBeacon, encodeDomain, fromHex } from "@tallystick/protocol";
import { DAY, domain, signList, START, testSigner, type TestTerminal } from "../../test/harness/test-terminal.ts";
import { PRICE, TerminalSuite } from "../../test/harness/terminal-suite.ts";
import type { TestCard } from "../../test/harness/test-card.ts";

const suite = new TerminalSuite();
const BEACON = 0x1c;
const LATER = START + 8 * DAY;

afterEach(() => {
  suite.removeAll();
});

/** The 145 bytes of a head with its signature, as a card carries them. */
async function beaconOf(...options: Parameters<typeof signList>): Promise<Uint8Array> {
  const { head, signature } = await signList(...options);
  return Uint8Array.of(...head, ...signature);
}

/**
 * A terminal that has been without a network for eight days, and a card that lies on its reader.
 */
async function offline(): Promise<{ readonly terminal: TestTerminal; readonly card: TestCard }> {
  const both = await suite.withCard();
  both.terminal.now = LATER;
  return both;
}

function listOf(terminal: TestTerminal) {
  return terminal.gateway.lists.trusted(encodeDomain(domain));
}

function beaconsAsked(card: TestCard): number {
  return card.received.filter((ins) => ins === BEACON).length;
}

describe("a beacon", () => {
  it("goes from an online terminal over a card to an offline one, which can sell again", async () => {
    const { terminal: online, card } = await suite.withCard();
    online.now = LATER;
    // The same list, confirmed eight days later.
    await online.offerList({ seq: 9, issuedAt: LATER, asOf: LATER - 60 });
    expect(await online.tap(PRICE)).toMatchObject({ outcome: "accepted", apdus: 2 });
    await online.gateway.engine.rest();
    expect(decodeBeacon(card.beacon ?? fromHex("0x")).head).toMatchObject({ seq: 9, asOf: LATER - 60 });

    const { terminal } = await offline();
    terminal.reader.card = card;
    expect(listOf(terminal)).toMatchObject({ asOf: START - 60 });
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "accepted", apdus: 3 });
    expect(listOf(terminal)).toMatchObject({ asOf: LATER - 60 });
    expect(terminal.clock.floor()).toBe(LATER);
    terminal.restart();
    expect(listOf(terminal)).toMatchObject({ head: { seq: 9 }, asOf: LATER - 60 });
  });

  it("of another list makes no list younger, but raises the clock's floor", async () => {
    const { terminal, card } = await offline();
    card.beacon = await beaconOf({ seq: 9, issuedAt: LATER - 5, asOf: LATER - 60, statuses: [0, 0, 0, 1] });
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "refused", code: "STATUS_LIST_TOO_OLD", apdus: 2 });
    expect(terminal.clock.floor()).toBe(LATER - 305);
  });

  it.each([
    ["signed by nobody known", () => beaconOf({ seq: 9, issuedAt: LATER, asOf: LATER }, testSigner("thief"))],
    [
      "of another vault",
      () =>
        beaconOf({
          seq: 9,
          issuedAt: LATER,
          asOf: LATER,
          domain: { chainId: 5n, vault: new Uint8Array(20).fill(5) as never },
        }),
    ],
    ["of no known form", () => Promise.resolve(new Uint8Array(145))],
    ["cut short", () => Promise.resolve(new Uint8Array(7))],
  ])("%s changes nothing", async (_, make) => {
    const { terminal, card } = await offline();
    card.beacon = await make();
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "refused", code: "STATUS_LIST_TOO_OLD" });
    expect(listOf(terminal)).toMatchObject({ asOf: START - 60 });
    expect(terminal.clock.floor()).toBe(START - 300);
  });

  it("is not older than what a card carries already, and each card is asked once a list", async () => {
    const { terminal, card } = await suite.withCard();
    const newer = await beaconOf({ seq: 9, issuedAt: START, asOf: START - 30 });
    card.beacon = newer;
    await terminal.tap(PRICE);
    await terminal.gateway.engine.rest();
    expect(card.beacon).toBe(newer);
    expect(listOf(terminal)).toMatchObject({ asOf: START - 30 });
    await terminal.tap(PRICE);
    await terminal.gateway.engine.rest();
    await terminal.tap(PRICE);
    await terminal.gateway.engine.rest();
    expect(beaconsAsked(card)).toBe(2);
  });

  it("never harms the sale, whatever goes wrong with it, nor the next one", async () => {
    const { terminal, card } = await suite.withCard();
    for (const wrong of [
      new Uint8Array(0),
      Uint8Array.of(0x6d, 0x00),
      Uint8Array.of(0x90, 0x00),
      Uint8Array.of(1, 2, 3, 0x90, 0x00),
    ]) {
      card.lies = { raw: (ins, response) => (ins === BEACON ? wrong : response) };
      expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "accepted", apdus: 2 });
      await terminal.gateway.engine.rest();
    }
    card.lies = {};
    terminal.reader.beforeTransmit = ([, ins]) =>
      ins === BEACON ? Promise.reject(new ReaderError("CARD_REMOVED", { reader: "Test reader" })) : Promise.resolve();
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "accepted", counter: 5 });
    terminal.reader.beforeTransmit = () => Promise.resolve();
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "accepted", counter: 6 });
    await terminal.gateway.engine.rest();
    expect(terminal.reader.held).toBe(0);
    expect(card.beacon).not.toBeNull();
  });
});
