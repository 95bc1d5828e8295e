import { Inject, Injectable, Logger } from "@nestjs/common";
import {
  CERTIFICATE_REQUEST_SECONDS,
  CLOCK_SKEW_SECONDS,
  decodeCertificateRequest,
  digestOf,
  isProtocolError,
  toHex,
  type Domain,
} from "@tallystick/protocol";
import { admissionSchema, type CertificateRequestAnswer } from "@tallystick/protocol/wire";
import type { Selectable } from "kysely";
import { CLOCK, type Clock } from "../../foundation/clock.ts";
import { takeLock } from "../../foundation/database/advisory-locks.ts";
import { DATABASE, type Database, type DatabaseTransaction } from "../../foundation/database/database.ts";
import { retryingTransaction } from "../../foundation/database/retrying-transaction.ts";
import type { CertificateRequestsTable } from "../../foundation/database/tables/joining-tables.ts";
import { Problem } from "../../foundation/http/problem.ts";
import { DOMAIN } from "../../foundation/keys/domain.ts";
import { createNativeEngine } from "../../foundation/keys/signature-engine.ts";
import { DAY_MS } from "../../foundation/limits/limits.ts";
import { FULL_RETRY_SECONDS, REQUESTS_OF_SOURCE_IN_DAY, WAITING_IN_ALL, WAITING_OF_SOURCE } from "./limits.ts";
import { requestFault, type RequestFault, type SignedRequest } from "./request-checks.ts";

/** A request for a certificate as it is stored. */
export type RequestRow = Selectable<CertificateRequestsTable>;

const faults: Readonly<Record<RequestFault, string>> = {
  OtherDomain: "It names another vault or chain than this settlement's: compare chainId and vault.",
  BadSignature: "It is not signed by the key that it names.",
  OutOfTime: "Its time is more than seven days off: set the terminal's clock, and ask anew.",
};

/** Takes requests for certificates from terminals that nobody knows yet, within bounds (spec §6.15). */
@Injectable()
export class CertificateRequests {
  private readonly log = new Logger(CertificateRequests.name);
  private readonly engine = createNativeEngine();

  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(DOMAIN) private readonly domain: Domain,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Takes a request in; one that is known is answered as it stands. `source` is whom it is counted for, null where
   * no bound holds. Throws Problem MALFORMED_REQUEST, CERTIFICATE_REQUEST_REFUSED, CERTIFICATE_REQUESTS_FULL.
   */
  async take(bytes: Uint8Array, signature: Uint8Array, source: string | null): Promise<RequestRow> {
    const id = digestOf(bytes);
    const known = await findRequest(this.db, id);
    if (known !== undefined) return known;
    const now = this.clock.now();
    this.assertApprovable({ request: decoded(bytes), bytes, signature }, Math.floor(now / 1_000));
    return retryingTransaction(this.db, async (trx) => {
      await takeLock(trx, "certificateRequests");
      const meanwhile = await findRequest(trx, id);
      if (meanwhile !== undefined) return meanwhile;
      await forgetOld(trx, now);
      if (source !== null) await makeRoom(trx, source, now);
      const { time } = decodeCertificateRequest(bytes);
      return trx
        .insertInto("certificate_requests")
        .values({
          ...{ id, request: bytes, signature, source: source ?? "administration", time: BigInt(time) },
          ...{ received_at: new Date(now), state: "waiting", certificate: null },
        })
        .returningAll()
        .executeTakeFirstOrThrow();
    });
  }

  /** Throws Problem CERTIFICATE_REQUEST_UNKNOWN. */
  async find(id: Uint8Array): Promise<RequestRow> {
    const row = await findRequest(this.db, id);
    if (row !== undefined) return row;
    throw unknownRequest();
  }

  private assertApprovable(signed: SignedRequest, now: number): void {
    const fault = requestFault(signed, { domain: this.domain, engine: this.engine, now });
    if (fault === null) return;
    this.log.debug(`A request for a certificate was refused: ${fault}.`);
    throw new Problem("CERTIFICATE_REQUEST_REFUSED", faults[fault], { members: { reason: fault } });
  }
}

export function findRequest(db: Database | DatabaseTransaction, id: Uint8Array): Promise<RequestRow | undefined> {
  return db.selectFrom("certificate_requests").selectAll().where("id", "=", id).executeTakeFirst();
}

export function unknownRequest(): Problem {
  return new Problem(
    "CERTIFICATE_REQUEST_UNKNOWN",
    "It never came here, or waited longer than seven days: send it, or ask anew.",
  );
}

/** A request as whoever knows its id is told of it, and nothing of anybody else's. */
export function requestAnswer({ id, state, reason, admission }: RequestRow): CertificateRequestAnswer {
  return {
    ...{ id: toHex(id), state, reason },
    admission: admission === null ? null : admissionSchema.parse(JSON.parse(admission)),
  };
}

function decoded(bytes: Uint8Array): SignedRequest["request"] {
  try {
    return decodeCertificateRequest(bytes);
  } catch (error) {
    if (!isProtocolError(error)) throw error;
    throw new Problem("MALFORMED_REQUEST", `${error.code}: ${error.message}`);
  }
}

/** What nobody may approve any more. */
async function forgetOld(trx: DatabaseTransaction, now: number): Promise<void> {
  const oldest = Math.floor(now / 1_000) - CERTIFICATE_REQUEST_SECONDS - CLOCK_SKEW_SECONDS;
  await trx
    .deleteFrom("certificate_requests")
    .where("state", "=", "waiting")
    .where("time", "<", BigInt(oldest))
    .execute();
}

/**
 * Lets one more of a source in. Where the list is full, the newest of whoever fills it gives way, so that a flood pushes
 * out its own. Throws Problem CERTIFICATE_REQUESTS_FULL.
 */
async function makeRoom(trx: DatabaseTransaction, source: string, now: number): Promise<void> {
  const { came } = await trx
    .selectFrom("certificate_requests")
    .select((select) => select.fn.countAll<string>().as("came"))
    .where("source", "=", source)
    .where("received_at", ">", new Date(now - DAY_MS))
    .executeTakeFirstOrThrow();
  const waiting = await trx
    .selectFrom("certificate_requests")
    .select(["source"])
    .select((select) => select.fn.countAll<string>().as("count"))
    .where("state", "=", "waiting")
    .groupBy("source")
    .orderBy("count", "desc")
    .orderBy("source")
    .execute();
  const own = Number(waiting.find((each) => each.source === source)?.count ?? 0);
  if (own >= WAITING_OF_SOURCE || Number(came) >= REQUESTS_OF_SOURCE_IN_DAY) throw full();
  if (waiting.reduce((sum, { count }) => sum + Number(count), 0) < WAITING_IN_ALL) return;
  const [most] = waiting;
  if (most === undefined || Number(most.count) <= own + 1) throw full();
  const { id } = await trx
    .selectFrom("certificate_requests")
    .select("id")
    .where("state", "=", "waiting")
    .where("source", "=", most.source)
    .orderBy("received_at", "desc")
    .orderBy("id")
    .limit(1)
    .executeTakeFirstOrThrow();
  await trx.deleteFrom("certificate_requests").where("id", "=", id).execute();
}

function full(): Problem {
  return new Problem(
    "CERTIFICATE_REQUESTS_FULL",
    "Have the issuer decide about those that wait, or give it the request as a file; then ask again.",
    { retryAfterSeconds: FULL_RETRY_SECONDS },
  );
}
