import { Inject, Injectable } from "@nestjs/common";
import type { ChainBlock, ChainRpc } from "@tallystick/evm";
import { CHAIN_RPC, VAULT_CONTRACT } from "../../chain/chain-connections.ts";
import type { VaultContract } from "../../chain/vault-contract.ts";
import type { ExcessCode } from "@tallystick/protocol";
import { DATABASE, type Database } from "../../foundation/database/database.ts";
import { fundingBound } from "./funding-rule.ts";
import { marksOfVoucher, voidedSum, type SpentMark } from "./voided-sum.ts";

/**
 * What may be wrong with a voucher that kept its allowance: of several codes the first is stored, and
 * those of the allowance come before these.
 */
const WITHIN_ALLOWANCE: readonly ExcessCode[] = [
  "LATE",
  "AHEAD_OF_CLOCK",
  "ABOVE_CERTIFICATE",
  "OUTSIDE_CERTIFICATE",
  "CERTIFICATE_CATEGORY",
  "OTHER_TERMINAL",
  "CERTIFICATE_WITHDRAWN",
  "SOFTWARE_CARD",
];

/** The blocks between which the funding rule takes the lower view. */
export interface BoundBlocks {
  readonly finalized: ChainBlock;
  readonly latest: ChainBlock;
}

/**
 * What `maxSpent` of a card may be at most now (spec §6.3), by the chain and by the verified
 * statements we hold.
 */
@Injectable()
export class CardBounds {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(CHAIN_RPC) private readonly rpc: ChainRpc,
    @Inject(VAULT_CONTRACT) private readonly contract: VaultContract,
  ) {}

  /**
   * null while the node has no final block, or one before the block up to which events were taken in (one of several nodes
   * behind one address may lag): its bounds would be without what those events have told.
   */
  async blocks(): Promise<BoundBlocks | null> {
    const cursor = await this.db.selectFrom("chain_cursor").select("block_number").executeTakeFirst();
    const [finalized, latest] = await Promise.all([this.rpc.block("finalized"), this.rpc.block("latest")]);
    if (finalized === null || latest === null) return null;
    return cursor !== undefined && finalized.number < cursor.block_number ? null : { finalized, latest };
  }

  /** Units. */
  async boundOf(card: Uint8Array, { finalized, latest }: BoundBlocks): Promise<bigint> {
    const [final, newest, voided] = await Promise.all([
      this.contract.card(card, finalized.number),
      this.contract.card(card, latest.number),
      this.voided(card),
    ]);
    // Nothing is given back to a flagged card: its own statements about its payments prove nothing.
    const given = final.flagged || newest.flagged ? 0n : voided;
    return fundingBound({ finalized: final, latest: newest, finalizedTime: finalized.timestamp }) + given;
  }

  private async voided(card: Uint8Array): Promise<bigint> {
    const events = await this.db
      .selectFrom("chain_events")
      .select("detail")
      .where("card", "=", card)
      .where("kind", "in", ["released", "voided"])
      .where("final", "=", true)
      .execute();
    if (events.length === 0) return 0n;
    const unused = events.map(({ detail }) => BigInt(String(detail["counter"])));
    return voidedSum(unused, await this.marksOf(card));
  }

  /**
   * Only vouchers within their signed allowances prove anything here, and none of a card that
   * forked.
   */
  private async marksOf(card: Uint8Array): Promise<readonly SpentMark[]> {
    const fork = await this.db.selectFrom("forks").select("card").where("card", "=", card).limit(1).executeTakeFirst();
    if (fork !== undefined) return [];
    const [vouchers, proofs] = await Promise.all([
      this.db
        .selectFrom("vouchers")
        .select(["counter", "spent_units as spent", "amount_units as amount"])
        .where("card", "=", card)
        .where((where) => where.or([where("dispute", "is", null), where("dispute", "in", WITHIN_ALLOWANCE)]))
        .execute(),
      this.db.selectFrom("state_proofs").select(["counter", "spent_units as spent"]).where("card", "=", card).execute(),
    ]);
    return [...vouchers.flatMap(marksOfVoucher), ...proofs];
  }
}
