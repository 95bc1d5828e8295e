/** The two parts of a clock's floor, in seconds (spec §5.5). */
export interface ClockFloor {
  /** By heads and live answers. */
  readonly signed: number;
  /** By the clock itself, while it was confirmed. */
  readonly local: number;
}

/** Where the floors of all domains are kept, durably. */
export interface ClockFloors {
  read(domainBytes: Uint8Array): ClockFloor;
  /** A lower value changes nothing. */
  raiseLocal(domainBytes: Uint8Array, seconds: number): void;
  /**
   * A head raises the signed part to its `issuedAt` less the skew, where its number is above that
   * of every head before.
   */
  raiseSigned(domainBytes: Uint8Array, head: { readonly seq: number; readonly issuedAt: number }): void;
  /**
   * A live answer raises the signed part to its time less the skew, and lowers a part above its
   * time to that.
   */
  answer(
    domainBytes: Uint8Array,
    live: { readonly time: number; readonly uploadSeq: number; readonly now: number },
  ): void;
}
