import { ConfigError } from "@tallystick/program";
import { CERTIFICATE_RENEWAL_SECONDS, digestOf, type MerchantCertificate, toHex } from "@tallystick/protocol";
import type { TerminalClock } from "../../clock/terminal-clock.ts";
import type { GivenCertificate, KeptAdmission, ServedDomain } from "../../config/gateway-config.ts";
import type { DomainPolicy, Policies } from "../../config/policies.ts";
import type { Journal } from "../../journal/journal.ts";
import { DAY_SECONDS } from "../../limits.ts";
import { SettlementError } from "../settlement-client.ts";
import type { TerminalRequests } from "./terminal-requests.ts";

export interface CertificateRenewalParts {
  readonly policies: Pick<Policies, "of" | "under" | "put">;
  readonly journal: Pick<Journal, "write" | "certificates">;
  readonly clock: TerminalClock;
  readonly requests: Pick<TerminalRequests, "canAsk" | "renewed">;
  /** Replaces the certificate's file as a whole. Throws where it cannot be written. */
  readonly writeFile: (file: string, certificate: GivenCertificate, admission?: KeptAdmission) => void;
  /** Says to whoever reads the log what became of a renewal. */
  readonly report: (message: string) => void;
}

const limits = ["perTap", "unsentSum", "unsentCount", "perCardSum", "softwareSum"] as const;

/** Has settlement renew certificates that are near their end (spec §6.13). */
export class CertificateRenewal {
  private readonly parts: CertificateRenewalParts;
  private readonly askedAt = new Map<string, number>();

  constructor(parts: CertificateRenewalParts) {
    this.parts = parts;
  }

  /**
   * Asks where that is due, once a day, and takes up what is answered at once. A refusal is no fault of
   * an exchange: the certificate still holds. Rejects with SettlementError where settlement cannot be
   * reached or read.
   */
  async pass(served: ServedDomain): Promise<void> {
    const { policies, clock, requests } = this.parts;
    const before = policies.of(served.domainBytes);
    if (before === null || before.certificate === null || !requests.canAsk(served)) return;
    const now = clock.of(served.domainBytes).rightTime();
    const name = toHex(served.domainBytes);
    const asked = this.askedAt.get(name);
    const isAsked = now !== null && asked !== undefined && now >= asked && now - asked < DAY_SECONDS;
    if (now === null || isAsked || !isNearEnd(before.certificate, now)) return;
    this.askedAt.set(name, now);
    try {
      this.take(before, await requests.renewed(before.served), now);
    } catch (error) {
      if (!(error instanceof SettlementError)) throw error;
      // Nobody was asked, so that the next exchange may.
      if (error.code === "SETTLEMENT_UNREACHABLE") this.askedAt.delete(name);
      if (error.code !== "SETTLEMENT_REFUSED") throw error;
      this.parts.report(`The certificate was not renewed: ${error.reason} ${error.message}`);
    }
  }

  private take(before: DomainPolicy, answer: GivenCertificate, now: number): void {
    const { policies, journal, report } = this.parts;
    const after = this.believed(before, answer);
    const [held, next] = [before.certificate, after.certificate];
    // Settlement answers the last one while it has no newer one; an older one changes nothing.
    if (held === null || next === null || next.notAfter <= held.notAfter) return;
    if (next.notBefore > held.notBefore)
      throw unreadable("the certificate begins later, so that what was sold before would be outside it");
    const isKept = this.write(before.served, answer);
    const changed = limits.filter((limit) => next[limit] !== held[limit]);
    journal.write(() => {
      const { domainBytes } = before.served;
      const changes = changed.map((limit) => [limit, String(held[limit]), String(next[limit])] as const);
      journal.certificates.renewed({ domainBytes, hash: digestOf(answer.certificate), changes, ...next }, now);
    });
    policies.put(after);
    report(`The certificate for ${after.served.asset.code} was renewed until ${dateOf(next.notAfter)}.`);
    for (const limit of changed) report(`Its ${limit} was ${String(held[limit])} and is ${String(next[limit])} now.`);
    if (!isKept) report("It is not in a file, and is asked for again after the next start: name certificateFile.");
  }

  /** By the pinned issuer keys alone, and for this terminal alone. */
  private believed({ served }: DomainPolicy, answer: GivenCertificate): DomainPolicy {
    try {
      return this.parts.policies.under(served.domainBytes, answer);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      throw unreadable(error.faults.map(({ message }) => message).join("; "));
    }
  }

  /** Whether it outlives a stop. A disk that takes no file keeps no terminal from selling. */
  private write({ certificateFile, admission }: ServedDomain, answer: GivenCertificate): boolean {
    if (certificateFile === null) return false;
    try {
      this.parts.writeFile(certificateFile, answer, admission);
      return true;
    } catch (error) {
      this.parts.report(`${certificateFile} cannot be written: ${String(error)}`);
      return false;
    }
  }
}

/** From 30 days before the end on, and of a short one from half of its length on. */
function isNearEnd({ notBefore, notAfter }: MerchantCertificate, now: number): boolean {
  return now >= notAfter - Math.min(CERTIFICATE_RENEWAL_SECONDS, Math.floor((notAfter - notBefore) / 2));
}

function unreadable(why: string): SettlementError {
  return new SettlementError("SETTLEMENT_ANSWER_UNREADABLE", `Settlement's renewal is not taken: ${why}.`);
}

function dateOf(seconds: number): string {
  return new Date(seconds * 1_000).toISOString();
}
