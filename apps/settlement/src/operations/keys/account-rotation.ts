import { feePolicy, SETTLED_ACTION_STATES } from "@tallystick/evm";
import { equalBytes, toHex } from "@tallystick/protocol";
import { sql } from "kysely";
import { LedgerPostings } from "../../books/postings/ledger-postings.ts";
import { treasuryAccounts } from "../../chain/accounts/own-accounts.ts";
import { ChainActions } from "../../chain/chain-actions.ts";
import type { ChainConnections } from "../../chain/chain-connections.ts";
import type { Foundation } from "../../foundation/foundation.ts";
import { planApproval } from "../../issuing/cards/fundings.ts";
import { Reconciliation } from "../reconciliation/reconciliation.ts";
import { accountSteps, remainsOf, type AccountState } from "./account-steps.ts";
import type { RotationReport } from "./rotation-steps.ts";
import {
  announceRotation,
  assertMayFollow,
  boundAccount,
  endRotation,
  newestRotation,
  unknownRotation,
  type AccountPurpose,
  type Rotation,
} from "./rotation-store.ts";
import { coinToSend, planSweep } from "./sweeps.ts";

export type RotationParts = Foundation & ChainConnections;

/** What a person asks for. */
export interface AccountRotation {
  readonly purpose: AccountPurpose;
  /** The account of the new key, where one is named. */
  readonly to: Uint8Array | null;
  readonly by: string;
  readonly reason: string;
  readonly dryRun: boolean;
}

/**
 * Takes a rotation as far as it goes now, and says how it stands; with `dryRun` nothing is changed.
 * Each step follows from what database and chain show, so that it may be run any number of times, by
 * several at once, and after any interruption (spec §6.19). Rejects with ProgramError and RpcError.
 */
export async function rotateAccount(parts: RotationParts, asked: AccountRotation): Promise<RotationReport> {
  const { db, clock } = parts;
  const { purpose, to, by, reason, dryRun } = asked;
  const before = await newestRotation(db, purpose);
  if (to !== null) {
    await assertMayFollow(db, { purpose, successor: to, newest: before });
    if (!dryRun) await announceRotation(db, { purpose, successor: to }, { by, reason, at: new Date(clock.now()) });
  }
  const rotation = await rotationOf(parts, asked);
  if (!dryRun) await actOn(parts, purpose, rotation);
  const state = await readState(parts, purpose, rotation);
  const steps = accountSteps(state);
  const done = steps.every((each) => each.state === "done");
  const { former, successor } = rotation;
  if (done && !dryRun) await endRotation(db, { purpose, former, successor }, new Date(clock.now()));
  return {
    ...{ schema: "tallystick.key-rotation/1", key: purpose, former: toHex(former), successor: toHex(successor) },
    ...{ steps, remains: remainsOf(state), done },
  };
}

/** The newest rotation, or the one that a dry run would announce. Throws ProgramError ROTATION_UNKNOWN. */
async function rotationOf(
  { db }: RotationParts,
  { purpose, to }: AccountRotation,
): Promise<Rotation & { readonly announced: boolean }> {
  const newest = await newestRotation(db, purpose);
  if (newest !== null && (to === null || equalBytes(newest.successor, to))) return { ...newest, announced: true };
  const former = await boundAccount(db, purpose);
  if (to === null || former === null) throw unknownRotation(purpose);
  return { former, successor: to, ended: false, announced: false };
}

type Known = Rotation & { readonly announced: boolean };

/** Plans what is due now: the new treasury's approval, and what the former account sends over. */
async function actOn(parts: RotationParts, purpose: AccountPurpose, rotation: Known): Promise<void> {
  const { db, clock, contract, signers } = parts;
  const { former, successor } = rotation;
  const state = await readState(parts, purpose, rotation);
  if (!state.present || !state.bound || !state.formerKey) return;
  const actions = new ChainActions(clock, signers);
  if (purpose === "treasury" && state.opened && state.approved === "none")
    await db.transaction().execute((trx) => planApproval(trx, actions, contract));
  if (state.open > 0 || (purpose === "treasury" && !state.opened)) return;
  const over = { actions, token: contract.token };
  const sweep = { from: former, to: successor };
  if (state.tokens > 0n) return await planSweep(db, over, { ...sweep, kind: "sweep-tokens", amount: state.tokens });
  if (state.sweeping === 0 && state.coin > 0n)
    await planSweep(db, over, { ...sweep, kind: "sweep-coin", amount: state.coin });
}

/** What database, configuration and chain say of a rotation. */
async function readState(parts: RotationParts, purpose: AccountPurpose, rotation: Known): Promise<AccountState> {
  const { db, rpc, contract, config, signers } = parts;
  const { former, successor, announced, ended } = rotation;
  const isOf = (signer: { readonly address: Uint8Array } | null, address: Uint8Array): boolean =>
    signer !== null && equalBytes(signer.address, address);
  const bound = await boundAccount(db, purpose);
  const isBound = bound !== null && equalBytes(bound, successor);
  const isTreasury = purpose === "treasury";
  const cards = isTreasury ? await ownedCards(parts, former) : 0;
  const { open, sweeping, unbooked } = await workOf(parts, former);
  return {
    ...{ purpose, announced, ended, open, sweeping, unbooked, cards, former, successor },
    present: isOf(isTreasury ? signers.treasury : signers.gas, successor),
    formerKey: signers.former.some((signer) => isOf(signer, former)),
    bound: isBound,
    opened: (await treasuryAccounts(db)).some(({ address }) => equalBytes(address, successor)),
    approved: isTreasury ? await approvalOf(parts, successor) : "done",
    tokens: isTreasury ? await contract.tokenBalance(former, "latest") : 0n,
    // A former treasury that owns cards needs its coin: the vault lets it alone withdraw from them.
    coin: cards > 0 ? 0n : await coinToSend(rpc, { from: former, to: successor }, feePolicy(config.chain)),
    difference: isTreasury && isBound ? await differenceOf(parts) : 0n,
  };
}

async function workOf({ db }: RotationParts, account: Uint8Array) {
  // A nonce that a foreign transaction has used costs nothing here: its action has gone on elsewhere.
  const { rows } = await sql<{ open: string; sweeping: string; unbooked: string }>`
    select count(*) filter (where not settled and not sweep)::text as open,
      count(*) filter (where not settled and sweep)::text as sweeping,
      (select count(*)::text from chain_transactions t join chain_actions a on a.id = t.action_id
        where t.account = ${account} and a.account = t.account and a.nonce = t.nonce
          and not t.fee_booked and a.state in ('final', 'failed')) as unbooked
    from (select state = any (${[...SETTLED_ACTION_STATES]}::text[]) as settled, kind like 'sweep-%' as sweep
      from chain_actions where account = ${account}) as actions`.execute(db);
  const [row] = rows;
  const figure = (text: string | undefined): number => Number(text ?? "0");
  return { open: figure(row?.open), sweeping: figure(row?.sweeping), unbooked: figure(row?.unbooked) };
}

/** Cards that this account owns and that no successor replaces; the vault never gives one another owner. */
async function ownedCards({ db }: RotationParts, owner: Uint8Array): Promise<number> {
  const { count } = await db
    .selectFrom("cards")
    .leftJoin("replacements", "replacements.card", "cards.card")
    .select((select) => select.fn.countAll<string>().as("count"))
    .where("owner", "=", owner)
    .where("replacements.done_at", "is", null)
    .executeTakeFirstOrThrow();
  return Number(count);
}

async function approvalOf({ db }: RotationParts, account: Uint8Array): Promise<AccountState["approved"]> {
  const rows = await db
    .selectFrom("chain_actions")
    .select("state")
    .where("kind", "=", "approve")
    .where("account", "=", account)
    .execute();
  if (rows.some(({ state }) => state === "final")) return "done";
  return rows.length === 0 ? "none" : "under way";
}

async function differenceOf({ db, rpc, contract, config, clock }: RotationParts): Promise<bigint> {
  const postings = new LedgerPostings(db, clock, config);
  return (await new Reconciliation(db, rpc, contract, postings, config).report()).ledgerDifference;
}
