import { randomBytes, randomUUID } from "node:crypto";
import { request } from "node:http";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { makeDevelopmentKey, MAX_ORDER_CARDS } from "@tallystick/program";
import {
  cardStatuses,
  decodeAllowanceBody,
  decodeMerchantCertificate,
  decodeReceipt,
  decodeStatusListHead,
  digestOf,
  encodeAllowanceBody,
  fromHex,
  statusAt,
  statusListHash,
  toHex,
  unpackStatusList,
  verifyAllowance,
  verifyDigest,
} from "@tallystick/protocol";
import { encodeVaultCall } from "@tallystick/vault";
import { Mailbox } from "../src/issuing/mailbox/mailbox.ts";
import { ORDER_REPORT_BODY_BYTES } from "../src/foundation/http/bodies/limits.ts";
import { LIMITS } from "../src/foundation/limits/limits.ts";
import { eventually } from "./harness/eventually.ts";
import { allowanceRequest, certifiedTerminal, fundedCard, registeredCard } from "./harness/issued.ts";
import {
  createHarness,
  ISSUER_TOKEN,
  OPERATOR_TOKEN,
  type TestAnswer,
  type TestService,
  type SettlementHarness,
} from "./harness/settlement-harness.ts";
import { metricsBecome } from "./harness/readiness.ts";
import { orderReport } from "./harness/issuing/order-report.ts";
import { TestCard } from "./harness/test-card.ts";
import { TestTerminal } from "./harness/test-terminal.ts";

describe("issuing", () => {
  let harness: SettlementHarness;
  let service: TestService;

  beforeAll(async () => {
    harness = await createHarness();
    harness.startMining();
    service = await harness.start(await harness.createDatabase());
  });
  afterAll(async () => {
    await service.stop();
    await harness.stop();
  });

  const post = (path: string, body: unknown, token = ISSUER_TOKEN): Promise<TestAnswer> =>
    service.call("POST", path, { body, token });
  const get = (path: string): Promise<TestAnswer> => service.call("GET", path, { token: ISSUER_TOKEN });
  const pathOf = (card: TestCard): string => `/v1/cards/${toHex(card.address)}`;
  const issuerKeys = () =>
    service.platform.issuer.knownKeys.map(({ id, publicKey }) => ({ domain: harness.domain, id, publicKey }));

  async function statusList() {
    // There is none before the first final block was read.
    const { body } = await eventually(
      () => service.call("GET", "/v1/status-list"),
      ({ status }) => status === 200,
    );
    const bytes = Buffer.from(body.head.slice(2), "hex");
    const head = decodeStatusListHead(bytes);
    const list = unpackStatusList(Buffer.from(body.list, "base64"), head.cards);
    expect(
      verifyDigest(Buffer.from(body.signature.slice(2), "hex"), digestOf(bytes), service.platform.issuer.publicKey),
    ).toBe(true);
    expect(toHex(statusListHash(list))).toBe(toHex(head.listHash));
    return { head, list };
  }
  const statusOf = async (card: TestCard) => {
    const { head, list } = await statusList();
    const { cardIndex } = (await get(pathOf(card))).body;
    return statusAt({ list, cards: head.cards, index: cardIndex });
  };

  it("registers a card once, opens it, and gives indices without gaps", async () => {
    const first = await registeredCard(harness, service);
    const shown = (await get(pathOf(first))).body;
    const again = await post("/v1/cards", {
      cardKey: toHex(first.signer.publicKey),
      owner: harness.treasury,
      openingSignature: toHex(await first.opening(harness.treasury)),
      reference: toHex(first.address),
    });
    expect(again.body).toMatchObject({ card: toHex(first.address), cardIndex: shown.cardIndex });
    const next = await registeredCard(harness, service);
    expect((await get(pathOf(next))).body.cardIndex).toBe(shown.cardIndex + 1);
    await eventually(
      () => get(pathOf(first)),
      ({ body }) => body.state === "open",
    );
  });

  it("registers a card before anything was read from the chain", async () => {
    const alone = await harness.start(await harness.createDatabase(), { rpcUrl: "http://127.0.0.1:9" });
    try {
      expect((await registeredCard(harness, alone)).address).toHaveLength(20);
    } finally {
      await alone.stop();
    }
  });

  it("refuses a card that did not sign its opening, and one with other particulars", async () => {
    const card = await registeredCard(harness, service);
    const registration = {
      cardKey: toHex(card.signer.publicKey),
      owner: harness.treasury,
      openingSignature: toHex(await card.opening(harness.treasury)),
      reference: toHex(card.address),
    };
    const another = new TestCard(harness.domain);
    const forged = await post("/v1/cards", { ...registration, cardKey: toHex(another.signer.publicKey) });
    expect([forged.status, forged.body.code]).toEqual([422, "OPENING_SIGNATURE"]);
    const renamed = await post("/v1/cards", { ...registration, reference: "another" });
    expect([renamed.status, renamed.body.code]).toEqual([409, "CARD_EXISTS"]);
    const signed = async (owner: string) => ({
      ...{ cardKey: toHex(another.signer.publicKey), owner, reference: toHex(card.address) },
      openingSignature: toHex(await another.opening(owner)),
    });
    const taken = await post("/v1/cards", await signed(harness.treasury));
    expect([taken.status, taken.body.code]).toEqual([409, "REFERENCE_TAKEN"]);
    const vaults = await post("/v1/cards", await signed(toHex(harness.domain.vault)));
    expect([vaults.status, vaults.body.code]).toEqual([422, "CARD_OWNER"]);
  });

  it("funds a key once, however often it is asked", async () => {
    const card = await registeredCard(harness, service);
    const ask = () => post(`${pathOf(card)}/fundings`, { amount: "5.00", key: "the-key", reason: "a test" });
    const answers = await Promise.all([ask(), ask(), ask(), ask()]);
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    const other = await post(`${pathOf(card)}/fundings`, { amount: "6.00", key: "the-key", reason: "a test" });
    expect([other.status, other.body.code]).toEqual([409, "KEY_REUSED"]);
    await eventually(
      () => get(`/v1/fundings/${answers[0]?.body.id}`),
      ({ body }) => body.state === "final",
    );
    const shown = await eventually(
      () => get(pathOf(card)),
      ({ body }) => body.balanceFinal === "5.00",
    );
    expect(shown.body).toMatchObject({ balanceLatest: "5.00", boundUnits: "5000000", status: "valid" });
    expect(shown.body.depositsWaiting).toEqual({ count: 0, amount: "0.00" });
  });

  it("issues nothing before the funding is final, and then exactly what is funded", async () => {
    const card = await registeredCard(harness, service);
    await harness.stopMining();
    const early = await post(`${pathOf(card)}/allowances`, allowanceRequest());
    expect([early.status, early.body.code]).toEqual([409, "FUNDING_RULE"]);
    await post(`${pathOf(card)}/fundings`, { amount: "7.00", key: "a", reason: "a test" });
    // anvil mines each transaction at once here, so the deposit is soon in the latest block, and
    // not final without more blocks.
    await eventually(
      () => get(pathOf(card)),
      ({ body }) => body.balanceLatest === "7.00",
    );
    const shown = (await get(pathOf(card))).body;
    expect(shown).toMatchObject({ balanceFinal: "0.00", boundUnits: "0", allowanceShown: null });
    expect(shown.depositsWaiting).toEqual({ count: 1, amount: "7.00" });
    const unfinal = await post(`${pathOf(card)}/allowances`, allowanceRequest({ maxSpent: "7.00" }));
    expect([unfinal.status, unfinal.body.code]).toEqual([409, "FUNDING_RULE"]);
    harness.startMining();
    await eventually(
      () => get(pathOf(card)),
      ({ body }) => body.balanceFinal === "7.00",
    );
    const above = await post(`${pathOf(card)}/allowances`, allowanceRequest({ maxSpent: "7.000001" }));
    expect([above.status, above.body.code]).toEqual([409, "FUNDING_RULE"]);
    const exact = await post(`${pathOf(card)}/allowances`, allowanceRequest({ maxSpent: "7.00" }));
    expect(exact.status).toBe(200);
    const signed = {
      domain: harness.domain,
      cardKey: card.signer.publicKey,
      body: decodeAllowanceBody(Buffer.from(exact.body.body.slice(2), "hex")),
      signature: Buffer.from(exact.body.signature.slice(2), "hex"),
    };
    expect(verifyAllowance(signed, issuerKeys())).toMatchObject({ ok: true });
    expect(signed.body).toMatchObject({ seq: 1, maxSpent: 7_000_000n, softSpent: 7_000_000n, maxCounter: 1_024 });
    expect((await get(`${pathOf(card)}/allowances/latest`)).body).toEqual(exact.body);
  });

  it("allows a card nothing before it is open, and all of its deposit by itself when that is final", async () => {
    const card = await registeredCard(harness, service);
    const first = await post(`${pathOf(card)}/allowances`, allowanceRequest({ maxSpent: "0.00" }));
    expect(first.status).toBe(200);
    expect(decodeAllowanceBody(fromHex(first.body.body))).toMatchObject({ seq: 1, maxSpent: 0n });
    card.load(first.body);
    // It pays nobody, so the station has its proof of state taken.
    const terminal = await certifiedTerminal(harness, service);
    const taken = await service.call("POST", "/v1/uploads", {
      body: await terminal.upload({ stateProofs: [await card.prove()] }),
    });
    expect(taken.status).toBe(200);
    expect(
      (await post(`${pathOf(card)}/fundings`, { amount: "7.00", key: "first-deposit-1", reason: "a test" })).status,
    ).toBe(200);
    const latest = await eventually(
      () => get(`${pathOf(card)}/allowances/latest`),
      ({ body }) => decodeAllowanceBody(fromHex(body.body)).seq === 2,
    );
    expect(decodeAllowanceBody(fromHex(latest.body.body))).toMatchObject({
      maxSpent: 7_000_000n,
      softSpent: 7_000_000n,
    });
    const mailbox = await service.app.get(Mailbox).page(new Uint8Array(16));
    expect(mailbox.entries.map(({ body }) => body.cardIndex)).toContain(
      decodeAllowanceBody(fromHex(latest.body.body)).cardIndex,
    );
  });

  it("never gives one sequence number twice, also to requests at once", async () => {
    const card = await fundedCard(harness, service);
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => post(`${pathOf(card)}/allowances`, allowanceRequest({ maxSpent: "1.00" }))),
    );
    const seqs = answers.map(({ body }) => decodeAllowanceBody(Buffer.from(body.body.slice(2), "hex")).seq);
    expect(seqs.sort((left, right) => left - right)).toEqual([2, 3, 4, 5, 6, 7]);
  });

  it("stores an allowance before it signs it: one that was lost on the way still counts", async () => {
    const card = await fundedCard(harness, service);
    const { db } = service.platform;
    const stored = await db.selectFrom("allowances").select("body").where("card", "=", card.address).execute();
    expect(stored).toHaveLength(1);
    const lost = decodeAllowanceBody(stored[0]?.body ?? new Uint8Array());
    await db
      .insertInto("allowances")
      .values({
        card: card.address,
        seq: 2n,
        body: encodeAllowanceBody({ ...lost, seq: 2 }),
        signature: null,
        max_spent_units: 1n,
        max_counter: 1n,
        stored_at: new Date(),
      })
      .execute();
    const next = await post(`${pathOf(card)}/allowances`, allowanceRequest({ maxSpent: "1.00" }));
    expect(decodeAllowanceBody(Buffer.from(next.body.body.slice(2), "hex")).seq).toBe(3);
  });

  it("is shown with what the card has shown, also where that is not stored", async () => {
    const card = await fundedCard(harness, service);
    const { db } = service.platform;
    const shown = async (seq: bigint): Promise<unknown> => {
      await db.updateTable("cards").set({ shown_seq: seq }).where("card", "=", card.address).execute();
      return (await get(pathOf(card))).body.allowanceShown;
    };
    expect([await shown(0n), await shown(1n), await shown(9n)]).toEqual([
      null,
      { seq: 1, maxSpent: "20.00" },
      { seq: 9, maxSpent: null },
    ]);
  });

  it("puts a changed status into the very next list, and a revoked card stays revoked", async () => {
    const card = await registeredCard(harness, service);
    expect(await statusOf(card)).toBe(cardStatuses.valid);
    const before = (await statusList()).head.seq;
    const put = (status: string) =>
      service.call("PUT", `${pathOf(card)}/status`, {
        body: { status, reason: "asked by its cardholder" },
        token: ISSUER_TOKEN,
      });
    expect((await put("lost")).status).toBe(200);
    expect(await statusOf(card)).toBe(cardStatuses.lost);
    expect((await put("valid")).status).toBe(200);
    expect(await statusOf(card)).toBe(cardStatuses.valid);
    expect((await put("revoked")).status).toBe(200);
    expect(await statusOf(card)).toBe(cardStatuses.revoked);
    expect((await statusList()).head.seq).toBeGreaterThanOrEqual(before + 3);
    expect((await put("valid")).body.code).toBe("CARD_REVOKED");
    const refused = await post(`${pathOf(card)}/allowances`, allowanceRequest({ maxSpent: "0.00" }));
    expect(refused.body.code).toBe("CARD_REVOKED");
  });

  it("names in asOf the final block up to which it contains requests", async () => {
    const { head } = await statusList();
    const final = await service.platform.rpc.block("finalized");
    expect(BigInt(head.asOf)).toBeLessThanOrEqual(final?.timestamp ?? 0n);
    expect(head.asOf).toBeGreaterThan(0);
  });

  it("suspends a card while its owner's pending withdrawal leaves an allowance uncovered", async () => {
    const card = await fundedCard(harness, service, "10.00");
    expect(await statusOf(card)).toBe(cardStatuses.valid);
    await harness.sendAs(harness.treasury, encodeVaultCall("requestWithdrawal", [card.address, 4_000_000n]));
    await eventually(
      () => statusOf(card),
      (status) => status === cardStatuses.suspended,
    );
    const above = await post(`${pathOf(card)}/allowances`, allowanceRequest({ maxSpent: "6.000001" }));
    expect(above.body.code).toBe("FUNDING_RULE");
    const within = await post(`${pathOf(card)}/allowances`, allowanceRequest({ maxSpent: "6.00" }));
    expect(within.status).toBe(200);
    // Lowering counts only once the card has shown it.
    expect(await statusOf(card)).toBe(cardStatuses.suspended);
    card.load(within.body);
    const terminal = await certifiedTerminal(harness, service);
    await post("/v1/uploads", await terminal.upload({ stateProofs: [await card.prove()] }));
    await eventually(
      () => statusOf(card),
      (status) => status === cardStatuses.valid,
    );
  });

  it("knows from a card's newest voucher how many older ones are missing, and what they are worth", async () => {
    const card = await fundedCard(harness, service);
    const terminal = await certifiedTerminal(harness, service);
    const pay = (amount: bigint) => card.pay({ payee: terminal.payee, amount, terminalId: terminal.terminalId });
    const missing = async () => (await get(pathOf(card))).body.missing;
    const lost = [await pay(1_000_000n), await pay(2_500_000n)];
    await post("/v1/uploads", await terminal.upload({ vouchers: [await pay(500_000n)] }));
    expect(await missing()).toEqual({ count: 2, worth: "3.50" });
    await post("/v1/uploads", await terminal.upload({ vouchers: lost.slice(1) }));
    expect(await missing()).toEqual({ count: 1, worth: "1.00" });
    await post("/v1/uploads", await terminal.upload({ vouchers: lost }));
    expect(await missing()).toEqual({ count: 0, worth: "0.00" });
  });

  it("certifies a terminal by the issuer's key", async () => {
    const terminal = await certifiedTerminal(harness, service);
    const bytes = Buffer.from(terminal.certificate.certificate.slice(2), "hex");
    const certificate = decodeMerchantCertificate(bytes);
    expect(certificate).toMatchObject({ category: 3, issuerKeyId: 1, perTap: 100_000_000n, unsentCount: 1_000 });
    const signature = Buffer.from(terminal.certificate.signature.slice(2), "hex");
    expect(verifyDigest(signature, digestOf(bytes), service.platform.issuer.publicKey)).toBe(true);
    const wrongKey = await post(
      "/v1/merchants",
      terminal.certificateRequest({ terminalKey: `0x04${"ff".repeat(64)}` }),
    );
    expect([wrongKey.status, wrongKey.body.code]).toEqual([422, "CERTIFICATE_RANGE"]);
    const backwards = await post("/v1/merchants", terminal.certificateRequest({ notBefore: 9, notAfter: 8 }));
    expect([backwards.status, backwards.body.code]).toEqual([422, "CERTIFICATE_RANGE"]);
  });

  it("signs with two issuer keys until every card holds the new one", async () => {
    const databaseUrl = await harness.createDatabase();
    const folder = dirname(harness.configFile);
    const keyFile = (keyId: number): string => {
      const path = join(folder, `rotated-${keyId}.json`);
      makeDevelopmentKey(path, randomBytes(32), keyId);
      return path;
    };
    const [oldKey, newKey] = [keyFile(1), keyFile(2)];
    const bodyOf = (answer: TestAnswer) => decodeAllowanceBody(Buffer.from(answer.body.body.slice(2), "hex"));
    const before = await harness.start(databaseUrl, { issuerKeyFile: oldKey });
    const [staying, coming] = await Promise.all([fundedCard(harness, before), fundedCard(harness, before)]);
    const terminal = await certifiedTerminal(harness, before);
    await before.stop();

    const both = await harness.start(databaseUrl, { issuerKeyFile: newKey, parallelIssuerKeyFiles: [oldKey] });
    const ask = (path: string, body: unknown) => both.call("POST", path, { body, token: ISSUER_TOKEN });
    const signed = (answer: TestAnswer, card: TestCard) =>
      verifyAllowance(
        {
          ...{ domain: harness.domain, cardKey: card.signer.publicKey, body: bodyOf(answer) },
          signature: Buffer.from(answer.body.signature.slice(2), "hex"),
        },
        both.platform.issuer.signers.map((key) => ({ domain: harness.domain, ...key })),
      );
    try {
      // What a card holds goes on by itself; what a station asks for is signed by the key that it writes.
      const limits = { perTap: "9.00", reason: "less" };
      const kept = await ask(`${pathOf(staying)}/limits`, limits);
      expect([bodyOf(kept).issuerKeyId, signed(kept, staying)]).toMatchObject([1, { ok: true }]);
      const order = { issuerKeyId: 2, masterKey: "504A77", reason: "a new key" };
      const moved = await ask(`${pathOf(coming)}/keys`, order);
      const allowance = { ...moved, body: moved.body.allowance };
      expect([bodyOf(allowance).issuerKeyId, bodyOf(allowance).seq]).toEqual([2, 2]);
      expect(signed(allowance, coming)).toMatchObject({ ok: true });
      expect((await ask(`${pathOf(coming)}/keys`, order)).body).toEqual(moved.body);
      expect(bodyOf(await ask(`${pathOf(coming)}/limits`, limits)).issuerKeyId).toBe(2);
      const unknown = await ask(`${pathOf(coming)}/keys`, { issuerKeyId: 3, reason: "a key of nobody" });
      expect([unknown.status, unknown.body.code]).toEqual([409, "ISSUER_KEY"]);
      const wanted = await ask(`${pathOf(staying)}/allowances`, allowanceRequest({ issuerKeyId: 2 }));
      expect(bodyOf(wanted).issuerKeyId).toBe(2);
      const list = await both.call("GET", "/v1/cards?masterKey=504A77", { token: ISSUER_TOKEN });
      expect(list.body.cards).toMatchObject([{ card: toHex(coming.address), masterKey: "504A77" }]);
      const shown = await both.call("GET", pathOf(coming), { token: ISSUER_TOKEN });
      expect(shown.body).toMatchObject({ masterKey: "504A77", issuerKeyId: 2 });

      // Lists and certificates are there by each key, equal but for its id.
      const head = await eventually(
        () => both.call("GET", "/v1/status-list"),
        ({ status }) => status === 200,
      );
      const heads = [head.body, ...head.body.heads].map((each) => {
        const bytes = Buffer.from(each.head.slice(2), "hex");
        const decoded = decodeStatusListHead(bytes);
        const key = both.platform.issuer.signerOf(decoded.issuerKeyId);
        const signature = Buffer.from(each.signature.slice(2), "hex");
        expect(key !== null && verifyDigest(signature, digestOf(bytes), key.publicKey)).toBe(true);
        return decoded;
      });
      expect(heads.map(({ issuerKeyId }) => issuerKeyId)).toEqual([2, 1]);
      expect(heads[1]).toEqual({ ...heads[0], issuerKeyId: 1 });
      const certified = await ask("/v1/merchants", terminal.certificateRequest());
      const certificates = [certified.body, ...certified.body.others].map(({ certificate }) =>
        decodeMerchantCertificate(Buffer.from(certificate.slice(2), "hex")),
      );
      expect(certificates.map(({ issuerKeyId }) => issuerKeyId)).toEqual([2, 1]);
      // A terminal that shows the old key's certificate gets its receipts by the old key.
      const sent = await both.call("POST", "/v1/uploads", { body: await terminal.upload({}) });
      const receipt = decodeReceipt(Buffer.from(sent.body.receipt.slice(2), "hex"));
      expect(receipt.issuerKeyId).toBe(1);
    } finally {
      await both.stop();
    }

    // Afterwards the old key signs nothing, and what it signed is known.
    const former = before.platform.issuer.knownKeys.map(({ id, publicKey }) => ({ id, publicKey: toHex(publicKey) }));
    const after = await harness.start(databaseUrl, { issuerKeyFile: newKey, formerIssuerKeys: former, roles: ["api"] });
    try {
      const path = `${pathOf(staying)}/keys`;
      const gone = await after.call("POST", path, { body: { issuerKeyId: 1, reason: "back" }, token: ISSUER_TOKEN });
      expect(gone.body.code).toBe("ISSUER_KEY");
    } finally {
      await after.stop();
    }
    await expect(
      harness.start(databaseUrl, { issuerKeyFile: newKey, parallelIssuerKeyFiles: [newKey] }),
    ).rejects.toMatchObject({ code: "ISSUER_KEYS_SHARED", exit: "keys" });
  });

  it("changes no status without a reason in one line", async () => {
    const card = await registeredCard(harness, service);
    for (const reason of [undefined, "", " lost", "two\nlines"]) {
      const body = { status: "lost", reason };
      const { status } = await service.call("PUT", `${pathOf(card)}/status`, { body, token: ISSUER_TOKEN });
      expect([reason, status]).toEqual([reason, 400]);
    }
    expect(await statusOf(card)).toBe(cardStatuses.valid);
  });

  it("lists cards, terminals and payouts for every role, each once, over pages", async () => {
    const card = await registeredCard(harness, service);
    const { db } = service.platform;
    const made = await db.selectFrom("cards").selectAll().where("card", "=", card.address).executeTakeFirstOrThrow();
    const more = Array.from({ length: LIMITS.listRows }, (_, index) => ({
      ...made,
      card: randomBytes(20),
      card_key: randomBytes(33),
      card_index: made.card_index + 1 + index,
      reference: `of the list ${index}`,
    }));
    await db.insertInto("cards").values(more).execute();
    const seen: number[] = [];
    for (let after: string | null = ""; after !== null;) {
      const path: string = `/v1/cards${after === "" ? "" : `?after=${after}`}`;
      const { status, body } = await service.call("GET", path, { token: OPERATOR_TOKEN });
      expect(status).toBe(200);
      seen.push(...body.cards.map(({ cardIndex }: { cardIndex: number }) => cardIndex));
      after = body.next;
    }
    expect(seen).toEqual(Array.from({ length: made.card_index + 1 + more.length }, (_, index) => index));
    const rows = [
      ...[
        { reference: "of the list 0", status: 2 },
        { reference: "of the list 1", flagged: true },
      ],
      ...[{ reference: "of the list 2", status: 3, rule_suspended: true }],
      { reference: "of the list 3", status: 1 },
    ];
    for (const { reference, ...changes } of rows)
      await db.updateTable("cards").set(changes).where("reference", "=", reference).execute();
    const found = async (query: string): Promise<unknown> => {
      const { body } = await service.call("GET", `/v1/cards?${query}`, { token: OPERATOR_TOKEN });
      return body.code ?? body.cards.map(({ reference, status }: never) => `${reference} ${status}`);
    };
    expect(await found("reference=of%20the%20list%207")).toEqual(["of the list 7 valid"]);
    expect(await found("reference=of%20the%20list")).toEqual([]);
    expect(await found("q=OF%20THE%20LIST%2019")).toEqual(
      ["19", ...Array.from({ length: 10 }, (_, index) => `19${index}`)].map((number) => `of the list ${number} valid`),
    );
    expect(await found("state=revoked&q=of%20the")).toEqual(["of the list 0 revoked", "of the list 1 revoked"]);
    expect(await found("state=lost&q=of%20the")).toEqual(["of the list 2 lost"]);
    expect(await found(`state=suspended&q=list%203`)).toEqual(["of the list 3 suspended"]);
    expect(await found(`q=${toHex(more[5]?.card ?? made.card)}`)).toEqual(["of the list 5 valid"]);
    for (const query of ["state=open", "reference=", "q=a&q=b", "q=%00", `q=${"a".repeat(129)}`])
      expect(await found(query)).toBe("MALFORMED_BODY");
    await db.deleteFrom("cards").where("card_index", ">", made.card_index).execute();

    const terminals = await service.call("GET", "/v1/merchants", { token: OPERATOR_TOKEN });
    const [first, ...rest] = terminals.body.terminals;
    const place = `${first.payee}-${first.terminalId}`;
    expect((await service.call("GET", `/v1/merchants?after=${place}`, { token: ISSUER_TOKEN })).body).toEqual({
      ...{ terminals: rest, next: null },
    });
    expect((await service.call("GET", "/v1/merchants?after=1", { token: ISSUER_TOKEN })).body.code).toBe(
      "MALFORMED_BODY",
    );
    expect((await service.call("GET", "/v1/payouts", { token: ISSUER_TOKEN })).body.next).toBeNull();
    expect((await get("/v1/issuer")).body).toEqual({ name: "ida" });
    expect((await service.call("GET", "/v1/issuer", { token: OPERATOR_TOKEN })).body.code).toBe("FORBIDDEN");
    const unknown = `/v1/payouts?before=${randomUUID()}`;
    expect((await service.call("GET", unknown, { token: ISSUER_TOKEN })).body.code).toBe("NOT_FOUND");
  });

  it("lists who is silent: heard once, and not for 8 hours, whenever that was", async () => {
    const { db } = service.platform;
    const heard = async (hoursAgo: number) => {
      const terminal = await certifiedTerminal(harness, service);
      const row = { upload: randomBytes(32), payee: terminal.payee, terminal_id: terminal.terminalId };
      const given_at = new Date(Date.now() - hoursAgo * 3_600_000);
      const signed = { receipt: randomBytes(101), signature: randomBytes(64) };
      await db
        .insertInto("receipts")
        .values({ ...row, ...signed, given_at, received_at: 1n })
        .execute();
      return { terminalId: toHex(terminal.terminalId), heardAt: given_at.toISOString() };
    };
    const [, ...silent] = [await heard(7), await heard(9), await heard(400 * 24)];
    const { body } = await get("/v1/merchants?silent=true");
    expect(body).toEqual({
      terminals: expect.arrayContaining(silent.map((each) => expect.objectContaining(each))),
      next: null,
    });
    expect(body.terminals).toHaveLength(silent.length);
    await metricsBecome(service, (text) => expect(text).toMatch(/^tallystick_silent_terminals 2$/m));
    expect((await get("/v1/merchants?silent=1")).body.code).toBe("MALFORMED_BODY");
  });

  it("keeps the roles apart", async () => {
    const card = await registeredCard(harness, service);
    const calls: [string, string, unknown][] = [
      ["POST", "/v1/cards", {}],
      ["POST", `${pathOf(card)}/fundings`, {}],
      ["POST", `${pathOf(card)}/allowances`, {}],
      ["PUT", `${pathOf(card)}/status`, {}],
      ["POST", "/v1/merchants", {}],
      ["POST", "/v1/payouts", {}],
    ];
    for (const [method, path, body] of calls) {
      const none = await service.call(method, path, { body, token: null });
      const wrong = await service.call(method, path, { body, token: "not-one-of-the-tokens" });
      const other = await service.call(method, path, {
        body,
        token: path === "/v1/payouts" ? ISSUER_TOKEN : OPERATOR_TOKEN,
      });
      expect([path, none.body.code, wrong.body.code, other.body.code]).toEqual([
        path,
        "UNAUTHENTICATED",
        "UNAUTHENTICATED",
        "FORBIDDEN",
      ]);
    }
  });

  it("pays nothing out where nothing is owed", async () => {
    const terminal = await certifiedTerminal(harness, service);
    const answer = await post("/v1/payouts", { payee: toHex(terminal.payee), reason: "a test" }, OPERATOR_TOKEN);
    expect([answer.status, answer.body.code]).toEqual([409, "NOTHING_OWED"]);
  });

  it("keeps a station's signed report of an order once, as it came, and no other", async () => {
    const terminal = await certifiedTerminal(harness, service);
    const card = await registeredCard(harness, service);
    const cards = [
      { card: toHex(card.address), funding: null, deposited: "0.00" },
      { card: `0x${"7e".repeat(20)}`, funding: randomUUID(), deposited: "5.00" },
    ];
    const send = (report: string, token = ISSUER_TOKEN) =>
      service.call("POST", "/v1/order-reports", { token, body: { report } });
    const report = await orderReport(terminal, cards);
    const uncertified = new TestTerminal(harness.domain);
    uncertified.certificate = terminal.certificate;
    const kept = await send(report);
    expect(kept.body).toMatchObject({
      ...{ digest: toHex(digestOf(new TextEncoder().encode(report))), order: "order.csv", station: "station 2" },
      ...{ cards: 2, ready: 1, deposited: "5.00", known: { cards: 1, deposited: "0.00" } },
      terminalId: toHex(terminal.terminalId),
    });
    expect([(await send(report)).body, (await send(report, OPERATOR_TOKEN)).body.code]).toEqual([
      kept.body,
      "FORBIDDEN",
    ]);
    const { db } = service.platform;
    const digest = String(kept.body["digest"]);
    const entries = await db.selectFrom("audit_entries").select("entry").execute();
    expect(entries.filter(({ entry }) => entry.includes(digest))).toHaveLength(1);

    const otherDomain = { ...harness.domain, chainId: harness.domain.chainId + 1n };
    for (const [text, code] of [
      [await orderReport(terminal, cards, { domain: otherDomain }), "ORDER_REPORT_DOMAIN"],
      [report.replace('"seconds":21', '"seconds":22'), "ORDER_REPORT_SIGNATURE"],
      [await orderReport(uncertified, cards), "ORDER_REPORT_SIGNATURE"],
      [await orderReport(terminal, cards, { sum: 3 }), "ORDER_REPORT_FORM"],
      [report.slice(0, -1), "ORDER_REPORT_FORM"],
      ["x", "ORDER_REPORT_FORM"],
    ] as const)
      expect([(await send(text)).body.code, text.length]).toEqual([code, text.length]);
    const list = await service.call("GET", "/v1/order-reports", { token: OPERATOR_TOKEN });
    expect(list.body["reports"]).toEqual([kept.body]);
    const origin = service.doors.administration;
    const headers = { authorization: `Bearer ${OPERATOR_TOKEN}` };
    const file = await fetch(`${origin}/v1/order-reports/${digest}`, { headers });
    expect([file.headers.get("content-type"), await file.text()]).toEqual(["text/plain; charset=utf-8", report]);
    const unknown = await service.call("GET", `/v1/order-reports/0x${"00".repeat(32)}`, { token: OPERATOR_TOKEN });
    expect(unknown.body.code).toBe("NOT_FOUND");
  });

  it("shows beside a report what became registered and final after it came", async () => {
    const terminal = await certifiedTerminal(harness, service);
    const [card, later] = [await registeredCard(harness, service), new TestCard(harness.domain)];
    await eventually(
      () => get(pathOf(card)),
      ({ body }) => body.state === "open",
    );
    // No block at all: the third transaction from here on would make the first one final.
    await harness.stopMining();
    await harness.rpc("evm_setAutomine", [false]);
    const fund = async (amount: string): Promise<string> =>
      (await post(`${pathOf(card)}/fundings`, { amount, key: amount, reason: "a test" })).body.id;
    const another = await fund("3.00");
    const report = await orderReport(terminal, [
      { card: toHex(card.address), funding: await fund("5.00"), deposited: "5.00" },
      { card: toHex(later.address), funding: null, deposited: "0.00" },
      // A deposit counts for its own card alone.
      { card: toHex((await registeredCard(harness, service)).address), funding: another, deposited: "3.00" },
    ]);
    const kept = await post("/v1/order-reports", { report });
    expect(kept.body.known).toEqual({ cards: 2, deposited: "0.00" });
    await harness.rpc("evm_setAutomine", [true]);
    harness.startMining();
    const listed = async () => (await get("/v1/order-reports")).body.reports[0];
    await eventually(
      () => get(`/v1/fundings/${another}`),
      ({ body }) => body.state === "final",
    );
    await eventually(listed, ({ known }) => known.deposited === "5.00");
    await registeredCard(harness, service, harness.treasury, later);
    const now = await eventually(listed, ({ known }) => known.cards === 3);
    expect(now).toEqual({ ...kept.body, known: { cards: 3, deposited: "5.00" } });
  });

  it("takes a report of the largest order, and knows who sends one before it reads it", async () => {
    const terminal = await certifiedTerminal(harness, service);
    const cards = Array.from({ length: MAX_ORDER_CARDS }, () => ({
      ...{ card: toHex(randomBytes(20)), funding: randomUUID(), deposited: "20.00" },
    }));
    const [largest, above] = await Promise.all([
      orderReport(terminal, cards),
      orderReport(terminal, [...cards, { card: toHex(randomBytes(20)), funding: null, deposited: "0.00" }]),
    ]);
    expect(largest.length).toBeGreaterThan(2 * LIMITS.httpBodyBytes);
    const answers = [
      await post("/v1/order-reports", { report: largest }),
      await post("/v1/order-reports", { report: above }),
    ];
    expect(answers.map(({ status, body }) => [status, body.code ?? [body.cards, body.deposited]])).toEqual([
      [200, [MAX_ORDER_CARDS, "100000.00"]],
      [422, "ORDER_REPORT_FORM"],
    ]);
    const most = ORDER_REPORT_BODY_BYTES;
    const full = await service.call("POST", "/v1/order-reports", {
      ...{ token: ISSUER_TOKEN, raw: JSON.stringify({ report: "x".repeat(most - '{"report":""}'.length) }) },
    });
    expect([full.status, full.body.code]).toEqual([422, "ORDER_REPORT_FORM"]);
    // Nothing of these bodies is ever sent: whoever reads one before it answers, waits.
    const { administration, terminals } = service.doors;
    for (const [door, token, bytes, status] of [
      [administration, ISSUER_TOKEN, most + 1, 413],
      [administration, OPERATOR_TOKEN, most, 403],
      [administration, "not-one-of-the-tokens", most, 401],
      [administration, null, most, 401],
      [terminals, ISSUER_TOKEN, most, 404],
    ] as const)
      expect([token, await unsentStatus(`${door}/v1/order-reports`, token, bytes)]).toEqual([token, status]);
  });
});

/** The status that answers the headers of a body alone. */
function unsentStatus(url: string, token: string | null, bytes: number): Promise<number | undefined> {
  const headers = {
    ...{ "content-type": "application/json", "content-length": bytes },
    ...(token === null ? {} : { authorization: `Bearer ${token}` }),
  };
  return new Promise((resolve, reject) => {
    const asked = request(url, { method: "POST", headers }, (response) => {
      resolve(response.statusCode);
      asked.destroy();
    });
    asked.on("error", reject);
    asked.flushHeaders();
  });
}
