import type { GatewayConfig } from "../config/gateway-config.ts";
import { Journal } from "./journal.ts";

/** Opens the journal that a configuration names, for the terminal with this key. Throws JournalError. */
export function openJournal(
  config: Pick<GatewayConfig, "journalPath" | "witnessPath" | "payee" | "terminalId">,
  options: { readonly terminalKey: Uint8Array; readonly now: number; readonly acceptRestored?: boolean },
): Journal {
  const { journalPath, witnessPath, payee, terminalId } = config;
  const { terminalKey, ...others } = options;
  return Journal.open({ path: journalPath, witnessPath, identity: { payee, terminalId, terminalKey }, ...others });
}
