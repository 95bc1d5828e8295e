import { randomBytes } from "node:crypto";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "./app-process.ts";
import type { Card } from "./card.ts";
import { drawAddress, writeMasterKey } from "./key-files.ts";
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

/** What every card gets: more can be asked for in one payment than is on the card, so that the card has to refuse. */
const FUND = "20.00";
const CAPS = { perTap: "50.00", noPinSum: "250.00", noPinCount: 255 };

/** Writes the personalizer's configuration and the card master key, once a world. */
function officeConfig(world: World): string {
  const { domain, issuerSlot, settlement } = world;
  const file = join(world.folder.path, "personalizer.json");
  if (existsSync(file)) return file;
  const masterKeyFile = join(world.folder.path, "master-key.json");
  writeMasterKey(masterKeyFile);
  const { code, decimals, scale } = domain.asset;
  const config = {
    mode: "development",
    journal: join(world.folder.path, "personalizer.sqlite"),
    reader: issuerSlot.name,
    pcscSocket: issuerSlot.pcscSocket,
    vpcd: issuerSlot.vpcd,
    masterKeyFile,
    settlement: { url: settlement.url, token: settlement.issuerToken },
    domain: { chainId: domain.chainId, vault: domain.vault, asset: { code, decimals, scale } },
    issuerKeys: domain.issuerKeys,
    owner: drawAddress(),
    fund: FUND,
    caps: CAPS,
    testPayee: {
      payee: drawAddress(),
      terminalId: `0x${randomBytes(8).toString("hex")}`,
      terminalKeyFile: join(world.folder.path, "test-terminal-key.json"),
    },
  };
  writeFileSync(file, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600 });
  return file;
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
    args: ["personalize", "--config", officeConfig(world), "--reference", name, "--json"],
    folder: world.folder.path,
    name: `personalize-${name}`,
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
