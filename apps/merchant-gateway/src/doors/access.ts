import type { TerminalClock } from "../clock/terminal-clock.ts";
import type { GatewayConfig } from "../config/gateway-config.ts";
import { type Role, roles } from "../journal/doors/person-store.ts";
import type { Journal } from "../journal/journal.ts";
import type { Caller } from "./caller.ts";
import { DoorError } from "./door-error.ts";
import type { People, Person } from "./people.ts";

/** What a role may be asked for. */
export type ActionName = keyof GatewayConfig["roles"];

export interface AccessParts {
  readonly config: Pick<GatewayConfig, "roles">;
  readonly people: People;
  readonly journal: Pick<Journal, "write" | "devices">;
  readonly clock: Pick<TerminalClock, "now">;
}

/** Who may do what. Where no people are known, whoever came in may do all. */
export class Access {
  private readonly parts: AccessParts;

  constructor(parts: AccessParts) {
    this.parts = parts;
  }

  /** What is still needed before the caller sells; null stands for a device that is not paired. */
  needed(caller: Caller | null): "none" | "pairing" | "person" {
    if (caller === null) return "pairing";
    return this.fault(caller, "sell") === null ? "none" : "person";
  }

  /**
   * Answers who does it where the caller may. Throws DoorError PAIRING_NEEDED, PERSON_NEEDED and
   * ROLE_TOO_LOW.
   */
  assertMay(caller: Caller | null, what: ActionName): Person | null {
    if (caller === null) throw pairingNeeded();
    const fault = this.fault(caller, what);
    if (fault !== null) throw fault;
    return this.parts.people.on(caller);
  }

  /** The same for what changes something: who asked for it is recorded before it is done. */
  begin(caller: Caller | null, what: ActionName, subject: string): void {
    const person = this.assertMay(caller, what);
    const { journal, clock } = this.parts;
    const who = { person: person?.name ?? null, role: person?.role ?? null, device: caller?.device.id ?? "" };
    journal.write(() => {
      journal.devices.did({ what, subject, ...who }, clock.now());
    });
  }

  private fault(caller: Caller, what: ActionName): DoorError | null {
    const { config, people } = this.parts;
    const needed = config.roles[what];
    // Who has a configured token is the merchant's own program, and answers for its people.
    if (needed === "anyone" || caller.kind === "token" || people.all().length === 0) return null;
    const person = people.on(caller);
    if (person !== null) return rank(person.role) >= rank(needed) ? null : roleTooLow(needed);
    // A cash register has cashiers of its own.
    if (what === "sell" && caller.kind === "program") return null;
    return new DoorError("PERSON_NEEDED", `Sign in with your PIN; this needs the role ${needed}.`);
  }
}

/** The refusal of a device that is not paired. */
export function pairingNeeded(): DoorError {
  return new DoorError("PAIRING_NEEDED", "Pair this device with a code that the box shows: tallystick-gateway pair.");
}

function roleTooLow(needed: Role): DoorError {
  return new DoorError("ROLE_TOO_LOW", `This needs the role ${needed}; have somebody sign in who has it.`);
}

function rank(role: Role): number {
  return roles.indexOf(role);
}
