import { Mutex } from "async-mutex";
import { createChainReader, createVaultReader, type TimedBlock, type VaultReader } from "@tallystick/evm";
import {
  cardStatuses,
  type HeldStatusList,
  isProtocolError,
  type SelectAnswer,
  statusAt,
  toHex,
  withStatus,
} from "@tallystick/protocol";
import { decodeVaultEvent, followChain, type FollowerStore, VaultError, type VaultEvent } from "@tallystick/vault";
import { cardAddress } from "../../keys/card-address.ts";
import { ChainError } from "../chain-error.ts";
import { assertChain, type ChainNode, type OpenNode, openNode, useChain } from "../chain-node.ts";
import type { GatewayConfig, ServedDomain } from "../../config/gateway-config.ts";
import type { CardCover } from "../../journal/chain/chain-event-store.ts";
import type { Journal } from "../../journal/journal.ts";
import { ACCOUNT_SECONDS } from "../../journal/merchant/limits.ts";
import type { PayeeAccount } from "../../journal/merchant/payee-event-store.ts";
import { MAX_COVERED_CARDS, WITHDRAWAL_EXPIRY_SECONDS } from "../../limits.ts";
import { countedWithdrawals, keepEvent, type PlacedEvent, watchedLogs } from "./chain-events.ts";
import { voidedWorth } from "./voided-worth.ts";

/** What keeps the terminal from reading a chain. */
export interface ChainFault {
  readonly code: string;
  readonly message: string;
}

export interface ChainWatchParts {
  readonly journal: Pick<Journal, "write" | "chainEvents" | "payeeEvents" | "observations">;
  readonly config: Pick<GatewayConfig, "domains" | "payee">;
  /** JSON-RPC when left out. */
  readonly open?: OpenNode;
}

/**
 * Reads what card owners ask back from the vault, so that a terminal with a network need not rely
 * on settlement for it (spec §5.5). What is final is kept in the journal with the cursor; newer
 * blocks are read again in each pass, so that a reorganisation needs no undoing. A tap reads only
 * what the last pass left.
 */
export class ChainWatch {
  private readonly parts: ChainWatchParts;
  private readonly faultOf = new Map<string, ChainFault>();
  private readonly passes = new Mutex();

  constructor(parts: ChainWatchParts) {
    this.parts = parts;
  }

  /**
   * Seconds: time of the newest final block that was read of this domain; null where the terminal
   * does not read its chain.
   */
  asOf(domainBytes: Uint8Array): number | null {
    const served = this.parts.config.domains.find((each) => toHex(each.domainBytes) === toHex(domainBytes));
    if (served === undefined || served.chain === null) return null;
    return this.parts.journal.chainEvents.cursor(domainBytes)?.asOf ?? null;
  }

  /** What went wrong in the last pass, of each domain. */
  faults(): readonly ChainFault[] {
    return [...this.faultOf.values()];
  }

  /**
   * The list as this card is to be judged by: a card whose owner asks for more than its allowance
   * leaves is suspended by the funding rule, and settlement's next list will say so (spec §6.3);
   * the terminal need not wait for that list.
   */
  judge(domainBytes: Uint8Array, select: SelectAnswer, held: HeldStatusList): HeldStatusList {
    if (this.asOf(domainBytes) === null) return held;
    const covers = this.parts.journal.chainEvents.covers(domainBytes);
    const { cardIndex: index, maxSpent } = select.allowanceBody;
    const { list } = held;
    const { cards } = held.head;
    if (covers.length === 0 || index >= cards) return held;
    const address = addressOrNull(select.cardKey);
    const cover = covers.find(({ card }) => toHex(card) === address);
    if (cover === undefined || maxSpent <= this.boundOf(domainBytes, select, cover)) return held;
    if (statusAt({ list, cards, index }) !== cardStatuses.valid) return held;
    return { ...held, list: withStatus({ list, cards, index, status: cardStatuses.suspended }) };
  }

  /**
   * The cover with what was voided: its worth is known to whoever has seen what the card signed
   * beside it (spec §6.3).
   */
  private boundOf(
    domainBytes: Uint8Array,
    { cardKey, allowanceBody: { maxSpent } }: SelectAnswer,
    { card, bound, flagged }: CardCover,
  ): bigint {
    if (flagged) return bound;
    const { chainEvents, observations } = this.parts.journal;
    const voided = chainEvents.voidedCounters(domainBytes, card);
    return bound + voidedWorth(observations, { domainBytes, cardKey, maxSpent }, voided);
  }

  /**
   * Reads every chain that is configured, after a pass that is under way. Never rejects for a node
   * that is away.
   */
  async passAll(): Promise<void> {
    await this.passes.runExclusive(async () => {
      for (const served of this.parts.config.domains)
        if (served.chain !== null) await this.passGuarded(served, served.chain);
    });
  }

  private async passGuarded(served: ServedDomain, settings: NonNullable<ServedDomain["chain"]>): Promise<void> {
    const name = toHex(served.domainBytes);
    const { open = openNode, journal } = this.parts;
    try {
      await useChain(open(served, settings.rpcUrl), (node) => this.pass(served, settings.startBlock, node));
      this.faultOf.delete(name);
    } catch (error) {
      if (!(error instanceof ChainError || error instanceof VaultError)) throw error;
      this.faultOf.set(name, { code: error.code, message: error.message });
      // The node shows another chain than was read: nothing of it can be relied on, so it is read
      // from the start again.
      if (error.code === "FINAL_BLOCK_GONE")
        journal.write(() => {
          journal.chainEvents.forget(served.domainBytes);
          journal.payeeEvents.forget(served.domainBytes);
        });
    }
  }

  private async pass(served: ServedDomain, startBlock: bigint, node: ChainNode): Promise<void> {
    const { journal } = this.parts;
    const { domain, domainBytes } = served;
    await assertChain(node, served);
    const chain = createChainReader(node, watchedLogs(served, this.parts.config.payee));
    const vault = createVaultReader({ rpc: node, vault: domain.vault });
    const { finalBlock, latest } = await followChain({
      ...{ chain, startBlock },
      store: this.store(domainBytes),
      decode: async (log) => ({ ...(await decodeVaultEvent(log, chain.transactionInput)), place: log }),
    });
    const account = await vault.merchant(this.parts.config.payee, "finalized");
    const covers = await this.coversOf(domainBytes, { vault, latest, finalTime: Number(finalBlock.timestamp) });
    this.keepAccount(domainBytes, { ...account, asOf: Number(finalBlock.timestamp) });
    const { chainEvents } = journal;
    if (same(covers, chainEvents.covers(domainBytes))) return;
    journal.write(() => {
      chainEvents.keepCovers(domainBytes, covers);
    });
  }

  /** What the payee earned, and what left of it; a write costs the disk, so one that says nothing new is left out. */
  private keepAccount(domainBytes: Uint8Array, account: PayeeAccount): void {
    const { journal } = this.parts;
    const known = journal.payeeEvents.account(domainBytes);
    const isSame = known?.earned === account.earned && known.withdrawn === account.withdrawn;
    if (isSame && account.asOf - known.asOf < ACCOUNT_SECONDS) return;
    journal.write(() => {
      journal.payeeEvents.keepAccount(domainBytes, account);
    });
  }

  /**
   * The lower of what stands behind each card at the final and at the newest block, less what its
   * owner asks back (spec §6.3).
   */
  private async coversOf(
    domainBytes: Uint8Array,
    seen: { readonly vault: VaultReader; readonly latest: readonly VaultEvent[]; readonly finalTime: number },
  ): Promise<readonly CardCover[]> {
    const { chainEvents } = this.parts.journal;
    const covers: CardCover[] = [];
    for (const { card, units, readyAt } of countedWithdrawals(chainEvents, domainBytes, seen.latest).values()) {
      const until = readyAt + WITHDRAWAL_EXPIRY_SECONDS;
      if (until < seen.finalTime) continue;
      // Past the bound nothing is asked: such cards count as not covered at all.
      const { behind, flagged } =
        covers.length < MAX_COVERED_CARDS ? await behindCard(seen.vault, card) : { behind: 0n, flagged: true };
      const released = flagged ? 0n : chainEvents.releasedUnits(domainBytes, card);
      covers.push({ card, bound: behind + released - units, flagged, until });
    }
    return covers;
  }

  private store(domainBytes: Uint8Array): FollowerStore<PlacedEvent, TimedBlock> {
    const { journal } = this.parts;
    return {
      cursor: async () => {
        const cursor = journal.chainEvents.cursor(domainBytes);
        return cursor === null || cursor.block === null || cursor.hash === null
          ? null
          : { number: cursor.block, hash: cursor.hash };
      },
      takeIn: async ({ last, events }) => {
        journal.write(() => {
          for (const event of events) keepEvent(journal, domainBytes, event);
          const { number: block, hash, timestamp } = last;
          journal.chainEvents.moveCursor(domainBytes, { block, hash, asOf: Number(timestamp) });
        });
      },
    };
  }
}

/**
 * The lower of what the final and the newest block show, and whether either shows the card flagged.
 */
async function behindCard(
  vault: Pick<VaultReader, "card">,
  card: Uint8Array,
): Promise<{ readonly behind: bigint; readonly flagged: boolean }> {
  const final = await vault.card(card, "finalized");
  const latest = await vault.card(card, "latest");
  const [atFinal, atLatest] = [final.balance + final.paid, latest.balance + latest.paid];
  return { behind: atFinal < atLatest ? atFinal : atLatest, flagged: final.flagged || latest.flagged };
}

/** A hostile card's key may not be a point; then the decision refuses it anyway. */
function addressOrNull(cardKey: Uint8Array): string | null {
  try {
    return toHex(cardAddress(cardKey));
  } catch (error) {
    if (isProtocolError(error)) return null;
    throw error;
  }
}

function same(left: readonly CardCover[], right: readonly CardCover[]): boolean {
  const text = (covers: readonly CardCover[]): string =>
    covers
      .map(({ card, bound, flagged, until }) => `${toHex(card)}/${bound}/${flagged}/${until}`)
      .sort()
      .join();
  return text(left) === text(right);
}
