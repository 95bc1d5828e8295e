/** Time and randomness, passed in so that tests can hold them. */
export interface Environment {
  /** Milliseconds since 1970. */
  now(): number;
  randomBytes(length: number): Uint8Array;
  /** Waits, or rejects when the run is given up. */
  pause(ms: number): Promise<void>;
}
