import { Inject, Injectable, Logger } from "@nestjs/common";
import { WrongTokens } from "@tallystick/program";
import { toHex } from "@tallystick/protocol";
import { CLOCK, type Clock } from "../clock.ts";
import { CONFIG, type Config } from "../config/config.ts";
import { DATABASE, type Database } from "../database/database.ts";
import { MINUTE_MS, SEEN_EVERY_MS } from "../people/limits.ts";
import { formTokenOf, sessionSecret } from "./cookies.ts";
import { type ArrivedRequest, Doors, DOORS } from "./doors.ts";
import { Problem } from "./problem.ts";
import { type Actor, tokenHash } from "./tokens.ts";

/** A person's browser that is signed in. */
export interface Session {
  readonly id: string;
  readonly actor: Actor & { readonly name: string };
  /** What forms of its pages send as `formToken`. */
  readonly formToken: string;
  /** Milliseconds. */
  readonly beganAt: number;
  /** Whether its person comes by the identity provider, and so by nothing else (spec §6.11). */
  readonly provided: boolean;
}

/**
 * Whose session a cookie names. It ends after a time without a question, after its whole time, when
 * its person signs out, is removed or gets another role: always at the next call. Role and payee are
 * the person's of now. Wrong secrets are counted by the address that sends them, and a right one is
 * never refused because of them: nobody who guesses keeps others out.
 */
@Injectable()
export class Sessions {
  private readonly wrong: WrongTokens;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(DOORS) private readonly doors: Doors,
    @Inject(DATABASE) private readonly db: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    const log = new Logger(Sessions.name);
    const warn = (message: string): void => {
      log.warn(message);
    };
    this.wrong = new WrongTokens({ now: () => performance.now(), warn });
  }

  /** The session of a request; null where it has none, or one that has ended. Throws Problem WRONG_TOKENS. */
  async of(request: ArrivedRequest): Promise<Session | null> {
    const secret = sessionSecret(request.headers["cookie"]);
    if (secret === null) return null;
    const row = await this.db
      .selectFrom("sessions")
      .innerJoin("people", "people.name", "sessions.person")
      .select(["sessions.id", "sessions.began_at", "sessions.seen_at", "sessions.ends_at", "sessions.ended_at"])
      .select(["people.name", "people.role", "people.payee", "people.removed_at", "people.subject"])
      .where("sessions.hash", "=", tokenHash(secret))
      .executeTakeFirst();
    if (row === undefined) {
      this.refuseWrong(request);
      return null;
    }
    const now = this.clock.now();
    const idleMs = this.config.signIn.idleMinutes * MINUTE_MS;
    const ended = row.ended_at !== null || row.removed_at !== null;
    if (ended || row.ends_at.getTime() <= now || row.seen_at.getTime() + idleMs <= now) return null;
    if (row.seen_at.getTime() + Math.min(SEEN_EVERY_MS, idleMs / 2) <= now) await this.see(row.id, now);
    const { name, role, payee } = row;
    const actor = payee === null ? { name, role } : { name, role, payee: toHex(payee) };
    return {
      ...{ id: row.id, actor, formToken: formTokenOf(secret), beganAt: row.began_at.getTime() },
      provided: row.subject !== null,
    };
  }

  /** Counts a secret that is nobody's. Throws Problem WRONG_TOKENS once its address has sent too many. */
  refuseWrong(request: ArrivedRequest): void {
    const caller = this.doors.callerOf(request);
    const retryAfterSeconds = this.wrong.waitSeconds(caller, "");
    if (retryAfterSeconds > 0)
      throw new Problem("WRONG_TOKENS", "Too many wrong secrets came from this address.", { retryAfterSeconds });
    this.wrong.wrong(caller);
  }

  private async see(id: string, now: number): Promise<void> {
    const at = new Date(now);
    await this.db
      .updateTable("sessions")
      .set({ seen_at: at })
      .where("id", "=", id)
      .where("seen_at", "<", at)
      .where("ended_at", "is", null)
      .execute();
  }
}
