import { getProgress } from "@tallystick/card";
import { addressOfKey, type SelectAnswer, toHex } from "@tallystick/protocol";
import type { CardVisit } from "../../card/card-visit.ts";
import { visitOpenly } from "../../card/visit-openly.ts";
import type { Config } from "../../config/load-config.ts";
import { Failure } from "../../failures.ts";
import type { CardOnReader } from "../../register/describe-on-reader.ts";
import { findCard } from "../../register/find-card.ts";
import type { SettlementClient } from "../../settlement/settlement-client.ts";

/**
 * A card of the register by its reference, by its address, or, where it is not named, the one that lies on the reader: it is
 * asked for its key and no key is used on it. Throws Failure USAGE where there is none.
 */
export async function namedCard(
  name: string | undefined,
  { settlement, config, signal }: { settlement: SettlementClient; config: Config; signal: AbortSignal },
): Promise<string> {
  if (name !== undefined) return await findCard(settlement, name);
  return await visitOpenly(config, signal, async (visit) => await addressOf(visit));
}

/** A card of the register as `namedCard` finds it; of one that lies on the reader also what it says of itself. */
export async function shownCard(
  name: string | undefined,
  given: { settlement: SettlementClient; config: Config; signal: AbortSignal },
): Promise<{ readonly address: string; readonly onReader: CardOnReader | null }> {
  if (name !== undefined) return { address: await findCard(given.settlement, name), onReader: null };
  return await visitOpenly(given.config, given.signal, async (visit) => {
    const answer = await finishedCard(visit);
    const progress = await getProgress(visit.channel);
    const onReader = { answer, hasPin: progress.ok ? progress.value.pin : null };
    return { address: toHex(addressOfKey(answer.cardKey)), onReader };
  });
}

/** The address of the card under a visit. Throws Failure USAGE for a card without a key. */
export async function addressOf(visit: CardVisit): Promise<string> {
  return toHex(addressOfKey((await finishedCard(visit)).cardKey));
}

async function finishedCard(visit: CardVisit): Promise<SelectAnswer> {
  const selected = await visit.selectApplet();
  if (selected === null || selected.kind === "blank")
    throw new Failure("USAGE", "It is no finished card; `personalize` makes one of it.");
  return selected.answer;
}
