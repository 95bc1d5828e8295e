import { Inject, Injectable, Logger } from "@nestjs/common";
import {
  feePolicy,
  RpcError,
  type ChainRpc,
  type SenderPolicy,
  type StepOutcome,
  type WaitCode,
} from "@tallystick/evm";
import { toHex } from "@tallystick/protocol";
import { CLOCK, type Clock } from "../foundation/clock.ts";
import { CONFIG, type Config } from "../foundation/config/config.ts";
import { DATABASE, type Database } from "../foundation/database/database.ts";
import { AccountLanes } from "./account-lanes.ts";
import type { StoredAction } from "./action-store.ts";
import { openActions } from "./chain-actions.ts";
import { CHAIN_RPC, ISSUER_SIGNERS, VAULT_CONTRACT } from "./chain-connections.ts";
import { ChainIdentity, ChainMismatch } from "./chain-identity.ts";
import type { IssuerSigners } from "./issuer-signers.ts";
import type { VaultContract } from "./vault-contract.ts";

/** What an operator has to know or to do; the other codes wait for the chain alone. */
const worthRecording: readonly WaitCode[] = [
  ...(["FEES_TOO_HIGH", "NO_GAS", "NO_TOKENS", "MONEY_STOPPED"] as const),
  ...(["CARD_STOPPED", "NODE_REFUSED", "UNPROVEN_REVERT"] as const),
];

export function senderPolicy({ chainId, chain }: Config): SenderPolicy {
  return { ...feePolicy(chain), resendMs: chain.resendMs, chainId };
}

/**
 * Takes chain actions from `planned` to `final`, each in the lane of its account. Any number of
 * processes may run it at once. What an action waits for is kept beside it, for the operators.
 */
@Injectable()
export class ChainSender {
  private readonly log = new Logger(ChainSender.name);
  private readonly lanes: AccountLanes;

  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(CHAIN_RPC) rpc: ChainRpc,
    @Inject(ChainIdentity) private readonly identity: Pick<ChainIdentity, "confirm" | "nonceGiven">,
    @Inject(ISSUER_SIGNERS) signers: IssuerSigners,
    @Inject(VAULT_CONTRACT) contract: VaultContract,
    @Inject(CLOCK) clock: Clock,
    @Inject(CONFIG) config: Config,
  ) {
    const { accessList: accessLists } = config.chain;
    this.lanes = new AccountLanes({ db, rpc, signers, contract, clock, policy: senderPolicy(config), accessLists });
  }

  /** Moves every open action as far as it goes now. */
  async pass(): Promise<void> {
    for (const id of await openActions(this.db)) await this.advance(id);
  }

  /** Moves one action until it has to wait. A node that does not answer is waited for. */
  async advance(id: string): Promise<void> {
    const choice = await this.lanes.of(id);
    if (choice === null) return;
    if ("missing" in choice) {
      const { key, missing } = choice;
      await this.recordFailure(id, key, `NO_KEY: the configuration has no key of ${toHex(missing)}`);
      return;
    }
    const { store, sender } = choice.lane;
    try {
      await this.identity.confirm();
      const outcome = await sender.advance(id);
      if (outcome !== null) await this.report(outcome);
      if (outcome !== null && outcome.kind !== "overtaken") this.noteNonce(outcome.action);
    } catch (error) {
      if (!(error instanceof RpcError || error instanceof ChainMismatch)) throw error;
      const action = await store.load(id);
      if (action === null) return;
      this.noteNonce(action);
      await this.recordFailure(id, action.key, `${error.code}: ${error.message}`);
    }
  }

  private noteNonce({ account, nonce }: StoredAction): void {
    if (nonce !== null) this.identity.nonceGiven(account, nonce);
  }

  private async report(outcome: StepOutcome<StoredAction>): Promise<void> {
    if (outcome.kind === "lost") {
      this.log.warn(`A foreign transaction has used the nonce of action ${outcome.action.key}; it takes another one.`);
    }
    if (outcome.kind !== "waiting" || !worthRecording.includes(outcome.code)) return;
    const { code, detail, action } = outcome;
    await this.recordFailure(action.id, action.key, detail === null ? code : `${code}: ${detail}`);
  }

  /** Keeps why an action waits; a reason that stands there already is not told again. */
  private async recordFailure(id: string, key: string, failure: string): Promise<void> {
    const changed = await this.db
      .updateTable("chain_actions")
      .set({ failure })
      .where("id", "=", id)
      .where("failure", "is distinct from", failure)
      .executeTakeFirst();
    if (changed.numUpdatedRows > 0n) this.log.warn(`Action ${key} waits: ${failure}`);
  }
}
