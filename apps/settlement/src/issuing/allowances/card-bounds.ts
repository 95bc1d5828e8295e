import { Inject, Injectable } from "@nestjs/common";
import { type ChainBlock, type ChainRpc } from "@tallystick/evm";
import { CHAIN_RPC, VAULT_CONTRACT } from "../../chain/chain-connections.ts";
import { type VaultContract } from "../../chain/vault-contract.ts";
import { DATABASE, type Database } from "../../foundation/database/database.ts";
import { fundingBound } from "./funding-rule.ts";
import { marksOfVoucher, voidedSum, type SpentMark } from "./voided-sum.ts";

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

  /** null while the node has no final block. */
  async blocks(): Promise<BoundBlocks | null> {
    const [finalized, latest] = await Promise.all([this.rpc.block("finalized"), this.rpc.block("latest")]);
    return finalized === null || latest === null ? null : { finalized, latest };
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
        .where((where) => where.or([where("dispute", "is", null), where("dispute", "!=", "ABOVE_MAX_SPENT")]))
        .execute(),
      this.db.selectFrom("state_proofs").select(["counter", "spent_units as spent"]).where("card", "=", card).execute(),
    ]);
    return [...vouchers.flatMap(marksOfVoucher), ...proofs];
  }
}
