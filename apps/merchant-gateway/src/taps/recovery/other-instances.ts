import { cardTag, decodeSelectAnswer, equalBytes } from "@tallystick/protocol";
import { isReaderError } from "@tallystick/apdu";
import type { TapCard } from "../../reader/tap-card.ts";
import type { Chosen, NothingToChoose } from "../choose-instance.ts";
import { isIntended } from "../tap-journal.ts";
import { recover, type RecoveryParts } from "./recovery.ts";
import { turnAway } from "../refusals.ts";
import type { Sale, TapEngineParts } from "../sale.ts";
import type { TapCode, TapView } from "../tap-result.ts";

/**
 * What recovery at other instances of the card brought, and the chosen one as it is selected now.
 */
export interface Elsewhere {
  readonly resolved: readonly TapView[];
  readonly end: TapView | null;
  readonly chosen: Chosen | NothingToChoose;
}

/**
 * An open intent of any instance is resolved first (spec §2.3). Each instance has a key of its own,
 * so whether another one of this card has an intent is seen only by selecting it. An intent names
 * its instance, and instances do not change places, so only the instances that open intents of
 * another key name are selected, and a usual tap stays at two commands.
 */
export async function recoverElsewhere(
  parts: RecoveryParts,
  sale: Sale,
  card: TapCard,
  chosen: Chosen | NothingToChoose,
): Promise<Elsewhere> {
  const visited = instancesToVisit(parts, chosen);
  if (visited.length === 0) return { resolved: [], end: null, chosen };
  const resolved: TapView[] = [];
  try {
    for (const instance of visited) {
      const outcome = await card.select(instance);
      if (outcome.kind === "refused") continue;
      const { select, bytes } = outcome;
      const policy = parts.policies
        .all()
        .find(({ served }) => equalBytes(cardTag(served.domain, select.cardKey), select.cardTag));
      if (policy === undefined) continue;
      const other: Chosen = { instance, policy, select, bytes, apdus: 0 };
      const recovery = await recover(parts, sale, { card, chosen: other });
      resolved.push(...recovery.resolved);
      if (recovery.end !== null) return { resolved, end: recovery.end, chosen };
    }
    return { resolved, end: null, chosen: await selectAgain(card, chosen) };
  } catch (error) {
    const code: TapCode = isReaderError(error) ? error.code : "TORN";
    return { resolved, end: turnAway(parts, sale, code, { apdus: card.apdus }), chosen };
  }
}

/** Instances that open intents name, upwards, without the one that is chosen. */
function instancesToVisit({ journal }: TapEngineParts, chosen: Chosen | NothingToChoose): readonly number[] {
  const own = "instance" in chosen ? chosen.instance : null;
  const named = journal.taps
    .unresolved()
    .filter(isIntended)
    .map(({ intent }) => decodeSelectAnswer(intent.selectAnswer).aid.at(-1) ?? 0)
    .filter((instance) => instance !== own);
  return [...new Set(named)].sort((left, right) => left - right);
}

/** The chosen instance, selected again after the others. */
async function selectAgain(card: TapCard, chosen: Chosen | NothingToChoose): Promise<Chosen | NothingToChoose> {
  if ("code" in chosen) return chosen;
  const outcome = await card.select(chosen.instance);
  if (outcome.kind === "refused") return { code: outcome.code, sw: outcome.sw };
  const { select, bytes } = outcome;
  if (!equalBytes(select.cardKey, chosen.select.cardKey)) return { code: "CARD_WRONG_CARD", sw: null };
  return { ...chosen, select, bytes, apdus: card.apdus };
}
