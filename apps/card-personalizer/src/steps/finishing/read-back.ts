import { concatBytes } from "@tallystick/apdu";
import { getDataObject, getProgress, type DataObjectName } from "@tallystick/card";
import {
  cardStates,
  cardTag,
  encodeAllowanceBody,
  encodeDomain,
  fromHex,
  uncompressKey,
  type SelectAnswer,
} from "@tallystick/protocol";
import type { CardVisit } from "../../card/card-visit.ts";
import { expectOk, expectSame } from "../../card/expect.ts";
import type { IdentifiedSession } from "../../card/identify.ts";
import { Failure } from "../../failures.ts";
import type { CardIdentity } from "../card-identity.ts";
import { textOf, type StepRunner } from "../step-runner.ts";

/** Reads everything back and compares it with what was written (spec §4.8, last column). Answers what SELECT shows. */
export async function readBack(
  visit: CardVisit,
  steps: StepRunner,
  identity: CardIdentity & { readonly hasPin: boolean },
): Promise<SelectAnswer> {
  await steps.run("read-back", {
    work: async () => {
      await visit.insideApplet((identified) => readBackObjects(identified, steps, identity));
      await readBackSelect(visit, steps, identity);
      return {};
    },
  });
  return await readBackSelect(visit, steps, identity);
}

/** Every object, under the response MAC. */
async function readBackObjects(
  { session }: IdentifiedSession,
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
    expectSame(name, expectOk(`GET DATA ${name}`, await getDataObject(session.transmit, name)), value);
  }
  const progress = expectOk("GET DATA progress", await getProgress(session.transmit));
  if (identity.hasPin && !progress.pin)
    throw new Failure("CARD_CONTRADICTS", "Look at: progress. It says it has no PIN.");
  if (!progress.allowance || progress.state !== cardStates.personalized) {
    throw new Failure("CARD_CONTRADICTS", "Look at: progress. The card does not say that it is personalized.");
  }
}

/** What SELECT shows to every terminal: key, tag and the very allowance that the issuer signed. */
async function readBackSelect(visit: CardVisit, steps: StepRunner, identity: CardIdentity): Promise<SelectAnswer> {
  const selected = await visit.selectApplet();
  if (selected?.kind !== "personalized") throw new Failure("CARD_CONTRADICTS", "SELECT shows no allowance.");
  const { answer } = selected;
  const cardKey = fromHex(textOf(steps.dataOf("generate-key"), "cardKey"));
  const allowance = steps.dataOf("allowance");
  expectSame("card key in SELECT", answer.cardKey, cardKey);
  expectSame("card tag in SELECT", answer.cardTag, cardTag(identity.domain, cardKey));
  expectSame("allowance in SELECT", encodeAllowanceBody(answer.allowanceBody), fromHex(textOf(allowance, "body")));
  expectSame("signature in SELECT", answer.allowanceSignature, fromHex(textOf(allowance, "signature")));
  return answer;
}
