import { TransactionSender, type ChainRpc, type ChainSigner, type SenderPolicy } from "@tallystick/evm";
import { equalBytes } from "@tallystick/protocol";
import type { Clock } from "../foundation/clock.ts";
import type { Database } from "../foundation/database/database.ts";
import { isUuid } from "../foundation/database/uuid.ts";
import { ActionStore, type StoredAction } from "./action-store.ts";
import { ownAccounts } from "./accounts/own-accounts.ts";
import { ownSigners, signerOf, type IssuerSigners } from "./issuer-signers.ts";
import type { VaultContract } from "./vault-contract.ts";

/** What sends the actions of one account; what holds up one lane holds up no other. */
export interface AccountLane {
  readonly store: ActionStore;
  readonly sender: TransactionSender<StoredAction>;
}

interface LaneParts {
  readonly db: Database;
  readonly rpc: ChainRpc;
  readonly signers: IssuerSigners;
  readonly contract: Pick<VaultContract, "tokenBalance">;
  readonly clock: Clock;
  readonly policy: SenderPolicy;
  readonly accessLists: boolean;
}

/** Where an action goes on: in a lane, in none for now, or in none because a key is missing. */
export type LaneChoice = { readonly lane: AccountLane } | { readonly key: string; readonly missing: Uint8Array } | null;

/** One lane for each of the issuer's accounts. */
export class AccountLanes {
  private readonly parts: LaneParts;
  private readonly lanes: readonly { readonly address: Uint8Array; readonly lane: AccountLane }[];

  constructor(parts: LaneParts) {
    this.parts = parts;
    const { signers, contract } = parts;
    this.lanes = ownSigners(signers).map((signer) => {
      const { address } = signer;
      const pays = signer === signers.guarantee;
      const tokens = pays ? () => contract.tokenBalance(address, "latest") : undefined;
      return { address, lane: this.open(signer, tokens) };
    });
  }

  /**
   * The lane of an action. One without a nonce is given to the account that pays its kind now: it
   * may have been planned, or have lost its nonce, when that was another one.
   */
  async of(id: string): Promise<LaneChoice> {
    const { db, signers } = this.parts;
    if (!isUuid(id)) return null;
    const action = await db
      .selectFrom("chain_actions")
      .select(["key", "kind", "state", "account"])
      .where("id", "=", id)
      .executeTakeFirst();
    if (action === undefined) return null;
    let { account } = action;
    if (action.state === "planned") {
      const signer = signerOf(action.kind, signers, account);
      if (signer === null) return { key: action.key, missing: account };
      if (!equalBytes(account, signer.address)) await this.hand(id, signer.address);
      account = signer.address;
    }
    const own = this.lanes.find(({ address }) => equalBytes(address, account));
    if (own === undefined) return { key: action.key, missing: account };
    return (await this.isOpen(account)) ? { lane: own.lane } : null;
  }

  /** The transfers of an account with tokens are followed from its opening on: nothing is sent before. */
  private async isOpen(account: Uint8Array): Promise<boolean> {
    const { db, signers } = this.parts;
    const holds = [signers.treasury, signers.guarantee].some(
      (each) => each !== null && equalBytes(each.address, account),
    );
    return !holds || (await ownAccounts(db)).some(({ address }) => equalBytes(address, account));
  }

  private async hand(id: string, account: Uint8Array): Promise<void> {
    await this.parts.db
      .updateTable("chain_actions")
      .set({ account })
      .where("id", "=", id)
      .where("state", "=", "planned")
      .where("nonce", "is", null)
      .execute();
  }

  private open(signer: ChainSigner, tokens?: () => Promise<bigint>): AccountLane {
    const { db, rpc, signers, clock, policy, accessLists } = this.parts;
    const begins = (kind: string, of: Uint8Array): boolean => signerOf(kind, signers, of) === signer;
    const account = signer.address;
    const store = new ActionStore(db, {
      ...{ clock, account, begins, accessLists },
      ...(tokens === undefined ? {} : { tokens }),
    });
    return { store, sender: new TransactionSender({ rpc, signer, store, policy, clock }) };
  }
}
