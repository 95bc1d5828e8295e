import { Inject, Injectable, Logger } from "@nestjs/common";
import {
  feePolicy,
  RpcError,
  TransactionSender,
  type ChainRpc,
  type ChainSigner,
  type SenderPolicy,
  type StepOutcome,
  type WaitCode,
} from "@tallystick/evm";
import { CLOCK, type Clock } from "../foundation/clock.ts";
import { CONFIG, type Config } from "../foundation/config/config.ts";
import { DATABASE, type Database } from "../foundation/database/database.ts";
import { ActionStore, type StoredAction } from "./action-store.ts";
import { openActions } from "./chain-actions.ts";
import { CHAIN_RPC, CHAIN_SIGNER } from "./chain-connections.ts";
import { ChainIdentity, ChainMismatch } from "./chain-identity.ts";

/** What an operator has to know or to do; the other codes wait for the chain alone. */
const worthRecording: readonly WaitCode[] = ["FEES_TOO_HIGH", "NO_GAS", "NODE_REFUSED"];

export function senderPolicy({ chainId, chain }: Config): SenderPolicy {
  return { ...feePolicy(chain), resendMs: chain.resendMs, chainId };
}

/**
 * Takes chain actions from `planned` to `final`. Any number of processes may run it at once. What
 * an action waits for is kept beside it, for the operators.
 */
@Injectable()
export class ChainSender {
  private readonly log = new Logger(ChainSender.name);
  private readonly store: ActionStore;
  private readonly sender: TransactionSender<StoredAction>;

  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(CHAIN_RPC) rpc: ChainRpc,
    @Inject(CHAIN_SIGNER) signer: ChainSigner,
    @Inject(ChainIdentity) private readonly identity: Pick<ChainIdentity, "confirm">,
    @Inject(CLOCK) clock: Clock,
    @Inject(CONFIG) config: Config,
  ) {
    this.store = new ActionStore(db, { clock, accessLists: config.chain.accessList });
    this.sender = new TransactionSender({ rpc, signer, store: this.store, policy: senderPolicy(config), clock });
  }

  /** Moves every open action as far as it goes now. */
  async pass(): Promise<void> {
    for (const id of await openActions(this.db)) await this.advance(id);
  }

  /** Moves one action until it has to wait. A node that does not answer is waited for. */
  async advance(id: string): Promise<void> {
    try {
      await this.identity.confirm();
      const outcome = await this.sender.advance(id);
      if (outcome !== null) await this.report(outcome);
    } catch (error) {
      if (!(error instanceof RpcError || error instanceof ChainMismatch)) throw error;
      const action = await this.store.load(id);
      if (action !== null) await this.recordFailure(action, `${error.code}: ${error.message}`);
    }
  }

  private async report(outcome: StepOutcome<StoredAction>): Promise<void> {
    if (outcome.kind === "lost") {
      this.log.warn(`A foreign transaction has used the nonce of action ${outcome.action.key}; it takes another one.`);
    }
    if (outcome.kind !== "waiting" || !worthRecording.includes(outcome.code)) return;
    await this.recordFailure(
      outcome.action,
      outcome.detail === null ? outcome.code : `${outcome.code}: ${outcome.detail}`,
    );
  }

  private async recordFailure(action: StoredAction, failure: string): Promise<void> {
    if (action.failure === failure) return;
    this.log.warn(`Action ${action.key} waits: ${failure}`);
    await this.store.recordFailure(action, failure);
  }
}
