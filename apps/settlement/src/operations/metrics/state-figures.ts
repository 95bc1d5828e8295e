import { Inject, Injectable } from "@nestjs/common";
import type { ChainRpc } from "@tallystick/evm";
import { equalBytes } from "@tallystick/protocol";
import { sql } from "kysely";
import { CHAIN_RPC, ISSUER_SIGNERS, VAULT_CONTRACT } from "../../chain/chain-connections.ts";
import type { IssuerSigners } from "../../chain/issuer-signers.ts";
import type { VaultContract } from "../../chain/vault-contract.ts";
import { CLOCK, type Clock } from "../../foundation/clock.ts";
import { CONFIG, type Config } from "../../foundation/config/config.ts";
import { DATABASE, type Database } from "../../foundation/database/database.ts";
import { LIMITS } from "../../foundation/limits/limits.ts";
import { gasPerVoucher, newestBatchGas } from "../../vouchers/fees/batch-gas.ts";
import { HELD_STATES } from "../../vouchers/states/voucher-states.ts";
import { SilentTerminals } from "../silence/silent-terminals.ts";
import { AGE_BOUNDS } from "./limits.ts";

/** Names of the ages by which money that is not final is told apart, the youngest first. */
export const AGES = [...AGE_BOUNDS.map(({ name }) => name), "older"] as const;

/** What waits, by how long, and who is silent; as PostgreSQL has it. */
export interface StateFigures {
  /** Units of vouchers that are neither paid nor given up, by age. */
  readonly unitsByAge: ReadonlyMap<string, bigint>;
  /** Of the newest batches, as their fees are booked; null before the first. */
  readonly gasPerVoucher: number | null;
  /** As the console and readiness count them. */
  readonly silentTerminals: number;
}

/** What the accounts that send have, by the node. */
/** An account with nonces of its own. */
type SendingAccount = "treasury" | "gas" | "guarantee";

export interface AccountFigures {
  /** Nonces that were given out and that no block has used, by account. */
  readonly nonceGap: ReadonlyMap<SendingAccount, number>;
  /** Null where the treasury pays for everything. */
  readonly gasWalletWei: bigint | null;
  readonly treasuryWei: bigint;
  readonly treasuryTokensUnits: bigint;
}

@Injectable()
export class StateFigureReader {
  constructor(
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(DATABASE) private readonly db: Database,
    @Inject(SilentTerminals) private readonly silence: SilentTerminals,
    @Inject(ISSUER_SIGNERS) private readonly signers: IssuerSigners,
    @Inject(VAULT_CONTRACT) private readonly contract: VaultContract,
    @Inject(CHAIN_RPC) private readonly rpc: ChainRpc,
  ) {}

  async read(): Promise<StateFigures> {
    const [unitsByAge, gas, silentTerminals] = await Promise.all([
      this.unitsByAge(),
      newestBatchGas(this.db, LIMITS.batchesMeasured),
      this.silence.count(),
    ]);
    return { unitsByAge, gasPerVoucher: gasPerVoucher(gas), silentTerminals };
  }

  /** Rejects with RpcError where the node does not say. */
  async accounts(): Promise<AccountFigures> {
    const { treasury, gas, guarantee } = this.signers;
    const gap = new Map<SendingAccount, number>();
    const accounts = { treasury, gas, guarantee };
    const given = await this.db.selectFrom("chain_accounts").selectAll().execute();
    for (const name of ["treasury", "gas", "guarantee"] as const) {
      const signer = accounts[name];
      const row = given.find(({ address }) => signer !== null && equalBytes(address, signer.address));
      if (row !== undefined)
        gap.set(name, Number(row.next_nonce - (await this.rpc.transactionCount(row.address, "latest"))));
    }
    const [gasWalletWei, treasuryWei, held] = await Promise.all([
      gas === null ? null : this.rpc.balance(gas.address, "latest"),
      this.rpc.balance(treasury.address, "latest"),
      this.contract.tokenBalance(treasury.address, "latest"),
    ]);
    return { nonceGap: gap, gasWalletWei, treasuryWei, treasuryTokensUnits: held / this.config.asset.scale };
  }

  private async unitsByAge(): Promise<ReadonlyMap<string, bigint>> {
    const now = this.clock.now();
    const since = AGE_BOUNDS.map(({ seconds }) => new Date(now - seconds * 1_000));
    const { rows } = await sql<{ age: number; units: string }>`
      select (select count(*) from unnest(${since}::timestamptz[]) b (since) where received_at <= b.since)::int as age,
        sum(amount_units)::text as units
      from vouchers where state = any (${[...HELD_STATES]}::text[]) group by 1`.execute(this.db);
    const found = new Map(rows.map(({ age, units }) => [AGES[age], BigInt(units)]));
    return new Map(AGES.map((age) => [age, found.get(age) ?? 0n]));
  }
}
