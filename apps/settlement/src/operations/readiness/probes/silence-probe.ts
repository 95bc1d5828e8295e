import { LIMITS } from "../../../foundation/limits/limits.ts";
import { missingText } from "../../silence/missing-payments.ts";
import type { SilentTerminals } from "../../silence/silent-terminals.ts";
import { type Finding, newestOf, type Probe, warning } from "../findings.ts";

/**
 * Whether terminals are silent so that somebody must call: for a day, or while cards prove payments
 * that nobody uploaded. A merchant that is closed for a night is no alarm.
 */
export class SilenceProbe implements Probe {
  readonly name = "silence";
  readonly everyMs = LIMITS.fuelProbeMs;
  private readonly silences: Pick<SilentTerminals, "read">;
  private readonly amountText: (units: bigint) => string;

  constructor(silences: Pick<SilentTerminals, "read">, amountText: (units: bigint) => string) {
    this.silences = silences;
    this.amountText = amountText;
  }

  async look(): Promise<readonly Finding[]> {
    const { count, forDay, forDaySince, terminals, missing } = await this.silences.read();
    const [first] = terminals;
    const proven = missing !== null && missing.count > 0;
    if (first === undefined || (forDay === 0 && !proven)) return [];
    const who = [first.merchant, first.name ?? first.terminalId].filter((part) => part !== null).join(", ");
    const silent = count === 1 ? "1 terminal is silent" : `${count} terminals are silent`;
    const worth = proven ? ` Cards prove ${missingText(missing, this.amountText)} that nobody uploaded.` : "";
    const since = new Date(first.heardAt);
    const times = [forDaySince, proven ? missing.foundAt : null];
    const renewed = newestOf(times.map((time) => (time === null ? null : new Date(time))));
    const next = "Call the merchants, or withdraw the certificate of a terminal that was put away.";
    return [{ ...warning("TERMINALS_SILENT", `${silent}, for longest ${who}.${worth}`, next), since, ...renewed }];
  }

  /** A database that is away has its own reason. */
  fault(): readonly Finding[] {
    return [];
  }
}
