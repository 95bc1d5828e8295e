import type { TapCard } from "../../reader/tap-card.ts";
import type { Chosen } from "../choose-instance.ts";
import type { TapJournal } from "../tap-journal.ts";

/**
 * Asks a card that has paid whether it has the short forms, where nobody knows yet: once a card, after
 * the tap was answered (spec §5.16). Rejects for a card that has gone.
 */
export async function learnShortForms(
  journal: Pick<TapJournal, "knownCards" | "write">,
  card: TapCard,
  { policy, select }: Chosen,
): Promise<void> {
  if (journal.knownCards.of(select.cardTag)?.shortForms !== "unknown") return;
  const shortForms = (await card.saysShortForms()) ? "has" : "lacks";
  journal.write(() => {
    journal.knownCards.learn(policy.served.domainBytes, select.cardTag, shortForms);
  });
}
