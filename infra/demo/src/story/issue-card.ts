import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "../stack/app-process.ts";
import type { Card } from "../stack/card.ts";
import { drawAddress, writeMasterKey } from "../stack/key-files.ts";
import type { Narrator } from "./narrator.ts";
import { short } from "../report/report.ts";
import type { DemoStack } from "../stack/demo-stack.ts";

/** A card as its cardholder gets it. */
export interface IssuedCard {
  readonly name: string;
  readonly card: Card;
  /** Its address on the chain. */
  readonly address: string;
}

/** What every card gets: more can be asked for in one payment than is on the card, so that the card has to refuse. */
const FUND = "20.00";
const CAPS = { perTap: "50.00", noPinSum: "250.00", noPinCount: 255 };

/** How one card differs from the others. */
export interface CardWish {
  /** First deposit. */
  readonly fund?: string;
  /** The card gets a PIN, which payments above this need. */
  readonly pinAbove?: string;
}

/** The folder with the letters of cards that have a PIN. */
const lettersOf = (stack: DemoStack): string => join(stack.folder.path, "letters");

/** Writes the personalizer's configuration and the card master key, once a stack and kind of card. */
function personalizerConfig(stack: DemoStack, { pins }: { readonly pins: boolean }): string {
  const { domain, issuerSlot, settlement } = stack;
  const file = join(stack.folder.path, pins ? "personalizer-with-pins.json" : "personalizer.json");
  if (existsSync(file)) return file;
  const masterKeyFile = join(stack.folder.path, "master-key.json");
  if (!existsSync(masterKeyFile)) writeMasterKey(masterKeyFile);
  const { code, decimals, scale } = domain.asset;
  const config = {
    mode: "development",
    journal: join(stack.folder.path, "personalizer.sqlite"),
    reader: issuerSlot.name,
    pcscSocket: issuerSlot.pcscSocket,
    vpcd: issuerSlot.vpcd,
    masterKeyFile,
    settlement: { url: settlement.administration, token: settlement.issuerToken },
    domain: { chainId: domain.chainId, vault: domain.vault, asset: { code, decimals, scale } },
    issuerKeys: domain.issuerKeys,
    owner: drawAddress(),
    fund: FUND,
    caps: CAPS,
    testPayee: {
      payee: drawAddress(),
      terminalId: `0x${randomBytes(8).toString("hex")}`,
      terminalKeyFile: join(stack.folder.path, "issuer-terminal-key.json"),
    },
    ...(pins ? { pinFolder: lettersOf(stack) } : {}),
  };
  writeFileSync(file, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600 });
  return file;
}

/**
 * Has the personalizer make a card out of a blank one: keys, domain, opening and funding on the chain, and, once the
 * funding is final, the allowance.
 */
export async function issueCard(
  stack: DemoStack,
  narrator: Narrator,
  name: string,
  { fund, pinAbove }: CardWish = {},
): Promise<IssuedCard> {
  const card = stack.card(name);
  await card.insert(stack.issuerSlot);
  const outcome = await runCommand({
    program: stack.programs.personalizer,
    args: [
      ...["personalize", "--config", personalizerConfig(stack, { pins: pinAbove !== undefined })],
      ...["--reference", name, "--json"],
      ...(fund === undefined ? [] : ["--fund", fund]),
      ...(pinAbove === undefined ? [] : ["--pin-above", pinAbove]),
    ],
    folder: stack.folder.path,
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

/** The PIN in a card's letter, which here nobody has to keep from anybody. */
export function pinOf(stack: DemoStack, { name }: IssuedCard): string {
  const letter = JSON.parse(readFileSync(join(lettersOf(stack), `${name}.json`), "utf8")) as { readonly pin: string };
  return letter.pin;
}
