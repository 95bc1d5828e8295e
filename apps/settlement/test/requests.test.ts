import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import {
  cardTag,
  certificateRequestDigits,
  decodeAdmission,
  decodeMailboxPage,
  decodeMerchantCertificate,
  digestOf,
  encodeCertificateRequest,
  encodeMailboxRequest,
  encodePayeeRequest,
  encodeRenewalRequest,
  encodeVoucherStatesRequest,
  fromHex,
  mailboxAsks,
  payeeAsks,
  terminalRequestKinds,
  toAddress,
  toChecksumAddress,
  toHex,
  uncompressKey,
  verifyDigest,
  type CertificateRequest,
  type MailboxEntry,
  type MailboxRequest,
  type PayeeAsk,
  type TerminalRequestKind,
} from "@tallystick/protocol";
import {
  certificateRequestAnswerSchema,
  certificateResponseSchema,
  mailboxAnswerSchema,
  type TerminalRequestBody,
  termsSchema,
  voucherListSchema,
  voucherStatesSchema,
} from "@tallystick/protocol/wire";
import { eventually } from "./harness/eventually.ts";
import { certifiedTerminal, fundedCard } from "./harness/issued.ts";
import { booksBecome } from "./harness/readiness.ts";
import {
  createHarness,
  ISSUER_TOKEN,
  type SettlementHarness,
  type TestAnswer,
  type TestService,
} from "./harness/settlement-harness.ts";
import { idOf } from "./harness/test-card.ts";
import { TestTerminal } from "./harness/test-terminal.ts";

const DAY = 86_400;
const { mailbox, voucherStates, refundOrder, renewal, voucherList, payee: payeeKind } = terminalRequestKinds;
const now = (): number => Math.floor(Date.now() / 1_000);
const statesBody = (...ids: readonly Uint8Array[]): Uint8Array => encodeVoucherStatesRequest(ids);
const someId = new Uint8Array(32).fill(7);

describe("what terminals ask", () => {
  let harness: SettlementHarness;
  let database: string;
  let service: TestService;
  let terminal: TestTerminal;

  beforeAll(async () => {
    harness = await createHarness();
    harness.startMining();
    database = await harness.createDatabase();
    service = await harness.start(database);
    terminal = await certifiedTerminal(harness, service);
  });
  afterAll(async () => {
    await service.stop();
    await harness.stop();
  });
  const send = (body: unknown, to: TestService = service): Promise<TestAnswer> =>
    to.call("POST", "/v1/requests", { body });
  const codeOf = async (body: unknown, to?: TestService): Promise<unknown[]> => {
    const answer = await send(body, to);
    return [answer.status, answer.body.code];
  };
  const nonces = async (): Promise<number> => {
    const { rows } = await service.platform.pool.query("select count(*)::int as n from request_nonces");
    return (rows[0] as { n: number }).n;
  };

  it("are the states of its payee's own vouchers, in the order of the ids", async () => {
    const card = await fundedCard(harness, service, "10.00");
    const other = await certifiedTerminal(harness, service);
    const own = await card.pay({ payee: terminal.payee, amount: 1_000_000n, terminalId: terminal.terminalId });
    const foreign = await card.pay({ payee: other.payee, amount: 500_000n, terminalId: other.terminalId });
    const misplaced = { ...own, message: { ...own.message, amount: 2n } };
    await service.call("POST", "/v1/uploads", { body: await terminal.upload({ vouchers: [own, misplaced] }) });
    await service.call("POST", "/v1/uploads", { body: await other.upload({ vouchers: [foreign] }) });
    const ids = [someId, fromHex(idOf(own)), fromHex(idOf(foreign)), fromHex(idOf(misplaced)), fromHex(idOf(own))];
    const answer = await send(await terminal.ask(voucherStates, statesBody(...ids)));
    expect(answer.status).toBe(200);
    const { states } = voucherStatesSchema.parse(answer.body);
    expect(states.map(({ voucherId }) => voucherId)).toEqual(ids.map(toHex));
    const nothing = { state: null, code: null, batch: null, tx: null, owes: null, refunded: null, refunds: [] };
    expect(states[0]).toMatchObject(nothing);
    expect(states[2]).toMatchObject(nothing);
    expect(states[3]).toMatchObject({ state: "refused", code: "VOUCHER_SIGNATURE", refunded: "0.00" });
    expect(states[4]).toEqual(states[1]);
    // What is shown to one who knows the id is what its payee is told.
    const shown = await service.call("GET", `/v1/vouchers/${idOf(own)}`);
    const { state, code, owes, refunded, refunds } = shown.body;
    expect(states[1]).toMatchObject({ code, owes, refunded, refunds });
    expect(["received", "batched", "mined", "final"]).toContain(state);
    const theirs = await send(await other.ask(voucherStates, statesBody(fromHex(idOf(foreign)))));
    expect(theirs.body.states[0].state).not.toBeNull();

    // Another terminal of the payee lists what this one sold, and nobody else does.
    const beside = await certifiedTerminal(harness, service, {}, terminal.payee);
    const page = async (of: TestTerminal, after: Uint8Array) => send(await of.ask(voucherList, after));
    const [listed] = voucherListSchema.parse((await page(beside, new Uint8Array(32))).body).vouchers;
    expect(listed).toMatchObject({
      ...{ voucherId: idOf(own), terminalId: toHex(terminal.terminalId), card: toHex(card.address) },
      ...{ counter: 1, amount: "1.00", code: null },
    });
    expect((await page(beside, fromHex(idOf(own)))).body).toEqual({ vouchers: [], next: null });
    expect((await page(other, new Uint8Array(32))).body.vouchers).toEqual([
      expect.objectContaining({ voucherId: idOf(foreign) }),
    ]);
    expect(await codeOf(await beside.ask(voucherList, new Uint8Array(31)))).toEqual([400, "MALFORMED_REQUEST"]);
  });

  it("are at most 500 vouchers at once, and no body that is cut or grown", async () => {
    const most = Array.from({ length: 500 }, () => randomBytes(32));
    const answer = await send(await terminal.ask(voucherStates, statesBody(...most)));
    expect([answer.status, answer.body.states.length]).toEqual([200, 500]);
    const whole = statesBody(someId, someId);
    for (const body of [
      whole.slice(0, -1),
      Buffer.concat([whole, Buffer.of(0)]),
      Buffer.of(0, 0),
      Buffer.of(1, 0xf5),
    ]) {
      expect(await codeOf(await terminal.ask(voucherStates, body))).toEqual([400, "MALFORMED_REQUEST"]);
    }
    expect(await codeOf(await terminal.ask(voucherStates, new Uint8Array(0)))).toEqual([400, "MALFORMED_REQUEST"]);
  });

  it("are believed by their signatures alone", async () => {
    const good = await terminal.ask(voucherStates, statesBody(someId));
    const uncertified = new TestTerminal(harness.domain, terminal.payee);
    const other = await certifiedTerminal(harness, service);
    const forged = async (change: Partial<TerminalRequestBody>): Promise<unknown[]> => codeOf({ ...good, ...change });
    const flipped = (text: string): string => `0x${text[2] === "0" ? "1" : "0"}${text.slice(3)}`;
    const before = await nonces();
    const untrusted = [403, "REQUEST_UNTRUSTED"];
    expect(await forged({ signature: flipped(good.signature) })).toEqual(untrusted);
    expect(await forged({ certificateSignature: flipped(good.certificateSignature) })).toEqual(untrusted);
    expect(await forged({ body: toHex(statesBody(randomBytes(32))) })).toEqual(untrusted);
    const { certificate, certificateSignature } = await other.ask(voucherStates, statesBody(someId));
    expect(await forged({ certificate, certificateSignature })).toEqual(untrusted);
    // Another terminal's key under this one's certificate, and another payee's name.
    const { request, signature } = await uncertified.ask(voucherStates, statesBody(someId), {
      terminalId: terminal.terminalId,
    });
    expect(await forged({ request, signature })).toEqual(untrusted);
    expect(
      await codeOf(await terminal.ask(voucherStates, statesBody(someId), { payee: toAddress(randomBytes(20)) })),
    ).toEqual(untrusted);
    const domain = { ...harness.domain, chainId: harness.domain.chainId + 1n };
    expect(await codeOf(await terminal.ask(voucherStates, statesBody(someId), { domain }))).toEqual(untrusted);
    const vault = { ...harness.domain, vault: toAddress(randomBytes(20)) };
    expect(await codeOf(await terminal.ask(voucherStates, statesBody(someId), { domain: vault }))).toEqual(untrusted);
    expect(await nonces()).toBe(before);
    expect((await send(good)).status).toBe(200);
  });

  it("are refused where no decoder takes them", async () => {
    const good = await terminal.ask(voucherStates, statesBody(someId));
    const cases: readonly [Partial<TerminalRequestBody>, string][] = [
      [{ request: `0x544c5955${good.request.slice(10)}` }, "MALFORMED_REQUEST"],
      [{ certificate: `0x544c5955${good.certificate.slice(10)}` }, "MALFORMED_REQUEST"],
      [{ request: good.request.slice(0, -2) }, "MALFORMED_BODY"],
      [{ request: `${good.request}00` }, "MALFORMED_BODY"],
      [{ signature: "0x" }, "MALFORMED_BODY"],
      [{ body: `0x${"00".repeat(16_003)}` }, "MALFORMED_BODY"],
      [{ body: "0x0" }, "MALFORMED_BODY"],
      [{ extra: "0x" } as never, "MALFORMED_BODY"],
    ];
    for (const [change, code] of cases) expect(await codeOf({ ...good, ...change })).toEqual([400, code]);
    // Kinds 0 and 7 are none: the 61st byte of TLYW.
    for (const kind of ["00", "07"]) {
      const request = `${good.request.slice(0, 122)}${kind}${good.request.slice(124)}`;
      expect(await codeOf({ ...good, request })).toEqual([400, "MALFORMED_REQUEST"]);
    }
  });

  it("are of now: within five minutes on both sides", async () => {
    const at = (time: number): Promise<TerminalRequestBody> =>
      terminal.ask(voucherStates, statesBody(someId), { time });
    for (const time of [now() - 302, now() + 310, 0, 0xffff_ffff]) {
      expect(await codeOf(await at(time))).toEqual([403, "REQUEST_OUT_OF_TIME"]);
    }
    for (const time of [now() - 290, now() + 300]) expect((await send(await at(time))).status).toBe(200);
  });

  it("are taken once, by whichever replica, also ten times at once", async () => {
    const replica = await harness.start(database, { roles: ["api"] });
    try {
      const request = await terminal.ask(voucherStates, statesBody(someId));
      const answers = await Promise.all(
        Array.from({ length: 10 }, (_, index) => send(request, index % 2 === 0 ? service : replica)),
      );
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
      expect(answers.filter(({ body }) => body.code === "REQUEST_REPEATED")).toHaveLength(9);
      for (const each of [service, replica]) expect(await codeOf(request, each)).toEqual([409, "REQUEST_REPEATED"]);
      // The nonce serves once for each terminal: another one may draw the same.
      const nonce = randomBytes(16);
      const other = await certifiedTerminal(harness, service);
      for (const each of [terminal, other]) {
        expect((await send(await each.ask(voucherStates, statesBody(someId), { nonce }))).status).toBe(200);
      }
      const again = await terminal.ask(voucherStates, statesBody(randomBytes(32)), { nonce });
      expect(await codeOf(again, replica)).toEqual([409, "REQUEST_REPEATED"]);
    } finally {
      await replica.stop();
    }
  });

  it("use up a nonce with a body that is none, and forget nonces when nobody takes them any more", async () => {
    const nonce = randomBytes(16);
    const malformed = await terminal.ask(voucherStates, Buffer.of(0), { nonce });
    expect(await codeOf(malformed)).toEqual([400, "MALFORMED_REQUEST"]);
    expect(await codeOf(malformed)).toEqual([409, "REQUEST_REPEATED"]);
    const old = async (seconds: number): Promise<Buffer> => {
      const made = randomBytes(16);
      await service.platform.pool.query(
        "insert into request_nonces values ($1, $2, $3, $4, now() - interval '1 hour')",
        [...[Buffer.from(terminal.payee), Buffer.from(terminal.terminalId), made, now() - seconds]],
      );
      return made;
    };
    const [forgotten, kept] = [await old(310), await old(200)];
    await send(await terminal.ask(voucherStates, statesBody(someId)));
    const { rows } = await service.platform.pool.query("select nonce from request_nonces where nonce = any($1)", [
      [forgotten, kept],
    ]);
    expect(rows).toEqual([{ nonce: kept }]);
  });

  it("are the next certificate near the end of the last one, also when that has ended, and never of a withdrawn one", async () => {
    const renew = async (of: TestTerminal, change: Partial<CertificateRequest> = {}): Promise<TestAnswer> => {
      const { domain, payee, terminalId, signer } = of;
      const terminalKey = uncompressKey(signer.publicKey);
      const bytes = encodeCertificateRequest({
        ...{ domain, payee, terminalId, terminalKey, category: 3, time: now(), ...change },
      });
      const signature = await signer.sign(digestOf(bytes));
      return send(await of.ask(renewal, encodeRenewalRequest({ bytes, signature })));
    };
    const certificateIn = ({ body }: TestAnswer) =>
      decodeMerchantCertificate(fromHex(certificateResponseSchema.parse(body).certificate));
    const audited = async (): Promise<unknown> =>
      (await service.platform.pool.query("select count(*) as n from audit_entries")).rows[0];
    const year = { notBefore: now() - 340 * DAY, notAfter: now() + 25 * DAY };
    const [ending, ended, fresh] = [
      await certifiedTerminal(harness, service, year),
      await certifiedTerminal(harness, service, { notBefore: now() - 20 * DAY, notAfter: now() - 10 * DAY }),
      await certifiedTerminal(harness, service, { notAfter: now() + 300 * DAY }),
    ];
    const last = decodeMerchantCertificate(fromHex(ending.certificate.certificate));
    const before = await audited();
    // Twice at once: a repeated request must not add a second year.
    const both = await Promise.all([renew(ending), renew(ending)]);
    for (const answer of both) {
      expect([answer.status, certificateIn(answer)]).toEqual([200, { ...last, notAfter: last.notAfter + 365 * DAY }]);
    }
    expect(await audited()).toEqual(before);
    ending.certificate = both[0]?.body as TestTerminal["certificate"];
    expect((await send(await ending.ask(voucherStates, statesBody(someId)))).status).toBe(200);
    const again = certificateIn(await renew(ended));
    expect(again.notAfter).toBeGreaterThanOrEqual(now() + 10 * DAY - 60);
    expect(again.notAfter).toBeLessThanOrEqual(now() + 10 * DAY);
    expect((await renew(fresh)).body).toMatchObject({ certificate: fresh.certificate.certificate });
    // What a person gave it meanwhile counts, and another category stands in the way.
    await service.call("POST", "/v1/merchants", {
      token: ISSUER_TOKEN,
      body: fresh.certificateRequest({ notAfter: now() + 200 * DAY, perTap: "3.00" }),
    });
    expect(certificateIn(await renew(fresh)).perTap).toBe(3_000_000n);
    const refused = await renew(fresh, { category: 4 });
    expect([refused.status, refused.body.code, refused.body.reason]).toEqual([409, "RENEWAL_REFUSED", "OtherTerminal"]);
    expect((await renew(fresh, { time: now() - 8 * DAY })).body.reason).toBe("OutOfTime");
    expect(await codeOf(await fresh.ask(renewal, new Uint8Array(0)))).toEqual([400, "MALFORMED_REQUEST"]);
    for (const [of, from] of [
      [ended, now()],
      [fresh, now() + DAY],
    ] as const) {
      const path = `/v1/merchants/${toHex(of.payee)}/terminals/${toHex(of.terminalId)}/withdrawal`;
      await service.call("POST", path, { body: { from, reason: "It was stolen." }, token: ISSUER_TOKEN });
      const answer = await renew(of);
      expect([answer.status, answer.body.code]).toEqual([403, "CERTIFICATE_NOT_VALID"]);
    }
  });

  it("are allowances that wait for cards, page by page and for the card on the reader", async () => {
    const card = await fundedCard(harness, service, "10.00");
    const tag = cardTag(harness.domain, card.signer.publicKey);
    const pageOf = async (request: MailboxRequest) => {
      const { body, status } = await send(await terminal.ask(mailbox, encodeMailboxRequest(request)));
      if (status !== 200) throw new Error(JSON.stringify(body));
      return decodeMailboxPage(fromHex(mailboxAnswerSchema.parse(body).page));
    };
    const ofCard = (shownSeq: number) => pageOf({ ask: mailboxAsks.card, cardTag: tag, shownSeq });
    const isOfCard = (entry: MailboxEntry) => toHex(entry.cardTag) === toHex(tag);
    const start = await pageOf({ ask: mailboxAsks.page, cursor: new Uint8Array(16) });
    expect(start.entries.filter(isOfCard).map(({ body }) => body.seq)).toEqual([1]);
    expect((await ofCard(1)).entries).toEqual([]);
    const path = `/v1/cards/${toHex(card.address)}`;
    await service.call("POST", `${path}/fundings`, {
      token: ISSUER_TOKEN,
      body: { amount: "20.00", key: "top-up", reason: "a test" },
    });
    const { entries } = await eventually(
      () => ofCard(1),
      (page) => page.entries.length > 0,
    );
    expect(entries[0]?.body).toMatchObject({ seq: 2, maxSpent: 30_000_000n });
    const behind = await pageOf({ ask: mailboxAsks.page, cursor: start.next });
    expect(behind.entries.filter(isOfCard)).toEqual(entries);
    card.allowance = entries[0] as MailboxEntry;
    const paid = await card.pay({ payee: terminal.payee, amount: 30_000_000n, terminalId: terminal.terminalId });
    const taken = await service.call("POST", "/v1/uploads", { body: await terminal.upload({ vouchers: [paid] }) });
    expect(taken.body.results).toMatchObject([{ status: "new", code: null }]);
    const after = await pageOf({ ask: mailboxAsks.page, cursor: new Uint8Array(16) });
    expect(after.entries.filter(isOfCard)).toEqual([]);
    const limits = { perTap: "5.00", reason: "asked for" };
    const changed = await service.call("POST", `${path}/limits`, { token: ISSUER_TOKEN, body: limits });
    expect([changed.status, (await ofCard(2)).entries[0]?.body.perTap]).toEqual([200, 5_000_000n]);
    const why = { token: ISSUER_TOKEN, body: { reason: "lost and found" } };
    expect((await service.call("POST", `${path}/suspension`, why)).body).toMatchObject({ status: "suspended" });
    expect((await ofCard(2)).entries.map(({ body }) => [body.seq, body.perTap])).toEqual([[4, 0n]]);
    expect((await service.call("POST", `${path}/release`, why)).body).toMatchObject({ status: "valid" });
    expect((await ofCard(4)).entries[0]?.body.perTap).toBe(5_000_000n);
    for (const body of [new Uint8Array(0), Uint8Array.of(3), new Uint8Array(18).fill(1)])
      expect(await codeOf(await terminal.ask(mailbox, body))).toEqual([400, "MALFORMED_REQUEST"]);
  });

  it("need a certificate that is valid now, and of a withdrawn one are states alone", async () => {
    const expired = await certifiedTerminal(harness, service, { notBefore: now() - 2 * DAY, notAfter: now() - DAY });
    const coming = await certifiedTerminal(harness, service, { notBefore: now() + DAY, notAfter: now() + 2 * DAY });
    for (const each of [expired, coming]) {
      for (const kind of [mailbox, voucherStates, refundOrder]) {
        expect(await codeOf(await each.ask(kind, statesBody(someId)))).toEqual([403, "CERTIFICATE_NOT_VALID"]);
      }
    }
    const withdrawn = await certifiedTerminal(harness, service);
    const withdraw = async (from: number): Promise<void> => {
      const path = `/v1/merchants/${toHex(withdrawn.payee)}/terminals/${toHex(withdrawn.terminalId)}/withdrawal`;
      const body = { from, reason: "The terminal was stolen." };
      expect((await service.call("POST", path, { body, token: ISSUER_TOKEN })).status).toBe(200);
    };
    /** What its answer says of a withdrawal: that of the mailbox, to which every terminal listens, and of states. */
    const told = async (kind: TerminalRequestKind): Promise<unknown> => {
      const page = encodeMailboxRequest({ ask: mailboxAsks.page, cursor: new Uint8Array(16) });
      const body = kind === mailbox ? page : statesBody(someId);
      return (await send(await withdrawn.ask(kind, body))).body.withdrawnFrom;
    };
    expect([await told(mailbox), await told(voucherStates)]).toEqual([undefined, undefined]);
    const later = now() + DAY;
    await withdraw(later);
    expect([await told(mailbox), await told(voucherStates)]).toEqual([later, later]);
    expect(await codeOf(await withdrawn.ask(refundOrder, statesBody(someId)))).toEqual([400, "MALFORMED_REQUEST"]);
    const from = now();
    await withdraw(from);
    expect((await send(await withdrawn.ask(voucherStates, statesBody(someId)))).status).toBe(200);
    for (const kind of [mailbox, refundOrder])
      expect(await codeOf(await withdrawn.ask(kind, statesBody(someId)))).toEqual([403, "CERTIFICATE_NOT_VALID"]);
    expect([await told(mailbox), await told(voucherStates), await told(renewal)]).toEqual([from, from, from]);
  });

  describe("for the first time", () => {
    const issuer = (method: string, path: string, body?: unknown) =>
      service.call(method, path, { token: ISSUER_TOKEN, ...(body === undefined ? {} : { body }) });
    const asked = async (of: TestTerminal, change: Partial<CertificateRequest> = {}) => {
      const { domain, payee, terminalId, signer } = of;
      const terminalKey = uncompressKey(signer.publicKey);
      const fields = { domain, payee, terminalId, terminalKey, category: 3, time: now(), ...change };
      const bytes = encodeCertificateRequest(fields);
      return { request: toHex(bytes), signature: toHex(await signer.sign(digestOf(bytes))) };
    };
    const ask = (body: unknown) => service.call("POST", "/v1/certificate-requests", { body });
    const approval = (of: TestTerminal, request: string, change: Record<string, unknown> = {}) => {
      const { category: _c, terminalId: _i, terminalKey: _k, ...limits } = of.certificateRequest();
      const digits = certificateRequestDigits(fromHex(request));
      return { ...limits, digits, payee: toChecksumAddress(of.payee), ...change };
    };

    it("are a certificate, with what the issuer signed beside it, once a person has read both back", async () => {
      const joining = new TestTerminal(harness.domain);
      const { request, signature } = await asked(joining);
      const [first, again] = [await ask({ request, signature }), await ask({ request, signature })];
      expect(first.body).toMatchObject({ state: "waiting", admission: null });
      expect([again.status, again.body]).toEqual([200, first.body]);
      const path = `/v1/certificate-requests/${String(first.body.id)}`;
      expect((await service.call("GET", path)).body).toEqual(first.body);
      const digits = certificateRequestDigits(fromHex(request));
      const { requests } = (await issuer("GET", `/v1/certificate-requests?digits=${digits}`)).body;
      const shown = { payee: toChecksumAddress(joining.payee), knownPayee: false, knownTerminal: false };
      expect(requests).toEqual([expect.objectContaining({ ...shown, digits, state: "waiting", decidedBy: null })]);

      const approve = (change: Record<string, unknown> = {}) =>
        issuer("POST", `${path}/approval`, approval(joining, request, change));
      expect((await approve({ digits: "0".repeat(20) })).body.code).toBe("DIGITS_DIFFER");
      expect((await approve({ payee: toHex(joining.payee) })).body.code).toBe("PAYEE_DIFFERS");
      expect((await approve({ notAfter: 1 })).body.code).toBe("CERTIFICATE_RANGE");
      expect((await service.call("GET", path)).body.state).toBe("waiting");
      const terms = approval(joining, request);
      const answers = await Promise.all([0, 1].map(() => issuer("POST", `${path}/approval`, terms)));
      const polled = await service.call("GET", path);
      for (const { body } of answers) expect(body).toEqual(polled.body);
      // A stop between decision and signatures: whoever asks next gets the same.
      await service.platform.pool.query("update certificate_requests set admission = null");
      expect((await service.call("GET", path)).body).toEqual(polled.body);
      expect((await issuer("POST", `${path}/approval`, { ...terms, perTap: "9.00" })).body.code).toBe(
        "REQUEST_DECIDED",
      );
      expect((await issuer("POST", `${path}/refusal`, { reason: "No." })).body.code).toBe("REQUEST_DECIDED");

      const { admission } = certificateRequestAnswerSchema.parse(polled.body);
      const [head] = admission?.heads ?? [];
      if (admission == null || head === undefined) throw new Error("it was approved");
      const { publicKey } = service.platform.issuer;
      const bytes = fromHex(head.admission);
      expect(verifyDigest(fromHex(head.signature), digestOf(bytes), publicKey)).toBe(true);
      expect(decodeAdmission(bytes)).toMatchObject({
        ...{ domain: harness.domain, requestHash: digestOf(fromHex(request)) },
        certificateHash: digestOf(fromHex(head.certificate)),
        termsHash: digestOf(new TextEncoder().encode(admission.terms)),
      });
      expect(termsSchema.parse(JSON.parse(admission.terms))).toMatchObject({
        asset: { code: "TUSD" },
        issuerKeys: [{ publicKey: toHex(publicKey) }],
        guaranteeAccount: harness.guarantee.toLowerCase(),
      });
      joining.certificate = { certificate: head.certificate, signature: head.certificateSignature };
      const unit = async (kind: PayeeAsk) => send(await joining.ask(payeeKind, encodePayeeRequest(kind)));
      const payout = () =>
        service.call("POST", "/v1/payouts", { body: { payee: toHex(joining.payee), reason: "a test" } });
      expect((await payout()).body.code).toBe("PAYEE_UNCONFIRMED");
      await eventually(
        () => unit(payeeAsks.look),
        ({ body }) => body.state === "sent" && body.tx !== null,
      );
      const balance = (await harness.rpc("eth_call", [
        { to: harness.token, data: `0x70a08231${"0".repeat(24)}${toHex(joining.payee).slice(2)}` },
        "latest",
      ])) as string;
      expect(BigInt(balance)).toBe(1n);
      for (let time = 0; time < 2; time += 1)
        expect((await unit(payeeAsks.came)).body).toMatchObject({ state: "confirmed", amount: "0.000001" });
      expect((await payout()).body.code).toBe("NOTHING_OWED");
      await booksBecome(service);
      const known = await send(await terminal.ask(payeeKind, encodePayeeRequest(payeeAsks.came)));
      expect(known.body).toEqual({ state: "known", amount: null, tx: null });
    });

    it("are decided on the console by what was read at the terminal, as by the calls", async () => {
      const [joining, other] = [new TestTerminal(harness.domain), new TestTerminal(harness.domain)];
      const [body, unwanted] = [await asked(joining), await asked(other)];
      const { id } = (await ask(body)).body;
      const { id: unwantedId } = (await ask(unwanted)).body;
      const { digits, payee, ...limits } = approval(joining, body.request);
      const { unsentCount, notBefore: _b, notAfter: _a, ...given } = limits as Record<string, unknown>;
      const page = String((await issuer("GET", "/console/joining")).body);
      expect([page.includes(digits), page.includes(payee), page.includes(toHex(joining.terminalId))]).toEqual([
        ...[false, true, true],
      ]);
      const form = { ...given, digits: digits.replace(/(.{4})/g, "$1 "), payee, days: "30" };
      const typed = { ...form, unsentCount: String(unsentCount) };
      const press = async (change: Record<string, unknown> = {}) =>
        (await issuer("POST", "/console/joining/approval", { ...typed, ...change })).body.code as string | undefined;
      expect([
        ...[await press({ digits: "12" }), await press({ digits: "0".repeat(20) })],
        ...[
          await press({ payee: payee.toLowerCase() }),
          await press({ perTap: "281474976.710656" }),
          await press({ reason: "" }),
        ],
      ]).toEqual([
        ...["MALFORMED_BODY", "CERTIFICATE_REQUEST_UNKNOWN", "PAYEE_DIFFERS", "AMOUNT_RANGE", "REASON_NEEDED"],
      ]);
      for (const days of ["0", "3651", "1.5", "-1", "", 30])
        expect([days, await press({ days })]).toEqual([days, "MALFORMED_BODY"]);
      const look = async (which: unknown) =>
        (await service.call("GET", `/v1/certificate-requests/${String(which)}`)).body;
      expect(await look(id)).toMatchObject({ state: "waiting" });
      expect(await press()).toBeUndefined();
      const { admission } = certificateRequestAnswerSchema.parse(await look(id));
      const { notBefore, notAfter } = decodeMerchantCertificate(fromHex(admission?.heads[0]?.certificate ?? ""));
      expect(notAfter - notBefore).toBe(30 * DAY);
      const refusal = (which: unknown, reason: string) =>
        issuer("POST", `/console/joining/${String(which)}/refusal`, { reason });
      expect((await refusal(unwantedId, "")).body.code).toBe("REASON_NEEDED");
      await refusal(unwantedId, "Nobody knows it.");
      expect(await look(unwantedId)).toMatchObject({ state: "refused", reason: "Nobody knows it." });
      expect((await refusal(id, "Too late.")).body.code).toBe("REQUEST_DECIDED");
      expect((await service.call("GET", "/console/joining")).body.code).toBe("FORBIDDEN");

      const merchant = `/console/merchants/${toHex(joining.payee)}`;
      const offered = async () => String((await issuer("GET", merchant)).body).includes("Confirm that it came");
      const confirm = async (path: string, reason: string) =>
        (await issuer("POST", `${path}/confirmation`, { reason })).body.code as string | undefined;
      const payout = async () =>
        (await service.call("POST", "/v1/payouts", { body: { payee: toHex(joining.payee), reason: "a test" } })).body;
      expect([await offered(), (await payout()).code]).toEqual([true, "PAYEE_UNCONFIRMED"]);
      expect([
        await confirm(merchant, ""),
        await confirm(`/console/merchants/${toHex(terminal.payee)}`, "So."),
      ]).toEqual(["REASON_NEEDED", "NOT_FOUND"]);
      expect(await confirm(merchant, "Its owner called.")).toBeUndefined();
      expect([await offered(), (await payout()).code]).toEqual([false, "NOTHING_OWED"]);
    });

    it("are one key for a payee and terminal id, however it is certified", async () => {
      const intruder = new TestTerminal(harness.domain, terminal.payee);
      Object.assign(intruder, { terminalId: terminal.terminalId });
      const taken = await issuer("POST", "/v1/merchants", intruder.certificateRequest());
      expect([taken.status, taken.body.code]).toEqual([409, "TERMINAL_KEY_TAKEN"]);
      const body = await asked(intruder);
      // Whoever asks does not learn that the pair is known.
      const { id, state } = (await ask(body)).body;
      expect(state).toBe("waiting");
      const path = `/v1/certificate-requests/${String(id)}`;
      const refused = await issuer("POST", `${path}/approval`, approval(intruder, body.request));
      expect([refused.status, refused.body.code]).toEqual([409, "TERMINAL_KEY_TAKEN"]);
      await issuer("POST", `${path}/refusal`, { reason: "It is not this merchant's." });
      const told = (await service.call("GET", path)).body;
      expect(told).toMatchObject({ state: "refused", reason: "It is not this merchant's.", admission: null });
      expect((await issuer("POST", `${path}/approval`, approval(intruder, body.request))).body.code).toBe(
        "REQUEST_DECIDED",
      );
      // The true key goes on, and a new one comes under another id.
      expect((await issuer("POST", "/v1/merchants", terminal.certificateRequest({ perTap: "4.00" }))).status).toBe(200);
      const fresh = new TestTerminal(harness.domain, terminal.payee);
      expect((await issuer("POST", "/v1/merchants", fresh.certificateRequest())).status).toBe(200);
    });

    it("are refused where nobody could approve them, and are bounded by where they come from", async () => {
      const joining = new TestTerminal(harness.domain);
      const good = await asked(joining);
      const reasonOf = async (body: unknown): Promise<unknown> => {
        const answer = await ask(body);
        return answer.body.reason ?? answer.body.code ?? answer.status;
      };
      expect(await reasonOf(await asked(joining, { time: now() - 8 * DAY }))).toBe("OutOfTime");
      expect(await reasonOf(await asked(joining, { domain: { ...harness.domain, chainId: 7n } }))).toBe("OtherDomain");
      expect(await reasonOf({ ...good, signature: (await asked(terminal)).signature })).toBe("BadSignature");
      expect(await reasonOf({ ...good, request: `0x544c5955${good.request.slice(10)}` })).toBe("MALFORMED_REQUEST");
      const none = await service.call("GET", `/v1/certificate-requests/${toHex(someId)}`);
      expect([none.status, none.body.code]).toEqual([404, "CERTIFICATE_REQUEST_UNKNOWN"]);

      const { pool } = service.platform;
      await pool.query("delete from certificate_requests");
      // A flood of 250 sources fills the list; each has as many as it may.
      await pool.query(
        `insert into certificate_requests (id, request, signature, source, time, received_at, state)
         select sha256(n::text::bytea), decode(repeat('00', 130), 'hex'), decode(repeat('00', 64), 'hex'),
           '198.51.100.' || n / 8, $1, now() - interval '1 hour', 'waiting' from generate_series(0, 1999) as n`,
        [now()],
      );
      const counted = async (): Promise<unknown> =>
        (
          await pool.query(
            "select source, count(*)::int as n from certificate_requests group by source order by n, source limit 2",
          )
        ).rows;
      expect((await ask(good)).body.state).toBe("waiting");
      expect(await counted()).toEqual([
        { source: "127.0.0.1", n: 1 },
        { source: "198.51.100.0", n: 7 },
      ]);
      for (let more = 0; more < 7; more += 1)
        await pool.query(
          "update certificate_requests set source = '127.0.0.1' where id = (select id from certificate_requests where source = '198.51.100.9' limit 1)",
        );
      const further = await asked(new TestTerminal(harness.domain));
      const full = await ask(further);
      expect([full.status, full.body.code]).toEqual([429, "CERTIFICATE_REQUESTS_FULL"]);
      expect((await ask(good)).body.state).toBe("waiting");
      // What came as a file is handed in by the issuer.
      const byHand = await fetch(`${service.doors.administration}/v1/certificate-requests`, {
        ...{ method: "POST", body: JSON.stringify(further) },
        headers: { "content-type": "application/json", authorization: `Bearer ${ISSUER_TOKEN}` },
      });
      expect(byHand.status).toBe(200);
    });
  });

  it("are bounded by a quota that says when to come again", async () => {
    const strict = await harness.start(database, { roles: ["api"], requestsPerFiveMinutes: 3 });
    try {
      const [asking, other] = [await certifiedTerminal(harness, strict), await certifiedTerminal(harness, strict)];
      for (let asked = 0; asked < 3; asked += 1) {
        expect((await send(await asking.ask(voucherStates, statesBody(someId)), strict)).status).toBe(200);
      }
      const before = await nonces();
      const response = await fetch(`${await strict.app.getUrl()}/v1/requests`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(await asking.ask(voucherStates, statesBody(someId))),
      });
      expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([429, "REQUEST_QUOTA"]);
      const wait = Number(response.headers.get("retry-after"));
      expect(wait).toBeGreaterThan(200);
      expect(wait).toBeLessThanOrEqual(300);
      expect(await nonces()).toBe(before);
      expect((await send(await other.ask(voucherStates, statesBody(someId)), strict)).status).toBe(200);
    } finally {
      await strict.stop();
    }
  });

  it("come as an octet stream too, with the same rules", async () => {
    const request = await terminal.ask(voucherStates, statesBody(someId));
    const { signature, certificate, certificateSignature, body } = request;
    const parts = [request.request, signature, certificate, certificateSignature, body].map((text) => fromHex(text));
    const bytes = Buffer.concat(parts);
    const post = async (stream: Uint8Array<ArrayBuffer>): Promise<unknown[]> => {
      const response = await fetch(`${await service.app.getUrl()}/v1/requests`, {
        ...{ method: "POST", headers: { "content-type": "application/octet-stream" }, body: stream },
      });
      const answer = (await response.json()) as { code?: string; states?: unknown[] };
      return [response.status, answer.code ?? answer.states?.length];
    };
    expect(await post(bytes)).toEqual([200, 1]);
    expect(await post(bytes)).toEqual([409, "REQUEST_REPEATED"]);
    expect(await post(bytes.subarray(0, 403))).toEqual([400, "MALFORMED_REQUEST"]);
    expect(await post(Buffer.concat([bytes, Buffer.alloc(16_002)]))).toEqual([413, "PAYLOAD_TOO_LARGE"]);
    expect(await post(Buffer.concat([bytes, Buffer.of(0)]))).toEqual([403, "REQUEST_UNTRUSTED"]);
  });

  it("are never asked by address, nor with a token", async () => {
    expect((await service.call("GET", "/v1/requests")).status).toBe(404);
    const answer = await service.call("POST", "/v1/requests", { body: {}, token: ISSUER_TOKEN });
    expect([answer.status, answer.body.code]).toEqual([400, "MALFORMED_BODY"]);
  });
});
