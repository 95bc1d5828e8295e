import { Inject, Injectable, Logger } from "@nestjs/common";
import { toAddress } from "@tallystick/protocol";
import { type AccessListEntry, settleAccessList } from "@tallystick/vault";
import { CLOCK, type Clock } from "../foundation/clock.ts";
import { CONFIG, type Config } from "../foundation/config/config.ts";
import { DATABASE, type Database, type DatabaseTransaction } from "../foundation/database/database.ts";
import { LIMITS } from "../foundation/limits/limits.ts";
import { SETTLED_ACTION_STATES, type ActionState } from "./action-states.ts";
import { actionState, moveAction, type ActionPatch, type ChainAction } from "./chain-actions.ts";
import { CHAIN_RPC, RpcError, type ChainReceipt, type ChainRpc } from "./chain-rpc.ts";
import { CHAIN_SIGNER, type ChainSigner } from "./chain-signer.ts";
import { bumpedFees, gasToBuy, initialFees, type Fees } from "./fees.ts";
import { firstOffer, hashesOf, markSent, newestTransaction, storeTransaction, toFees } from "./stored-transactions.ts";

/**
 * Takes chain actions from `planned` to `final`. Each step is one database transaction that names the state it
 * expects, and the raw bytes are stored before they are sent: whatever is interrupted can only send identical bytes
 * again. Any number of processes may run it at once.
 */
@Injectable()
export class ChainSender {
  private readonly log = new Logger(ChainSender.name);
  private accountKnown = false;

  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(CHAIN_RPC) private readonly rpc: ChainRpc,
    @Inject(CHAIN_SIGNER) private readonly signer: ChainSigner,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Makes the account known; its first nonce is the chain's, never lowered afterwards. */
  private async ensureAccount(): Promise<void> {
    if (this.accountKnown) return;
    const nonce = await this.rpc.transactionCount(this.signer.address, "latest");
    await this.db
      .insertInto("chain_accounts")
      .values({ address: this.signer.address, next_nonce: nonce })
      .onConflict((conflict) => conflict.column("address").doNothing())
      .execute();
    this.accountKnown = true;
  }

  /** Moves every open action as far as the present allows. */
  async pass(): Promise<void> {
    const open = await this.db
      .selectFrom("chain_actions")
      .select("id")
      .where("state", "not in", [...SETTLED_ACTION_STATES])
      .orderBy("created_at")
      .limit(LIMITS.senderActions)
      .execute();
    for (const { id } of open) await this.advance(id);
  }

  /** Moves one action until it has to wait. Unreachable nodes are waited for, not failures. */
  async advance(id: string): Promise<void> {
    for (let step = 0; step < 8; step += 1) {
      const action = await this.load(id);
      if (action === null) return;
      try {
        if (!(await this.step(action))) return;
      } catch (error) {
        if (!(error instanceof RpcError)) throw error;
        await this.noteFailure(action, `${error.code}: ${error.message}`);
        return;
      }
    }
  }

  /** One step. True when the state changed and another step may follow at once. */
  async step(action: ChainAction): Promise<boolean> {
    switch (actionState(action)) {
      case "planned":
        return this.reserve(action);
      case "reserved":
        return this.sign(action, null);
      case "signed":
        return this.broadcast(action);
      case "broadcast":
        return this.look(action);
      case "mined":
        return this.confirm(action);
      case "final":
      case "failed":
      case "refused":
        return false;
    }
  }

  async load(id: string): Promise<ChainAction | null> {
    return (await this.db.selectFrom("chain_actions").selectAll().where("id", "=", id).executeTakeFirst()) ?? null;
  }

  /** planned → reserved: simulate, then give it the account's next nonce in the transaction that says so. */
  private async reserve(action: ChainAction): Promise<boolean> {
    for (const id of action.after_actions) {
      const before = await this.load(id);
      if (before !== null && !["mined", "final", "failed", "refused"].includes(before.state)) return false;
    }
    let gas: bigint | null;
    try {
      const accessList = this.accessListOf(action);
      const call = { from: this.signer.address, to: action.target, data: action.data, accessList };
      gas = gasToBuy(await this.rpc.estimateGas(call));
    } catch (error) {
      if (!(error instanceof RpcError) || error.code !== "REVERTED") throw error;
      return this.move(action, "planned", "refused", {
        failure: `SIMULATION: ${error.message} ${error.data ?? ""}`.trim(),
      });
    }
    if (gas === null) return this.move(action, "planned", "refused", { failure: "GAS_LIMIT" });
    await this.ensureAccount();
    return this.db.transaction().execute(async (trx) => {
      const account = await trx
        .selectFrom("chain_accounts")
        .select("next_nonce")
        .where("address", "=", action.account)
        .forUpdate()
        .executeTakeFirstOrThrow();
      const patch = { nonce: account.next_nonce, gas, failure: null };
      if (!(await this.moveIn(trx, action, "planned", "reserved", patch))) return false;
      await trx
        .updateTable("chain_accounts")
        .set({ next_nonce: account.next_nonce + 1n })
        .where("address", "=", action.account)
        .execute();
      return true;
    });
  }

  /** The same at each attempt: it depends on nothing but the action and the configuration. */
  private accessListOf(action: ChainAction): readonly AccessListEntry[] {
    if (action.kind !== "settle" || !this.config.chain.accessList) return [];
    return settleAccessList(toAddress(action.target), action.data);
  }

  /** reserved → signed, or one more attempt with a higher fee for a nonce that is already ours. */
  private async sign(action: ChainAction, fees: Fees | null): Promise<boolean> {
    if (action.nonce === null || action.gas === null) throw new Error(`The action ${action.id} has no nonce.`);
    const offer = fees ?? (await this.marketFees());
    const { raw, hash } = await this.signer.sign({
      chainId: BigInt(this.config.chainId),
      nonce: action.nonce,
      to: action.target,
      data: action.data,
      gas: action.gas,
      accessList: this.accessListOf(action),
      ...offer,
    });
    const at = new Date(this.clock.now());
    return this.db.transaction().execute(async (trx) => {
      if (fees === null && !(await this.moveIn(trx, action, "reserved", "signed", {}))) return false;
      const { nonce, gas } = action;
      await storeTransaction(trx, { actionId: action.id, nonce: nonce ?? 0n, gas: gas ?? 0n, hash, raw, at, ...offer });
      return true;
    });
  }

  /** signed → broadcast: give the node the newest stored bytes. */
  private async broadcast(action: ChainAction): Promise<boolean> {
    const newest = await newestTransaction(this.db, action.id);
    if (newest === null) throw new Error(`The action ${action.id} is signed but has no stored transaction.`);
    await this.give(newest.hash, newest.raw);
    return this.move(action, "signed", "broadcast", { failure: null });
  }

  /** Sends stored bytes. "Already known" and "nonce too low" only mean that the next step has to look. */
  private async give(hash: Uint8Array, raw: Uint8Array): Promise<void> {
    try {
      await this.rpc.sendRaw(raw);
    } catch (error) {
      const look = error instanceof RpcError && (error.code === "ALREADY_KNOWN" || error.code === "NONCE_TOO_LOW");
      if (!look) throw error;
    }
    await markSent(this.db, hash, new Date(this.clock.now()));
  }

  /** broadcast → mined when any attempt has a receipt; else resend, raise the fee, or notice a foreign nonce. */
  private async look(action: ChainAction): Promise<boolean> {
    const receipt = await this.findReceipt(action);
    if (receipt !== null) {
      return this.move(action, "broadcast", "mined", {
        mined_hash: receipt.transactionHash,
        mined_block: receipt.blockNumber,
        mined_block_hash: receipt.blockHash,
        failure: null,
      });
    }
    const finalCount = await this.rpc.transactionCount(this.signer.address, "finalized");
    if (action.nonce !== null && finalCount > action.nonce) return this.giveUpNonce(action);
    const newest = await newestTransaction(this.db, action.id);
    if (newest === null) return false;
    const now = this.clock.now();
    if (now - newest.stored_at.getTime() >= this.config.chain.bumpMs) {
      if (await this.bump(action, newest)) return false;
    }
    const sentAt = newest.sent_at?.getTime() ?? 0;
    if (now - sentAt >= this.config.chain.resendMs) await this.give(newest.hash, newest.raw);
    return false;
  }

  /** The nonce was finally used by a foreign transaction and none of ours was mined: ours never can be. */
  private async giveUpNonce(action: ChainAction): Promise<boolean> {
    // Looked at after the final count: a receipt that came in between belongs to us.
    if ((await this.findReceipt(action)) !== null) return true;
    const next = await this.rpc.transactionCount(this.signer.address, "latest");
    this.log.warn(`Nonce ${String(action.nonce)} of action ${action.key} was used by a foreign transaction.`);
    return this.db.transaction().execute(async (trx) => {
      await trx
        .updateTable("chain_accounts")
        .set((update) => ({ next_nonce: update.fn("greatest", ["next_nonce", update.val(next)]) }))
        .where("address", "=", action.account)
        .execute();
      return this.moveIn(trx, action, actionState(action), "planned", {
        nonce: null,
        gas: null,
        failure: "NONCE_TAKEN",
      });
    });
  }

  private async bump(
    action: ChainAction,
    newest: { attempt: number; max_fee: string; priority_fee: string },
  ): Promise<boolean> {
    if (newest.attempt > LIMITS.feeBumps) return false;
    const fees = bumpedFees(toFees(newest), await firstOffer(this.db, action), await this.marketFees());
    if (fees === null) {
      await this.noteFailure(action, "FEE_CEILING: the network asks more than the ceiling; waiting.");
      return false;
    }
    if (!(await this.sign(action, fees))) return false;
    const replacement = await newestTransaction(this.db, action.id);
    if (replacement !== null) await this.give(replacement.hash, replacement.raw);
    return true;
  }

  /** mined → final or failed once its block is final; back to broadcast when its block is gone. */
  private async confirm(action: ChainAction): Promise<boolean> {
    const receipt = await this.findReceipt(action);
    if (receipt === null) {
      const gone = { mined_hash: null, mined_block: null, mined_block_hash: null, failure: "DROPPED" };
      const moved = await this.move(action, "mined", "broadcast", gone);
      const newest = await newestTransaction(this.db, action.id);
      if (moved && newest !== null) await this.give(newest.hash, newest.raw);
      return false;
    }
    const finalized = await this.rpc.block("finalized");
    if (finalized === null || receipt.blockNumber > finalized.number) return false;
    const canonical = await this.rpc.block(receipt.blockNumber);
    if (canonical === null || !Buffer.from(canonical.hash).equals(receipt.blockHash)) return false;
    return this.move(action, "mined", receipt.succeeded ? "final" : "failed", {
      mined_hash: receipt.transactionHash,
      mined_block: receipt.blockNumber,
      mined_block_hash: receipt.blockHash,
    });
  }

  /** Only transactions of the present nonce count: older ones belong to a nonce that was given up. */
  private async findReceipt(action: ChainAction): Promise<ChainReceipt | null> {
    for (const hash of await hashesOf(this.db, action)) {
      const receipt = await this.rpc.receipt(hash);
      if (receipt !== null) return receipt;
    }
    return null;
  }

  private async marketFees(): Promise<Fees> {
    const [latest, tip] = await Promise.all([this.rpc.block("latest"), this.rpc.priorityFee()]);
    if (latest === null) throw new RpcError("UNREACHABLE", "The node has no latest block.");
    return initialFees({ baseFee: latest.baseFee, tip });
  }

  private async noteFailure(action: ChainAction, failure: string): Promise<void> {
    this.log.warn(`Action ${action.key} waits: ${failure}`);
    await this.db.updateTable("chain_actions").set({ failure }).where("id", "=", action.id).execute();
  }

  private move(action: ChainAction, from: ActionState, to: ActionState, patch: ActionPatch): Promise<boolean> {
    return this.db.transaction().execute((trx) => this.moveIn(trx, action, from, to, patch));
  }

  private moveIn(
    trx: DatabaseTransaction,
    action: ChainAction,
    from: ActionState,
    to: ActionState,
    patch: ActionPatch,
  ): Promise<boolean> {
    return moveAction(trx, { id: action.id, from, to, at: new Date(this.clock.now()), patch });
  }
}
