import { Inject, Injectable } from "@nestjs/common";
import type { ChainRpc } from "@tallystick/evm";
import { toHex } from "@tallystick/protocol";
import { sql } from "kysely";
import { CHAIN_RPC, ISSUER_SIGNERS, VAULT_CONTRACT } from "../../chain/chain-connections.ts";
import type { IssuerSigners } from "../../chain/issuer-signers.ts";
import type { VaultContract } from "../../chain/vault-contract.ts";
import { CONFIG, type Config } from "../../foundation/config/config.ts";
import { DATABASE, type Database } from "../../foundation/database/database.ts";

/** What the account that compensations are paid from holds now, in the newest block. */
export interface GuaranteeStatus {
  readonly account: Uint8Array;
  /** Units. */
  readonly tokens: bigint;
  /** Wei of the chain's own coin. */
  readonly gas: bigint;
}

/** Why compensations wait for an operator. */
export interface GuaranteeAlarm {
  readonly code: "GUARANTEE_NO_TOKENS" | "GUARANTEE_NO_GAS" | "GUARANTEE_NO_KEY";
  readonly message: string;
}

/** Reads the guarantee's account, and what holds its compensations up. */
@Injectable()
export class GuaranteeStatusReader {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(CHAIN_RPC) private readonly rpc: ChainRpc,
    @Inject(VAULT_CONTRACT) private readonly contract: VaultContract,
    @Inject(ISSUER_SIGNERS) private readonly signers: IssuerSigners,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Null where no account is configured, or while the chain cannot be read. */
  async read(): Promise<GuaranteeStatus | null> {
    const account = this.signers.guarantee?.address;
    if (account === undefined) return null;
    try {
      const [held, gas] = await Promise.all([
        this.contract.tokenBalance(account, "latest"),
        this.rpc.balance(account, "latest"),
      ]);
      return { account, tokens: held / this.config.asset.scale, gas };
    } catch {
      // An alarm names what is away; an old figure would look like a fresh one.
      return null;
    }
  }

  /** One for each reason; empty while the database cannot be read, which has an alarm of its own. */
  async alarms(): Promise<readonly GuaranteeAlarm[]> {
    try {
      const { rows } = await sql<{ reason: string; count: string }>`
        select split_part(failure, ':', 1) as reason, count(*)::text as count from chain_actions
        where kind = 'compensate' and state not in ('final', 'failed', 'refused') and failure is not null
          and not exists (
            select from compensations c join vouchers v on v.id = c.voucher_id
            where c.action_id = chain_actions.id and v.state = 'compensated')
        group by 1 order by 1`.execute(this.db);
      return rows.flatMap(({ reason, count }) => this.alarmOf(reason, count) ?? []);
    } catch {
      return [];
    }
  }

  private alarmOf(reason: string, count: string): GuaranteeAlarm | null {
    const { guarantee } = this.signers;
    const account = guarantee === null ? "the guarantee's account" : toHex(guarantee.address);
    const waiting = `${count} compensations that the issuer owes wait`;
    switch (reason) {
      case "NO_TOKENS":
        return { code: "GUARANTEE_NO_TOKENS", message: `${waiting}: send tokens to ${account}.` };
      case "NO_GAS":
        return { code: "GUARANTEE_NO_GAS", message: `${waiting}: send some of the chain's own coin to ${account}.` };
      case "NO_KEY":
        return { code: "GUARANTEE_NO_KEY", message: `${waiting}: name its key in guarantee.keyFile.` };
      default:
        return null;
    }
  }
}
