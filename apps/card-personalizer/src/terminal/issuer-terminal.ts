import { existsSync } from "node:fs";
import { encodeDomain, toHex, type Signer } from "@tallystick/protocol";
import { type Config, keyUseOf } from "../config/load-config.ts";
import type { TerminalName } from "../journal/journal.ts";
import { drawTerminalKeyFile, readTerminalSigner } from "../keys/key-files.ts";

/** The issuer's own terminal: every new card pays it one unit, by which the card is finished (spec §4.8). */
export interface IssuerTerminal {
  readonly name: TerminalName;
  readonly signer: Signer;
}

/** Reads the terminal's key; in development a missing one is drawn. */
export function openIssuerTerminal(config: Config): IssuerTerminal {
  const { testPayee, domain, mode } = config;
  if (mode === "development" && !existsSync(testPayee.terminalKeyFile)) drawTerminalKeyFile(testPayee.terminalKeyFile);
  const signer = readTerminalSigner(testPayee.terminalKeyFile, keyUseOf(config));
  const parts = [encodeDomain(domain), testPayee.payee, testPayee.terminalId, signer.publicKey];
  return { name: parts.map((part) => toHex(part).slice(2)).join(":"), signer };
}
