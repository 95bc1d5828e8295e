import { setTimeout } from "node:timers/promises";
import {
  exchange,
  selectDefaultCommand,
  statusError,
  SW_SUCCESS,
  withGetResponse,
  withLengthRetry,
  type CardChannel,
  type CardConnection,
  type Reader,
} from "@tallystick/apdu";
import { select, type Selected } from "@tallystick/card";
import { asFailure, blamingBytesOn, cardRefused, Failure } from "../failures.ts";
import { CONNECT_ATTEMPTS, CONNECT_PAUSE_MS } from "../limits.ts";
import type { IdentifiedSession } from "./identify.ts";

/** Instances that a card may not have (spec §4.4). */
const NO_INSTANCE: readonly number[] = [0x6a82, 0x6999];

/** Opens a secure channel with whatever is selected on this channel. */
export type OpenSession = (channel: CardChannel) => Promise<IdentifiedSession>;

/** One time that a card lies on the reader. */
export interface CardVisit {
  /** Plain commands to what is selected. */
  readonly channel: CardChannel;
  /** Selects the applet; null where the card has no such instance. */
  selectApplet(): Promise<Selected | null>;
  /** Selects the applet and works inside its secure channel. */
  insideApplet<T>(work: (identified: IdentifiedSession) => Promise<T>): Promise<T>;
  /** Selects the issuer security domain and works inside its secure channel. */
  insideSecurityDomain<T>(work: (identified: IdentifiedSession) => Promise<T>): Promise<T>;
}

export interface VisitOptions {
  readonly reader: Reader;
  readonly instance: number;
  readonly cardWaitMs: number;
  /** Past it a command's card counts as mute. */
  readonly commandTimeoutMs: number;
  readonly signal: AbortSignal;
  readonly openSession: OpenSession;
}

/** Waits for a card, holds it alone while `work` runs, and lets it go whatever happens. */
export async function visitCard<T>(options: VisitOptions, work: (visit: CardVisit) => Promise<T>): Promise<T> {
  const { instance, openSession } = options;
  const connection = await connectToCard(options);
  const channel = withGetResponse(withLengthRetry(connection.transmit));
  const inside = async <R>(use: (identified: IdentifiedSession) => Promise<R>): Promise<R> => {
    const identified = await openSession(channel);
    try {
      return await use(identified);
    } finally {
      identified.session.close();
    }
  };
  const selectApplet = async (): Promise<Selected | null> => {
    const answer = await select(channel, instance);
    if (answer.ok) return answer.value;
    if (NO_INSTANCE.includes(answer.sw)) return null;
    throw cardRefused("SELECT", answer.message);
  };
  const insideSecurityDomain = async <R>(use: (identified: IdentifiedSession) => Promise<R>): Promise<R> => {
    const { sw } = await exchange(channel, selectDefaultCommand());
    if (sw !== SW_SUCCESS) throw new Failure("CARD_NOT_SUITABLE", statusError("SELECT", sw).message);
    return await inside(use);
  };
  try {
    const visit: CardVisit = {
      channel,
      selectApplet,
      insideApplet: async (use) => {
        if ((await selectApplet()) !== null) return await inside(use);
        // Which card this is can be asked without the applet too: most likely it is another one.
        return await insideSecurityDomain(async () => {
          throw new Failure("CARD_CONTRADICTS", "The applet that was installed is gone.");
        });
      },
      insideSecurityDomain,
    };
    return await blamingBytesOn("CARD_CONTRADICTS", () => work(visit));
  } finally {
    await connection.disconnect();
  }
}

/** Errors of a connection to a card that has just been changed for another one: nothing was done, and the next will do. */
const STALE_CONNECTION: readonly string[] = ["TORN", "CARD_REMOVED", "CARD_RESET"];

/**
 * Connects to the card and shows that it answers. For some 400 ms after a card was taken away a reader may still hand out
 * the old one, so the first SELECT, which changes nothing, is tried on further connections.
 */
async function connectToCard({ reader, cardWaitMs, commandTimeoutMs, signal }: VisitOptions): Promise<CardConnection> {
  // A reader that is not there is not waited for: its name is wrong, or it has to be plugged in.
  await reader.status();
  for (let attempt = 1; ; attempt++) {
    try {
      await reader.waitForCard({ timeoutMs: cardWaitMs, signal });
    } catch (error) {
      if (signal.aborted) throw new Failure("INTERRUPTED");
      throw error;
    }
    const connection = await reader.connect({ share: "exclusive", transmitTimeoutMs: commandTimeoutMs });
    try {
      await exchange(connection.transmit, selectDefaultCommand());
      return connection;
    } catch (error) {
      await connection.disconnect();
      if (attempt === CONNECT_ATTEMPTS || !STALE_CONNECTION.includes(asFailure(error).code)) throw error;
      await setTimeout(CONNECT_PAUSE_MS);
    }
  }
}
