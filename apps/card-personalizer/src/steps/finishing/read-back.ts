import { concatBytes, type CardChannel } from "@tallystick/apdu";
import { getDataObject, getProgress, type DataObjectName } from "@tallystick/card";
import {
  cardStates,
  cardTag,
  decodeAllowanceBody,
  encodeAllowanceBody,
  encodeDomain,
  fromHex,
  uncompressKey,
  verifyAllowance,
  type SelectAnswer,
} from "@tallystick/protocol";
import type { CardVisit } from "../../card/card-visit.ts";
import { expectOk, expectSame } from "../../card/expect.ts";
import type { Config } from "../../config/load-config.ts";
import { Failure } from "../../failures.ts";
import type { CardIdentity } from "../card-identity.ts";
import { textOf, type StepRunner } from "../step-runner.ts";

/**
 * Reads every object back under the response MAC and compares it with what was written (spec §4.8, last column). Goes with
 * readBackSelect, which is never left out.
 */
export async function readBackObjects(
  channel: CardChannel,
  steps: StepRunner,
  identity: CardIdentity & { readonly hasPin: boolean },
): Promise<void> {
  await steps.run("read-back", {
    work: async () => {
      await compareObjects(channel, steps, identity);
      return {};
    },
  });
}

async function compareObjects(
  channel: CardChannel,
  steps: StepRunner,
  identity: CardIdentity & { readonly hasPin: boolean },
): Promise<void> {
  const identified = steps.dataOf("generate-key");
  const { id, publicKey } = identity.issuerKey;
  const expected: readonly (readonly [DataObjectName, Uint8Array])[] = [
    ["domain", encodeDomain(identity.domain)],
    ["issuerKey", concatBytes(Uint8Array.of(id), publicKey)],
    ["publicKey", uncompressKey(fromHex(textOf(identified, "cardKey")))],
    ["address", fromHex(textOf(identified, "card"))],
    ["owner", identity.owner],
  ];
  for (const [name, value] of expected) {
    expectSame(name, expectOk(`GET DATA ${name}`, await getDataObject(channel, name)), value);
  }
  const progress = expectOk("GET DATA progress", await getProgress(channel));
  if (identity.hasPin && !progress.pin)
    throw new Failure("CARD_CONTRADICTS", "Look at: progress. It says it has no PIN.");
  if (!progress.allowance || progress.state !== cardStates.personalized) {
    throw new Failure("CARD_CONTRADICTS", "Look at: progress. The card does not say that it is personalized.");
  }
}

/**
 * What SELECT shows to every terminal: key, tag and the very allowance that the issuer signed for the card, or a newer one
 * of the issuer's that reached it meanwhile by a terminal (spec §5.10).
 */
export async function readBackSelect(
  visit: CardVisit,
  steps: StepRunner,
  { domain, issuerKeys }: Pick<Config, "domain" | "issuerKeys">,
): Promise<SelectAnswer> {
  const selected = await visit.selectApplet();
  if (selected?.kind !== "personalized") throw new Failure("CARD_CONTRADICTS", "SELECT shows no allowance.");
  const { answer } = selected;
  const cardKey = fromHex(textOf(steps.dataOf("generate-key"), "cardKey"));
  expectSame("card key in SELECT", answer.cardKey, cardKey);
  expectSame("card tag in SELECT", answer.cardTag, cardTag(domain, cardKey));
  const { allowanceBody: body, allowanceSignature: signature } = answer;
  const written = steps.dataOf("allowance");
  const first = fromHex(textOf(written, "body"));
  if (body.seq > decodeAllowanceBody(first).seq) {
    const verdict = verifyAllowance({ domain, cardKey, body, signature }, issuerKeys);
    if (verdict.ok) return answer;
    throw new Failure("CARD_CONTRADICTS", `Look at: allowance in SELECT. ${verdict.reason}.`);
  }
  expectSame("allowance in SELECT", encodeAllowanceBody(body), first);
  expectSame("signature in SELECT", signature, fromHex(textOf(written, "signature")));
  return answer;
}
