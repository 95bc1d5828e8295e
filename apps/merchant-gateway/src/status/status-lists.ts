import {
  applyBeacon,
  type Beacon,
  decodeStatusListHead,
  encodeStatusListHead,
  encodeDomain,
  equalBytes,
  digestOf,
  findIssuerKey,
  verifyDigest,
  type HeldStatusList,
  isProtocolError,
  type StatusListFault,
  type StatusListHead,
  toHex,
  unpackStatusList,
  verifyStatusList,
} from "@tallystick/protocol";
import type { GatewayConfig, ServedDomain } from "../config/gateway-config.ts";
import type { TerminalClock } from "../clock/terminal-clock.ts";
import type { Journal } from "../journal/journal.ts";
import type { PolicyKeys } from "../config/policies.ts";

/** What became of a list that settlement sent. */
export type ListOutcome =
  | { readonly ok: true; readonly seq: number; readonly replaced: boolean }
  | { readonly ok: false; readonly code: string; readonly message: string };

/** A list as settlement serves it: `TLYS`, its signature, and the list as raw deflate. */
export interface OfferedList {
  readonly head: Uint8Array;
  readonly signature: Uint8Array;
  readonly packedList: Uint8Array;
  /** While several issuer keys sign: the same head by each other one (spec §6.10). */
  readonly others?: readonly SignedHead[];
}

/** `TLYS` and its signature. */
export interface SignedHead {
  readonly head: Uint8Array;
  readonly signature: Uint8Array;
}

/**
 * The status lists that the terminal holds: verified when they come, verified again when they are
 * read from the disk.
 */
export class StatusLists {
  private readonly journal: Pick<Journal, "write" | "statusLists" | "clockFloor">;
  private readonly keys: PolicyKeys;
  private readonly held = new Map<string, HeldStatusList>();
  /** By domain: the newest head by every pinned key that signed it. In memory: each meeting brings them. */
  private readonly heads = new Map<string, readonly Beacon[]>();
  private readonly chainAsOf: (domainBytes: Uint8Array) => number | null;
  private readonly clock: Pick<TerminalClock, "of">;

  /**
   * `chainAsOf` answers how far the terminal itself has read a domain's chain; null where it does
   * not read it.
   */
  constructor(
    journal: Pick<Journal, "write" | "statusLists" | "clockFloor">,
    config: Pick<GatewayConfig, "domains">,
    keys: PolicyKeys,
    clock: Pick<TerminalClock, "of">,
    chainAsOf: (domainBytes: Uint8Array) => number | null = () => null,
  ) {
    this.journal = journal;
    this.keys = keys;
    this.clock = clock;
    this.chainAsOf = chainAsOf;
    for (const served of config.domains) this.load(served);
  }

  of(domainBytes: Uint8Array): HeldStatusList | null {
    return this.held.get(toHex(domainBytes)) ?? null;
  }

  all(): readonly HeldStatusList[] {
    return [...this.held.values()];
  }

  /**
   * The list as a decision may use it: a terminal that reads the chain itself trusts the older of
   * the two `asOf` (spec §5.5).
   */
  trusted(domainBytes: Uint8Array): HeldStatusList | null {
    const held = this.of(domainBytes);
    const seen = this.chainAsOf(domainBytes);
    return held === null || seen === null || seen >= held.asOf ? held : { ...held, asOf: seen };
  }

  /**
   * Takes a list where the issuer signed it and it is not older than the one held. Durable when
   * this returns; the clock's floor rises with it where its number is above all before
   * (spec §5.5).
   */
  offer(served: ServedDomain, given: OfferedList, now: number): ListOutcome {
    const offered = this.byPinnedKey(served, given);
    let head;
    let list;
    try {
      head = decodeStatusListHead(offered.head);
      list = unpackStatusList(offered.packedList, head.cards);
    } catch (error) {
      return {
        ok: false,
        code: "STATUS_LIST_MALFORMED",
        message: error instanceof Error ? error.message : String(error),
      };
    }
    if (!equalBytes(encodeDomain(head.domain), served.domainBytes)) {
      return {
        ok: false,
        code: "STATUS_LIST_OTHER_DOMAIN",
        message: "Settlement sent the status list of another vault. Check settlementUrl.",
      };
    }
    const signed = { head, signature: offered.signature, list, confirmedTime: this.confirmedTime(served) };
    const verdict = verifyStatusList(signed, this.keys.issuerKeys);
    if (!verdict.ok) return { ok: false, code: verdict.reason, message: refusalOf(verdict.reason) };
    const before = this.of(served.domainBytes);
    if (before !== null && (head.seq < before.head.seq || head.asOf < before.asOf)) {
      return {
        ok: false,
        code: "STATUS_LIST_OLDER",
        message: "Settlement sent an older status list than the terminal holds. The newer one stays.",
      };
    }
    const replaced = before === null || head.seq > before.head.seq;
    this.journal.write(() => {
      this.journal.clockFloor.raiseSigned(served.domainBytes, head);
      if (replaced) {
        const { domainBytes } = served;
        this.journal.statusLists.keep({ domainBytes, head: offered.head, signature: offered.signature, list }, now);
      }
    });
    if (replaced) this.held.set(toHex(served.domainBytes), verdict.held);
    this.heads.set(toHex(served.domainBytes), this.sameHeads(served, head, given.others ?? []));
    return { ok: true, seq: head.seq, replaced };
  }

  /** The head by a key that this terminal pins, where several keys sign: it may not know the newest one yet. */
  private byPinnedKey({ domain }: ServedDomain, offered: OfferedList): OfferedList {
    const isPinned = ({ head }: SignedHead): boolean => {
      const id = headOf(head)?.issuerKeyId;
      return id !== undefined && findIssuerKey(this.keys.issuerKeys, { domain, id }) !== undefined;
    };
    if (isPinned(offered)) return offered;
    const other = (offered.others ?? []).find(isPinned);
    return other === undefined ? offered : { ...offered, ...other };
  }

  /** Heads that are this one but for the key id, each signed by its pinned key. */
  private sameHeads({ domain }: ServedDomain, head: StatusListHead, others: readonly SignedHead[]): readonly Beacon[] {
    return others.flatMap(({ head: bytes, signature }) => {
      const other = headOf(bytes);
      if (other === null) return [];
      const key = findIssuerKey(this.keys.issuerKeys, { domain, id: other.issuerKeyId });
      const same = encodeStatusListHead({ ...head, issuerKeyId: other.issuerKeyId });
      const holds =
        key !== undefined && equalBytes(same, bytes) && verifyDigest(signature, digestOf(bytes), key.publicKey);
      return holds ? [{ head: other, signature }] : [];
    });
  }

  /**
   * The head that is held, with its signature: what a card may carry to another terminal. Cards take
   * a beacon by the issuer key that they hold alone; where there is none by that key, the one that is
   * there. Null where no list is held.
   */
  beacon(domainBytes: Uint8Array, issuerKeyId: number): Beacon | null {
    const record = this.journal.statusLists.of(domainBytes);
    if (record === null || this.of(domainBytes) === null) return null;
    const own = { head: decodeStatusListHead(record.head), signature: record.signature };
    if (own.head.issuerKeyId === issuerKeyId) return own;
    const others = this.heads.get(toHex(domainBytes)) ?? [];
    return others.find(({ head }) => head.seq === own.head.seq && head.issuerKeyId === issuerKeyId) ?? own;
  }

  /**
   * Judges a beacon that a card carried (spec §3.5): the clock's floor rises with it
   * where its number is above all before, and the list's `asOf` to the beacon's where it is of
   * exactly the list held. Durable when this returns; answers whether the list is newer now.
   */
  takeBeacon(served: ServedDomain, beacon: Beacon, now: number): boolean {
    const held = this.of(served.domainBytes);
    if (!equalBytes(encodeDomain(beacon.head.domain), served.domainBytes)) return false;
    const { clockFloor, statusLists } = this.journal;
    const judged = { beacon, held, clockFloor: 0, confirmedTime: this.confirmedTime(served) };
    const verdict = applyBeacon(judged, this.keys.issuerKeys);
    if (!verdict.ok) return false;
    const newer = verdict.held;
    const replaced = newer !== null && newer !== held;
    this.journal.write(() => {
      clockFloor.raiseSigned(served.domainBytes, beacon.head);
      if (!replaced) return;
      const { domainBytes } = served;
      const { signature } = beacon;
      statusLists.keep({ domainBytes, head: encodeStatusListHead(newer.head), signature, list: newer.list }, now);
    });
    if (replaced) this.held.set(toHex(served.domainBytes), newer);
    return replaced;
  }

  private load(served: ServedDomain): void {
    const record = this.journal.statusLists.of(served.domainBytes);
    if (record === null) return;
    const head = headOf(record.head);
    if (head === null) return;
    const signed = { head, signature: record.signature, list: record.list, confirmedTime: this.confirmedTime(served) };
    const verdict = verifyStatusList(signed, this.keys.issuerKeys);
    // A list whose key is no longer pinned is forgotten: the terminal holds none then.
    if (!verdict.ok) return;
    this.held.set(toHex(served.domainBytes), verdict.held);
    // A journal that was made before floors had a signed part learns it from the list that it
    // holds.
    this.journal.write(() => {
      this.journal.clockFloor.raiseSigned(served.domainBytes, head);
    });
  }

  /** Only a clock that is confirmed can say that a list comes from the future (spec §5.5). */
  private confirmedTime({ domainBytes }: ServedDomain): number | null {
    return this.clock.of(domainBytes).confirmedTime();
  }
}

/** A head that was kept before lists of a time after their issue were refused is none any more. */
function headOf(bytes: Uint8Array): StatusListHead | null {
  try {
    return decodeStatusListHead(bytes);
  } catch (error) {
    if (isProtocolError(error)) return null;
    throw error;
  }
}

function refusalOf(fault: StatusListFault): string {
  return fault === "STATUS_LIST_FROM_FUTURE"
    ? "This status list was issued later than the terminal's clock says. Check the clock of the terminal and of the issuer."
    : "The issuer did not sign this status list; the terminal did not take it.";
}
