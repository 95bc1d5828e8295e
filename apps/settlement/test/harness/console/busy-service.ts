import { randomBytes, randomUUID } from "node:crypto";
import { MAX_ORDER_CARDS } from "@tallystick/program";
import {
  createSigner,
  digestOf,
  encodeCertificateRequest,
  encodeMerchantCertificate,
  fromHex,
  toHex,
  uncompressKey,
  type VoucherBundle,
} from "@tallystick/protocol";
import { withdrawCall } from "@tallystick/vault";
import { sql } from "kysely";
import { createDatabase, createPool } from "../../../src/foundation/database/database.ts";
import { invite } from "../../../src/operations/people/people.ts";
import { eventually } from "../eventually.ts";
import { beginHistory, growHistory } from "../history/fill-history.ts";
import { certifiedTerminal, fundedCard } from "../issued.ts";
import { orderReport } from "../issuing/order-report.ts";
import type { QuietHarness } from "../quiet/quiet-harness.ts";
import { ReturnHarness } from "../return-harness.ts";
import { ISSUER_TOKEN, type TestService } from "../settlement-harness.ts";
import { idOf } from "../test-card.ts";
import { TestTerminal } from "../test-terminal.ts";

/** A name that would be markup, if anybody let it. */
export const HOSTILE = `<img src=x onerror="document.title='taken'">`;

const HOUR_MS = 3_600_000;

/** Longest statement of the seed. */
const SEEDING_MS = HOUR_MS;

/** Who looks at pages: a merchant is the known one. */
export type ConsoleRole = "operator" | "viewer" | "issuer" | "merchant";

/** A service with something of everything in it, and many vouchers beside; it only serves. */
export interface BusyService {
  readonly service: TestService;
  /** Of a voucher, its card, its merchant, its batch and its transaction. */
  readonly known: Readonly<Record<"voucher" | "card" | "merchant" | "batch" | "tx" | "fork", string>>;
  /** A link by which somebody with this role signs in. */
  signInLink(role: ConsoleRole): Promise<string>;
  stop(): Promise<void>;
}

/** Settles some payments for real, and then fills the database to so many vouchers. */
export async function startBusyService(vouchers: number): Promise<BusyService> {
  const harness = await ReturnHarness.create("ReferenceVault");
  const { settlement, service: first, terminal } = harness;
  const card = await fundedCard(settlement, first);
  const sale = await harness.paid(card, 2_500_000n);
  await harness.pay(card, 700_000n);
  await harness.paid(card, 300_000n);
  const clone = card.clone();
  const pair = [await harness.pay(card, 1_000_000n), await harness.pay(clone, 1_100_000n)];
  await harness.send({ vouchers: [pair[0] as VoucherBundle] });
  await harness.becomes(pair[0] as VoucherBundle, { state: "final" });
  await harness.send({ vouchers: [pair[1] as VoucherBundle] });
  const broken = await certifiedTerminal(settlement, first);
  await broken.upload({});
  await first.call("POST", "/v1/uploads", { body: await broken.upload({}) });
  const payee = toHex(terminal.payee);
  const names = { name: HOSTILE, contact: "Ines, +49 30 1234567", reason: "A test." };
  await first.call("PUT", `/v1/merchants/${payee}/name`, { body: names });
  const { db, config, contract, signer } = first.platform;
  await ordersOf(db, toHex(card.address));
  await reportsOf(first, terminal, toHex(card.address));
  await silentTerminal(first, settlement.domain, terminal.payee);
  await refusedPayout(db, { payee, account: signer.address, target: contract.vault });
  await alarmAndApproval(db, fromHex(payee, 20));
  await joiningTerminal(first, settlement.domain);
  const { cases } = (
    await eventually(
      () => first.call("GET", "/v1/cases?kind=FORK"),
      ({ body }) => body.cases.length === 1,
    )
  ).body;
  const { batch, tx } = (await first.call("GET", `/v1/vouchers/${idOf(sale)}`)).body;
  await first.stop();
  // What is filled in now nobody has verified: it must not be batched.
  const service = await settlement.start(config.databaseUrl, {
    roles: ["api"],
    console: { explorerUrl: "https://explorer.example" },
  });
  // A million of them takes longer than a service waits for a statement.
  const seeding = createDatabase(
    createPool(config.databaseUrl, { connectMs: SEEDING_MS, statementMs: SEEDING_MS, answerMs: SEEDING_MS }),
  );
  const quiet = { db: seeding } as unknown as QuietHarness;
  const history = await beginHistory(quiet, 0);
  // The cards that are real keep their own payments.
  await sql`update history_cards set card = substring(sha256('instead'::bytea || card) for 20)
    where card in (select card from cards where opened_block is not null)`.execute(seeding);
  await growHistory(quiet, history, vouchers);
  await sql`update vouchers set received_at = now() - random() * interval '10 days' where amount_units = 1`.execute(
    seeding,
  );
  await sql`vacuum analyze vouchers`.execute(seeding);
  await seeding.destroy();
  return {
    service,
    known: { voucher: idOf(sale), card: toHex(card.address), merchant: payee, batch, tx, fork: cases[0].id },
    signInLink: async (role) => {
      const invitation = {
        name: `${role}.${randomBytes(4).toString("hex").replace(/^/, "p")}`,
        role,
        payee: role === "merchant" ? fromHex(payee, 20) : null,
        by: "test",
        now: Date.now(),
      };
      const { secret } = await invite(service.platform.db, invitation);
      return `${service.doors.administration}/sign-in/${secret}`;
    },
    stop: async () => {
      await service.stop();
      await settlement.stop();
    },
  };
}

/** What two stations have claimed: the card that is there, and others that are still to be made. */
async function ordersOf(db: TestService["platform"]["db"], reference: string): Promise<void> {
  const claimed = [reference, ...Array.from({ length: 60 }, (_, number) => `C-${number}`), HOSTILE];
  await db
    .insertInto("reference_claims")
    .values(
      claimed.map((each, index) => ({
        ...{ reference: each, station: index % 2 === 0 ? "hall 1" : HOSTILE, operator: index === 0 ? null : "ida" },
        claimed_at: new Date(Date.now() - index * 60_000),
      })),
    )
    .execute();
}

/**
 * Reports of orders: one whose deposit is final here, one that says more than is, one of a station without a name; and
 * below them orders of full size whose cards nobody knows, which are compared again and again.
 */
async function reportsOf(service: TestService, terminal: TestTerminal, card: string): Promise<void> {
  const { db } = service.platform;
  const deposit = await db.selectFrom("fundings").select("id").where("card", "=", fromHex(card)).executeTakeFirst();
  const right = { card, funding: deposit?.id ?? null, deposited: "20.00" };
  const wrong = { card: toHex(randomBytes(20)), funding: randomUUID(), deposited: "20.00" };
  for (const [cards, names] of [
    [[right], { order: "autumn.csv", station: "hall 1" }],
    [[right, wrong], { order: "winter.csv", station: "hall 1" }],
    [[wrong], { order: HOSTILE, station: null }],
  ] as const) {
    const body = { report: await orderReport(terminal, cards, names) };
    const { status } = await service.call("POST", "/v1/order-reports", { body, token: ISSUER_TOKEN });
    if (status !== 200) throw new Error(`A report was answered ${status}.`);
  }
  await sql`insert into order_reports (digest, report, order_name, station, operator, payee, terminal_id, made_at, cards,
      ready, deposited, named_cards, named_fundings, known_cards, known_units, received_at)
    select sha256(n::text::bytea), '', 'order ' || n, 'hall 2', null, ${terminal.payee}, ${terminal.terminalId}, day,
      ${MAX_ORDER_CARDS}, ${MAX_ORDER_CARDS}, '100000.00', named.cards, named.fundings, 0, 0, day
    from generate_series(1, 30) n, lateral (select now() - n * interval '1 day') days (day), lateral (
      select array_agg(substr(sha256((n || '-' || c)::bytea), 1, 20)) as cards, array_agg(gen_random_uuid()) as fundings
      from generate_series(1, ${MAX_ORDER_CARDS}) c) named`.execute(db);
}

/** A terminal that was heard of nine hours ago. */
async function silentTerminal(
  { platform: { db } }: TestService,
  domain: ReturnHarness["settlement"]["domain"],
  payee: Uint8Array,
): Promise<void> {
  const terminalId = randomBytes(8);
  const now = Math.floor(Date.now() / 1_000);
  const certificate = encodeMerchantCertificate({
    ...{ domain, issuerKeyId: 1, payee: payee as never, category: 3, terminalId },
    ...{
      terminalKey: uncompressKey(createSigner(randomBytes(32)).publicKey),
      notBefore: now - 86_400,
      notAfter: now + 86_400,
    },
    ...{ perTap: 50_000_000n, unsentSum: 500_000_000n, unsentCount: 1_000, perCardSum: 50_000_000n, softwareSum: 0n },
  });
  await db
    .insertInto("terminals")
    .values({ payee, terminal_id: terminalId, certificate, signature: null, issued_at: new Date() })
    .execute();
  await db
    .insertInto("terminal_names")
    .values({ payee, terminal_id: terminalId, name: "Kiosk 2", changed_at: new Date() })
    .execute();
  await db
    .insertInto("receipts")
    .values({
      ...{ upload: randomBytes(32), payee, terminal_id: terminalId, given_at: new Date(Date.now() - 9 * HOUR_MS) },
      ...{ received_at: BigInt(now - 32_400), receipt: randomBytes(101), signature: randomBytes(64) },
    })
    .execute();
}

/** An alarm that one way has told, and a payout that waits for a second person. */
async function alarmAndApproval(db: TestService["platform"]["db"], payee: Uint8Array): Promise<void> {
  const at = new Date(Date.now() - HOUR_MS);
  const id = randomUUID();
  const alarm = { id, code: "GAS_LOW", level: "warning", message: HOSTILE, next: HOSTILE } as const;
  await db
    .insertInto("alarms")
    .values({ ...alarm, since: at, seen_at: at })
    .execute();
  await db.insertInto("alarm_tellings").values({ alarm: id, way: "on-call", next_try_at: at }).execute();
  await db.updateTable("alarm_tellings").set({ fault: HOSTILE }).execute();
  await db
    .insertInto("approvals")
    .values({
      ...{ id: randomUUID(), kind: "payout", name: "payout:waits", subject: payee, units: 900_000_000n, request: "{}" },
      ...{ asked_by: "ida", asked_role: "finance", reason: HOSTILE, asked_at: at, state: "waiting" },
      ends_at: new Date(Date.now() + 24 * HOUR_MS),
    })
    .execute();
}

/** A terminal that asks for its first certificate. */
async function joiningTerminal(service: TestService, domain: ReturnHarness["settlement"]["domain"]): Promise<void> {
  const { payee, terminalId, signer } = new TestTerminal(domain);
  const terminalKey = uncompressKey(signer.publicKey);
  const time = Math.floor(Date.now() / 1_000);
  const bytes = encodeCertificateRequest({ domain, payee, terminalId, terminalKey, category: 3, time });
  const body = { request: toHex(bytes), signature: toHex(await signer.sign(digestOf(bytes))) };
  const { status } = await service.call("POST", "/v1/certificate-requests", { body });
  if (status !== 200) throw new Error(`The request was answered by ${status}.`);
}

/** A payout that the vault would undo. */
async function refusedPayout(
  db: TestService["platform"]["db"],
  { payee, account, target }: { payee: string; account: Uint8Array; target: Uint8Array },
): Promise<void> {
  const [action, payout] = [randomUUID(), randomUUID()];
  const at = new Date(Date.now() - HOUR_MS);
  await db
    .insertInto("chain_actions")
    .values({
      ...{
        id: action,
        key: `withdraw:${payout}`,
        kind: "withdraw",
        account,
        target,
        data: withdrawCall(fromHex(payee, 20) as never),
      },
      ...{ after_actions: [], state: "refused", nonce: null, gas: null, failure: "SIMULATION: NothingToWithdraw" },
      ...{ mined_hash: null, mined_block: null, mined_block_hash: null, created_at: at, changed_at: at },
      retry_at: new Date(Date.now() + 24 * HOUR_MS),
    })
    .execute();
  await db
    .insertInto("payouts")
    .values({ id: payout, payee: fromHex(payee, 20), action_id: action, created_at: at })
    .execute();
}
