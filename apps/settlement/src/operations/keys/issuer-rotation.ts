import { ProgramError } from "@tallystick/program";
import { cardStatuses, decodeStatusListHead, equalBytes, toHex } from "@tallystick/protocol";
import { sql } from "kysely";
import type { ChainConnections } from "../../chain/chain-connections.ts";
import type { Foundation } from "../../foundation/foundation.ts";
import type { Issuer, IssuerSigner } from "../../foundation/keys/issuer.ts";
import { inTurn, type RotationReport, type StepFound } from "./rotation-steps.ts";

/** The public half of an issuer key. */
export type IssuerKey = Pick<IssuerSigner, "id" | "publicKey">;

/** What database and configuration say of an issuer key that takes the place of another. */
export interface IssuerState {
  readonly successor: IssuerKey;
  /** The one that it follows; null where the issuer never had another. */
  readonly former: IssuerKey | null;
  /** The configuration's present key, and the ids of those that sign. */
  readonly present: number;
  readonly signing: readonly number[];
  /** A start was made with the successor as the present key. */
  readonly bound: boolean;
  /** The newest list has a head by the successor. */
  readonly listed: boolean;
  /** Cards that may still pay, by the key of their newest allowance: another one than the successor. */
  readonly cards: number;
  /** Of the successor. */
  readonly moved: number;
}

/**
 * How far an issuer key is that takes the place of another (spec §6.10). It changes nothing: the
 * configuration says which keys sign, and stations bring the new one to cards. Throws ProgramError
 * ISSUER_KEY_ID_TAKEN and ROTATION_UNKNOWN.
 */
export async function rotateIssuer(
  parts: Foundation & Pick<ChainConnections, "rpc">,
  to: IssuerKey | null,
): Promise<RotationReport> {
  const { successor, former } = await keysOf(parts, to);
  const state = await readIssuerState(parts, { successor, former });
  const steps = inTurn(issuerSteps(state));
  return {
    ...{ schema: "tallystick.key-rotation/1", key: "issuer", former: former === null ? null : `${former.id}` },
    ...{ successor: `${successor.id}`, steps, remains: issuerRemains(state) },
    done: steps.every((each) => each.state === "done"),
  };
}

/** The key that is named, or the present one; and the one before it. */
async function keysOf(
  { db, issuer }: Foundation,
  to: IssuerKey | null,
): Promise<{ readonly successor: IssuerKey; readonly former: IssuerKey | null }> {
  const rows = await db.selectFrom("issuer_keys").selectAll().orderBy("key_id").execute();
  const known = [...rows.map((row) => ({ id: row.key_id, publicKey: row.public_key })), ...issuer.knownKeys];
  const successor = to ?? { id: issuer.keyId, publicKey: issuer.publicKey };
  assertOwnId(successor, known);
  const bound = rows.find(({ current }) => current);
  const others = known.filter(({ id }) => id !== successor.id);
  const before =
    others.find(({ id }) => id === bound?.key_id) ?? others.find(({ id }) => signs(issuer, id)) ?? others[0];
  if (to === null && before === undefined)
    throw new ProgramError("ROTATION_UNKNOWN", "The issuer has one key and never had another.", {
      ...{ exit: "usage", next: "Name the new key file with --to." },
    });
  return { successor, former: before ?? null };
}

/** An id is one key's, and a key has one id. Throws ProgramError ISSUER_KEY_ID_TAKEN. */
function assertOwnId(successor: IssuerKey, known: readonly IssuerKey[]): void {
  const clash = known.find(({ id, publicKey }) => (id === successor.id) !== equalBytes(publicKey, successor.publicKey));
  if (clash === undefined) return;
  throw new ProgramError(
    "ISSUER_KEY_ID_TAKEN",
    `The issuer has ${toHex(clash.publicKey)} under the id ${clash.id}; the new key is ${toHex(successor.publicKey)} under ${successor.id}.`,
    { exit: "keys", next: "Draw a new key, and give it an id that none ever had." },
  );
}

function signs(issuer: Pick<Issuer, "signerOf">, id: number): boolean {
  return issuer.signerOf(id) !== null;
}

async function readIssuerState(
  { db, issuer, clock }: Foundation,
  { successor, former }: { readonly successor: IssuerKey; readonly former: IssuerKey | null },
): Promise<IssuerState> {
  const bound = await db.selectFrom("issuer_keys").select("key_id").where("current", "=", true).executeTakeFirst();
  const newest = await db.selectFrom("status_lists").select("head").orderBy("seq", "desc").limit(1).executeTakeFirst();
  const now = Math.floor(clock.now() / 1_000);
  // The first byte of an allowance's body is its issuer key, and bytes 44 to 47 are when it ends (spec §3.3).
  const { rows } = await sql<{ moved: string; others: string }>`
    with newest as (
      select distinct on (a.card) a.card, a.body from allowances a join cards c on c.card = a.card
      where c.status not in (${cardStatuses.revoked}, ${cardStatuses.lost}) and not c.shown_terminated
      order by a.card, a.seq desc)
    select count(*) filter (where get_byte(body, 0) = ${successor.id})::text as moved,
      count(*) filter (where get_byte(body, 0) <> ${successor.id})::text as others
    from newest where ('x' || encode(substring(body from 45 for 4), 'hex'))::bit(32)::bigint >= ${now}`.execute(db);
  return {
    ...{ successor, former, present: issuer.keyId, signing: issuer.signers.map(({ id }) => id) },
    bound: bound?.key_id === successor.id,
    listed: newest !== undefined && decodeStatusListHead(newest.head).issuerKeyId === successor.id,
    cards: Number(rows[0]?.others ?? "0"),
    moved: Number(rows[0]?.moved ?? "0"),
  };
}

/** The steps, in their order. */
export function issuerSteps(state: IssuerState): readonly StepFound[] {
  const { successor, former, present, signing, cards, moved } = state;
  const pin = `{"id":${successor.id},"publicKey":"${toHex(successor.publicKey)}"}`;
  const isPresent = present === successor.id;
  const oldSigns = former !== null && signing.includes(former.id);
  const retired = former === null ? "" : `{"id":${former.id},"publicKey":"${toHex(former.publicKey)}"}`;
  return [
    {
      ...{ step: "configured", done: isPresent && state.bound && (oldSigns || cards === 0) },
      detail: `Pin ${pin} at every gateway and station, behind the present key.`,
      next:
        isPresent && !oldSigns
          ? "Cards still hold another key: name its file in parallelIssuerKeyFiles again, and restart."
          : "Then name the new file in issuerKeyFile and the present one in parallelIssuerKeyFiles, and restart.",
    },
    {
      ...{ step: "published", done: state.listed },
      detail: state.listed
        ? "The newest list has a head by the new key."
        : "The next terminal that asks for a list gets one by the new key as well.",
    },
    {
      ...{ step: "cards", done: cards === 0 },
      detail: `${moved} cards hold the new key; ${cards} that may still pay hold another.`,
      next: "Each is moved at its next visit to a station: tallystick-issuer cards renew.",
    },
    {
      ...{ step: "retired", done: isPresent && signing.length === 1 },
      detail: oldSigns ? "The former key still signs." : "The new key signs alone.",
      next: `Take its file out of parallelIssuerKeyFiles, name ${retired} in formerIssuerKeys, and restart.`,
    },
  ];
}

function issuerRemains({ former, signing, cards }: IssuerState): string {
  if (former === null) return "nothing of a former key.";
  if (cards > 0 || signing.includes(former.id))
    return "terminals take allowances and lists by the former key as long as they pin it; the vault knows no issuer key.";
  return "take the former key out of every gateway's pinned keys: until then a thief's allowances by it are believed there; the vault knows no issuer key.";
}
