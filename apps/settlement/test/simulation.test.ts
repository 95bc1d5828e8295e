import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { toHex, type VoucherBundle } from "@tallystick/protocol";
import { skipSentences, VaultWatcher, type SavedVaultState } from "@tallystick/vault";
import { vaultChain } from "../src/chain/vault-chain.ts";
import { catchUpVaultState, loadVaultState } from "../src/vouchers/simulation/vault-mirror.ts";
import { allow } from "./harness/by-hand.ts";
import { eventually } from "./harness/eventually.ts";
import { certifiedTerminal, fundedCard } from "./harness/issued.ts";
import {
  createHarness,
  IN_A_THREAD,
  ISSUER_TOKEN,
  type TestService,
  type SettlementHarness,
} from "./harness/settlement-harness.ts";
import { idOf, type TestCard } from "./harness/test-card.ts";

interface BatchAnswer {
  readonly state: string;
  readonly tx: string;
  readonly vouchers: number;
  readonly skipped: number;
  readonly gasEstimate: string | null;
}

describe("batches are simulated before they are sent", () => {
  let harness: SettlementHarness;
  let service: TestService;
  let database: string;
  let terminal: Awaited<ReturnType<typeof certifiedTerminal>>;

  beforeAll(async () => {
    harness = await createHarness("PackedVault");
    harness.startMining();
    database = await harness.createDatabase();
    service = await harness.start(database, IN_A_THREAD);
    terminal = await certifiedTerminal(harness, service);
  });
  afterAll(async () => {
    await service?.stop();
    await harness.stop();
  });

  const voucher = async (bundle: VoucherBundle) => (await service.call("GET", `/v1/vouchers/${idOf(bundle)}`)).body;
  const upload = async (vouchers: readonly VoucherBundle[]): Promise<void> => {
    const answer = await service.call("POST", "/v1/uploads", { body: await terminal.upload({ vouchers }) });
    expect(answer.status).toBe(200);
  };
  const pay = (card: TestCard, amount: bigint) =>
    card.pay({ payee: terminal.payee, amount, terminalId: terminal.terminalId });
  const isFinal = (bundle: VoucherBundle) =>
    eventually(
      () => voucher(bundle),
      ({ state }) => state === "final",
    );
  const batches = async (): Promise<readonly BatchAnswer[]> =>
    (await service.call("GET", "/v1/batches")).body.batches as BatchAnswer[];
  /** Before the vault was ever given a bad item, none of its batches skipped one. */
  const skippedOnChain = async (): Promise<number> =>
    (await batches()).reduce((sum, { skipped }) => sum + (skipped ?? 0), 0);

  it("shows what a voucher waits for, does not send it, and pays it when its card is funded", async () => {
    const card = await fundedCard(harness, service, "2.00");
    // Its issuer allowed it more than it holds.
    await allow(service, card, { seq: 2, maxSpent: 9_000_000n, softSpent: 9_000_000n });
    const [tooMuch, little] = [await pay(card, 3_000_000n), await pay(card, 1_000_000n)];
    await upload([tooMuch, little]);
    await isFinal(little);
    const waiting = await eventually(
      () => voucher(tooMuch),
      ({ state }) => state === "skipped",
    );
    expect(waiting).toMatchObject({
      batch: null,
      tx: null,
      waits: { code: "BALANCE_TOO_LOW", detail: skipSentences.BALANCE_TOO_LOW },
    });
    expect(await skippedOnChain()).toBe(0);
    const path = `/v1/cards/${toHex(card.address)}/fundings`;
    await service.call("POST", path, {
      token: ISSUER_TOKEN,
      body: { amount: "5.00", key: "second", reason: "a test" },
    });
    expect(await isFinal(tooMuch)).toMatchObject({ waits: null });
    expect(await skippedOnChain()).toBe(0);
  });

  it("sends the advance first that a voucher far ahead needs", async () => {
    const card = await fundedCard(harness, service);
    card.counter = 1_000;
    card.spent = 1_000_000n;
    const ahead = await pay(card, 1_000n);
    await upload([ahead]);
    await isFinal(ahead);
    expect(await skippedOnChain()).toBe(0);
    const { db } = service.platform;
    const actions = await db.selectFrom("chain_actions").selectAll().where("kind", "=", "advance").execute();
    expect(actions).toHaveLength(1);
    expect(actions[0]?.state).toMatch(/^(mined|final)$/);
    expect(await db.selectFrom("vouchers").select("attempts").where("counter", "=", 1_001n).execute()).toEqual([
      { attempts: 0 },
    ]);
  });

  it("lets the vault itself decide where its own answer contradicts the stored state", async () => {
    const card = await fundedCard(harness, service);
    const { db } = service.platform;
    const changed = await db
      .updateTable("vault_cards")
      .set({ saved: JSON.stringify(await emptied(card)) })
      .where("card", "=", card.address)
      .executeTakeFirst();
    expect(changed.numUpdatedRows).toBe(1n);
    const bundle = await pay(card, 1_000_000n);
    await upload([bundle]);
    await isFinal(bundle);
  });

  /** The card as it is stored, with nothing on it: what a fault would make of it. */
  async function emptied(card: TestCard): Promise<object> {
    const stored = await eventually(
      async () => {
        await service.platform.db.transaction().execute((trx) => catchUpVaultState(trx));
        return await service.platform.db
          .selectFrom("vault_cards")
          .select("saved")
          .where("card", "=", card.address)
          .executeTakeFirst();
      },
      (row) => row !== undefined && row.saved["balance"] !== "0",
    );
    return { ...stored?.saved, balance: "0" };
  }

  it("keeps every batch within the gas that it was given, and loses no voucher for it", async () => {
    const before = new Set((await readBatches()).map(({ id }) => id));
    await service.stop();
    service = await harness.start(database, { batch: { maxVouchers: 100, maxAgeMs: 50, maxGas: 200_000 } });
    const cards = [await fundedCard(harness, service), await fundedCard(harness, service)];
    const bundles: VoucherBundle[] = [];
    for (let round = 0; round < 30; round += 1) for (const card of cards) bundles.push(await pay(card, 1_000n));
    await upload(bundles);
    for (const bundle of bundles) await isFinal(bundle);
    const made = (await readBatches()).filter(({ id }) => !before.has(id));
    expect(made.length).toBeGreaterThan(1);
    for (const { gas_estimate, transaction_hash } of made) {
      expect(gas_estimate).toBeLessThanOrEqual(200_000n);
      const receipt = (await harness.rpc("eth_getTransactionReceipt", [
        toHex(transaction_hash ?? new Uint8Array()),
      ])) as {
        gasUsed: string;
      };
      expect(gas_estimate).toBeGreaterThanOrEqual(BigInt(receipt.gasUsed));
    }
    expect((await batches())[0]?.gasEstimate).toMatch(/^[0-9]+$/);
  });

  async function readBatches() {
    const { db } = service.platform;
    return db.selectFrom("batches").select(["id", "gas_estimate", "transaction_hash"]).execute();
  }

  it("keeps the state that a watcher rebuilds from the chain's beginning, in ranges of any size", async () => {
    await service.stop();
    await harness.stopMining();
    service = await harness.start(database, { roles: ["api"] });
    const { db, contract, rpc, signer, config } = service.platform;
    const cursor = await db.selectFrom("chain_cursor").selectAll().executeTakeFirstOrThrow();
    const { vault, token } = contract;
    const chain = vaultChain(rpc, { vault, token, accounts: [signer.address] });
    const watcher = new VaultWatcher({
      chain: {
        block: chain.block,
        transactionInput: chain.transactionInput,
        newest: async () => (await chain.block(cursor.block_number)) ?? (await chain.newest("finalized")),
        logs: async (from, to) =>
          (await chain.logs(from, to)).filter(({ address }) => Buffer.from(address).equals(Buffer.from(vault))),
      },
      startBlock: BigInt(config.startBlock),
    });
    const rebuilt = (await watcher.pass()).final.save();
    expect(rebuilt.cards.length).toBeGreaterThan(4);
    const rows = await db.selectFrom("vault_cards").select("card").execute();
    expect(rows.length).toBeGreaterThan(0);
    for (const rangeRows of [1, 3, 1_000]) {
      const stored = await db.transaction().execute(async (trx) => {
        for (const table of ["vault_cards", "vault_merchants"] as const) await trx.deleteFrom(table).execute();
        await trx.updateTable("vault_state_cursor").set({ block_number: -1n }).execute();
        await catchUpVaultState(trx, rangeRows);
        const keys = (names: readonly (readonly [string, unknown])[]) =>
          names.map(([name]) => Buffer.from(name.slice(2), "hex"));
        return (await loadVaultState(trx, { cards: keys(rebuilt.cards), merchants: keys(rebuilt.merchants) })).save();
      });
      expect(sorted(stored)).toEqual(sorted(rebuilt));
    }
  });
});

function sorted({ cards, merchants }: SavedVaultState): unknown {
  const order = (left: readonly [string, unknown], right: readonly [string, unknown]) => (left[0] < right[0] ? -1 : 1);
  return { cards: [...cards].sort(order), merchants: [...merchants].sort(order) };
}
