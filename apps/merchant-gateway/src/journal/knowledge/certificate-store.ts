import { toHex } from "@tallystick/protocol";
import type { EventLog } from "../events/event-log.ts";

/** A certificate that took the place of another one. */
export interface RenewedCertificate {
  readonly domainBytes: Uint8Array;
  /** SHA-256 of the new one, 32 bytes. */
  readonly hash: Uint8Array;
  /** Seconds, inclusive. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** Limits that are others now: name, before, after. */
  readonly changes: readonly (readonly [string, string, string])[];
}

/** Certificates that were taken up without a person; they themselves stand in their files. */
export class CertificateStore {
  private readonly events: EventLog;

  constructor(events: EventLog) {
    this.events = events;
  }

  /** Within the caller's transaction. */
  renewed({ domainBytes, hash, notBefore, notAfter, changes }: RenewedCertificate, now: number): void {
    const details = { hash: toHex(hash), notBefore, notAfter, changes };
    this.events.append({ at: now, kind: "certificate", subject: toHex(domainBytes), state: "renewed", details });
  }
}
