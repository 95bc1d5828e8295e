import {
  Inject,
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from "@nestjs/common";
import { feePolicy, type ChainRpc } from "@tallystick/evm";
import { formatTotal } from "@tallystick/money";
import { CHAIN_RPC, ISSUER_SIGNERS } from "../../chain/chain-connections.ts";
import { ChainIdentity } from "../../chain/chain-identity.ts";
import type { IssuerSigners } from "../../chain/issuer-signers.ts";
import { moneySum } from "../../chain/money/money-sums.ts";
import { CLOCK, type Clock } from "../../foundation/clock.ts";
import { CONFIG, type Config } from "../../foundation/config/config.ts";
import { DATABASE, type Database } from "../../foundation/database/database.ts";
import type { StandingFaults } from "../../foundation/http/create-problem-filter.ts";
import { LIMITS } from "../../foundation/limits/limits.ts";
import { Queues } from "../../jobs/queues.ts";
import { SilentTerminals } from "../silence/silent-terminals.ts";
import { type GuaranteeStatus, GuaranteeStatusReader } from "./guarantee-status.ts";
import { ProbeBoard, type ReadinessReport } from "./probe-board.ts";
import { AlarmProbe } from "./probes/alarm-probe.ts";
import { ChainProbe } from "./probes/chain-probe.ts";
import { DatabaseProbe } from "./probes/database-probe.ts";
import { FormerTreasuryProbe } from "./probes/former-treasury-probe.ts";
import { gasOfLastBatches } from "./gas-of-batch.ts";
import { type Fuel, FuelProbe } from "./probes/fuel-probe.ts";
import { DEPOSIT_GAS } from "./probes/limits.ts";
import { GuaranteeAccountProbe, GuaranteeAlarmProbe } from "./probes/guarantee-probe.ts";
import { ProgressProbe, readProgress } from "./probes/progress-probe.ts";
import { RecordProbe } from "./probes/record-probe.ts";
import { RedisProbe } from "./probes/redis-probe.ts";
import { SilenceProbe } from "./probes/silence-probe.ts";
import { SumProbe } from "./probes/sum-probe.ts";

/**
 * What an operator or a load balancer must know: whether money moves. Uploads are taken while the
 * database answers, whatever else fails. Every part is looked at in the background, and what is
 * asked here is answered at once.
 */
@Injectable()
export class Readiness implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly chain: ChainProbe;
  private readonly fueling: FuelProbe;
  /** Of the treasury beside a gas wallet. */
  private readonly depositing: FuelProbe | null;
  private readonly account: GuaranteeAccountProbe;
  private readonly board: ProbeBoard;

  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(CHAIN_RPC) rpc: ChainRpc,
    @Inject(ChainIdentity) identity: ChainIdentity,
    @Inject(ISSUER_SIGNERS) { treasury, gas }: IssuerSigners,
    @Inject(Queues) queues: Queues,
    @Inject(GuaranteeStatusReader) guarantee: GuaranteeStatusReader,
    @Inject(SilentTerminals) silences: SilentTerminals,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CLOCK) clock: Clock,
  ) {
    const now = (): number => clock.now();
    const { maxFee } = feePolicy(config.chain);
    this.chain = new ChainProbe({ rpc, identity, chainId: config.chainId, now });
    this.fueling = new FuelProbe({
      ...{ rpc, account: (gas ?? treasury).address, maxFee, gasOfBatch: () => this.gasOfBatch() },
      pays: gas === null ? "everything" : "everything but deposits",
    });
    const ofDeposit = {
      account: treasury.address,
      pays: "deposits" as const,
      gasOfBatch: () => Promise.resolve(DEPOSIT_GAS),
    };
    this.depositing = gas === null ? null : new FuelProbe({ rpc, maxFee, ...ofDeposit });
    // Tokens come and go with the chain's blocks; its poll is as often as anybody looks.
    const everyMs = Math.max(LIMITS.probeMs, config.chain.pollMs);
    this.account = new GuaranteeAccountProbe(guarantee, everyMs);
    const progress = new ProgressProbe({
      ...{
        read: () => readProgress(db, now()),
        head: () => this.chain.head,
        now,
        batchMaxAgeMs: config.batch.maxAgeMs,
      },
    });
    this.board = new ProbeBoard({
      probes: [
        new DatabaseProbe(db),
        new RecordProbe(db, now),
        new SumProbe(() => moneySum(db)),
        new FormerTreasuryProbe(db, treasury.address),
        this.chain,
        new RedisProbe(queues),
        this.fueling,
        ...(this.depositing === null ? [] : [this.depositing]),
        new GuaranteeAlarmProbe(guarantee),
        progress,
        this.account,
        new SilenceProbe(silences, (units) => `${formatTotal(units, config.asset)} ${config.asset.code}`),
        new AlarmProbe(
          db,
          config.alarms.ways.map(({ name }) => name),
        ),
      ],
      ...{ now, log: new Logger(Readiness.name) },
    });
  }

  onApplicationBootstrap(): void {
    this.board.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.board.stop();
  }

  /** Within a second, whatever hangs. */
  report(): Promise<ReadinessReport> {
    return this.board.report();
  }

  /** What was seen last of parts that are away. */
  readonly standing: StandingFaults = (codes) => this.board.standing(codes);

  /** What the account of compensations holds; null where there is none, or the node is away. */
  get guarantee(): GuaranteeStatus | null {
    return this.account.status;
  }

  /** What the gas wallet, or the treasury where there is none, has for transactions; null while the node is away. */
  get fuel(): Fuel | null {
    return this.fueling.fuel;
  }

  /** Which account `fuel` is of. */
  get fuelOf(): "the gas wallet" | "the treasury" {
    return this.depositing === null ? "the treasury" : "the gas wallet";
  }

  /** What the treasury has for deposits; null where it pays for everything, or the node is away. */
  get depositFuel(): Fuel | null {
    return this.depositing?.fuel ?? null;
  }

  /** The mean of the last batches; before the first one, what a batch may use at most. */
  private async gasOfBatch(): Promise<bigint> {
    return (await gasOfLastBatches(this.db)) ?? BigInt(this.config.batch.maxGas);
  }
}
