import { afterEach, describe, expect, it } from "@jest/globals";
import { ReaderError } from "@tallystick/apdu";
import { type AllowanceBody, type CardStatus, cardStates, type MailboxEntry } from "@tallystick/protocol";
import { until } from "@tallystick/stack";
import type { TestCard, TestTear } from "../../../test/harness/test-card.ts";
import { mailFor, TestMailbox } from "../../../test/harness/mailbox/test-mailbox.ts";
import { domain, START, TestTerminal, testSigner } from "../../../test/harness/test-terminal.ts";

const SELECT = 0xa4;
const PAY = 0x10;
const UPDATE = 0x14;
const PROVE = 0x12;

const terminals: TestTerminal[] = [];

afterEach(async () => {
  for (const terminal of terminals.splice(0)) {
    await terminal.gateway.engine.rest();
    terminal.remove();
  }
});

/** A terminal that may ask a mailbox, and a card with 5.00 to spend on its reader. */
async function make(body: Partial<AllowanceBody> = {}) {
  const terminal = await TestTerminal.make();
  terminals.push(terminal);
  const mailbox = new TestMailbox();
  terminal.requestPort = mailbox;
  terminal.restart();
  await terminal.offerList();
  terminal.knowTime([]);
  terminal.takeLiveAnswer();
  const card = await terminal.card("anna", { maxSpent: 5_000_000n, softSpent: 5_000_000n, ...body });
  terminal.reader.card = card;
  return { terminal, mailbox, card };
}

/** The terminal carries these, as after an exchange. */
function carry(terminal: TestTerminal, ...entries: readonly MailboxEntry[]): void {
  const { journal } = terminal.gateway;
  const [served] = terminal.config.domains;
  if (served === undefined) throw new Error("the terminal serves no domain");
  journal.write(() => {
    for (const entry of entries) journal.mailbox.keep(served.domainBytes, entry);
  });
}

const topUp = { maxSpent: 25_000_000n };
const carried = (terminal: TestTerminal): number => {
  const [served] = terminal.config.domains;
  return served === undefined ? 0 : terminal.gateway.journal.mailbox.count(served.domainBytes);
};

/** One whose card is known, and asked in the short forms, with a top-up to carry to it. */
async function makeKnown() {
  const { terminal, card } = await make();
  card.shortForms = true;
  await terminal.tap(1n);
  await terminal.gateway.engine.rest();
  carry(terminal, await mailFor(card, topUp));
  card.received.length = 0;
  return { terminal, card };
}

describe("a card for which the terminal carries a newer allowance", () => {
  it("takes it before it pays, with four commands, and the tap tells what was added", async () => {
    const { terminal, card } = await make();
    carry(terminal, await mailFor(card, topUp));
    const tap = await terminal.tap(20_000_000n);
    expect(tap).toMatchObject({ outcome: "accepted", apdus: 4, spentBefore: 0n, spentAfter: 20_000_000n });
    expect(tap.update).toEqual({ added: 20_000_000n, lowered: false, suspended: false });
    expect(card.received.slice(0, 4)).toEqual([SELECT, UPDATE, SELECT, PAY]);
    expect(carried(terminal)).toBe(0);
    const again = await terminal.tap(1_000_000n);
    expect(again).toMatchObject({ outcome: "accepted", apdus: 2, update: null });
  });

  it("takes it in the short forms too, with one long SELECT to show it, and is known by it afterwards", async () => {
    const { terminal, card } = await makeKnown();
    const tap = await terminal.tap(20_000_000n);
    expect(tap).toMatchObject({ outcome: "accepted", apdus: 4, spentBefore: 1n, spentAfter: 20_000_001n });
    expect(tap.update).toMatchObject({ added: 20_000_000n });
    expect(card.received.slice(0, 4)).toEqual([SELECT, UPDATE, SELECT, PAY]);
    expect(card.receivedShort).toEqual([SELECT, PAY]);
    expect(await terminal.tap(1_000_000n)).toMatchObject({ outcome: "accepted", apdus: 2 });
    expect(card.receivedShort).toEqual([SELECT, PAY, SELECT, PAY]);
  });

  it.each(["before", "after"] as const)(
    "is asked in the long form after an update that is torn %s it",
    async (when) => {
      const { terminal, card } = await makeKnown();
      card.tearAt = { command: 1, when };
      const { connects } = terminal.reader;
      let isGone = true;
      terminal.reader.beforeTransmit = ([, ins]) => {
        if (ins !== SELECT || card.received.at(-1) !== UPDATE || !isGone) return Promise.resolve();
        isGone = false;
        throw new ReaderError("CARD_RESET", { reader: terminal.reader.name });
      };
      const tap = await terminal.tap(2_000_000n);
      expect(terminal.reader.connects).toBe(connects + 2);
      expect(tap).toMatchObject({ outcome: "accepted", spentAfter: 2_000_001n });
      expect(card.received.slice(0, 4)).toEqual([SELECT, UPDATE, SELECT, PAY]);
      expect(card.receivedShort).toEqual([SELECT, PAY]);
    },
  );

  it("is its first money where it was made in one visit: carried, or asked for at the tap", async () => {
    const nothing = { maxSpent: 0n, softSpent: 0n };
    for (const isCarried of [true, false]) {
      const { terminal, mailbox, card } = await make(nothing);
      const real = await mailFor(card, topUp);
      if (isCarried) carry(terminal, real);
      else mailbox.onDemand.push(real);
      const tap = await terminal.tap(20_000_000n);
      expect(tap).toMatchObject({ outcome: "accepted", spentBefore: 0n, spentAfter: 20_000_000n });
      expect(tap.update).toMatchObject({ added: 25_000_000n });
      expect(card.counter).toBe(1);
    }
    const { terminal, card } = await make(nothing);
    expect(await terminal.tap(1n)).toMatchObject({ outcome: "refused", code: "CARD_SPENDING_CAP" });
    expect(card.counter).toBe(0);
  });

  it("keeps what the card showed before and after, through a restart", async () => {
    const { terminal, card } = await make();
    carry(terminal, await mailFor(card, topUp));
    const { id } = await terminal.tap(20_000_000n);
    await terminal.gateway.engine.rest();
    terminal.restart();
    expect(terminal.gateway.journal.allowanceUpdates.ofTap(id)).toMatchObject({ tapId: id, sw: "9000" });
  });

  it.each([
    ["its last limit", { perTap: 1_000_000n }, { added: 0n, lowered: true, suspended: false }],
    ["perTap 0, which suspends it", { perTap: 0n }, { added: 0n, lowered: false, suspended: true }],
  ] as const)("is judged by %s", async (_name, changes, update) => {
    const { terminal, card } = await make();
    carry(terminal, await mailFor(card, changes));
    const tap = await terminal.tap(2_000_000n);
    expect(tap).toMatchObject({ outcome: "refused", update });
    expect(card.spent).toBe(0n);
    expect(card.body.seq).toBe(4);
  });

  it("is paid with again where the update lifts its own suspension", async () => {
    const { terminal, card } = await make({ perTap: 0n });
    card.state = cardStates.suspended;
    carry(terminal, await mailFor(card, { perTap: 50_000_000n }));
    expect(await terminal.tap(1_000_000n)).toMatchObject({ outcome: "accepted", apdus: 4 });
  });
});

describe("what the card's status allows", () => {
  it("gives a suspended card the update and asks for its proof, and sells nothing", async () => {
    const { terminal, card } = await make();
    await terminal.offerList({ seq: 2, statuses: [1, 1, 1, 1] });
    carry(terminal, await mailFor(card, topUp));
    const tap = await terminal.tap(1_000_000n);
    expect(tap).toMatchObject({ outcome: "refused", code: "STATUS_SUSPENDED", update: { added: 20_000_000n } });
    expect(card.received).toEqual([SELECT, UPDATE, SELECT, PROVE]);
  });

  it.each([
    [2, "STATUS_REVOKED"],
    [3, "STATUS_LOST"],
  ] as const)("gives a card of status %i nothing", async (status, code) => {
    const { terminal, card } = await make();
    await terminal.offerList({ seq: 2, statuses: [status, status, status, status] as CardStatus[] });
    carry(terminal, await mailFor(card, topUp));
    expect(await terminal.tap(1_000_000n)).toMatchObject({ outcome: "refused", code, apdus: 1, update: null });
    expect(carried(terminal)).toBe(1);
  });

  it("gives nothing by a list that is too old", async () => {
    const { terminal, card } = await make();
    carry(terminal, await mailFor(card, topUp));
    terminal.now += 8 * 86_400;
    terminal.knowTime();
    expect(await terminal.tap(1_000_000n)).toMatchObject({ code: "STATUS_LIST_TOO_OLD", update: null });
    expect(card.received).not.toContain(UPDATE);
  });
});

describe("a mailbox that lies", () => {
  it.each<[string, (card: TestCard) => Promise<MailboxEntry>]>([
    ["of another issuer", async (card) => await mailFor(card, topUp, testSigner("somebody else"))],
    [
      "of another card",
      async (card) => ({
        ...(await mailFor({ ...card, signer: testSigner("bert"), domain }, topUp)),
        cardTag: (await mailFor(card)).cardTag,
      }),
    ],
    ["of another issuer key", async (card) => await mailFor(card, { ...topUp, issuerKeyId: 2 })],
    ["that was replayed", async (card) => await mailFor(card, { ...topUp, seq: card.body.seq })],
    ["that is stale", async (card) => await mailFor(card, { ...topUp, seq: card.body.seq - 1 })],
  ])("an allowance %s reaches no card and is forgotten; the sale goes on", async (_name, make_) => {
    const { terminal, card } = await make();
    carry(terminal, await make_(card));
    expect(await terminal.tap(1_000_000n)).toMatchObject({ outcome: "accepted", apdus: 2, update: null });
    expect(card.received).not.toContain(UPDATE);
    expect(carried(terminal)).toBe(0);
  });

  it("a refusal ends no sale, and the same is not sent to that card again; a newer one is", async () => {
    const { terminal, card } = await make();
    card.refuseUpdate = 0x9e0b;
    carry(terminal, await mailFor(card, topUp));
    expect(await terminal.tap(1_000_000n)).toMatchObject({ outcome: "accepted", apdus: 4, update: null });
    expect(await terminal.tap(1_000_000n)).toMatchObject({ outcome: "accepted", apdus: 2 });
    card.refuseUpdate = null;
    carry(terminal, await mailFor(card, { ...topUp, seq: card.body.seq + 2 }));
    expect(await terminal.tap(1_000_000n)).toMatchObject({ outcome: "accepted", update: { added: 20_000_000n } });
  });

  it("a card that says 9000 and shows the old one is asked once", async () => {
    const { terminal, card } = await make();
    card.refuseUpdate = 0x9000;
    carry(terminal, await mailFor(card, topUp));
    expect(await terminal.tap(1_000_000n)).toMatchObject({ outcome: "accepted", apdus: 4, update: null });
    expect(await terminal.tap(1_000_000n)).toMatchObject({ outcome: "accepted", apdus: 2 });
  });
});

describe("a card at its cap", () => {
  it("is asked for at settlement at once, and pays with what comes", async () => {
    const { terminal, mailbox, card } = await make();
    mailbox.onDemand.push(await mailFor(card, topUp));
    const tap = await terminal.tap(20_000_000n, { saleId: "sale-1" });
    expect(tap).toMatchObject({ outcome: "accepted", saleId: "sale-1", update: { added: 20_000_000n } });
    expect(card.received.slice(0, 5)).toEqual([SELECT, PAY, UPDATE, SELECT, PAY]);
    expect(card.spent).toBe(20_000_000n);
    const [second, first] = terminal.gateway.journal.taps.recent(2);
    expect([first?.code, first?.state, second?.state]).toEqual(["CARD_SPENDING_CAP", "reversed", "accepted"]);
  });

  it("whose allowance has expired begins anew with one that is valid", async () => {
    const { terminal, mailbox, card } = await make({ notAfter: START - 1 });
    mailbox.onDemand.push(await mailFor(card, { notAfter: START + 86_400 }));
    expect(await terminal.tap(1_000_000n)).toMatchObject({ outcome: "accepted", apdus: 4 });
  });

  it.each<[string, (mailbox: TestMailbox, card: TestCard) => Promise<void>]>([
    [
      "nobody answers",
      async (mailbox) => {
        mailbox.away = true;
        await Promise.resolve();
      },
    ],
    [
      "nothing is newer",
      async () => {
        await Promise.resolve();
      },
    ],
    [
      "what comes is not the issuer's",
      async (mailbox, card) => {
        mailbox.onDemand.push(await mailFor(card, topUp, testSigner("somebody else")));
      },
    ],
    [
      "what comes cannot be read",
      async (mailbox) => {
        mailbox.garbage = new Uint8Array(30);
        await Promise.resolve();
      },
    ],
  ])("stays refused where %s", async (_name, prepare) => {
    const { terminal, mailbox, card } = await make();
    await prepare(mailbox, card);
    expect(await terminal.tap(20_000_000n)).toMatchObject({
      outcome: "refused",
      code: "CARD_SPENDING_CAP",
      update: null,
    });
    expect(card.received.filter((ins) => ins === PAY)).toHaveLength(1);
    expect(card.spent).toBe(0n);
  });

  it("that was given one already is told of both together", async () => {
    const { terminal, mailbox, card } = await make();
    carry(terminal, await mailFor(card, { maxSpent: 6_000_000n }));
    mailbox.onDemand.push(await mailFor(card, { ...topUp, seq: card.body.seq + 2 }));
    const tap = await terminal.tap(20_000_000n);
    expect(tap).toMatchObject({ outcome: "accepted", update: { added: 20_000_000n } });
    expect(card.received.filter((ins) => ins === UPDATE)).toHaveLength(2);
  });

  it("is waited for as long as a customer waits, and what comes later is carried for the next tap", async () => {
    const { terminal, mailbox, card } = await make();
    const [settlement, customer] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const waits: number[] = [];
    terminal.customerWaits = async (ms) => {
      waits.push(ms);
      await customer.promise;
    };
    terminal.restart();
    terminal.knowTime([]);
    terminal.takeLiveAnswer();
    mailbox.held = settlement.promise;
    mailbox.onDemand.push(await mailFor(card, topUp));
    let ended = false;
    const tap = terminal.tap(20_000_000n, { saleId: "sale-1" }).finally(() => (ended = true));
    await until("the question", () => mailbox.asked === 1);
    expect([waits, ended]).toEqual([[3_000], false]);
    customer.resolve();
    expect(await tap).toMatchObject({ outcome: "refused", code: "CARD_SPENDING_CAP", update: null });
    expect(card.received).not.toContain(UPDATE);
    settlement.resolve();
    await until("the answer", () => carried(terminal) === 1);
    expect(await terminal.tap(20_000_000n)).toMatchObject({
      outcome: "accepted",
      apdus: 4,
      update: { added: 20_000_000n },
    });
    expect([mailbox.asked, waits.length]).toEqual([1, 1]);
  });

  it("is asked for once a tap", async () => {
    const { terminal, mailbox, card } = await make();
    mailbox.onDemand.push(await mailFor(card, { maxSpent: 6_000_000n }));
    expect(await terminal.tap(20_000_000n)).toMatchObject({ outcome: "refused", code: "CARD_SPENDING_CAP" });
    expect(mailbox.asked).toBe(1);
    expect(card.received.filter((ins) => ins === UPDATE)).toHaveLength(1);
  });
});

describe("an update by somebody else between SELECT and PAY", () => {
  it("is judged by the allowance that the card shows then", async () => {
    const { terminal, card } = await make();
    const mail = await mailFor(card, topUp);
    let done = false;
    terminal.reader.beforeTransmit = async (command) => {
      if (command[1] !== PAY || done) return;
      done = true;
      await card.allow(mail.body);
    };
    const tap = await terminal.tap(20_000_000n);
    expect(tap).toMatchObject({ outcome: "accepted", spentAfter: 20_000_000n });
    const voucher = tap.voucherId === null ? null : terminal.gateway.journal.vouchers.byId(tap.voucherId);
    expect(voucher?.reversed).toBe(false);
  });

  it("waits for the card where that is gone before it showed which", async () => {
    const { terminal, card } = await make();
    const mail = await mailFor(card, topUp);
    let paid = false;
    terminal.reader.beforeTransmit = async (command) => {
      if (command[1] === PAY) {
        await card.allow(mail.body);
        paid = true;
      } else if (paid) throw new Error("the card is gone");
    };
    const torn = await terminal.tap(20_000_000n);
    expect(torn).toMatchObject({ outcome: "unresolved", saleOpen: true });
    terminal.reader.beforeTransmit = () => Promise.resolve();
    expect(await terminal.tap(20_000_000n)).toMatchObject({ outcome: "accepted", saleId: torn.saleId });
    expect(card.spent).toBe(20_000_000n);
  });

  it("that no SELECT shows is a seq that does not agree", async () => {
    const { terminal, card } = await make();
    card.lies = {
      pay: async (answer, _request, resign) => await resign({ ...answer, allowanceSeq: answer.allowanceSeq + 1 }),
    };
    expect(await terminal.tap(1_000_000n)).toMatchObject({ outcome: "refused", code: "SEQ_MISMATCH" });
  });
});

describe("a tap with an update that is torn at any command", () => {
  const tears = [0, 1, 2, 3].flatMap((command) =>
    (["before", "after"] as const).flatMap((when) => [true, false].map((stays) => ({ command, when, stays }))),
  );

  it.each<{ command: number; when: TestTear; stays: boolean }>(tears)(
    "loses, makes and blocks nothing: $command, $when, the card stays: $stays",
    async ({ command, when, stays }) => {
      const { terminal, card } = await make();
      carry(terminal, await mailFor(card, topUp));
      card.tearAt = { command, when };
      terminal.reader.beforeTransmit = () => {
        if (!stays && card.tearAt === null) terminal.reader.card = null;
        return Promise.resolve();
      };
      const first = await terminal.tap(20_000_000n, { saleId: "sale-1" });
      terminal.reader.beforeTransmit = () => Promise.resolve();
      terminal.reader.card = card;
      const last = first.outcome === "accepted" ? first : await terminal.tap(20_000_000n, { saleId: "sale-1" });
      expect(last).toMatchObject({ outcome: "accepted", saleId: "sale-1" });
      await terminal.gateway.engine.rest();
      const { journal } = terminal.gateway;
      expect(journal.taps.unresolved()).toEqual([]);
      const kept = journal.taps.recent(10).filter(({ state }) => state === "accepted");
      expect([kept.length, card.spent, card.counter, card.body.maxSpent]).toEqual([1, 20_000_000n, 1, 25_000_000n]);
      expect(carried(terminal)).toBe(0);
      expect(await terminal.tap(1_000_000n)).toMatchObject({ outcome: "accepted", apdus: 2 });
    },
  );
});
