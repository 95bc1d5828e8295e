import { setTimeout } from "node:timers/promises";
import {
  bytesToHex,
  encodeResponse,
  exchange,
  getDataCommand,
  isReaderError,
  ISSUER_SECURITY_DOMAIN_AID,
  nameInFileControlInformation,
  parseChipName,
  selectCommand,
  selectDefaultCommand,
  statusError,
  SW_SUCCESS,
  TAG_CARD_PRODUCTION_LIFE_CYCLE,
  withGetResponse,
  withLengthRetry,
  type CardChannel,
  type CardConnection,
  type Reader,
  type ResponseApdu,
} from "@tallystick/apdu";
import { select, selectInstanceCommand, type Selected } from "@tallystick/card";
import { asFailure, blamingBytesOn, cardRefused, Failure } from "../failures.ts";
import { CONNECT_ATTEMPTS, CONNECT_PAUSE_MS } from "../limits.ts";
import type { StockProfile } from "../config/stock-schema.ts";
import { readKeyName, UNKEYED } from "./key-name.ts";
import { UnnamedCard, type IdentifiedSession } from "./identify.ts";

/** Instances that a card may not have (spec §4.4). */
const NO_INSTANCE: readonly number[] = [0x6a82, 0x6999];

/** Opens a secure channel with whatever is selected on this channel; see openIdentifiedSession. */
export type OpenSession = (channel: CardChannel, chipName: string | null) => Promise<IdentifiedSession>;

/** One time that a card lies on the reader. */
export interface CardVisit {
  /** Plain commands to what is selected. */
  readonly channel: CardChannel;
  /** Selects the applet; null where the card has no such instance. */
  selectApplet(): Promise<Selected | null>;
  /** Selects the applet and works inside its secure channel. */
  insideApplet<T>(work: (identified: IdentifiedSession) => Promise<T>): Promise<T>;
  /** Selects the issuer security domain and works inside its secure channel; `domainAid` is the domain's own name. */
  insideSecurityDomain<T>(work: (identified: IdentifiedSession, domainAid: Uint8Array) => Promise<T>): Promise<T>;
}

export interface VisitOptions {
  readonly reader: Reader;
  readonly instance: number;
  readonly cardWaitMs: number;
  /** Past it a command's card counts as mute. */
  readonly commandTimeoutMs: number;
  readonly signal: AbortSignal;
  readonly openSession: OpenSession;
  /** How cards of this stock are found and named. */
  readonly stock: Pick<StockProfile, "securityDomain" | "cardName">;
}

/** Waits for a card, holds it alone while `work` runs, and lets it go whatever happens. */
export async function visitCard<T>(options: VisitOptions, work: (visit: CardVisit) => Promise<T>): Promise<T> {
  return await blamingBytesOn("CARD_CONTRADICTS", async () => {
    const connected = await connectToCard(options);
    try {
      return await work(openVisit(connected, options));
    } finally {
      await connected.connection.disconnect();
    }
  });
}

function openVisit({ channel, shown }: ConnectedCard, { instance, openSession, stock }: VisitOptions): CardVisit {
  /** What the applet's SELECT showed when the card was found, until something else was sent. */
  let found: ResponseApdu | null = shown;
  const selectDomain = async (): Promise<Uint8Array> => {
    found = null;
    return await selectSecurityDomain(channel, stock.securityDomain);
  };
  let chipName: string | null = null;
  const selectApplet = async (): Promise<Selected | null> => {
    const first = found;
    const answer = await select(first === null ? channel : async () => encodeResponse(first), instance);
    found = null;
    if (answer.ok) return answer.value;
    if (NO_INSTANCE.includes(answer.sw)) return null;
    throw cardRefused("SELECT", answer.message);
  };
  const nameByChip = async (): Promise<string> => {
    await selectDomain();
    return await readChipName(channel);
  };
  const nameByKey = async (): Promise<string> =>
    (await selectApplet()) === null ? UNKEYED : await readKeyName(channel);
  /** Twice where the card has to be named by its CPLC, which the first attempt shows before a key is used. */
  const openNamed = async (selectAgain: () => Promise<unknown>): Promise<IdentifiedSession> => {
    try {
      if (chipName !== null || stock.cardName === "diversification") return await openSession(channel, chipName);
    } catch (error) {
      if (!(error instanceof UnnamedCard)) throw error;
    }
    chipName = stock.cardName === "key" ? await nameByKey() : await nameByChip();
    await selectAgain();
    return await openSession(channel, chipName);
  };
  const inside = async <R>(
    selectAgain: () => Promise<unknown>,
    use: (identified: IdentifiedSession) => Promise<R>,
  ): Promise<R> => {
    const identified = await openNamed(selectAgain);
    try {
      return await use(identified);
    } finally {
      identified.session.close();
    }
  };
  const insideSecurityDomain: CardVisit["insideSecurityDomain"] = async (use) => {
    const aid = await selectDomain();
    return await inside(selectDomain, (identified) => use(identified, aid));
  };
  return {
    channel,
    selectApplet,
    insideApplet: async (use) => {
      if ((await selectApplet()) !== null) return await inside(selectApplet, use);
      // Which card this is can be asked without the applet too: most likely it is another one.
      return await insideSecurityDomain(async () => {
        throw new Failure("CARD_CONTRADICTS", "The applet that was installed is gone.");
      });
    },
    insideSecurityDomain,
  };
}

/** By its configured name; else by an empty name, and by the usual one where a card does not take that. Its own name. */
async function selectSecurityDomain(channel: CardChannel, aid: Uint8Array | undefined): Promise<Uint8Array> {
  const commands =
    aid === undefined ? [selectDefaultCommand(), selectCommand(ISSUER_SECURITY_DOMAIN_AID)] : [selectCommand(aid)];
  let refusal = "";
  for (const command of commands) {
    const { data, sw } = await exchange(channel, command);
    if (sw === SW_SUCCESS) return aid ?? nameInFileControlInformation(data) ?? ISSUER_SECURITY_DOMAIN_AID;
    refusal = statusError("SELECT", sw).message;
  }
  throw new Failure(
    "CARD_NOT_SUITABLE",
    `Its security domain was not found; name it as stock.securityDomain. ${refusal}`,
  );
}

/** The chip's own part of the CPLC, which the security domain answers in clear. */
async function readChipName(channel: CardChannel): Promise<string> {
  const { data, sw } = await exchange(channel, getDataCommand(TAG_CARD_PRODUCTION_LIFE_CYCLE));
  const name = sw === SW_SUCCESS ? parseChipName(data) : null;
  if (name === null)
    throw new Failure("CARD_NOT_SUITABLE", "Neither its ten bytes nor its CPLC name it; see stock.cardName.");
  return `cplc-${bytesToHex(name).toLowerCase()}`;
}

/** Errors of a connection to a card that has just been changed for another one: nothing was done, and the next will do. */
const STALE_CONNECTION: readonly string[] = ["TORN", "CARD_REMOVED", "CARD_RESET"];

/** A card that answers, with what the applet's SELECT showed. */
interface ConnectedCard {
  readonly connection: CardConnection;
  readonly channel: CardChannel;
  readonly shown: ResponseApdu;
}

/**
 * Connects to the card and shows that it answers. For some 400 ms after a card was taken away a reader may still hand out
 * the old one, so the first SELECT, which changes nothing, is tried on further connections.
 */
async function connectToCard(options: VisitOptions): Promise<ConnectedCard> {
  const { reader, cardWaitMs, commandTimeoutMs, signal, instance } = options;
  // A reader that is not there is not waited for: its name is wrong, or it has to be plugged in.
  await reader.status();
  let looksLeft = Math.ceil(cardWaitMs / CONNECT_PAUSE_MS);
  for (let attempt = 1; ;) {
    try {
      await reader.waitForCard({ timeoutMs: cardWaitMs, signal });
    } catch (error) {
      if (signal.aborted) throw new Failure("INTERRUPTED");
      throw error;
    }
    const connection = await reader
      .connect({ share: "exclusive", transmitTimeoutMs: commandTimeoutMs })
      .catch((error: unknown) => {
        // Many desktops look at every new card for some 400 ms.
        if (!isReaderError(error, "READER_IN_USE") || looksLeft-- <= 0) throw error;
        return null;
      });
    if (connection === null) {
      await setTimeout(CONNECT_PAUSE_MS);
      continue;
    }
    try {
      const channel = withGetResponse(withLengthRetry(connection.transmit));
      return { connection, channel, shown: await exchange(channel, selectInstanceCommand(instance)) };
    } catch (error) {
      await connection.disconnect();
      if (attempt++ === CONNECT_ATTEMPTS || !STALE_CONNECTION.includes(asFailure(error).code)) throw error;
      await setTimeout(CONNECT_PAUSE_MS);
    }
  }
}
