import { setImmediate as nextTurn } from "node:timers/promises";
import { toHex } from "@tallystick/protocol";
import { MAX_BEACON_CARDS } from "../limits.ts";
import type { TapCard } from "../reader/tap-card.ts";
import type { CardSession } from "../reader/card-session.ts";
import type { Chosen } from "./choose-instance.ts";
import { learnShortForms } from "./memory/learn-short-forms.ts";
import type { TapEngineParts } from "./sale.ts";

/**
 * Cards carry the newest beacon of a status list from terminals with a network to terminals without
 * one (spec §3.5). It is exchanged after the tap was answered, once for each card and list, and
 * nothing that goes wrong with it harms the sale.
 */
export class BeaconCarrier {
  private readonly parts: Pick<TapEngineParts, "lists" | "clock" | "journal">;
  private readonly served = new Set<string>();
  private servedHead = "";
  private carrying: Promise<void> = Promise.resolve();
  private held = false;

  constructor(parts: Pick<TapEngineParts, "lists" | "clock" | "journal">) {
    this.parts = parts;
  }

  /**
   * Takes the beacon that the card carries; answers whether the terminal's list is newer for it.
   * Never rejects.
   */
  async takeFrom(card: TapCard, { policy }: Chosen): Promise<boolean> {
    try {
      const carried = await card.getBeacon();
      return carried !== null && this.parts.lists.takeBeacon(policy.served, carried, this.parts.clock.now());
    } catch {
      // The card has no beacon, has gone, or answers nonsense: the terminal knows no more than
      // before.
      return false;
    }
  }

  /**
   * Exchanges beacons with the card of a finished tap and lets it go; the answer of the tap does
   * not wait for it.
   */
  afterTap(session: CardSession, chosen: Chosen): void {
    this.held = true;
    this.carrying = this.exchange(session, chosen);
  }

  /** Whether the card of a finished tap is still held. */
  get isCarrying(): boolean {
    return this.held;
  }

  /** Resolves when no card is held any more. */
  async rest(): Promise<void> {
    await this.carrying;
  }

  private async exchange(session: CardSession, chosen: Chosen): Promise<void> {
    try {
      // The cashier's answer leaves first.
      await nextTurn();
      await learnShortForms(this.parts.journal, session.card, chosen);
      await this.carry(session.card, chosen);
    } catch {
      // The card has gone or carries nothing; the sale is paid.
    } finally {
      await session.end();
      this.held = false;
    }
  }

  private async carry(card: TapCard, { policy, select }: Chosen): Promise<void> {
    const { lists, clock } = this.parts;
    const { domainBytes } = policy.served;
    const { issuerKeyId } = select.allowanceBody;
    const own = lists.beacon(domainBytes, issuerKeyId);
    const name = toHex(select.cardKey);
    if (own === null || this.knows(name, toHex(domainBytes) + String(own.head.seq))) return;
    const carried = await card.getBeacon();
    if (carried === null || carried.head.seq < own.head.seq) {
      // By another key than the card's it would be refused.
      if (own.head.issuerKeyId === issuerKeyId) await card.putBeacon(own);
    } else if (carried.head.seq > own.head.seq) lists.takeBeacon(policy.served, carried, clock.now());
    this.served.add(name);
  }

  /** Whether a card has this head already; another head, or too many cards, begins again. */
  private knows(card: string, head: string): boolean {
    if (head !== this.servedHead || this.served.size >= MAX_BEACON_CARDS) this.served.clear();
    this.servedHead = head;
    return this.served.has(card);
  }
}
