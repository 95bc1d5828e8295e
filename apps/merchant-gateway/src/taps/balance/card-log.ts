import { type CardRecord, RING_SIZE, toAddress } from "@tallystick/protocol";
import type { TapCard } from "../../reader/tap-card.ts";
import type { TapEngineParts } from "../sale.ts";
import type { TapCode } from "../tap-result.ts";
import type { CardBalance } from "./card-balance.ts";

/** One of a card's last payments, wherever it was made. */
export type CardPayment = Pick<CardRecord, "spent"> &
  Pick<CardRecord["request"], "counter" | "amount" | "time" | "payee">;

/** The last payments, newest first, or why the card does not show them. */
export type CardLog =
  | { readonly ok: true; readonly payments: readonly CardPayment[] }
  | { readonly ok: false; readonly code: TapCode; readonly sw: string | null };

/**
 * A card's last payments after its PIN (spec §4.13, all entries). The PIN is bound to a request that is never sent,
 * and could not be carried out: its counter is one that the card has used. A card that never paid is not asked.
 */
export async function readCardLog(
  { config, randomBytes, clock }: Pick<TapEngineParts, "config" | "randomBytes" | "clock">,
  card: TapCard,
  { balance, pin }: { readonly balance: CardBalance; readonly pin: Uint8Array },
): Promise<CardLog> {
  const { select, policy, instance } = balance;
  if (select.counter === 0) return { ok: true, payments: [] };
  const selected = await card.select(instance);
  if (selected.kind === "refused") return { ok: false, code: selected.code, sw: selected.sw };
  const terminal = {
    domain: policy.served.domain,
    cardKey: select.cardKey,
    challenge: randomBytes(16),
    ephemeralSecret: randomBytes(32),
  };
  const request = {
    ...{ cardTag: select.cardTag, counter: select.counter, payee: toAddress(config.payee), amount: 1n },
    ...{ time: clock.now(), challenge: randomBytes(16), terminalId: config.terminalId, category: config.category },
  };
  const refusal = await card.verifyPin({ terminal, pin, request });
  if (refusal !== null) return { ok: false, ...refusal };
  const payments: CardPayment[] = [];
  for (let age = 0; age < RING_SIZE; age += 1) {
    const record = await card.logged(age);
    if (record === null) break;
    const { counter, amount, time, payee } = record.request;
    payments.push({ counter, amount, time, payee, spent: record.spent });
  }
  return { ok: true, payments };
}
