import { Inject, Injectable } from "@nestjs/common";
import type { ChainRpc } from "@tallystick/evm";
import { disowningText, equalBytes, statementSigner, toHex, type Domain } from "@tallystick/protocol";
import type { AuditedAction } from "../../books/audit-log/audit-entry.ts";
import { recordAction } from "../../books/audit-log/record-action.ts";
import { CHAIN_RPC } from "../../chain/chain-connections.ts";
import { CLOCK, type Clock } from "../../foundation/clock.ts";
import { takeLock } from "../../foundation/database/advisory-locks.ts";
import { DATABASE, type Database, type DatabaseTransaction } from "../../foundation/database/database.ts";
import { retryingTransaction } from "../../foundation/database/retrying-transaction.ts";
import { Problem } from "../../foundation/http/problem.ts";
import { personOf, type Actor } from "../../foundation/http/roles.ts";
import { DOMAIN } from "../../foundation/keys/domain.ts";
import { withdrawnFrom } from "../../issuing/merchants/withdrawals.ts";
import { arrivalOf } from "../forks/arrival.ts";
import { Compensator } from "../forks/compensator.ts";
import { readGuaranteeCase, type VoucherRow } from "../forks/guarantee-case.ts";
import type { RefusalAnswer, RefusalGround } from "./withheld-answers.ts";
import { WithheldDeposits } from "./withheld-deposits.ts";
import { withheldVoucher } from "./withheld-voucher.ts";

/** What a person says about a voucher that shall not be paid. */
export interface WantedRefusal {
  readonly ground: RefusalGround;
  readonly reason: string;
  /** The payee's, 65 bytes; null where the ground needs none. */
  readonly signature: Uint8Array | null;
}

/** Refuses withheld vouchers where two persons say so, on one ground that holds (spec §6.12). */
@Injectable()
export class WithheldRefusals {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(CHAIN_RPC) private readonly rpc: ChainRpc,
    @Inject(Compensator) private readonly compensator: Compensator,
    @Inject(WithheldDeposits) private readonly deposits: WithheldDeposits,
    @Inject(DOMAIN) private readonly domain: Domain,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * The first person proposes, the second refuses. Throws Problem NAME_NEEDED, NOT_FOUND,
   * NOT_WITHHELD, PAYMENT_UNDER_WAY, GROUND_DOES_NOT_HOLD, PAYEE_SIGNATURE or
   * SECOND_PERSON_NEEDED.
   */
  async refuse(id: Uint8Array, wanted: WantedRefusal, actor: Actor): Promise<RefusalAnswer> {
    const who = personOf(actor);
    const arrivedAt = await arrivalOf({ db: this.db, rpc: this.rpc }, await withheldVoucher(this.db, id));
    return retryingTransaction(this.db, async (trx) => {
      await takeLock(trx, "guarantee");
      const voucher = await withheldVoucher(trx, id, { forUpdate: true });
      if ((await this.deposits.progress(trx, voucher)) === "under way") {
        throw new Problem("PAYMENT_UNDER_WAY", "Somebody has decided to pay it, and the deposit is on its way.");
      }
      await this.assertHolds(trx, voucher, wanted, arrivedAt);
      const proposers = await proposersOf(trx, voucher, wanted.ground);
      const refused = proposers.some((name) => name !== who);
      if (!refused && proposers.length > 0) {
        throw new Problem("SECOND_PERSON_NEEDED", "You have proposed this before; another person has to refuse it.");
      }
      if (refused) await this.compensator.dispute(trx, voucher, wanted.ground);
      await this.record(trx, voucher, { ...wanted, actor, who, refused });
      return { voucherId: toHex(id), refused, state: refused ? "disputed" : "withheld" };
    });
  }

  private async record(
    trx: DatabaseTransaction,
    { id }: VoucherRow,
    decided: WantedRefusal & { readonly actor: Actor; readonly who: string; readonly refused: boolean },
  ): Promise<void> {
    const { ground, reason, signature, actor, who, refused } = decided;
    const at = new Date(this.clock.now());
    await trx
      .insertInto("withheld_decisions")
      .values({
        ...{ voucher_id: id, kind: refused ? "refusal" : "refusal-proposed", way: null, action_id: null },
        ...{ ground, who, reason, statement: signature, decided_at: at },
      })
      .execute();
    const action: AuditedAction = refused ? "withheld-refused" : "withheld-refusal-proposed";
    await recordAction(trx, { action, actor, subject: toHex(id), details: { ground, reason }, at });
  }

  private async assertHolds(
    trx: DatabaseTransaction,
    voucher: VoucherRow,
    { ground, signature }: WantedRefusal,
    arrivedAt: number,
  ): Promise<void> {
    if (ground === "DISOWNED") return this.assertDisowned(trx, voucher, signature);
    const guaranteeCase = await readGuaranteeCase(trx, voucher, this.compensator.groundsAt(arrivedAt));
    const codes = guaranteeCase?.verdict.worth === "authentic" ? guaranteeCase.verdict.codes : [];
    if (codes.some((code) => code === ground)) return;
    throw new Problem("GROUND_DOES_NOT_HOLD", `The judge finds ${codes.join(", ") || "none of these grounds"}.`);
  }

  private async assertDisowned(
    trx: DatabaseTransaction,
    { id, payee, terminal_id: terminalId }: VoucherRow,
    signature: Uint8Array | null,
  ): Promise<void> {
    const withdrawn = await withdrawnFrom(trx, { payee, terminalId });
    if (withdrawn === null || withdrawn * 1_000 > this.clock.now()) {
      throw new Problem("GROUND_DOES_NOT_HOLD", "A payee can disown what came under a withdrawn certificate alone.");
    }
    const text = disowningText(this.domain, id);
    const signer = signature === null ? null : statementSigner(text, signature);
    if (signer === null || !equalBytes(signer, payee))
      throw new Problem("PAYEE_SIGNATURE", `Let the payee sign this text with its own key: ${text}`);
  }
}

/** Who proposed this since the voucher is withheld. */
async function proposersOf(
  trx: DatabaseTransaction,
  { id, withheld_at, received_at }: VoucherRow,
  ground: RefusalGround,
): Promise<readonly string[]> {
  const rows = await trx
    .selectFrom("withheld_decisions")
    .select("who")
    .where("voucher_id", "=", id)
    .where("kind", "=", "refusal-proposed")
    .where("ground", "=", ground)
    .where("decided_at", ">=", withheld_at ?? received_at)
    .execute();
  return rows.map(({ who }) => who);
}
