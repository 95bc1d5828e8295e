import { randomBytes, randomInt } from "node:crypto";
import { expect } from "@jest/globals";
import {
  addressOfKey,
  createSigner,
  digestOf,
  encodeAllowance,
  encodeAllowanceBody,
  encodeMerchantCertificate,
  encodeVoucherMessage,
  signatureParity,
  toAddress,
  toHex,
  uncompressKey,
  voucherId,
  type AllowanceBody,
  type Domain,
  type MerchantCertificate,
  type VoucherBundle,
} from "@tallystick/protocol";
import { sql, type Insertable, type Selectable } from "kysely";
import type pg from "pg";
import { cardAccount, issuerOwesAccount } from "../../../src/books/postings/chart-of-accounts.ts";
import { LedgerPostings } from "../../../src/books/postings/ledger-postings.ts";
import { ChainActions } from "../../../src/chain/chain-actions.ts";
import { configSchema, type Config } from "../../../src/foundation/config/config.ts";
import { takeLock } from "../../../src/foundation/database/advisory-locks.ts";
import { createDatabase, createPool, type Database } from "../../../src/foundation/database/database.ts";
import type { ChainEventsTable } from "../../../src/foundation/database/tables/chain-tables.ts";
import type { VouchersTable } from "../../../src/foundation/database/tables/intake-tables.ts";
import type { CardsTable } from "../../../src/foundation/database/tables/issuing-tables.ts";
import { type Issuer, issuerOf } from "../../../src/foundation/keys/issuer.ts";
import { eventually } from "../eventually.ts";
import { type OwnDatabase, ownDatabase } from "../shared-cluster.ts";
import { StillChain } from "./still-chain.ts";
import { TestCard } from "../test-card.ts";
import { TestTerminal } from "../test-terminal.ts";

/** The tests' present: 2027-01-15, 08:00 (UTC). */
export const NOW = 1_800_000_000;

const DAY = 86_400;

/** Everything that a card of the tests may do. */
const WIDE: Omit<AllowanceBody, "issuerKeyId" | "cardIndex"> = {
  ...{ seq: 1, maxSpent: 1_000_000n, softSpent: 1_000_000n, maxCounter: 1_024, perTap: 1_000_000n },
  ...{ pinAbove: 1_000_000n, noPinSum: 1_000_000n, noPinCount: 200, categories: (1n << 64n) - 1n, flags: 0 },
  ...{ notBefore: NOW - 30 * DAY, notAfter: NOW + 30 * DAY },
};

const address = (): ReturnType<typeof toAddress> => toAddress(randomBytes(20));

/**
 * What settlement's parts stand on, without HTTP, Redis, workers and a chain: a real database, keys,
 * a clock that a test sets, and a chain that shows what a test sets. A test's rows have random names,
 * so that the tests of a file share one database.
 */
export class QuietHarness {
  readonly db: Database;
  readonly config: Config;
  readonly domain: Domain;
  readonly issuer: Issuer;
  readonly clock = { now: (): number => this.nowMs };
  readonly chain = new StillChain(NOW - 1_000);
  readonly contract;
  readonly postings: LedgerPostings;
  readonly actions: ChainActions;
  nowMs = NOW * 1_000;
  #cards = 0;
  readonly #change: Record<string, unknown>;
  readonly #secret: Uint8Array;
  readonly #pool: pg.Pool;
  readonly #database: OwnDatabase;
  readonly #emptied: QuietHarness[] = [];

  private constructor(database: OwnDatabase, change: Record<string, unknown>, secret: Uint8Array = randomBytes(32)) {
    const { url } = database;
    this.#database = database;
    this.#change = change;
    this.#secret = secret;
    this.#pool = createPool(url);
    this.db = createDatabase(this.#pool);
    // The same key has the same vault.
    const [vault, token] = [toAddress(secret.subarray(0, 20)), address()];
    this.config = configSchema.parse({
      ...{ databaseUrl: url, redisUrl: "redis://localhost", rpcUrl: "http://localhost", chainId: 31_337 },
      ...{ vault: toHex(vault), token: toHex(token), asset: { code: "TUSD", decimals: 6, scale: 100 } },
      ...{ chainKeyFile: "unread.json", issuerKeyFile: "unread.json", verification: { threads: 0 } },
      guarantee: { bears: true, perCard: "0.10", perPayeePerDay: "0.50", keyFile: "unread.json" },
      ...change,
    });
    this.domain = { chainId: this.config.chainId, vault };
    this.contract = this.chain.contract(vault, token);
    const issuing = createSigner(secret);
    this.issuer = issuerOf([{ id: 1, ...issuing }]);
    this.postings = new LedgerPostings(this.db, this.clock, this.config);
    const unused = (): never => {
      throw new Error("Nothing is sent to the chain here.");
    };
    const signer = () => ({ address: address(), sign: unused, read: unused });
    this.actions = new ChainActions(this.clock, {
      ...{ treasury: signer(), gas: null, guarantee: signer(), former: [] },
    });
  }

  static async open(change: Record<string, unknown> = {}): Promise<QuietHarness> {
    return new QuietHarness(await ownDatabase(), change);
  }

  /** The same issuer and vault with an empty database, as after a loss; it is closed with this one. */
  async emptied(): Promise<QuietHarness> {
    const harness = new QuietHarness(await ownDatabase(), this.#change, this.#secret);
    this.#emptied.push(harness);
    return harness;
  }

  async close(): Promise<void> {
    for (const harness of this.#emptied) await harness.close();
    await this.db.destroy();
    await this.#database.drop();
  }

  /** A registered card that holds an allowance. */
  async card(row: Partial<Insertable<CardsTable>> = {}, body: Partial<AllowanceBody> = {}): Promise<TestCard> {
    const card = new TestCard(this.domain);
    const index = this.#cards++;
    await this.db
      .insertInto("cards")
      .values({
        ...{ card: card.address, card_key: card.signer.publicKey, card_index: index, owner: address() },
        ...{ opening_signature: randomBytes(64), reference: toHex(card.address), opened_block: 1n },
        ...{ registered_at: new Date(this.nowMs), ...row },
      })
      .execute();
    await this.allow(card, { cardIndex: index, ...body });
    return card;
  }

  /** Signs an allowance, stores it as the issuer's and gives it to the card. */
  async allow(card: TestCard, change: Partial<AllowanceBody> = {}): Promise<AllowanceBody> {
    const body = { ...WIDE, issuerKeyId: 1, cardIndex: 0, ...change };
    const bytes = encodeAllowance({ domain: this.domain, card: card.address, body });
    const signature = await this.issuer.sign(digestOf(bytes));
    card.allowance = { body, signature };
    await this.db
      .insertInto("allowances")
      .values({
        ...{ card: card.address, seq: BigInt(body.seq), body: encodeAllowanceBody(body), signature },
        ...{ max_spent_units: body.maxSpent, max_counter: BigInt(body.maxCounter), stored_at: new Date(this.nowMs) },
      })
      .execute();
    return body;
  }

  /** A certified terminal. */
  async terminal(change: Partial<MerchantCertificate> = {}, payee?: Uint8Array): Promise<TestTerminal> {
    const terminal = new TestTerminal(this.domain, payee);
    await this.certify(terminal, change);
    return terminal;
  }

  /** Certifies a terminal, also once more with other sums. */
  async certify(terminal: TestTerminal, change: Partial<MerchantCertificate> = {}): Promise<void> {
    const certificate = encodeMerchantCertificate({
      ...{ domain: this.domain, issuerKeyId: 1, payee: terminal.payee, category: 3 },
      ...{ terminalId: terminal.terminalId, terminalKey: uncompressKey(terminal.signer.publicKey) },
      ...{ notBefore: NOW - 30 * DAY, notAfter: NOW + 30 * DAY, perTap: 1_000_000n, unsentSum: 10_000_000n },
      ...{ unsentCount: 1_000, perCardSum: 100_000n, softwareSum: 100_000n, ...change },
    });
    const signature = await this.issuer.sign(digestOf(certificate));
    await this.db
      .insertInto("terminals")
      .values({
        ...{ payee: terminal.payee, terminal_id: terminal.terminalId, certificate, signature },
        issued_at: new Date(this.nowMs),
      })
      .execute();
    terminal.certificate = { certificate: toHex(certificate), signature: toHex(signature) };
  }

  pay(card: TestCard, terminal: TestTerminal, amount: bigint, time = NOW - 60): Promise<VoucherBundle> {
    return card.pay({ payee: terminal.payee, amount, terminalId: terminal.terminalId, time });
  }

  async voucher(bundle: VoucherBundle): Promise<Selectable<VouchersTable>> {
    return this.db.selectFrom("vouchers").selectAll().where("id", "=", keyOf(bundle)).executeTakeFirstOrThrow();
  }

  async setVoucher(bundle: VoucherBundle, state: string): Promise<void> {
    await this.db.updateTable("vouchers").set({ state }).where("id", "=", keyOf(bundle)).execute();
  }

  async cardRow(card: TestCard): Promise<Selectable<CardsTable>> {
    return this.db.selectFrom("cards").selectAll().where("card", "=", card.address).executeTakeFirstOrThrow();
  }

  /** Final events up to this block were taken in. */
  async takenIn(block: bigint): Promise<void> {
    const row = {
      block_number: block,
      block_hash: this.chain.hashOf(block),
      block_time: BigInt(this.chain.timeOf(block)),
    };
    await this.db.deleteFrom("chain_cursor").execute();
    await this.db.insertInto("chain_cursor").values(row).execute();
  }

  /** The vault paid a voucher, finally. */
  async settled(bundle: VoucherBundle, change: { amount?: bigint; block?: bigint } = {}): Promise<void> {
    const { message } = bundle;
    await this.db
      .insertInto("settled_items")
      .values({
        ...{ voucher_id: keyOf(bundle), card: addressOfKey(bundle.cardKey), counter: BigInt(message.counter) },
        ...{ payee: message.payee, amount_units: change.amount ?? message.amount },
        ...{ transaction_hash: randomBytes(32), block_number: change.block ?? 5n },
      })
      .execute();
  }

  /** The chain showed a voucher's message, which used its counter, before any upload brought it; answers the transaction. */
  async shown(bundle: VoucherBundle, usedBy: "settled" | "released"): Promise<Uint8Array> {
    const { message, cardKey, signature } = bundle;
    const signed = encodeVoucherMessage(message);
    const transaction = randomBytes(32);
    await this.db
      .insertInto("chain_messages")
      .values({
        ...{ voucher_id: keyOf(bundle), card: addressOfKey(cardKey), counter: BigInt(message.counter) },
        ...{ payee: message.payee, amount_units: message.amount, used_by: usedBy, message: signed, signature },
        parity: signatureParity(signature, digestOf(signed), cardKey),
        ...{ transaction_hash: transaction, block_number: 5n },
      })
      .execute();
    return transaction;
  }

  /** So much of a paid voucher went back to its card, finally. */
  async refunded(bundle: VoucherBundle, units: bigint): Promise<void> {
    const place = `${toHex(randomBytes(32))}:1`;
    const { message, cardKey } = bundle;
    await this.db
      .insertInto("refunds")
      .values({
        ...{ place, payee: message.payee, card: addressOfKey(cardKey), units, from_earnings: units },
        ...{ named_voucher: keyOf(bundle), transaction_hash: randomBytes(32), block_number: 6n },
      })
      .execute();
    await this.db
      .insertInto("refund_shares")
      .values({ place, voucher_id: keyOf(bundle), units })
      .execute();
  }

  /** An event of the vault; final unless said otherwise. */
  async event(kind: string, row: Partial<Insertable<ChainEventsTable>>, detail: object = {}): Promise<void> {
    await this.db
      .insertInto("chain_events")
      .values({
        ...{ block_number: 5n, log_index: randomInt(2 ** 31), block_hash: randomBytes(32) },
        ...{ transaction_hash: randomBytes(32), final: true, kind, card: null, payee: null, units: null },
        ...{ ...row, detail: JSON.stringify(detail) },
      })
      .execute();
  }

  /** Subjects that woke a topic's worker, in order. */
  async woken(topic: string): Promise<string[]> {
    const rows = await this.db
      .selectFrom("outbox")
      .select("subject")
      .where("topic", "=", topic)
      .orderBy("id")
      .execute();
    return rows.map(({ subject }) => subject);
  }

  /** Forgets who was woken so far. */
  async forgetWoken(): Promise<void> {
    await this.db.deleteFrom("outbox").execute();
  }

  /** Units that were posted to the credit of an account of the books. */
  async credited(account: string): Promise<bigint> {
    const { rows } = await sql<{ posted: string }>`
      select credits_posted::text as posted from ledger_accounts where id = ${account}`.execute(this.db);
    return BigInt(rows[0]?.posted ?? 0);
  }

  /** Units that a card's holds keep in the books. */
  async held(card: Uint8Array): Promise<bigint> {
    const { rows } = await sql<{ pending: string }>`
      select credits_pending::text as pending from ledger_accounts where id = ${cardAccount(card)}`.execute(this.db);
    return BigInt(rows[0]?.pending ?? 0);
  }

  /** Units that the issuer owes a payee by the books. */
  async owedTo(payee: Uint8Array): Promise<bigint> {
    const { rows } = await sql<{ pending: string }>`
      select debits_pending::text as pending from ledger_accounts where id = ${issuerOwesAccount(payee)}`.execute(
      this.db,
    );
    return BigInt(rows[0]?.pending ?? 0);
  }

  /** How many transactions wait for a lock of an installation. */
  async lockWaiters(): Promise<number> {
    const { rows } = await sql<{ waiters: number }>`
      select count(*)::int as waiters from pg_locks where locktype = 'advisory' and not granted
        and database = (select oid from pg_database where datname = current_database())`.execute(this.db);
    return rows[0]?.waiters ?? 0;
  }

  /** Lets the work run while somebody else holds a lock, asserts that it waits for it, and lets it end. */
  async waitsForLock(name: Parameters<typeof takeLock>[1], work: () => Promise<unknown>): Promise<void> {
    let ended = false;
    const done = await this.db.transaction().execute(async (trx) => {
      await takeLock(trx, name);
      const running = work().finally(() => (ended = true));
      await eventually(
        async () => ended || (await this.lockWaiters()) > 0,
        (seen) => seen,
      );
      expect(ended).toBe(false);
      return { running };
    });
    await done.running;
  }
}

/** The id of a voucher. */
export function keyOf({ cardKey, message }: VoucherBundle): Uint8Array {
  return voucherId(addressOfKey(cardKey), message);
}

/** The bytes that a voucher's card signed. */
export function messageOf({ message }: VoucherBundle): Uint8Array {
  return encodeVoucherMessage(message);
}

/** Asserts a refusal with this code, which says something, whatever that is. */
export async function refuses(work: Promise<unknown>, code: string): Promise<void> {
  const error: unknown = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toMatchObject({ code });
  const saysSomething = error instanceof Error && error.message.length > 0;
  expect(saysSomething).toBe(true);
}
