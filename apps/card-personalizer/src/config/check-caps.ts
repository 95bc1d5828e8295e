import { type FaultList, type PartialConfig, readAmount } from "@tallystick/program";
import { parseAmount } from "@tallystick/money";
import type { ConfigFile } from "./config-schema.ts";

/**
 * Limits that are no amounts of the asset, and limits that contradict each other or the deposit: a
 * card with them would never be finished, or never pay what it seems to allow.
 */
export function checkCaps(given: PartialConfig<ConfigFile>, faults: FaultList): void {
  const { caps, domain, fund, pinFolder } = given ?? {};
  const asset = domain?.asset as ConfigFile["domain"]["asset"] | undefined;
  if (asset === undefined) return;
  const read = (name: "perTap" | "pinAbove" | "noPinSum" | "softSpent" | "maxSpent"): bigint | undefined =>
    readAmount(caps?.[name], { path: `caps.${name}`, asset, faults, aboveZero: true });
  const [perTap, pinAbove, soft, max] = [read("perTap"), read("pinAbove"), read("softSpent"), read("maxSpent")];
  read("noPinSum");
  const deposit = readQuietly(fund, asset);
  if (max !== undefined && deposit !== undefined && max > deposit)
    faults.add("caps.maxSpent", "is above fund: the card may spend no more than what is deposited for it");
  const most = max ?? deposit;
  if (soft !== undefined && most !== undefined && soft > most)
    faults.add("caps.softSpent", `is above ${max === undefined ? "fund" : "caps.maxSpent"}`);
  if (pinFolder === undefined && pinAbove !== undefined && perTap !== undefined && pinAbove < perTap)
    faults.add("caps.pinAbove", "needs a PIN, and cards get none; name pinFolder, or leave pinAbove out");
}

/** An amount whose own fault is told elsewhere. */
function readQuietly(text: string | undefined, asset: ConfigFile["domain"]["asset"]): bigint | undefined {
  try {
    return text === undefined ? undefined : parseAmount(text, asset);
  } catch {
    return undefined;
  }
}
