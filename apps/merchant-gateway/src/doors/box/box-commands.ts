import type { TerminalClock } from "../../clock/terminal-clock.ts";
import type { PersonRecord, Role } from "../../journal/doors/person-store.ts";
import type { Journal } from "../../journal/journal.ts";
import { DoorError } from "../door-error.ts";
import { MAX_PEOPLE, MAX_PERSON_NAME_LENGTH, MAX_PIN_DIGITS, MIN_PIN_DIGITS } from "../limits.ts";
import type { Pairing } from "../pairing.ts";
import { hashPin, isPin } from "../pins.ts";
import type { BoxAnswer, BoxCommand } from "./box-command.ts";
import { BoxError } from "./box-error.ts";

export interface BoxCommandsParts {
  readonly journal: Pick<Journal, "write" | "people">;
  readonly clock: Pick<TerminalClock, "now">;
  readonly pairing: Pick<Pairing, "offer" | "all" | "revoke">;
}

/** A name that people read: letters and digits of any script, and what stands between them. */
const NAME = new RegExp(
  `^(?=.{1,${MAX_PERSON_NAME_LENGTH}}$)[\\p{L}\\p{N}](?:[\\p{L}\\p{M}\\p{N} .'_-]*[\\p{L}\\p{M}\\p{N}.])?$`,
  "u",
);

/** What the merchant does at the box: people, codes for devices, devices. */
export class BoxCommands {
  private readonly parts: BoxCommandsParts;

  constructor(parts: BoxCommandsParts) {
    this.parts = parts;
  }

  /** Throws BoxError; nothing was done then. */
  async run(command: BoxCommand): Promise<BoxAnswer> {
    const { pairing } = this.parts;
    switch (command.do) {
      case "people.list":
        return { did: "people", people: this.parts.journal.people.all().map(listed) };
      case "people.add":
        return await this.add(command);
      case "people.remove":
        return this.remove(command.name);
      case "people.pin":
        return await this.changePin(command.name, command.pin);
      case "pair":
        return { did: "code", ...pairing.offer() };
      case "devices.list":
        return { did: "devices", devices: [...pairing.all()] };
      case "devices.revoke":
        return { did: "revoked", device: this.revoke(command.id) };
    }
  }

  private async add({
    name,
    role,
    pin,
  }: {
    readonly name: string;
    readonly role: Role;
    readonly pin: string;
  }): Promise<BoxAnswer> {
    if (!NAME.test(name))
      throw new BoxError(
        "PERSON_NAME_REFUSED",
        "That is no name for a list.",
        `Take 1 to ${MAX_PERSON_NAME_LENGTH} letters and digits.`,
      );
    assertPin(pin);
    const kept = await hashPin(pin);
    const { journal, clock } = this.parts;
    journal.write(() => {
      const all = journal.people.all();
      if (journal.people.byName(name) !== null)
        throw new BoxError(
          "PERSON_KNOWN",
          "Somebody has this name.",
          "Take another name, or change the PIN: people pin.",
        );
      if (all.length >= MAX_PEOPLE)
        throw new BoxError("PEOPLE_FULL", "There are as many people as can be.", "Remove somebody first.");
      if (all.length === 0 && role !== "owner")
        throw new BoxError(
          "OWNER_FIRST",
          "The first person is an owner.",
          "Add the owner first: with people, an owner has to be there.",
        );
      journal.people.add({ name, role, pin: kept }, clock.now());
    });
    return { did: "person", event: "added", name };
  }

  private remove(name: string): BoxAnswer {
    const { journal, clock } = this.parts;
    journal.write(() => {
      const person = this.personOf(name);
      const others = journal.people.all().filter(({ id }) => id !== person.id);
      if (others.length > 0 && !others.some(({ role }) => role === "owner"))
        throw new BoxError(
          "OWNER_LAST",
          "The last owner stays while others are there.",
          "Remove the others first, or add another owner.",
        );
      journal.people.remove(person, clock.now());
    });
    return { did: "person", event: "removed", name };
  }

  private async changePin(name: string, pin: string): Promise<BoxAnswer> {
    assertPin(pin);
    const kept = await hashPin(pin);
    const { journal, clock } = this.parts;
    journal.write(() => {
      journal.people.changePin(this.personOf(name), kept, clock.now());
    });
    return { did: "person", event: "pin changed", name };
  }

  private revoke(id: string) {
    try {
      return this.parts.pairing.revoke(id);
    } catch (error) {
      if (!(error instanceof DoorError)) throw error;
      throw new BoxError("DEVICE_UNKNOWN", "No paired device has this id.", "Take the id from devices list.");
    }
  }

  private personOf(name: string): PersonRecord {
    const person = this.parts.journal.people.byName(name);
    if (person === null)
      throw new BoxError("PERSON_UNKNOWN", "Nobody has this name.", "Take the name from people list.");
    return person;
  }
}

function listed({ name, role, wrong, lockedUntil }: PersonRecord) {
  return { name, role, wrong, lockedUntil };
}

function assertPin(pin: string): void {
  if (!isPin(pin))
    throw new BoxError("PIN_REFUSED", "That is no PIN.", `Take ${MIN_PIN_DIGITS} to ${MAX_PIN_DIGITS} digits.`);
}
