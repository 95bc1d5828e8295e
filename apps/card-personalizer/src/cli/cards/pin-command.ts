import {
  changePin,
  getDataObject,
  startPinSession,
  storeData,
  storePinCommand,
  triesLeft,
  unblock,
} from "@tallystick/card";
import type { CommandResult } from "@tallystick/card";
import { EXIT, type ExitCode, readKeyFile } from "@tallystick/program";
import { z } from "zod";
import type { CardVisit } from "../../card/card-visit.ts";
import { expectOk } from "../../card/expect.ts";
import { visitInside } from "../../card/visit-inside.ts";
import { visitOpenly } from "../../card/visit-openly.ts";
import { loadConfig, type Config } from "../../config/load-config.ts";
import { blamingBytesOn, Failure } from "../../failures.ts";
import { Journal } from "../../journal/journal.ts";
import { createPinFolder } from "../../keys/pin-letters.ts";
import { createEnvironment, reportFailure, type ProgramIo } from "../program-io.ts";
import { withRegister, type CardsFlags } from "./cards-commands.ts";
import { addressOf } from "./named-card.ts";

export interface PinFlags extends CardsFlags {
  readonly reader?: string;
  /** A file that its owner alone may read, instead of questions. */
  readonly secrets?: string;
}

const pin = z.string().regex(/^[0-9]{4,12}$/);
const puk = z.string().regex(/^[0-9]{8}$/);
const changeSchema = z.strictObject({ pin, newPin: pin });
const unblockSchema = z.strictObject({ puk, newPin: pin });

/** Which secrets a command needs, by what the person is asked. */
const QUESTIONS = { pin: "PIN of now", puk: "PUK", newPin: "New PIN" } as const;
type Secret = keyof typeof QUESTIONS;

/**
 * `cards pin set`: writes the PIN and PUK of the card's letter into the card on the reader, inside its secure channel; draws
 * the letter where there is none. Answers the exit code.
 */
export function runPinSet(flags: PinFlags, io: ProgramIo): Promise<ExitCode> {
  return withRegister(flags, io, async (settlement, config) => {
    const { pinFolder } = config;
    if (pinFolder === undefined)
      throw new Failure("USAGE", "The configuration names no pinFolder, where the letter would stand.");
    const environment = createEnvironment(io.signal);
    const journal = new Journal(config.journal);
    try {
      const inside = { config, journal, environment, signal: io.signal, checkCard: () => undefined };
      const reference = await visitInside(inside, async (visit) => {
        const card = await addressOf(visit);
        const { reference: its = card } = await settlement.card(card);
        const secrets = createPinFolder(pinFolder, environment.randomBytes).secretsOf(its);
        await visit.insideApplet(async ({ session }) => {
          expectOk("GET DATA version", await getDataObject(session.transmit, "version"));
          const command = storePinCommand((data) => session.encryptSensitive(data), secrets);
          expectOk("STORE DATA PIN", await storeData(session.transmit, command));
        });
        secrets.pin.fill(0);
        secrets.puk.fill(0);
        return its;
      });
      told(flags, io, { event: "pin-set", reference }, `${reference} has the PIN and the PUK of its letter.`);
      return EXIT.done;
    } finally {
      journal.close();
    }
  });
}

/** `cards pin change`: the cardholder's own PIN for a new one. No key is used. Answers the exit code. */
export function runPinChange(flags: PinFlags, io: ProgramIo): Promise<ExitCode> {
  return withPins(flags, io, "pin-changed", async (visit, config) => {
    const session = await openSession(visit, config, io);
    const { pin: old, newPin } = await secretsOf(["pin", "newPin"], changeSchema, flags, io);
    return await changePin(visit.channel, session, { oldPin: digits(old), newPin: digits(newPin) });
  });
}

/** `cards pin unblock`: a new PIN by the PUK. No key is used. Answers the exit code. */
export function runPinUnblock(flags: PinFlags, io: ProgramIo): Promise<ExitCode> {
  return withPins(flags, io, "pin-unblocked", async (visit, config) => {
    const session = await openSession(visit, config, io);
    const { puk: its, newPin } = await secretsOf(["puk", "newPin"], unblockSchema, flags, io);
    return await unblock(visit.channel, session, { puk: digits(its), newPin: digits(newPin) });
  });
}

async function withPins(
  flags: PinFlags,
  io: ProgramIo,
  event: string,
  work: (visit: CardVisit, config: Config) => Promise<CommandResult<null>>,
): Promise<ExitCode> {
  try {
    const config = loadConfig(flags.config, flags.reader === undefined ? {} : { reader: flags.reader });
    const card = await visitOpenly(config, io.signal, async (visit) => {
      const address = await addressOf(visit);
      const result = await blamingBytesOn("CARD_CONTRADICTS", () => work(visit, config));
      if (result.ok) return address;
      const tries = triesLeft(result);
      throw new Failure("PIN_REFUSED", tries === null ? result.message : `${tries} tries are left.`);
    });
    told(flags, io, { event, card }, `${card} has its new PIN.`);
    return EXIT.done;
  } catch (error) {
    return reportFailure(error, flags.json, io);
  }
}

/** The session is proved to end in this card before the PIN is asked for (spec §4.9). */
async function openSession(visit: CardVisit, { domain }: Config, io: ProgramIo) {
  const selected = await visit.selectApplet();
  if (selected === null || selected.kind === "blank") throw new Failure("USAGE", "It is no finished card.");
  const { randomBytes } = createEnvironment(io.signal);
  const { cardKey } = selected.answer;
  const terminal = { domain, cardKey, challenge: randomBytes(16), ephemeralSecret: randomBytes(32) };
  return expectOk("PIN SESSION", await startPinSession(visit.channel, terminal));
}

/** From the file, or by questions whose answers are not shown. */
async function secretsOf<T extends object>(
  names: readonly Secret[],
  schema: z.ZodType<T>,
  { secrets }: PinFlags,
  { askSecret }: ProgramIo,
): Promise<T> {
  if (secrets !== undefined) return readKeyFile(secrets, schema);
  if (askSecret === undefined) throw new Failure("USAGE", "Nobody can be asked here: name a file with --secrets.");
  const given: Record<string, string> = {};
  for (const name of names) given[name] = (await askSecret(`${QUESTIONS[name]}: `)).trim();
  const parsed = schema.safeParse(given);
  if (!parsed.success) throw new Failure("USAGE", "A PIN has 4 to 12 digits, a PUK 8.");
  return parsed.data;
}

function digits(text: string): Uint8Array {
  return Uint8Array.from(text, (digit) => Number(digit));
}

function told({ json }: PinFlags, io: ProgramIo, fields: object, text: string): void {
  io.writeLine(json ? JSON.stringify({ schema: "tallystick.cards/1", ...fields }) : text);
}
