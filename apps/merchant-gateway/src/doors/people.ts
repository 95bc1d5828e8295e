import type { TerminalClock } from "../clock/terminal-clock.ts";
import type { PersonRecord, Role } from "../journal/doors/person-store.ts";
import type { Journal } from "../journal/journal.ts";
import type { Caller } from "./caller.ts";
import { DoorError } from "./door-error.ts";
import { FIRST_PIN_WAIT_SECONDS, FREE_PIN_TRIES, MAX_PIN_WAIT_SECONDS, SIGN_IN_MS } from "./limits.ts";
import { hashPin, isRightPin } from "./pins.ts";

/** Somebody as others see them. */
export interface Person {
  readonly name: string;
  readonly role: Role;
}

export interface PeopleParts {
  readonly journal: Pick<Journal, "write" | "people">;
  readonly clock: Pick<TerminalClock, "now">;
  /** Milliseconds of a clock that only goes forward. */
  readonly elapsed: () => number;
}

/** Somebody who is signed in on a device. */
interface SignIn {
  readonly id: number;
  readonly at: number;
}

/** Who is signed in on which device. Tries are counted in the journal, sign-ins end with the process. */
export class People {
  private readonly parts: PeopleParts;
  /** By device. */
  private readonly signIns = new Map<string, SignIn>();

  constructor(parts: PeopleParts) {
    this.parts = parts;
  }

  all(): readonly Person[] {
    return this.parts.journal.people.all().map(personOf);
  }

  /** Who is signed in on a device; null where nobody is, or not any more. */
  on({ device }: Caller): Person | null {
    const signIn = this.signIns.get(device.id);
    if (signIn === undefined) return null;
    const person = this.parts.journal.people.all().find(({ id }) => id === signIn.id);
    if (person !== undefined && this.parts.elapsed() - signIn.at < SIGN_IN_MS) return personOf(person);
    this.signIns.delete(device.id);
    return null;
  }

  /**
   * Signs a person in on a device. Each try is counted, durably, before its PIN is looked at. Throws
   * DoorError PIN_WRONG, also for a name that nobody has, and PIN_LOCKED.
   */
  async signIn({ device }: Caller, { name, pin }: { readonly name: string; readonly pin: string }): Promise<Person> {
    const { journal, clock, elapsed } = this.parts;
    const now = clock.now();
    const person = journal.people.byName(name);
    if (person === null) {
      // As long as for a person, so that the time tells no names.
      await hashPin(pin);
      throw pinWrong();
    }
    const left = person.lockedUntil - now;
    // A longer one was counted by another clock than today's.
    if (left > 0 && left <= MAX_PIN_WAIT_SECONDS)
      throw new DoorError("PIN_LOCKED", "Too many wrong PINs; wait, or have the PIN set anew at the box.", left);
    const wait = waitAfter(person.wrong + 1);
    journal.write(() => {
      journal.people.countTry(person, wait === 0 ? 0 : now + wait);
    });
    const isRight = await isRightPin(person.pin, pin);
    journal.write(() => {
      if (isRight) journal.people.signedIn(person, device.id, clock.now());
      else journal.people.wrongPin(person, device.id, clock.now());
    });
    if (!isRight) throw pinWrong();
    this.signIns.set(device.id, { id: person.id, at: elapsed() });
    return personOf(person);
  }

  /** Signs out whoever is signed in on a device. */
  signOut(caller: Caller): void {
    const person = this.on(caller);
    this.signIns.delete(caller.device.id);
    if (person === null) return;
    const { journal, clock } = this.parts;
    journal.write(() => {
      journal.people.signedOut(person.name, caller.device.id, clock.now());
    });
  }
}

/** Seconds until the next PIN is looked at, after so many wrong ones. */
export function waitAfter(wrong: number): number {
  const beyond = wrong - FREE_PIN_TRIES - 1;
  return beyond < 0 ? 0 : Math.min(MAX_PIN_WAIT_SECONDS, FIRST_PIN_WAIT_SECONDS * 2 ** Math.min(beyond, 16));
}

function personOf({ name, role }: PersonRecord): Person {
  return { name, role };
}

function pinWrong(): DoorError {
  return new DoorError("PIN_WRONG", "Choose your name and type your PIN again.");
}
