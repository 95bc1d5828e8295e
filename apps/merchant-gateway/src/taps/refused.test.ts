import { afterEach, describe, expect, it } from "@jest/globals";
import type { ReaderErrorCode } from "@tallystick/apdu";
import { cardStates, toAddress, toHex } from "@tallystick/protocol";
import {
  allowanceBody,
  DAY,
  servedDomain,
  signCertificate,
  START,
  terminalSigner,
  type TestTerminal,
} from "../../test/harness/test-terminal.ts";
import { PRICE, TerminalSuite } from "../../test/harness/terminal-suite.ts";
import { signReceipt } from "../../test/harness/receipts.ts";
import { Uploader } from "../sync/uploader.ts";
import { codeOfRejection } from "../../test/harness/codes.ts";

const suite = new TerminalSuite();

afterEach(() => {
  suite.removeAll();
});

type Paid = Pick<Awaited<ReturnType<TestTerminal["tap"]>>, "voucherId">;

const idOf = ({ voucherId }: Paid): Uint8Array => {
  if (voucherId === null) throw new Error("the tap has no voucher");
  return voucherId;
};

/** Ids of the terminal's vouchers that are not final. */
function voucherIds({ gateway, config }: TestTerminal): readonly Uint8Array[] {
  return gateway.journal.vouchers.notFinal(config.domains[0]?.domainBytes ?? new Uint8Array(28)).map(({ id }) => id);
}

/** Records that settlement has a voucher, or does not take it. */
function deliver({ gateway, now }: TestTerminal, paid: Paid, delivery: "taken" | "disputed", status = "new"): void {
  const { journal } = gateway;
  const id = idOf(paid);
  journal.write(() => {
    if (journal.vouchers.byId(id)?.delivery === "unsent") journal.vouchers.pack([id], 1);
    journal.vouchers.deliver({ id, status, code: null, delivery }, now);
  });
}

/** Records that settlement has a voucher at its end. */
function settle(terminal: TestTerminal, paid: Paid, state: "final" | "compensated"): void {
  deliver(terminal, paid, "taken");
  const { journal } = terminal.gateway;
  journal.write(() => {
    journal.vouchers.follow(idOf(paid), { state, batch: null, tx: null, final: true }, terminal.now);
  });
}

/** The code before the colon of what a promise was rejected with. */
async function codeOfMessage(work: Promise<unknown>): Promise<string> {
  return await work.then(
    () => "taken",
    (error: unknown) => String(error).replace(/^Error: ([A-Z_]+):.*$/s, "$1"),
  );
}

describe("a card that refuses", () => {
  it.each([
    [0x9e01, "CARD_STATE"],
    [0x9e02, "CARD_VALIDITY"],
    [0x9e03, "CARD_CATEGORY"],
    [0x9e04, "CARD_PER_TAP"],
    [0x9e05, "CARD_COUNTER_CAP"],
    [0x9e06, "CARD_SPENDING_CAP"],
    [0x9e07, "CARD_PIN_NEEDED"],
    [0x9e08, "CARD_OUT_OF_TURN"],
    [0x9e09, "CARD_WRONG_CARD"],
    [0x9e0c, "CARD_CERTIFICATE_NEEDED"],
    [0x6985, "CARD_REFUSED"],
    [0x6a80, "CARD_REFUSED"],
  ])("with %p is refused as %s and nothing stays open", async (sw, code) => {
    const { terminal, card } = await suite.withCard();
    card.refuse = sw;
    expect(await terminal.tap(PRICE)).toMatchObject({
      outcome: "refused",
      code,
      sw: sw.toString(16).toUpperCase(),
      apdus: 2,
      saleOpen: false,
    });
    card.refuse = null;
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "accepted", counter: 1, resolved: [] });
  });

  it.each([0x6f00, 0x6581, 0x6400])("with %p may have paid, so the tap stays open", async (sw) => {
    const { terminal, card } = await suite.withCard();
    card.refuse = sw;
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "unresolved", code: "TAP_UNRESOLVED", saleOpen: true });
  });

  it("does not pay where it does not believe the terminal's certificate", async () => {
    const { certificate, signature } = await signCertificate();
    const { terminal, card } = await suite.withCard();
    await card.allow({ ...allowanceBody, flags: 1 });
    const [served] = terminal.config.domains;
    if (served === undefined) throw new Error("the terminal serves no domain");
    Object.assign(served, { certificate: { certificate, signature: signature.map((byte) => byte ^ 1) } });
    expect(await terminal.tap(PRICE)).toMatchObject({
      outcome: "refused",
      code: "CARD_SIGNATURE_WRONG",
      sw: "9E0B",
      counter: null,
    });
    expect(card.requests).toEqual([]);
  });

  it("over its cap is refused by the card itself", async () => {
    const { terminal } = await suite.withCard();
    expect(await terminal.tap(50_000_001n)).toMatchObject({ outcome: "refused", code: "CARD_PER_TAP", sw: "9E04" });
  });
});

describe("a terminal that refuses, by each reason that it can name before PAY", () => {
  const cases: readonly [string, (terminal: TestTerminal) => Promise<void>][] = [
    [
      "CARD_SUSPENDED",
      async (terminal) => {
        if (terminal.reader.card) terminal.reader.card.state = cardStates.suspended;
      },
    ],
    [
      "CARD_TERMINATED",
      async (terminal) => {
        if (terminal.reader.card) terminal.reader.card.state = cardStates.terminated;
      },
    ],
    [
      "ALLOWANCE_SIGNATURE_WRONG",
      async (terminal) => {
        if (terminal.reader.card)
          terminal.reader.card.lies = {
            select: (answer) => ({ ...answer, allowanceBody: { ...answer.allowanceBody, maxSpent: 1n } }),
          };
      },
    ],
    [
      "ISSUER_KEY_UNKNOWN",
      async (terminal) => {
        terminal.reader.card = await terminal.card("x", { issuerKeyId: 9 });
      },
    ],
    [
      "ALLOWANCE_NOT_YET_VALID",
      async (terminal) => {
        terminal.reader.card = await terminal.card("x", { notBefore: START + 1 });
      },
    ],
    [
      "ALLOWANCE_EXPIRED",
      async (terminal) => {
        terminal.reader.card = await terminal.card("x", { notAfter: START - 1 });
      },
    ],
    [
      "STATUS_LIST_TOO_OLD",
      async (terminal) => {
        terminal.now += 7 * DAY;
      },
    ],
    [
      "CARD_NOT_IN_LIST",
      async (terminal) => {
        terminal.reader.card = await terminal.card("x", { cardIndex: 4 });
      },
    ],
    [
      "STATUS_SUSPENDED",
      async (terminal) => {
        await terminal.offerList({ seq: 2, statuses: [0, 0, 1, 0] });
      },
    ],
    [
      "STATUS_REVOKED",
      async (terminal) => {
        await terminal.offerList({ seq: 2, statuses: [0, 0, 2, 0] });
      },
    ],
    [
      "STATUS_LOST",
      async (terminal) => {
        await terminal.offerList({ seq: 2, statuses: [0, 0, 3, 0] });
      },
    ],
    [
      "ASSURANCE_CLASS_REFUSED",
      async (terminal) => {
        terminal.reader.card = await terminal.card("x", { flags: 2 << 1 });
      },
    ],
    [
      "CATEGORY_NOT_ALLOWED",
      async (terminal) => {
        terminal.reader.card = await terminal.card("x", { categories: 1n << 11n });
      },
    ],
    [
      "CARD_NOT_TALLYSTICK",
      async (terminal) => {
        if (terminal.reader.card) terminal.reader.card.lies = { raw: () => Uint8Array.of(0x6a, 0x82) };
      },
    ],
    [
      "CARD_NOT_PERSONALIZED",
      async (terminal) => {
        if (terminal.reader.card)
          terminal.reader.card.lies = {
            raw: () =>
              Uint8Array.from(Buffer.from("6f0e8408f0544 14c4c59000185020101 9000".replaceAll(" ", ""), "hex")),
          };
      },
    ],
    [
      "CLOCK_BELOW_FLOOR",
      async (terminal) => {
        terminal.now -= 1;
      },
    ],
  ];

  it.each(cases)("%s", async (code, arrange) => {
    const { terminal } = await suite.withCard();
    await arrange(terminal);
    const { card } = terminal.reader;
    const result = await terminal.tap(PRICE);
    expect(result).toMatchObject({ outcome: "refused", code, voucherId: null, counter: null });
    expect(result.message.length).toBeGreaterThan(20);
    expect(card?.requests).toEqual([]);
    expect(terminal.gateway.journal.taps.byId(result.id)).toMatchObject({ state: "refused", code });
  });

  it("CLOCK_UNCONFIRMED before anything is asked of a card", async () => {
    const { terminal, card } = await suite.withCard({ batteryBacked: false });
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "refused", code: "CLOCK_UNCONFIRMED", apdus: 0 });
    expect(card.received).toEqual([]);
    // Settlement's answer to a challenge of this run.
    const { journal, receipts } = terminal.gateway;
    const [served] = terminal.config.domains;
    if (served === undefined) throw new Error("the terminal serves no domain");
    const uploader = new Uploader({ ...terminal.gateway, config: terminal.config, signer: terminalSigner });
    const upload = await uploader.next(served, terminal.now, { question: true });
    if (upload === null) throw new Error("no upload was packed");
    receipts.sending(upload);
    const answer = await signReceipt({ upload: toHex(upload.head) }, terminal.now);
    journal.write(() => {
      receipts.keep(upload, receipts.verify(served, upload, answer), terminal.now);
    });
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "accepted" });
    terminal.restart();
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "refused", code: "CLOCK_UNCONFIRMED" });
  });

  it("STATUS_LIST_MISSING on a terminal that never had one", async () => {
    const { terminal } = await suite.withCard({}, { list: false });
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "refused", code: "CLOCK_UNCONFIRMED" });
    terminal.knowTime();
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "refused", code: "STATUS_LIST_MISSING" });
  });

  it("CERTIFICATE_MISSING before the merchant is registered", async () => {
    const { terminal, card } = await suite.withCard({ domains: [await servedDomain({ certificate: null })] });
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "refused", code: "CERTIFICATE_MISSING" });
    expect(card.received).toEqual([]);
  });

  it("CERTIFICATE_NOT_VALID when the merchant's certificate has expired", async () => {
    const { terminal } = await suite.withCard({
      domains: [await servedDomain({ certificate: await signCertificate({ notAfter: START - 1 }) })],
    });
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "refused", code: "CERTIFICATE_NOT_VALID" });
  });

  it("DOMAIN_NOT_SERVED for a card of another vault, after looking for a further instance on it", async () => {
    const terminal = await suite.terminal();
    const card = await terminal.card("far", {}, { chainId: 1n, vault: toAddress(new Uint8Array(20).fill(3)) });
    terminal.reader.card = card;
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "refused", code: "DOMAIN_NOT_SERVED", apdus: 2 });
    expect(card.received).toEqual([0xa4, 0xa4]);
  });

  it.each([
    ["TERMINAL_PER_TAP", { perTap: PRICE - 1n }, 0],
    ["TERMINAL_UNSENT_SUM", { unsentSum: 2n * PRICE - 1n }, 1],
    ["TERMINAL_UNSENT_COUNT", { unsentCount: 2 }, 2],
  ])("%s by its own limits", async (code, limits, before) => {
    const { terminal } = await suite.withCard({ domains: [await servedDomain(limits)] });
    for (let payment = 0; payment < before; payment += 1)
      expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "accepted" });
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "refused", code });
  });

  it("TERMINAL_UNSENT_AGE when a voucher has waited nearly as long as it may", async () => {
    const { terminal } = await suite.withCard();
    await terminal.tap(PRICE);
    terminal.now += 7 * DAY - DAY / 2 - 1;
    await terminal.offerList({ seq: 2 });
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "accepted" });
    terminal.now += 1;
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "refused", code: "TERMINAL_UNSENT_AGE" });
  });

  it("SOFTWARE_NOT_GUARANTEED above the certificate's sum for software cards, all of them counted", async () => {
    const certificate = await signCertificate({ softwareSum: 2n * PRICE });
    const terminal = await suite.terminal({ domains: [await servedDomain({ certificate })] });
    terminal.reader.card = await terminal.card("soft", { flags: 2 << 1 });
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "accepted" });
    terminal.reader.card = await terminal.card("other", { flags: 2 << 1 });
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "accepted" });
    expect(await terminal.tap(1n)).toMatchObject({ outcome: "refused", code: "SOFTWARE_NOT_GUARANTEED" });
  });

  it.each([
    ["lowers the certificate's sum", PRICE, "SOFTWARE_NOT_GUARANTEED"],
    ["takes no software card", 0n, "ASSURANCE_CLASS_REFUSED"],
  ])("a configuration %s, and never raises it", async (_name, softwareCardSum, code) => {
    const certificate = await signCertificate({ softwareSum: 2n * PRICE });
    const terminal = await suite.terminal({ domains: [await servedDomain({ certificate, softwareCardSum })] });
    terminal.reader.card = await terminal.card("soft", { flags: 2 << 1 });
    expect(await terminal.tap(PRICE + 1n)).toMatchObject({ outcome: "refused", code });
    const more = await servedDomain({ softwareCardSum: 9n * PRICE });
    const other = await suite.terminal({ domains: [more] });
    other.reader.card = await other.card("soft", { flags: 2 << 1 });
    expect(await other.tap(1n)).toMatchObject({ outcome: "refused", code: "ASSURANCE_CLASS_REFUSED" });
  });

  it("counts a software card's voucher that was compensated for as long as the terminal lives", async () => {
    const certificate = await signCertificate({ softwareSum: 2n * PRICE });
    const terminal = await suite.terminal({ domains: [await servedDomain({ certificate })] });
    terminal.reader.card = await terminal.card("soft", { flags: 2 << 1 });
    settle(terminal, await terminal.tap(PRICE), "compensated");
    terminal.reader.card = await terminal.card("other", { flags: 2 << 1 });
    expect(await terminal.tap(PRICE + 1n)).toMatchObject({ outcome: "refused", code: "SOFTWARE_NOT_GUARANTEED" });
    settle(terminal, await terminal.tap(PRICE), "final");
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "accepted" });
  });
});

describe("SOFTWARE_NOT_GUARANTEED and torn taps", () => {
  it("counts what a torn tap of a software card may have paid, and of no other card", async () => {
    const certificate = await signCertificate({ softwareSum: 2n * PRICE });
    const terminal = await suite.terminal({ domains: [await servedDomain({ certificate })] });
    const hard = await terminal.card("hard");
    hard.tear = "after";
    terminal.reader.card = hard;
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "unresolved" });
    const soft = await terminal.card("soft", { flags: 2 << 1 });
    soft.tear = "after";
    terminal.reader.card = soft;
    expect(await terminal.tap(PRICE + 1n)).toMatchObject({ outcome: "unresolved" });
    terminal.reader.card = await terminal.card("other", { flags: 2 << 1 });
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "refused", code: "SOFTWARE_NOT_GUARANTEED" });
    expect(await terminal.tap(PRICE - 1n)).toMatchObject({ outcome: "accepted" });
  });
});

describe("TERMINAL_CARD_SUM", () => {
  const limited = async (perCardSum: bigint) => ({
    domains: [await servedDomain({ certificate: await signCertificate({ perCardSum }) })],
  });
  const CODE = { outcome: "refused", code: "TERMINAL_CARD_SUM" };

  it("is of one card, and ends with what is final", async () => {
    const { terminal, card } = await suite.withCard(await limited(2n * PRICE));
    const first = await terminal.tap(PRICE);
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "accepted" });
    expect(await terminal.tap(1n)).toMatchObject(CODE);
    terminal.reader.card = await terminal.card("bert");
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "accepted" });
    terminal.reader.card = card;
    settle(terminal, first, "final");
    expect(await terminal.tap(PRICE + 1n)).toMatchObject(CODE);
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "accepted" });
  });

  it("counts a payment that settlement has, and one that it refused", async () => {
    const { terminal } = await suite.withCard(await limited(PRICE));
    deliver(terminal, await terminal.tap(PRICE), "taken");
    expect(await terminal.tap(1n)).toMatchObject(CODE);
    deliver(terminal, { voucherId: voucherIds(terminal)[0] ?? null }, "disputed");
    expect(await terminal.tap(1n)).toMatchObject(CODE);
  });

  it("counts a torn tap once, also when it is sent again", async () => {
    const { terminal, card } = await suite.withCard(await limited(PRICE));
    card.tear = "before";
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "unresolved" });
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "accepted", counter: 1 });
    expect(await terminal.tap(1n)).toMatchObject(CODE);
  });

  it("counts what a torn tap may still turn out to have paid", async () => {
    const { terminal, card } = await suite.withCard(await limited(2n * PRICE));
    card.tear = "after";
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "unresolved" });
    terminal.reader.card = null;
    const elsewhere = await suite.terminal();
    elsewhere.reader.card = card;
    for (let payment = 0; payment < 16; payment += 1) await elsewhere.tap(1n);
    // The card's ring has passed it, so nobody knows: it counts.
    terminal.reader.card = card;
    expect(await terminal.tap(PRICE + 1n)).toMatchObject(CODE);
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "accepted" });
  });
});

describe("a card that is convicted", () => {
  it.each(["forked", "compensating", "compensated"])("is revoked here once settlement says %s", async (state) => {
    const { terminal } = await suite.withCard();
    const paid = await terminal.tap(PRICE);
    const final = state === "compensated";
    terminal.gateway.journal.write(() => {
      const followed = { state, batch: null, tx: null, final };
      if (paid.voucherId === null) throw new Error("the tap has no voucher");
      if (final) deliver(terminal, paid, "taken");
      terminal.gateway.journal.vouchers.follow(paid.voucherId, followed, terminal.now);
    });
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "refused", code: "STATUS_REVOKED" });
    terminal.reader.card = await terminal.card("bert");
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "accepted" });
  });

  it("is revoked here by an upload's answer that it forked", async () => {
    const { terminal } = await suite.withCard();
    const paid = await terminal.tap(PRICE);
    deliver(terminal, paid, "taken", "forked");
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "refused", code: "STATUS_REVOKED" });
  });

  it("is revoked here by two vouchers of one counter", async () => {
    const { terminal, card } = await suite.withCard();
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "accepted" });
    // A copy from before that payment: its counter is 0 again.
    terminal.reader.card = await terminal.card();
    expect(await terminal.tap(PRICE + 1n)).toMatchObject({ outcome: "refused", code: "COUNTER_USED_TWICE" });
    terminal.reader.card = card;
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "refused", code: "STATUS_REVOKED" });
  });
});

describe("a status list from the future", () => {
  it("is refused by a confirmed clock, whose floor it does not raise", async () => {
    const { terminal } = await suite.withCard();
    const floor = terminal.clock.floor();
    const offered = (issuedAt: number) => terminal.offerList({ seq: 2, issuedAt, asOf: issuedAt });
    expect(await codeOfMessage(offered(terminal.now + 301))).toBe("STATUS_LIST_FROM_FUTURE");
    expect(terminal.clock.floor()).toBe(floor);
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "accepted" });
    await offered(terminal.now);
  });

  it("raises the floor of a clock that nothing has confirmed", async () => {
    const { terminal } = await suite.withCard({ batteryBacked: false }, { list: false });
    await terminal.offerList({ issuedAt: terminal.now + 301, asOf: terminal.now });
    expect(terminal.clock.floor()).toBe(terminal.now + 301);
  });
});

describe("a reader that does not work", () => {
  it.each<ReaderErrorCode>(["NO_SERVICE", "READER_UNKNOWN", "READER_IN_USE", "CARD_MUTE", "READER_FAULT"])(
    "%s has its own code and message",
    async (fault) => {
      const { terminal, card } = await suite.withCard();
      terminal.reader.fault = fault;
      const result = await terminal.tap(PRICE);
      expect(result).toMatchObject({ outcome: "refused", code: fault, apdus: 0 });
      expect(result.message).toMatch(/\. .+\.$/);
      terminal.reader.fault = null;
      expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "accepted" });
      expect(card.counter).toBe(1);
    },
  );

  it("without a card says CARD_ABSENT", async () => {
    const terminal = await suite.terminal();
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "refused", code: "CARD_ABSENT" });
  });

  it("tries SELECT again where a card vanishes before PAY, and debits nothing", async () => {
    const { terminal, card } = await suite.withCard();
    let torn = 2;
    card.lies = { raw: (ins, response) => (ins === 0xa4 && torn-- > 0 ? new Uint8Array(0) : response) };
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "accepted", counter: 1, apdus: 2 });
    await terminal.gateway.engine.rest();
    expect(terminal.reader.held).toBe(0);
  });

  it("is let go when the terminal hangs up before a card came", async () => {
    const terminal = await suite.terminal();
    const gone = new AbortController();
    const waiting = terminal.tap(PRICE, { waitMs: 60_000, signal: gone.signal });
    expect(terminal.gateway.engine.isBusy).toBe(true);
    expect(await codeOfRejection(terminal.tap(PRICE))).toBe("TAP_IN_PROGRESS");
    gone.abort();
    expect(await waiting).toMatchObject({ outcome: "refused", code: "SALE_CANCELLED" });
    expect(terminal.gateway.engine.isBusy).toBe(false);
  });

  it("serves one of two requests at once", async () => {
    const { terminal, card } = await suite.withCard();
    const both = await Promise.allSettled([terminal.tap(PRICE), terminal.tap(PRICE)]);
    expect(both.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
    expect(card.spent).toBe(PRICE);
  });
});
