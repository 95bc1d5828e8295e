import { formatAmount, parseAmount } from "@tallystick/money";
import { addressOfKey, toHex } from "@tallystick/protocol";
import { setDelegateCall, setReserveCall } from "@tallystick/vault";
import type { GatewayConfig } from "../../config/gateway-config.ts";

/** What a payee's owner sends from the payee's own account, with whatever wallet it uses. */
export interface DelegateLine {
  readonly schema: "tallystick.delegate/1";
  /** `delegate`: this terminal's key may give back; `reserve`: what payouts by others leave. */
  readonly event: "delegate" | "reserve";
  readonly chainId: string;
  /** Who must send it: the payee. */
  readonly from: string;
  /** The vault. */
  readonly to: string;
  /** The call, 0x hex; it carries no ether. */
  readonly data: string;
  /** Address of the terminal's key; null for a reserve. */
  readonly delegate: string | null;
  /** Display units: a day's, or the reserve. */
  readonly amount: string;
  readonly currency: string;
}

export interface AppointCommand {
  /** Public key of the terminal, compressed. */
  readonly terminalKey: Uint8Array;
  /** Display units; "0" ends it. */
  readonly perDay: string;
  /** Display units; null leaves the reserve as it is. */
  readonly reserve: string | null;
}

/**
 * Reports the calls by which the payee makes this terminal its delegate in every domain that it
 * serves (spec §7.11). Nothing is sent: the key that owns the earnings is not needed here. Throws
 * MoneyError.
 */
export function appointDelegate(
  { payee, domains }: Pick<GatewayConfig, "payee" | "domains">,
  { terminalKey, perDay, reserve }: AppointCommand,
  report: (line: DelegateLine) => void,
): void {
  const delegate = addressOfKey(terminalKey);
  for (const { domain, asset } of domains) {
    const place = {
      schema: "tallystick.delegate/1",
      ...{ chainId: String(domain.chainId), from: toHex(payee), to: toHex(domain.vault), currency: asset.code },
    } as const;
    const unitsPerDay = parseAmount(perDay, asset);
    report({
      ...{ ...place, event: "delegate", delegate: toHex(delegate), amount: formatAmount(unitsPerDay, asset) },
      data: toHex(setDelegateCall({ delegate, unitsPerDay })),
    });
    if (reserve === null) continue;
    const units = parseAmount(reserve, asset);
    report({
      ...{ ...place, event: "reserve", delegate: null, amount: formatAmount(units, asset) },
      data: toHex(setReserveCall(units)),
    });
  }
}
