import { toHex } from "@tallystick/protocol";
import { LIMITS } from "../../../foundation/limits/limits.ts";
import { type Finding, type Probe, warning } from "../findings.ts";
import type { GuaranteeStatus, GuaranteeStatusReader } from "../guarantee-status.ts";

/** Why compensations wait: by the database, so that it is known also while the node is away. */
export class GuaranteeAlarmProbe implements Probe {
  readonly name = "guarantee";
  readonly everyMs = LIMITS.probeMs;
  private readonly reader: Pick<GuaranteeStatusReader, "alarms">;

  constructor(reader: Pick<GuaranteeStatusReader, "alarms">) {
    this.reader = reader;
  }

  look(): Promise<readonly Finding[]> {
    return this.reader.alarms();
  }

  /** A database that is away has its own reason. */
  fault(): readonly Finding[] {
    return [];
  }
}

/** What the guarantee's account holds. */
export class GuaranteeAccountProbe implements Probe {
  readonly name = "guarantee account";
  readonly everyMs: number;
  /** As it was seen last; null where there is none, or while the node does not answer. */
  status: GuaranteeStatus | null = null;
  private readonly reader: Pick<GuaranteeStatusReader, "read">;

  constructor(reader: Pick<GuaranteeStatusReader, "read">, everyMs: number) {
    this.reader = reader;
    this.everyMs = everyMs;
  }

  async look(): Promise<readonly Finding[]> {
    this.status = await this.reader.read();
    if (this.status === null) return [];
    const { account, tokens, gas } = this.status;
    if (tokens > 0n && gas > 0n) return [];
    const lacks = tokens > 0n ? "no gas" : "no tokens";
    const message = `The guarantee's account ${toHex(account)} has ${lacks}: the next compensation will wait.`;
    return [warning("GUARANTEE_EMPTY", message, "Send it tokens and some of the chain's own coin.")];
  }

  /** A node that is away has its own reason; an old figure would look like a fresh one. */
  fault(): readonly Finding[] {
    this.status = null;
    return [];
  }
}
