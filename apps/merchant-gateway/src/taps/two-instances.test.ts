import { afterEach, describe, expect, it } from "@jest/globals";
import { ReaderError } from "@tallystick/apdu";
import { createAsset } from "@tallystick/money";
import { encodeDomain, instanceAid, toAddress } from "@tallystick/protocol";
import type { TestCard } from "../../test/harness/test-card.ts";
import { servedDomain, signCertificate, signList, type TestTerminal } from "../../test/harness/test-terminal.ts";
import { PRICE, TerminalSuite } from "../../test/harness/terminal-suite.ts";

const suite = new TerminalSuite();
afterEach(() => {
  suite.removeAll();
});

const euroDomain = { chainId: 31_337n, vault: toAddress(new Uint8Array(20).fill(0x52)) };
const SELECT = 0xa4;
const PAY = 0x10;

/** A terminal that takes two currencies, and a card with an instance of each. */
async function make() {
  const euro = await servedDomain({
    ...{ domain: euroDomain, domainBytes: encodeDomain(euroDomain) },
    asset: createAsset({ code: "EURC", decimals: 6, scale: 1n }),
    certificate: await signCertificate({ domain: euroDomain }),
  });
  const terminal = await suite.terminal({ domains: [await servedDomain(), euro] });
  const list = await signList({ issuedAt: terminal.now, asOf: terminal.now, domain: euroDomain });
  expect(terminal.gateway.lists.offer(euro, list, terminal.now)).toMatchObject({ ok: true });
  terminal.knowTime();
  const [dollars, euros] = [await terminal.card("anna"), await terminal.card("anna in euro", {}, euroDomain)];
  euros.lies = { select: (answer) => ({ ...answer, aid: instanceAid(2) }) };
  const instances = [dollars, euros];
  let selected = dollars;
  const state = { selects: [] as number[], missing: 0 };
  const both = {
    transmit: async (command: Uint8Array) => {
      if (command[1] !== SELECT) return await selected.transmit(command);
      const instance = command[5 + 7] ?? 0;
      state.selects.push(instance);
      const found = instance === state.missing ? undefined : instances[instance - 1];
      if (found === undefined) return Uint8Array.of(0x6a, 0x82);
      selected = found;
      const first = command.slice();
      first[5 + 7] = 1;
      return await found.transmit(first);
    },
  };
  terminal.reader.card = both as unknown as TestCard;
  return { terminal, dollars, euros, state };
}

/** Takes a payment in one currency. */
async function take(terminal: TestTerminal, code: "USDC" | "EURC", amount = PRICE) {
  const domains = terminal.gateway.policies.all().filter(({ served }) => served.asset.code === code);
  const result = await terminal.gateway.engine.tap({ saleId: null, pin: null, amount, domains, waitMs: 0 });
  await terminal.gateway.engine.rest();
  return result;
}

describe("a card with two instances", () => {
  it("is asked for its first instance in the short form alone, and pays with each as often as before", async () => {
    const { terminal, dollars, euros } = await make();
    for (const each of [dollars, euros]) each.shortForms = true;
    expect(await take(terminal, "USDC")).toMatchObject({ outcome: "accepted", apdus: 2 });
    for (const counter of [1, 2])
      expect(await take(terminal, "EURC")).toMatchObject({ outcome: "accepted", apdus: 3, counter });
    expect(await take(terminal, "USDC")).toMatchObject({ outcome: "accepted", apdus: 2, counter: 2 });
    expect([dollars.receivedShort, euros.receivedShort]).toEqual([
      [SELECT, SELECT, SELECT, PAY],
      [PAY, PAY],
    ]);
  });

  it("pays each sale with the instance of its currency, by as many commands as it takes to find it", async () => {
    const { terminal, dollars, euros } = await make();
    expect(await take(terminal, "USDC")).toMatchObject({ outcome: "accepted", counter: 1, apdus: 2 });
    expect(await take(terminal, "EURC", 7n)).toMatchObject({ outcome: "accepted", counter: 1, apdus: 3 });
    expect([dollars.spent, euros.spent]).toEqual([PRICE, 7n]);
  });

  it("resolves a torn payment of the second before the first pays, and selects the first again", async () => {
    const { terminal, euros, state } = await make();
    euros.tear = "after";
    const torn = await take(terminal, "EURC");
    expect(torn).toMatchObject({ outcome: "unresolved", code: "TAP_TORN" });
    state.selects = [];
    const paid = await take(terminal, "USDC");
    expect(paid).toMatchObject({ outcome: "accepted", counter: 1, apdus: 5 });
    expect(paid.resolved).toMatchObject([{ id: torn.id, outcome: "accepted", counter: 1, amount: PRICE }]);
    expect(state.selects).toEqual([1, 2, 1]);
    expect(await take(terminal, "USDC")).toMatchObject({ apdus: 2, resolved: [] });
  });

  it("closes one that was torn before the card wrote: the sale of it is over", async () => {
    const { terminal, euros } = await make();
    euros.tear = "before";
    const torn = await take(terminal, "EURC");
    const paid = await take(terminal, "USDC");
    expect(paid.resolved).toMatchObject([{ id: torn.id, outcome: "refused", code: "TAP_CANCELLED" }]);
    expect(euros.spent).toBe(0n);
  });

  it("pays though the other instance is gone, and leaves its payment open", async () => {
    const { terminal, euros, state } = await make();
    euros.tear = "after";
    const torn = await take(terminal, "EURC");
    state.missing = 2;
    expect(await take(terminal, "USDC")).toMatchObject({ outcome: "accepted", resolved: [] });
    expect(terminal.gateway.journal.taps.byId(torn.id)).toMatchObject({ state: "unresolved" });
  });

  it("pays nothing where the first instance cannot be selected again", async () => {
    const { terminal, dollars, euros, state } = await make();
    euros.tear = "after";
    const torn = await take(terminal, "EURC");
    const transmit = euros.transmit.bind(euros);
    euros.transmit = async (command) => {
      if (command[1] === PAY) state.missing = 1;
      return await transmit(command);
    };
    const turned = await take(terminal, "USDC");
    expect(turned).toMatchObject({ outcome: "refused", code: "CARD_NOT_TALLYSTICK", sw: "6A82" });
    expect(turned.resolved).toMatchObject([{ id: torn.id, outcome: "accepted" }]);
    expect(dollars.requests).toEqual([]);
  });

  it("pays nothing where the first instance has another key when it is selected again", async () => {
    const { terminal, dollars, euros } = await make();
    euros.tear = "after";
    await take(terminal, "EURC");
    const other = await terminal.card("bert");
    let shown = 0;
    dollars.lies = {
      select: (answer) => {
        shown += 1;
        return shown === 1 ? answer : { ...answer, cardKey: other.signer.publicKey };
      },
    };
    expect(await take(terminal, "USDC")).toMatchObject({ outcome: "refused", code: "CARD_WRONG_CARD", sw: null });
    expect(dollars.requests).toEqual([]);
  });

  it.each([
    ["the card was taken away", new ReaderError("CARD_REMOVED", { reader: "Test reader" }), "CARD_REMOVED"],
    ["nobody knows what happened", new Error("?"), "TORN"],
  ])("pays nothing where %s on the way to the other instance", async (_what, fault, code) => {
    const { terminal, dollars, euros } = await make();
    euros.tear = "after";
    const torn = await take(terminal, "EURC");
    terminal.reader.beforeTransmit = (command) =>
      command[1] === SELECT && command[5 + 7] === 2 ? Promise.reject(fault) : Promise.resolve();
    expect(await take(terminal, "USDC")).toMatchObject({ outcome: "refused", code, resolved: [] });
    expect(dollars.requests).toEqual([]);
    expect(terminal.gateway.journal.taps.byId(torn.id)).toMatchObject({ state: "unresolved" });
  });

  it("ends the sale where the other instance is torn again", async () => {
    const { terminal, dollars, euros } = await make();
    euros.tear = "after";
    await take(terminal, "EURC");
    euros.tear = "after";
    expect(await take(terminal, "USDC")).toMatchObject({ outcome: "refused", code: "TAP_TORN", resolved: [] });
    expect(dollars.requests).toEqual([]);
  });

  it("of which none is served is not this terminal's card", async () => {
    const { terminal } = await make();
    const domains = [await servedDomain({ domain: { chainId: 5n, vault: euroDomain.vault } })];
    const elsewhere = await suite.terminal({ domains }, { list: false });
    elsewhere.knowTime();
    elsewhere.reader.card = terminal.reader.card;
    expect(await elsewhere.tap(PRICE)).toMatchObject({ outcome: "refused", code: "DOMAIN_NOT_SERVED" });
  });
});
