import { afterEach, describe, expect, it } from "@jest/globals";
import { decodeUploadBody, decodeUploadEntry, digestOf, encodeStateProof, verifyDigest } from "@tallystick/protocol";
import { codeOfRejection } from "../../../test/harness/codes.ts";
import { mailFor, TestMailbox } from "../../../test/harness/mailbox/test-mailbox.ts";
import { terminalSigner, TestTerminal } from "../../../test/harness/test-terminal.ts";
import { MAX_MAILBOX_PAGES } from "../limits.ts";
import { SettlementError } from "../settlement-client.ts";
import { Uploader } from "../uploader.ts";

const terminals: TestTerminal[] = [];

afterEach(() => {
  for (const terminal of terminals.splice(0)) terminal.remove();
});

async function make({ hears = true } = {}) {
  const terminal = await TestTerminal.make();
  terminals.push(terminal);
  const mailbox = new TestMailbox();
  terminal.requestPort = mailbox;
  terminal.restart();
  if (hears) terminal.takeLiveAnswer();
  const [served] = terminal.config.domains;
  if (served === undefined) throw new Error("the terminal serves no domain");
  const held = (): number => terminal.gateway.journal.mailbox.count(served.domainBytes);
  return { terminal, mailbox, served, held };
}

async function filled(terminal: TestTerminal, mailbox: TestMailbox, count: number): Promise<void> {
  for (let card = mailbox.entries.length; card < count; card += 1)
    mailbox.entries.push(await mailFor(await terminal.card(`card ${card}`)));
}

describe("the mailbox in an exchange", () => {
  it("is read page by page, each entry once, also after a restart", async () => {
    const { terminal, mailbox, served, held } = await make();
    mailbox.perPage = 2;
    await filled(terminal, mailbox, 5);
    await terminal.gateway.mailbox.fetch(served);
    expect([held(), mailbox.asked]).toEqual([5, 3]);
    terminal.restart();
    terminal.takeLiveAnswer();
    await filled(terminal, mailbox, 6);
    await terminal.gateway.mailbox.fetch(served);
    expect([held(), mailbox.asked]).toEqual([6, 4]);
  });

  it("keeps the newest allowance of a card", async () => {
    const { terminal, mailbox, served, held } = await make();
    const card = await terminal.card();
    const newest = await mailFor(card, { seq: 9 });
    mailbox.entries.push(await mailFor(card, { seq: 5 }), newest, await mailFor(card, { seq: 7 }));
    mailbox.perPage = 1;
    await terminal.gateway.mailbox.fetch(served);
    expect(held()).toBe(1);
    expect(terminal.gateway.journal.mailbox.of(served.domainBytes, newest.cardTag)).toEqual(newest);
  });

  it("that has no end is left after a stated number of pages", async () => {
    const { terminal, mailbox, served } = await make();
    mailbox.endless = true;
    await terminal.gateway.mailbox.fetch(served);
    expect(mailbox.asked).toBe(MAX_MAILBOX_PAGES);
  });

  it("is dropped whole where a page cannot be read, and the cursor stays", async () => {
    const { terminal, mailbox, served, held } = await make();
    await filled(terminal, mailbox, 2);
    mailbox.garbage = new Uint8Array(100);
    expect(await codeOfRejection(terminal.gateway.mailbox.fetch(served))).toBe("SETTLEMENT_ANSWER_UNREADABLE");
    expect(held()).toBe(0);
    mailbox.garbage = null;
    await terminal.gateway.mailbox.fetch(served);
    expect(held()).toBe(2);
  });

  it("that settlement refuses is no fault; one out of reach is", async () => {
    const { terminal, mailbox, served } = await make();
    mailbox.away = true;
    expect(await codeOfRejection(terminal.gateway.mailbox.fetch(served))).toBe("SETTLEMENT_UNREACHABLE");
    mailbox.request = () => Promise.reject(new SettlementError("SETTLEMENT_REFUSED", "No mailbox here."));
    await terminal.gateway.mailbox.fetch(served);
  });

  it("is not asked before a live answer", async () => {
    const { terminal, mailbox, served } = await make({ hears: false });
    await terminal.gateway.mailbox.fetch(served);
    expect(await terminal.gateway.mailbox.fetchFor(served, { cardTag: new Uint8Array(8), shownSeq: 1 })).toBe(false);
    expect(mailbox.asked).toBe(0);
  });

  it("that is flooded keeps the cards in need: known ones with the least left, then the newest", async () => {
    const { terminal, mailbox, served } = await make();
    const { journal } = terminal.gateway;
    await filled(terminal, mailbox, 8);
    const [rich, poor] = mailbox.entries;
    if (rich === undefined || poor === undefined) throw new Error("there are eight entries");
    const keep = (entries: number): void => {
      journal.write(() => {
        journal.mailbox.saw(served.domainBytes, rich.cardTag, 900n);
        journal.mailbox.saw(served.domainBytes, poor.cardTag, 1n);
        const page = { next: new Uint8Array(16), more: false, entries: mailbox.entries };
        journal.mailbox.keepPage(served.domainBytes, page, { entries, cards: 10 });
      });
    };
    keep(3);
    const held = mailbox.entries.map(({ cardTag }) => journal.mailbox.of(served.domainBytes, cardTag) !== null);
    expect(held).toEqual([true, true, false, false, false, false, false, true]);
    keep(1);
    expect(journal.mailbox.of(served.domainBytes, poor.cardTag)).toEqual(poor);
    expect(journal.mailbox.count(served.domainBytes)).toBe(1);
  });

  it("answers about one card with that card's alone", async () => {
    const { terminal, mailbox, served, held } = await make();
    const [anna, bert] = [await mailFor(await terminal.card("anna")), await mailFor(await terminal.card("bert"))];
    mailbox.onDemand.push(anna);
    expect(await terminal.gateway.mailbox.fetchFor(served, { cardTag: anna.cardTag, shownSeq: 4 })).toBe(false);
    expect(await terminal.gateway.mailbox.fetchFor(served, { cardTag: bert.cardTag, shownSeq: 3 })).toBe(false);
    expect(held()).toBe(0);
    expect(await terminal.gateway.mailbox.fetchFor(served, { cardTag: anna.cardTag, shownSeq: 3 })).toBe(true);
    expect(held()).toBe(1);
  });
});

describe("the proof of a suspended card", () => {
  it("travels with the next upload, once", async () => {
    const { terminal, served } = await make();
    await terminal.offerList({ seq: 2, statuses: [1, 1, 1, 1] });
    terminal.knowTime([]);
    const card = await terminal.card();
    terminal.reader.card = card;
    const mail = await mailFor(card, { maxSpent: card.body.maxSpent + 1n });
    const { gateway } = terminal;
    gateway.journal.write(() => {
      gateway.journal.mailbox.keep(served.domainBytes, mail);
    });
    expect(await terminal.tap(1n)).toMatchObject({ code: "STATUS_SUSPENDED" });
    const uploader = new Uploader({ ...gateway, config: terminal.config, signer: terminalSigner });
    const upload = await uploader.next(served, terminal.now);
    const entries = decodeUploadBody(upload?.body ?? new Uint8Array(0)).entries.map(decodeUploadEntry);
    const proofs = entries.flatMap((entry) => (entry.kind === "stateProof" ? [entry] : []));
    expect(proofs).toEqual([
      expect.objectContaining({
        cardKey: card.signer.publicKey,
        proof: expect.objectContaining({ seq: mail.body.seq }),
      }),
    ]);
    const [sent] = proofs;
    if (sent === undefined) throw new Error("no proof travelled");
    expect(verifyDigest(sent.signature, digestOf(encodeStateProof(sent.proof)), sent.cardKey)).toBe(true);
    const answer = { results: [] };
    await uploader.send(
      served,
      upload as NonNullable<typeof upload>,
      { authenticated: true, upload: () => Promise.resolve(answer) } as never,
      terminal.now,
    );
    expect(await uploader.next(served, terminal.now)).toBeNull();
  });
});
