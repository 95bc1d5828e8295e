import { Inject, Injectable } from "@nestjs/common";
import type { ChainRpc } from "@tallystick/evm";
import { toHex } from "@tallystick/protocol";
import { sql } from "kysely";
import { CHAIN_RPC, ISSUER_SIGNERS, VAULT_CONTRACT } from "../../chain/chain-connections.ts";
import type { IssuerSigners } from "../../chain/issuer-signers.ts";
import type { VaultContract } from "../../chain/vault-contract.ts";
import { CONFIG, type Config } from "../../foundation/config/config.ts";
import { DATABASE, type Database } from "../../foundation/database/database.ts";
import { type Finding, reason } from "./findings.ts";

/** What the account that compensations are paid from holds now, in the newest block. */
export interface GuaranteeStatus {
  readonly account: Uint8Array;
  /** Units. */
  readonly tokens: bigint;
  /** Wei of the chain's own coin. */
  readonly gas: bigint;
}

/** Compensations that wait for one reason, the oldest's and the newest's time. */
interface WaitingCompensations {
  readonly reason: string;
  readonly count: string;
  readonly since: Date;
  readonly renewed: Date;
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

  /** Null where no account is configured. Rejects with RpcError. */
  async read(): Promise<GuaranteeStatus | null> {
    const account = this.signers.guarantee?.address;
    if (account === undefined) return null;
    const [held, gas] = await Promise.all([
      this.contract.tokenBalance(account, "latest"),
      this.rpc.balance(account, "latest"),
    ]);
    return { account, tokens: held / this.config.asset.scale, gas };
  }

  /** Why compensations wait for an operator, one for each reason. */
  async alarms(): Promise<readonly Finding[]> {
    const { rows } = await sql<WaitingCompensations>`
      select split_part(failure, ':', 1) as reason, count(*)::text as count, min(created_at) as since,
        max(created_at) as renewed
      from chain_actions
      where kind = 'compensate' and state not in ('final', 'failed', 'refused') and failure is not null
        and not exists (
          select from compensations c join vouchers v on v.id = c.voucher_id
          where c.action_id = chain_actions.id and v.state = 'compensated')
      group by 1 order by 1`.execute(this.db);
    return rows.flatMap((row) => this.alarmOf(row) ?? []);
  }

  private alarmOf(row: WaitingCompensations): Finding | null {
    const { guarantee } = this.signers;
    const account = guarantee === null ? "the guarantee's account" : toHex(guarantee.address);
    const waiting = `${row.count} compensations that the issuer owes wait`;
    const known: Readonly<Record<string, readonly [string, string, string]>> = {
      NO_TOKENS: ["GUARANTEE_NO_TOKENS", `${waiting} for tokens.`, `Send tokens to ${account}.`],
      NO_GAS: ["GUARANTEE_NO_GAS", `${waiting} for gas.`, `Send some of the chain's own coin to ${account}.`],
      NO_KEY: ["GUARANTEE_NO_KEY", `${waiting} for a key.`, "Name its key in guarantee.keyFile."],
    };
    const alarm = known[row.reason];
    return alarm === undefined ? null : { ...reason(...alarm), since: row.since, renewed: row.renewed };
  }
}
