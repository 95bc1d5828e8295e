import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { Inject, Injectable } from "@nestjs/common";
import { sql } from "kysely";
import { CLOCK, type Clock } from "../../../foundation/clock.ts";
import { DATABASE, type Database, type DatabaseTransaction } from "../../../foundation/database/database.ts";
import {
  CHALLENGE_BODY_BYTES,
  CHALLENGE_MS,
  CHALLENGE_RANDOM_BYTES,
  CHALLENGE_TIME_BYTES,
  CHALLENGES_FORGOTTEN,
} from "../../../foundation/people/limits.ts";
import { signInKey } from "../sign-in-key.ts";

/**
 * Challenges that passkeys sign: random bytes, their time, and a code of both by a key of the
 * installation. Nothing is stored until one is answered rightly, so that nobody can use them up for
 * others; an answered one serves no second time.
 */
@Injectable()
export class Challenges {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** A new challenge. `purpose` says what it is for, such as one session's registration. */
  async draw(purpose: string): Promise<Buffer> {
    const body = Buffer.alloc(CHALLENGE_BODY_BYTES);
    randomBytes(CHALLENGE_RANDOM_BYTES).copy(body);
    body.writeUIntBE(this.clock.now(), CHALLENGE_RANDOM_BYTES, CHALLENGE_TIME_BYTES);
    return Buffer.concat([body, codeOf(await this.key(), purpose, body)]);
  }

  /** Whether a challenge in base64url was drawn here for this purpose, and is fresh. */
  async isOwn(challenge: string, purpose: string): Promise<boolean> {
    const bytes = Buffer.from(challenge, "base64url");
    const body = bytes.subarray(0, CHALLENGE_BODY_BYTES);
    const code = codeOf(await this.key(), purpose, body);
    const given = bytes.subarray(CHALLENGE_BODY_BYTES);
    if (given.length !== code.length || !timingSafeEqual(given, code)) return false;
    const age = this.clock.now() - body.readUIntBE(CHALLENGE_RANDOM_BYTES, CHALLENGE_TIME_BYTES);
    return age >= 0 && age < CHALLENGE_MS;
  }

  /** Uses a challenge up, in the transaction that has its effect; false where it was before. */
  async use(trx: DatabaseTransaction, challenge: string): Promise<boolean> {
    const now = this.clock.now();
    await sql`delete from used_challenges where hash in (
      select hash from used_challenges where ends_at <= ${new Date(now)} limit ${CHALLENGES_FORGOTTEN})`.execute(trx);
    const hash = createHash("sha256").update(Buffer.from(challenge, "base64url")).digest();
    const used = await trx
      .insertInto("used_challenges")
      .values({ hash, ends_at: new Date(now + CHALLENGE_MS) })
      .onConflict((conflict) => conflict.column("hash").doNothing())
      .returning("hash")
      .executeTakeFirst();
    return used !== undefined;
  }

  /** The installation's key for what it hands out to browsers. */
  async key(): Promise<Uint8Array> {
    return await signInKey(this.db);
  }
}

function codeOf(key: Uint8Array, purpose: string, body: Uint8Array): Buffer {
  return createHmac("sha256", key).update(purpose).update("\0").update(body).digest();
}
