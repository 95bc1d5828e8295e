import { createHash, timingSafeEqual } from "node:crypto";
import { Inject, Injectable, Logger } from "@nestjs/common";
import { tokenOf, WrongTokens } from "@tallystick/program";
import { CONFIG, type Config } from "../config/config.ts";
import { type ArrivedRequest, Doors, DOORS } from "./doors.ts";
import { Problem } from "./problem.ts";

export type Role = "issuer" | "operator";

/** Who makes a call that needs a token. */
export interface Actor {
  /** The token's, null where the configuration gives it none. */
  readonly name: string | null;
  readonly role: Role;
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
 * The configured tokens. They are compared by their hashes in constant time, and every one of them
 * is compared; wrong ones are counted by the address that sends them.
 */
@Injectable()
export class Tokens {
  private readonly known: readonly { hash: Buffer; actor: Actor }[];
  private readonly wrong: WrongTokens;

  constructor(
    @Inject(CONFIG) config: Config,
    @Inject(DOORS) private readonly doors: Doors,
  ) {
    const log = new Logger(Tokens.name);
    this.known = config.tokens.map(({ token, role, name = null }) => ({ hash: sha256(token), actor: { name, role } }));
    const warn = (message: string): void => {
      log.warn(message);
    };
    this.wrong = new WrongTokens({ now: () => performance.now(), warn });
  }

  /**
   * Everybody whose token a request shows; there is at least one. Throws Problem UNAUTHENTICATED,
   * WRONG_TOKENS.
   */
  actorsOf(request: TokenRequest): readonly Actor[] {
    const { method, headers } = request;
    const authorization = headers["authorization"];
    // A browser sends a password by itself, also when another page asks: it may read and do nothing.
    const basic = method === "GET" || method === "HEAD";
    const given = tokenOf(typeof authorization === "string" ? authorization : undefined, { basic });
    if (given === null) throw unauthenticated("Send Authorization: Bearer and a configured token.");
    const caller = this.doors.callerOf(request);
    const hash = sha256(given);
    const proof = hash.toString("base64");
    const wait = this.wrong.waitSeconds(caller, proof);
    if (wait > 0)
      throw new Problem("WRONG_TOKENS", "Too many wrong tokens came from this address.", { retryAfterSeconds: wait });
    const actors: Actor[] = [];
    for (const entry of this.known) if (timingSafeEqual(entry.hash, hash)) actors.push(entry.actor);
    if (actors.length === 0) {
      this.wrong.wrong(caller);
      throw unauthenticated("The token is not one of the configured ones.");
    }
    this.wrong.right(caller, proof);
    return actors;
  }
}

function unauthenticated(detail: string): Problem {
  return new Problem("UNAUTHENTICATED", detail, { challenge: 'Basic realm="Tallystick settlement", charset="UTF-8"' });
}

function sha256(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
