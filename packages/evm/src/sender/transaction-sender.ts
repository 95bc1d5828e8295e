import { equalBytes } from "@tallystick/protocol";
import { type FeePolicy, type Fees, firstFees, gasToBuy, type MarketFees, raisedFees } from "../fees.ts";
import { DEFAULT_RESEND_MS, MAX_REPLACEMENTS, MAX_STEPS } from "../limits.ts";
import type { ChainBlock, ChainReceipt, ChainRpc } from "../rpc/chain-rpc.ts";
import { RpcError } from "../rpc/rpc-error.ts";
import type { ChainAction, StoredTransaction } from "./chain-action.ts";
import type { ChainSigner } from "./chain-signer.ts";
import type { ActionChange, RefusalCode, SenderStore, Signed } from "./sender-store.ts";
import { faultOfSending } from "./sending-faults.ts";
import { simulate } from "./simulate.ts";
import { goesOn, moved, type StepOutcome, waiting, type Waiting } from "./step-outcome.ts";
import type { WaitCode } from "./wait-codes.ts";

/** How a sender acts. */
export interface SenderPolicy extends FeePolicy {
  readonly chainId: bigint;
  /** Unmined bytes are sent again this often, milliseconds; 0 sends them at each check. */
  readonly resendMs?: number;
  /**
   * Gas bought above the simulation, in hundredths, where that is more than an eighth and 10,000.
   */
  readonly gasMarginPercent?: bigint;
}

export interface TransactionSenderParts<Action extends ChainAction> {
  readonly rpc: ChainRpc;
  readonly signer: ChainSigner;
  readonly store: SenderStore<Action>;
  readonly policy: SenderPolicy;
  /** Milliseconds since 1970. */
  readonly clock: { now(): number };
}

/**
 * Takes actions from `planned` to `final`. The raw bytes are stored before they are sent, so that
 * whatever is interrupted can only send identical bytes again. Each step is one write of the store
 * that names the state it expects: any number of processes may run it at once. Every method rejects
 * with RpcError where the node does not answer; then nothing has happened, and the same call later
 * goes on.
 */
export class TransactionSender<Action extends ChainAction = ChainAction> {
  private readonly parts: TransactionSenderParts<Action>;

  constructor(parts: TransactionSenderParts<Action>) {
    this.parts = parts;
  }

  /**
   * Moves a stored action until it has to wait, is overtaken or has ended; null where there is no
   * such action.
   */
  async advance(id: string): Promise<StepOutcome<Action> | null> {
    let outcome: StepOutcome<Action> | null = null;
    for (let step = 0; step < MAX_STEPS; step += 1) {
      const action = await this.parts.store.load(id);
      if (action === null) return null;
      outcome = await this.step(action);
      if (!goesOn(outcome)) return outcome;
    }
    return outcome;
  }

  /**
   * Simulates, signs, stores and sends an action that is planned. It waits afterwards with
   * WAITING_FOR_CHAIN; where it waits without any transaction, is refused, or the node does not
   * answer before the bytes are stored, it has had no effect.
   */
  async begin(action: Action): Promise<StepOutcome<Action>> {
    let current = action;
    for (;;) {
      const outcome = await this.step(current);
      if (outcome.kind !== "moved") return outcome;
      current = outcome.action;
      if (current.state === "broadcast") return waiting("WAITING_FOR_CHAIN", current);
    }
  }

  /**
   * Checks once where an action stands that was sent, and sends or replaces its bytes where that is
   * due.
   */
  async check(action: Action): Promise<StepOutcome<Action>> {
    const outcome = await this.step(action);
    return outcome.kind === "moved" && outcome.action.state === "mined" ? await this.step(outcome.action) : outcome;
  }

  /** One step. */
  async step(action: Action): Promise<StepOutcome<Action>> {
    switch (action.state) {
      case "planned":
        return await this.reserve(action);
      case "reserved":
        return await this.signFirst(action);
      case "signed":
        return await this.broadcast(action);
      case "broadcast":
        return await this.checkSent(action);
      case "mined":
        return await this.confirm(action);
      case "final":
      case "failed":
      case "refused":
        return { kind: "ended", action };
    }
  }

  /** planned → reserved: what would be undone, or cannot be paid, never has a nonce. */
  private async reserve(action: Action): Promise<StepOutcome<Action>> {
    const { rpc, signer, store, policy } = this.parts;
    const reason = await store.reasonToWait(action);
    if (reason !== null) return waiting(reason, action);
    const latest = await this.latest();
    const fees = firstFees(await this.market(latest), policy);
    if (fees === null) return waiting("FEES_TOO_HIGH", action);
    const simulated = await simulate(rpc, { ...action.call, from: signer.address }, latest);
    if (simulated.kind === "waits") return waiting(simulated.code, action, simulated.detail);
    if (simulated.kind === "refused") return await this.refuse(action, simulated);
    const gas = gasToBuy(simulated.gas, { marginPercent: policy.gasMarginPercent, blockGas: latest.gasLimit });
    if (gas === null) {
      const detail = `The call needs ${simulated.gas} gas.`;
      return await this.refuse(action, { code: "GAS_LIMIT", reason: "GAS_LIMIT", detail });
    }
    const held = await rpc.balance(signer.address, "latest");
    if (held < gas * fees.maxFee + (action.call.value ?? 0n)) return waiting("NO_GAS", action);
    const source = await store.nonceSource(action);
    const chainNonce = source === null ? null : await rpc.transactionCount(signer.address, source);
    return moved(await store.reserve(action, { gas, chainNonce }));
  }

  private async refuse(
    action: Action,
    { code, reason, detail }: { readonly code: RefusalCode; readonly reason: string; readonly detail: string },
  ): Promise<StepOutcome<Action>> {
    const refused = await this.move(action, { to: "refused", code, detail });
    return refused === null ? { kind: "overtaken" } : { kind: "refused", code, reason, detail, action: refused };
  }

  /** reserved → signed: the bytes are stored in the write that says so. */
  private async signFirst(action: Action): Promise<StepOutcome<Action>> {
    const { store, policy } = this.parts;
    const fees = firstFees(await this.market(), policy);
    if (fees === null) return waiting("FEES_TOO_HIGH", action);
    return moved(await store.keepFirst(action, await this.sign(action, fees), this.now()));
  }

  private async sign(action: Action, fees: Fees): Promise<Signed> {
    const { signer, policy } = this.parts;
    const { nonce, gas, call } = action;
    if (nonce === null || gas === null) throw new Error(`The action ${action.id} has no nonce.`);
    const { accessList = [] } = call;
    return { ...(await signer.sign({ ...call, ...fees, accessList, chainId: policy.chainId, nonce, gas })), ...fees };
  }

  /** signed → broadcast: give the node the newest stored bytes. */
  private async broadcast(action: Action): Promise<StepOutcome<Action>> {
    const sent = await this.send(action, newestOf(action));
    if (sent.code !== "WAITING_FOR_CHAIN") return sent;
    return moved(await this.move(sent.action, { to: "broadcast", dropped: false }));
  }

  /**
   * broadcast → mined when any of its transactions has a receipt; else resend, raise the fee, or
   * notice a foreign nonce.
   */
  private async checkSent(action: Action): Promise<StepOutcome<Action>> {
    const { rpc, signer, store, policy } = this.parts;
    // Asked before the receipts: a nonce that is finally used and no receipt afterwards means that
    // another transaction used it.
    const used = await rpc.transactionCount(signer.address, "finalized");
    const receipt = await this.receiptOf(action);
    if (receipt !== null) return moved(await this.move(action, { to: "mined", receipt }));
    const taken = action.nonce !== null && used > action.nonce;
    // Seen twice, because two replicas behind one node may differ for a moment and a mistake here
    // would pay twice.
    if (taken && action.nonceTaken) return await this.giveUp(action);
    let current = action;
    if (taken !== action.nonceTaken) {
      const suspected = await store.suspectNonce(action, taken, this.now());
      if (suspected === null) return { kind: "overtaken" };
      current = suspected;
    }
    if (taken) return waiting("NONCE_USED", current);
    if (this.now() - newestOf(current).storedAt >= policy.replaceAfterMs) return await this.replace(current);
    return await this.resend(current, "WAITING_FOR_CHAIN");
  }

  /** The nonce is finally used by another transaction: ours can never be mined. */
  private async giveUp(action: Action): Promise<StepOutcome<Action>> {
    const { rpc, signer, store } = this.parts;
    const chainNonce = await rpc.transactionCount(signer.address, "latest");
    const given = await store.giveUpNonce(action, chainNonce, this.now());
    return given === null ? { kind: "overtaken" } : { kind: "lost", action: given };
  }

  /**
   * The same call with the same nonce for a higher fee, where it is this action's turn and the
   * policy allows it.
   */
  private async replace(action: Action): Promise<StepOutcome<Action>> {
    const { rpc, signer, store, policy } = this.parts;
    const [first] = action.transactions;
    const newest = newestOf(action);
    const mined = await rpc.transactionCount(signer.address, "latest");
    if (action.nonce !== null && mined < action.nonce) return await this.resend(action, "WAITING_FOR_EARLIER");
    if (action.transactions.length > MAX_REPLACEMENTS) return await this.resend(action, "FEES_TOO_HIGH");
    const fees = raisedFees({ first: first ?? newest, last: newest }, await this.market(), policy);
    if (fees === null) return await this.resend(action, "FEES_TOO_HIGH");
    const kept = await store.keepReplacement(action, await this.sign(action, fees), this.now());
    return kept === null ? { kind: "overtaken" } : await this.send(kept, newestOf(kept));
  }

  /**
   * Sends the newest bytes once more where that is due. A fault of the node is more to the point
   * than what it waits for.
   */
  private async resend(action: Action, code: WaitCode): Promise<Waiting<Action>> {
    const { resendMs = DEFAULT_RESEND_MS } = this.parts.policy;
    const newest = newestOf(action);
    if (this.now() - (newest.sentAt ?? -Infinity) < resendMs) return waiting(code, action);
    const sent = await this.send(action, newest);
    return sent.code === "WAITING_FOR_CHAIN" ? { ...sent, code } : sent;
  }

  /**
   * Gives the node stored bytes. Where it knows them or another of the same nonce, the next step
   * checks the receipt.
   */
  private async send(action: Action, { raw, hash }: StoredTransaction): Promise<Waiting<Action>> {
    const { rpc, store } = this.parts;
    try {
      await rpc.sendRaw(raw);
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      const fault = faultOfSending(error);
      if (fault !== null) return waiting(fault, action, error.message);
    }
    return waiting("WAITING_FOR_CHAIN", await store.markSent(action, hash, this.now()));
  }

  /** mined → final or failed once its block is final; back to broadcast when its block is gone. */
  private async confirm(action: Action): Promise<StepOutcome<Action>> {
    const { rpc } = this.parts;
    const receipt = await this.receiptOf(action);
    if (receipt === null) {
      const dropped = await this.move(action, { to: "broadcast", dropped: true });
      return dropped === null ? { kind: "overtaken" } : await this.send(dropped, newestOf(dropped));
    }
    const mined = { kind: "mined", receipt, final: false, action } as const;
    const finalized = await rpc.block("finalized");
    if (finalized === null || receipt.blockNumber > finalized.number) return mined;
    const canonical = await rpc.block(receipt.blockNumber);
    if (canonical === null || !equalBytes(canonical.hash, receipt.blockHash)) return mined;
    const ended = await this.move(action, { to: receipt.succeeded ? "final" : "failed", receipt });
    return ended === null ? { kind: "overtaken" } : { ...mined, final: true, action: ended };
  }

  /**
   * Only transactions of the present nonce count: older ones belong to a nonce that was given up.
   */
  private async receiptOf({ transactions }: Action): Promise<ChainReceipt | null> {
    for (const { hash } of transactions.toReversed()) {
      const receipt = await this.parts.rpc.receipt(hash);
      if (receipt !== null) return receipt;
    }
    return null;
  }

  private async latest(): Promise<ChainBlock> {
    const latest = await this.parts.rpc.block("latest");
    if (latest === null) throw new RpcError("UNREACHABLE", "The node has no latest block.");
    return latest;
  }

  private async market(latest?: ChainBlock): Promise<MarketFees> {
    const [{ baseFee }, tip] = await Promise.all([latest ?? this.latest(), this.parts.rpc.priorityFee()]);
    return { baseFee, tip };
  }

  private move(action: Action, change: ActionChange): Promise<Action | null> {
    return this.parts.store.move(action, change, this.now());
  }

  private now(): number {
    return this.parts.clock.now();
  }
}

function newestOf({ id, transactions }: ChainAction): StoredTransaction {
  const newest = transactions.at(-1);
  if (newest === undefined) throw new Error(`The action ${id} is signed but has no stored transaction.`);
  return newest;
}
