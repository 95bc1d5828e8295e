import { afterEach, describe, expect, it } from "@jest/globals";
import { Logger } from "@nestjs/common";
import { encodeDomain, toAddress } from "@tallystick/protocol";
import { mailFor, TestMailbox } from "../../../test/harness/mailbox/test-mailbox.ts";
import { PRICE, TerminalSuite } from "../../../test/harness/terminal-suite.ts";
import {
  DAY,
  domain,
  servedDomain,
  signCertificate,
  START,
  type TestTerminal,
} from "../../../test/harness/test-terminal.ts";
import { ReadinessReport } from "../../http/readiness.ts";
import { SettlementError } from "../settlement-client.ts";

const suite = new TerminalSuite();

Logger.overrideLogger(false);

afterEach(() => {
  suite.removeAll();
});

const WITHDRAWN = "CERTIFICATE_WITHDRAWN";
const domainBytes = encodeDomain(domain);

/** A terminal with a card, and the settlement whose mailbox it reads. */
async function make() {
  const { terminal, card } = await suite.withCard();
  const mailbox = new TestMailbox();
  terminal.requestPort = mailbox;
  terminal.restart();
  terminal.takeLiveAnswer();
  const [served] = terminal.config.domains;
  if (served === undefined) throw new Error("the terminal serves no domain");
  const fetch = (): Promise<void> => terminal.gateway.mailbox.fetch(served);
  return { terminal, card, mailbox, fetch };
}

/** As settlement says it to a terminal whose certificate is withdrawn from now on. */
const refusal = (withdrawnFrom: number) =>
  new SettlementError("SETTLEMENT_REFUSED", "", { status: 403, refusal: "CERTIFICATE_NOT_VALID", withdrawnFrom });

const keep = ({ gateway: { journal } }: TestTerminal, from: number, of = domainBytes): boolean =>
  journal.write(() => journal.certificates.withdraw({ domainBytes: of, from }, START));

const read = async ({ gateway }: TestTerminal) => {
  const { ready, reasons, currencies } = await new ReadinessReport(gateway).read();
  return { ready, codes: reasons.map(({ code }) => code), until: currencies.map(({ sellsUntil }) => sellsUntil) };
};

describe("a terminal whose certificate was withdrawn", () => {
  it("learns it from its mailbox without a payment, asks no card, and says why, also after a restart", async () => {
    const { terminal, card, mailbox, fetch } = await make();
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "accepted" });
    // What the card is told after its payment.
    await terminal.gateway.engine.rest();
    const asked = card.received.length;
    mailbox.refusal = refusal(START);
    await fetch();
    for (const isRestarted of [false, true]) {
      if (isRestarted) terminal.restart();
      expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "refused", code: WITHDRAWN, apdus: 0 });
      expect(await read(terminal)).toEqual({ ready: false, codes: [WITHDRAWN], until: [null] });
    }
    expect(card.received).toHaveLength(asked);
    // It is never taken back, whatever settlement says later.
    mailbox.refusal = null;
    mailbox.entries.push(await mailFor(await terminal.card("another")));
    terminal.takeLiveAnswer();
    await fetch();
    expect(terminal.gateway.journal.mailbox.count(domainBytes)).toBe(1);
    expect(await terminal.tap(PRICE)).toMatchObject({ code: WITHDRAWN });
  });

  it("sells until the second from which on it is withdrawn", async () => {
    const { terminal, mailbox, fetch } = await make();
    mailbox.withdrawnFrom = START + 60;
    await fetch();
    terminal.now = START + 59;
    expect(await read(terminal)).toEqual({ ready: true, codes: [], until: [START + 59] });
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "accepted" });
    terminal.now += 1;
    expect(await read(terminal)).toMatchObject({ ready: false, codes: [WITHDRAWN] });
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "refused", code: WITHDRAWN });
  });

  it("also where the second comes while the card is at the reader", async () => {
    const { terminal, card } = await make();
    keep(terminal, START + 1);
    card.lies = {
      raw: (_, response) => {
        terminal.now = START + 1;
        return response;
      },
    };
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "refused", code: WITHDRAWN });
    expect(terminal.gateway.journal.vouchers.unsent(domainBytes).count).toBe(0);
  });

  it("keeps the earliest of several times, for good", async () => {
    const { terminal } = await make();
    const { journal } = terminal.gateway;
    expect(journal.certificates.withdrawnFrom(domainBytes)).toBeNull();
    expect([START + 9, START + 9, START + 10, START + 8, START + 9].map((from) => keep(terminal, from))).toEqual([
      ...[true, false, false, true, false],
    ]);
    expect(journal.certificates.withdrawnFrom(domainBytes)).toBe(START + 8);
    terminal.restart();
    expect(terminal.gateway.journal.certificates.withdrawnFrom(domainBytes)).toBe(START + 8);
  });

  it("finds out what a card of before paid, and asks it for no other payment", async () => {
    const { terminal, card } = await make();
    card.tear = "after";
    const torn = await terminal.tap(PRICE);
    expect(torn).toMatchObject({ outcome: "unresolved" });
    keep(terminal, START);
    expect(await terminal.tap(PRICE, { saleId: torn.saleId })).toMatchObject({ outcome: "accepted", id: torn.id });
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "refused", code: WITHDRAWN });
  });

  it("does not send a torn payment again that the card has not made", async () => {
    const { terminal, card } = await make();
    card.tear = "before";
    const torn = await terminal.tap(PRICE);
    keep(terminal, START);
    expect(await terminal.tap(PRICE, { saleId: torn.saleId })).toMatchObject({ outcome: "refused", code: WITHDRAWN });
    expect(terminal.gateway.journal.vouchers.unsent(domainBytes).count).toBe(0);
  });

  it("sells on in another domain", async () => {
    const other = { ...domain, vault: toAddress(new Uint8Array(20).fill(0x52)) };
    const certificate = await signCertificate({ domain: other });
    const second = await servedDomain({ domain: other, domainBytes: encodeDomain(other), certificate });
    const terminal = await suite.terminal({ domains: [await servedDomain(), second] });
    terminal.reader.card = await terminal.card();
    keep(terminal, START - DAY, second.domainBytes);
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "accepted" });
    keep(terminal, START);
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "refused", code: WITHDRAWN });
  });
});
