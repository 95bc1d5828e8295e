import { Failure } from "../failures.ts";
import type { SettlementClient } from "../settlement/settlement-client.ts";

/** A card of the register by its reference or its address. Throws Failure USAGE where there is none. */
export async function findCard(settlement: SettlementClient, name: string): Promise<string> {
  if (/^0x[0-9a-fA-F]{40}$/.test(name)) return name.toLowerCase();
  const { cards } = await settlement.cards({ reference: name });
  const [card, other] = cards;
  if (card === undefined)
    throw new Failure("USAGE", `The register has no card ${name}; \`cards find\` looks for a part of a reference.`);
  // An earlier register let two cards have one reference.
  if (other !== undefined)
    throw new Failure("USAGE", `The register has ${cards.length} cards ${name}; name the address.`);
  return card.card;
}
