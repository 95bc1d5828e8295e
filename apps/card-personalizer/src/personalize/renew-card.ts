import { concatBytes } from "@tallystick/apdu";
import { getDataObject, storeData, storeIssuerKeyCommand, updateAllowance } from "@tallystick/card";
import {
  addressOfKey,
  decodeAllowanceBody,
  equalBytes,
  fromHex,
  type SelectAnswer,
  toHex,
  verifyAllowance,
} from "@tallystick/protocol";
import type { CardVisit } from "../card/card-visit.ts";
import { expectOk, expectSame } from "../card/expect.ts";
import type { Config } from "../config/load-config.ts";
import { Failure } from "../failures.ts";
import type { Journal } from "../journal/journal.ts";
import type { MasterKeys } from "../keys/card-keys.ts";
import type { SettlementClient } from "../settlement/settlement-client.ts";
import { moveKeys } from "../steps/identity/replace-keys.ts";

/** What moving a card to the present keys needs. */
export interface RenewOptions {
  readonly config: Config;
  readonly keys: MasterKeys;
  readonly journal: Journal;
  readonly settlement: SettlementClient;
  /** Why, for settlement's audit log. */
  readonly reason: string;
}

/** What a card had and has; the same twice where it had the present one. */
export interface Renewed {
  readonly card: string;
  readonly masterKey: { readonly before: string; readonly now: string };
  readonly issuerKey: { readonly before: number; readonly now: number };
  /** Number of the allowance that it holds. */
  readonly seq: number;
}

/** States of the list whose cards get nothing more (spec §5.10). */
const ENDED: readonly string[] = ["revoked", "lost"];

/**
 * Moves a finished card to the present master key and the present issuer key (spec §6.10). Each part may be torn and done
 * again: the card is asked what it has. Throws Failure.
 */
export async function renewCard(visit: CardVisit, options: RenewOptions): Promise<Renewed> {
  const { keys, settlement, reason, config } = options;
  const shown = await shownBy(visit);
  const card = toHex(addressOfKey(shown.cardKey));
  const { status } = await settlement.card(card);
  if (ENDED.includes(String(status))) throw new Failure("SETTLEMENT_REFUSED", `The card is ${String(status)}.`);
  const former = await visit.insideSecurityDomain((identified) => moveKeys(identified, options));
  const before = await visit.insideApplet(async ({ session, keysName }) => {
    // A channel by the new keys is the proof that the card has them.
    if (keysName !== keys.name) throw new Failure("CARD_CONTRADICTS", "Look at: keys.");
    return expectOk("GET DATA issuerKey", await getDataObject(session.transmit, "issuerKey"));
  });
  await settlement.changeKeys(card, { masterKey: keys.name, reason });
  const { id, publicKey } = config.cardIssuerKey;
  const wanted = concatBytes(Uint8Array.of(id), publicKey);
  if (!equalBytes(before, wanted) || shown.allowanceBody.issuerKeyId !== id)
    await giveIssuerKey(visit, { ...options, card, shown, wanted });
  return {
    card,
    masterKey: { before: former ?? keys.name, now: keys.name },
    issuerKey: { before: before[0] ?? 0, now: id },
    seq: (await shownBy(visit)).allowanceBody.seq,
  };
}

/** The key and an allowance by it in one session, so that the card has an allowance by the key that it holds. */
async function giveIssuerKey(
  visit: CardVisit,
  given: RenewOptions & {
    readonly card: string;
    readonly shown: SelectAnswer;
    readonly wanted: Uint8Array;
  },
): Promise<void> {
  const { config, settlement, reason, card, shown, wanted } = given;
  const { id, publicKey } = config.cardIssuerKey;
  const { allowance } = await settlement.changeKeys(card, { issuerKeyId: id, reason });
  if (allowance === null) throw new Failure("SETTLEMENT_ANSWER", "It gave no allowance by the new issuer key.");
  const [body, signature] = [fromHex(allowance.body), fromHex(allowance.signature)];
  const decoded = decodeAllowanceBody(body);
  const verdict = verifyAllowance(
    { domain: config.domain, cardKey: shown.cardKey, body: decoded, signature },
    config.issuerKeys,
  );
  if (!verdict.ok) throw new Failure("ISSUER_KEY_MISMATCH", `The allowance: ${verdict.reason}.`);
  if (decoded.issuerKeyId !== id)
    throw new Failure("ISSUER_KEY_MISMATCH", `The allowance names key ${decoded.issuerKeyId} instead of ${id}.`);
  await visit.insideApplet(async ({ session }) => {
    const command = storeIssuerKeyCommand({ keyId: id, publicKey });
    expectOk("STORE DATA issuer key", await storeData(session.transmit, command));
    expectSame("issuerKey", expectOk("GET DATA issuerKey", await getDataObject(session.transmit, "issuerKey")), wanted);
    if (decoded.seq > shown.allowanceBody.seq)
      expectOk("UPDATE ALLOWANCE", await updateAllowance(session.transmit, { body, signature }));
  });
}

async function shownBy(visit: CardVisit): Promise<SelectAnswer> {
  const selected = await visit.selectApplet();
  if (selected === null || selected.kind === "blank")
    throw new Failure("USAGE", "It is no finished card; `personalize` makes one of it.");
  return selected.answer;
}
