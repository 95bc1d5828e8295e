import { toHex } from "@tallystick/protocol";
import { type SavedVaultState, VaultState } from "@tallystick/vault";
import { sql, type Selectable } from "kysely";
import type { DatabaseTransaction } from "../../foundation/database/database.ts";
import type { ChainEventsTable, SettledItemsTable } from "../../foundation/database/tables/chain-tables.ts";
import { LIMITS } from "../../foundation/limits/limits.ts";

type EventRow = Selectable<ChainEventsTable>;
type ItemRow = Pick<Selectable<SettledItemsTable>, "card" | "payee" | "counter" | "amount_units" | "block_number">;

/** The cards and merchants whose state is read; 20 bytes each, repetitions allowed. */
export interface StateKeys {
  readonly cards: readonly Uint8Array[];
  readonly merchants: readonly Uint8Array[];
}

/** What one range of final blocks changed. */
interface Range {
  readonly last: bigint;
  readonly events: readonly EventRow[];
  readonly items: readonly ItemRow[];
}

/**
 * Brings the stored state of the vault to the last final block that was recorded, range by range,
 * so that a batch never reads the chain from its beginning. One caller at a time; the later ones
 * find it done.
 */
export async function catchUpVaultState(
  trx: DatabaseTransaction,
  rangeRows: number = LIMITS.mirroredRows,
): Promise<void> {
  const cursor = await trx
    .selectFrom("vault_state_cursor")
    .select("block_number")
    .forUpdate()
    .executeTakeFirstOrThrow();
  const recorded = await trx.selectFrom("chain_cursor").select("block_number").executeTakeFirst();
  if (recorded === undefined) return;
  for (let after = cursor.block_number; after < recorded.block_number;) {
    const range = await readRange(trx, { after, newest: recorded.block_number, rows: rangeRows });
    await takeIn(trx, range);
    after = range.last;
    await trx.updateTable("vault_state_cursor").set({ block_number: after }).execute();
  }
}

/** The stored state of these cards and merchants, to be simulated on. */
export async function loadVaultState(trx: DatabaseTransaction, keys: StateKeys): Promise<VaultState> {
  const cards =
    keys.cards.length === 0
      ? []
      : await trx.selectFrom("vault_cards").selectAll().where("card", "in", distinct(keys.cards)).execute();
  const merchants =
    keys.merchants.length === 0
      ? []
      : await trx.selectFrom("vault_merchants").selectAll().where("merchant", "in", distinct(keys.merchants)).execute();
  return VaultState.restore({
    cards: cards.map(({ card, saved }) => [toHex(card), saved] as unknown as SavedVaultState["cards"][number]),
    merchants: merchants.map(
      ({ merchant, saved }) => [toHex(merchant), saved] as unknown as SavedVaultState["merchants"][number],
    ),
  });
}

function distinct(keys: readonly Uint8Array[]): Uint8Array[] {
  return [...new Map(keys.map((key) => [toHex(key), key])).values()];
}

/** As many whole blocks as keep both lists short; one at least. */
async function readRange(
  trx: DatabaseTransaction,
  { after, newest, rows }: { readonly after: bigint; readonly newest: bigint; readonly rows: number },
): Promise<Range> {
  const blocks = await sql<{ block_number: bigint }>`
    select max(block_number) as block_number from (
      select block_number from settled_items where block_number > ${after} and block_number <= ${newest}
      union all
      select block_number from chain_events where final and block_number > ${after} and block_number <= ${newest}
      order by block_number limit ${rows}) as first_rows having count(*) = ${rows}`.execute(trx);
  const last = blocks.rows[0]?.block_number ?? newest;
  const [events, items] = [
    await trx
      .selectFrom("chain_events")
      .selectAll()
      .where("final", "=", true)
      .where("block_number", ">", after)
      .where("block_number", "<=", last)
      .orderBy("block_number")
      .orderBy("log_index")
      .execute(),
    await trx
      .selectFrom("settled_items")
      .select(["card", "payee", "counter", "amount_units", "block_number"])
      .where("block_number", ">", after)
      .where("block_number", "<=", last)
      .execute(),
  ];
  return { last, events, items };
}

async function takeIn(trx: DatabaseTransaction, { events, items }: Range): Promise<void> {
  const known = (keys: readonly (Uint8Array | null)[]): Uint8Array[] => keys.filter((key) => key !== null);
  const state = await loadVaultState(trx, {
    cards: known([...events.map(({ card }) => card), ...items.map(({ card }) => card)]),
    merchants: known([...events.map(({ payee }) => payee), ...items.map(({ payee }) => payee)]),
  });
  // Balances are sums and used counters a set: what the vault did within the range does not depend
  // on its order.
  for (const event of events) applyEvent(state, event);
  for (const { card, payee, counter, amount_units: amount } of items) {
    state.pay({ card, payee, counter: Number(counter), amount });
  }
  const { cards, merchants } = state.save();
  await upsert(trx, { table: "vault_cards", key: "card" }, cards);
  await upsert(trx, { table: "vault_merchants", key: "merchant" }, merchants);
}

function applyEvent(state: VaultState, { kind, card, payee, units, detail }: EventRow): void {
  if (payee !== null && units !== null) {
    if (kind === "withdrawn") state.editMerchant(payee).withdrawn += units;
    if (kind === "refunded") state.editMerchant(payee).withdrawn += BigInt(String(detail["fromEarnings"]));
  }
  if (card === null) return;
  const account = state.editCard(card);
  const amount = units ?? 0n;
  if (kind === "opened") account.owner = String(detail["owner"]);
  if (kind === "funded" || kind === "refunded") account.balance += amount;
  if (kind === "released" || kind === "voided") account.counters.mark(Number(detail["counter"]));
  if (kind === "advanced") account.counters.slide(Number(detail["base"]));
  if (kind === "withdrawalRequested")
    Object.assign(account, { pending: amount, readyAt: BigInt(String(detail["readyAt"])) });
  if (kind === "withdrawalCancelled") Object.assign(account, { pending: 0n, readyAt: 0n });
  if (kind === "cardWithdrawn") Object.assign(account, { balance: account.balance - amount, pending: 0n, readyAt: 0n });
  if (kind === "equivocationProved") account.flagged = true;
}

async function upsert(
  trx: DatabaseTransaction,
  { table, key }: { readonly table: "vault_cards" | "vault_merchants"; readonly key: "card" | "merchant" },
  rows: readonly (readonly [string, object])[],
): Promise<void> {
  if (rows.length === 0) return;
  await sql`
    insert into ${sql.table(table)} (${sql.ref(key)}, saved)
    select decode(substr(name, 3), 'hex'), saved
    from unnest(${rows.map(([name]) => name)}::text[], ${rows.map(([, saved]) => JSON.stringify(saved))}::jsonb[])
      as made (name, saved)
    on conflict (${sql.ref(key)}) do update set saved = excluded.saved`.execute(trx);
}
