import { createHash, timingSafeEqual } from "node:crypto";
import { count } from "../figures/figures.ts";
import { Inject, Injectable, Logger } from "@nestjs/common";
import { tokenOf, WrongTokens } from "@tallystick/program";
import { CLOCK, type Clock } from "../clock.ts";
import { CONFIG, type Config } from "../config/config.ts";
import { DATABASE, type Database } from "../database/database.ts";
import { type ArrivedRequest, Doors, DOORS } from "./doors.ts";
import { Problem } from "./problem.ts";
import type { Role } from "../rights.ts";

/** Who makes a call of administration's door: who has a token, or a person with a session. */
export interface Actor {
  /** The person's or the token's, null where the configuration gives it none. One name is one person. */
  readonly name: string | null;
  readonly role: Role;
  /** The payee that a merchant is bound to, as 0x-hex; of merchants alone. */
  readonly payee?: string;
  /** Where the call was made, as the caller says; not there where it says nothing. */
  readonly station?: string;
  /** The person at that station, as the caller says; not there where it says nothing. */
  readonly operator?: string;
}

/** A request with a token in it. */
export interface TokenRequest extends ArrivedRequest {
  readonly method: string;
}

/**
 * Who a token belongs to: one of the configuration, or one that was made by `tokens add`, of which
 * the database knows the hash alone. Those of the configuration are compared by their hashes in
 * constant time, and every one of them is compared; the others end with their time, or at the call
 * after they were revoked. Wrong ones are counted by the address that sends them.
 */
@Injectable()
export class Tokens {
  private readonly known: readonly { hash: Buffer; actor: Actor }[];
  private readonly wrong: WrongTokens;

  constructor(
    @Inject(CONFIG) config: Config,
    @Inject(DOORS) private readonly doors: Doors,
    @Inject(DATABASE) private readonly db: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    const log = new Logger(Tokens.name);
    this.known = config.tokens.map(({ token, role, name = null }) => ({
      hash: tokenHash(token),
      actor: { name, role },
    }));
    const warn = (message: string): void => {
      log.warn(message);
    };
    this.wrong = new WrongTokens({ now: () => performance.now(), warn });
  }

  /**
   * Everybody whose token a request shows; there is at least one. Throws Problem UNAUTHENTICATED,
   * WRONG_TOKENS.
   */
  async actorsOf(request: TokenRequest): Promise<readonly Actor[]> {
    const { method, headers } = request;
    const authorization = headers["authorization"];
    // A browser sends a password by itself, also when another page asks: it may read and do nothing.
    const basic = method === "GET" || method === "HEAD";
    const given = tokenOf(typeof authorization === "string" ? authorization : undefined, { basic });
    if (given === null) throw unauthenticated("Send Authorization: Bearer and a configured token.");
    const caller = this.doors.callerOf(request);
    const hash = tokenHash(given);
    const proof = hash.toString("base64");
    const wait = this.wrong.waitSeconds(caller, proof);
    if (wait > 0)
      throw new Problem("WRONG_TOKENS", "Too many wrong tokens came from this address.", { retryAfterSeconds: wait });
    const actors: Actor[] = [];
    for (const entry of this.known) if (timingSafeEqual(entry.hash, hash)) actors.push(entry.actor);
    if (actors.length === 0) actors.push(...(await this.madeFor(hash)));
    if (actors.length === 0) {
      this.wrong.wrong(caller);
      // The log has one line a minute about them; their number is a figure.
      count("tallystick_events_total", { event: "unauthenticated" });
      throw unauthenticated("The token is unknown, revoked, or has ended.");
    }
    this.wrong.right(caller, proof);
    return actors;
  }

  /** Whose token of the database this is, while it is valid. */
  private async madeFor(hash: Buffer): Promise<readonly Actor[]> {
    const row = await this.db
      .selectFrom("api_tokens")
      .select(["name", "role"])
      .where("hash", "=", hash)
      .where("revoked_at", "is", null)
      .where("ends_at", ">", new Date(this.clock.now()))
      .executeTakeFirst();
    return row === undefined ? [] : [row];
  }
}

/** The refusal of a call that shows no credential, or a wrong one. */
export function unauthenticated(detail: string): Problem {
  return new Problem("UNAUTHENTICATED", detail, { challenge: 'Basic realm="Tallystick settlement", charset="UTF-8"' });
}

/** What is kept of a token. It is drawn with 256 bits, so a hash without salt tells nobody what it was. */
export function tokenHash(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
