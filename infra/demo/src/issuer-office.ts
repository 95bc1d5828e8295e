import { join } from "node:path";
import { runCommand } from "./app-process.ts";
import type { Card } from "./card.ts";
import type { Narrator } from "./narrator.ts";
import { short } from "./report.ts";
import type { World } from "./world.ts";

/** A card as its holder gets it. */
export interface IssuedCard {
  readonly name: string;
  readonly card: Card;
  /** Its address on the chain. */
  readonly address: string;
}

/**
 * Has the personalizer make a card out of a blank one: keys, domain, opening and funding on the chain, and, once the
 * funding is final, the allowance.
 */
export async function issueCard(world: World, narrator: Narrator, name: string): Promise<IssuedCard> {
  const card = world.card(name);
  await card.insert(world.issuerSlot);
  const outcome = await runCommand({
    program: world.programs.personalizer,
    args: ["personalize", "--config", join(world.folder.path, "personalizer.json"), "--reference", name, "--json"],
    folder: world.folder.path,
    name: `personalize-${name}`,
    ...(world.pcscd === undefined ? {} : { env: { PCSCLITE_CSOCK_NAME: world.pcscd.socket } }),
  });
  await card.remove();
  const done = outcome.lines.find((line) => line["event"] === "done");
  if (outcome.code !== 0 || done === undefined)
    throw new Error(`${name} was not personalized (exit ${outcome.code}):\n${outcome.text}`);
  const address = String(done["card"]);
  narrator.line(
    `${name}: keys replaced, key made on card, opened and funded on the chain, allowance written (${short(address)})`,
  );
  return { name, card, address };
}
