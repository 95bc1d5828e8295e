import { payeeAsks, toHex } from "@tallystick/protocol";
import type { PayeeAnswer } from "@tallystick/protocol/wire";
import type { ServedDomain } from "../../config/gateway-config.ts";
import { FIRST_UNIT_LOOK_SECONDS } from "../limits.ts";
import { SettlementError } from "../settlement-client.ts";
import type { TerminalRequests } from "./terminal-requests.ts";

export interface PayeeCheckParts {
  readonly clock: { now(): number };
  readonly requests: Pick<TerminalRequests, "canAsk" | "firstUnit">;
}

/** What is known of a payee's first unit in one currency. */
export interface KnownUnit {
  readonly served: ServedDomain;
  readonly answer: PayeeAnswer;
}

/** Whether the payee's owner has seen the first unit that settlement sent to a new payee (spec §6.15). */
export class PayeeCheck {
  private readonly parts: PayeeCheckParts;
  private readonly known = new Map<string, KnownUnit>();
  private readonly askedAt = new Map<string, number>();

  constructor(parts: PayeeCheckParts) {
    this.parts = parts;
  }

  /**
   * Asks for a terminal that joined by itself, once an hour while nobody has said that it came. Settlement's refusal is no
   * fault of an exchange. Rejects with SettlementError where it cannot be reached or read.
   */
  async pass(served: ServedDomain): Promise<void> {
    const { clock, requests } = this.parts;
    const name = toHex(served.domainBytes);
    const last = this.known.get(name);
    if (served.admission === undefined || (last !== undefined && last.answer.state !== "sent")) return;
    const [now, asked] = [clock.now(), this.askedAt.get(name)];
    if (asked !== undefined && now >= asked && now - asked < FIRST_UNIT_LOOK_SECONDS) return;
    if (!requests.canAsk(served)) return;
    this.askedAt.set(name, now);
    try {
      this.known.set(name, { served, answer: await requests.firstUnit(served, payeeAsks.look) });
    } catch (error) {
      if (!(error instanceof SettlementError)) throw error;
      if (error.code === "SETTLEMENT_UNREACHABLE") this.askedAt.delete(name);
      if (error.code !== "SETTLEMENT_REFUSED") throw error;
    }
  }

  /** The payee's owner says that it came. Rejects with SettlementError. */
  async came(served: ServedDomain): Promise<PayeeAnswer> {
    const answer = await this.parts.requests.firstUnit(served, payeeAsks.came);
    this.known.set(toHex(served.domainBytes), { served, answer });
    return answer;
  }

  /** Where nobody has said so yet. */
  waiting(): readonly KnownUnit[] {
    return [...this.known.values()].filter(({ answer }) => answer.state === "sent");
  }

  /** What is known of one currency; null where it was not asked. */
  of({ domainBytes }: ServedDomain): PayeeAnswer | null {
    return this.known.get(toHex(domainBytes))?.answer ?? null;
  }
}
