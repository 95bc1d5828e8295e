import {
  decodeMerchantCertificate,
  digestOf,
  encodeDomain,
  encodeMerchantCertificate,
  equalBytes,
  findIssuerKey,
  type Freshness,
  freshnessHolds,
  type IssuerKey,
  type MerchantCertificate,
  type TapPolicy,
  toHex,
  uncompressKey,
  verifyDigest,
} from "@tallystick/protocol";
import { ConfigError, type ConfigFault, faultAt } from "@tallystick/program";
import type { GatewayConfig, GivenCertificate, ServedDomain } from "./gateway-config.ts";
import { UNSENT_MARGIN_SECONDS } from "../limits.ts";

/** Pinned keys of all domains that the terminal serves. */
export interface PolicyKeys {
  readonly issuerKeys: readonly IssuerKey[];
}

/** A domain with what the issuer allows this terminal in it. */
export interface DomainPolicy {
  readonly served: ServedDomain;
  /** Null until the merchant is registered. */
  readonly certificate: MerchantCertificate | null;
  readonly policy: TapPolicy | null;
}

/** What policies are made of. */
interface Made extends PolicyKeys {
  readonly config: GatewayConfig;
  readonly terminalKey: Uint8Array;
}

/** What is fixed between two starts: keys, times, limits; and certificates, which settlement renews. */
export class Policies implements PolicyKeys {
  readonly issuerKeys: readonly IssuerKey[];
  readonly freshness: Freshness;
  private readonly made: Made;
  private readonly byDomain: Map<string, DomainPolicy>;

  private constructor(made: Made, freshness: Freshness, byDomain: Map<string, DomainPolicy>) {
    this.made = made;
    this.issuerKeys = made.issuerKeys;
    this.freshness = freshness;
    this.byDomain = byDomain;
  }

  /**
   * Derives the policies from a configuration and the terminal's key. Throws ConfigError where a
   * certificate is not this terminal's, or the times do not hold together.
   */
  static of(config: GatewayConfig, terminalKey: Uint8Array): Policies {
    const faults: ConfigFault[] = [];
    const freshness: Freshness = {
      ...config.windows,
      unsentMarginSeconds: Math.min(UNSENT_MARGIN_SECONDS, Math.floor(config.windows.uploadWindowSeconds / 2)),
    };
    if (!freshnessHolds(freshness)) {
      faults.push(
        faultAt("limits", "list age + upload window + chain margin must be below the vault's delay (spec §5.5)"),
      );
    }
    const issuerKeys = config.domains.flatMap(({ domain, issuerKeys: keys }) =>
      keys.map((key) => ({ domain, ...key })),
    );
    const byDomain = new Map<string, DomainPolicy>();
    for (const [index, served] of config.domains.entries()) {
      const certificate = readCertificate(config, served, terminalKey, issuerKeys, `domains.${index}`, faults);
      const policy = certificate === null ? null : policyOf(config, served, certificate, issuerKeys, freshness);
      byDomain.set(toHex(served.domainBytes), { served, certificate, policy });
    }
    if (faults.length > 0) throw new ConfigError(faults);
    return new Policies({ config, terminalKey, issuerKeys }, freshness, byDomain);
  }

  /**
   * A domain as it would be under another certificate; nothing changes before it is put. Throws ConfigError
   * where the certificate is not this terminal's by a pinned issuer key.
   */
  under(domainBytes: Uint8Array, certificate: GivenCertificate): DomainPolicy {
    const { config, terminalKey } = this.made;
    const domains = config.domains.map((served) =>
      equalBytes(served.domainBytes, domainBytes) ? { ...served, certificate } : served,
    );
    const found = Policies.of({ ...config, domains }, terminalKey).of(domainBytes);
    if (found === null) throw new RangeError("the terminal does not serve this domain");
    return found;
  }

  /** From now on a domain is judged by this; a tap that is under way ends by what it began with. */
  put(domain: DomainPolicy): void {
    this.byDomain.set(toHex(domain.served.domainBytes), domain);
  }

  of(domainBytes: Uint8Array): DomainPolicy | null {
    return this.byDomain.get(toHex(domainBytes)) ?? null;
  }

  all(): readonly DomainPolicy[] {
    return [...this.byDomain.values()];
  }
}

function policyOf(
  config: GatewayConfig,
  served: ServedDomain,
  certificate: MerchantCertificate,
  issuerKeys: readonly IssuerKey[],
  freshness: Freshness,
): TapPolicy {
  const softwareSum = lower(served.softwareCardSum, certificate.softwareSum);
  return {
    domains: [served.domain],
    issuerKeys,
    freshness,
    category: config.category,
    certificate: { notBefore: certificate.notBefore, notAfter: certificate.notAfter },
    assuranceClasses: softwareSum > 0n ? [...config.assuranceClasses, 2] : config.assuranceClasses,
    softwareSum,
    perTap: lower(served.perTap, certificate.perTap),
    unsentSum: lower(served.unsentSum, certificate.unsentSum),
    unsentCount: Math.min(served.unsentCount ?? certificate.unsentCount, certificate.unsentCount),
    perCardSum: certificate.perCardSum,
  };
}

function lower(own: bigint | null, certified: bigint): bigint {
  return own !== null && own < certified ? own : certified;
}

function readCertificate(
  config: GatewayConfig,
  served: ServedDomain,
  terminalKey: Uint8Array,
  issuerKeys: readonly IssuerKey[],
  at: string,
  faults: ConfigFault[],
): MerchantCertificate | null {
  if (served.certificate === null) return null;
  const fault = (message: string): null => {
    faults.push(faultAt(`${at}.certificate`, message));
    return null;
  };
  let certificate: MerchantCertificate;
  try {
    certificate = decodeMerchantCertificate(served.certificate.certificate);
  } catch (error) {
    return fault(error instanceof Error ? error.message : String(error));
  }
  if (!equalBytes(encodeDomain(certificate.domain), served.domainBytes))
    return fault("the certificate is for another chain or vault");
  const key = findIssuerKey(issuerKeys, { domain: served.domain, id: certificate.issuerKeyId });
  if (key === undefined)
    return fault(`the certificate is signed by issuer key ${certificate.issuerKeyId}, which is not pinned`);
  if (!verifyDigest(served.certificate.signature, digestOf(served.certificate.certificate), key.publicKey)) {
    return fault("the issuer's signature of the certificate is wrong");
  }
  if (!equalBytes(certificate.payee, config.payee)) return fault("the certificate is for another payee");
  if (certificate.category !== config.category) return fault(`the certificate is for category ${certificate.category}`);
  if (!equalBytes(certificate.terminalId, config.terminalId))
    return fault("the certificate is for another terminal id");
  if (!equalBytes(certificate.terminalKey, uncompressKey(terminalKey)))
    return fault("the certificate is for another terminal key");
  return othersFit(served, certificate, issuerKeys) ? certificate : fault(OTHERS_DIFFER);
}

const OTHERS_DIFFER =
  "its others must be the same certificate by other pinned issuer keys; take settlement's answer as it is";

/** By each other key that signs, equal but for the key id (spec §6.10). */
function othersFit(
  { certificate: given, domain }: ServedDomain,
  certificate: MerchantCertificate,
  issuerKeys: readonly IssuerKey[],
): boolean {
  return (given?.others ?? []).every((other) => {
    const id = keyIdOf(other.certificate);
    const key = id === null ? undefined : findIssuerKey(issuerKeys, { domain, id });
    if (key === undefined || key.id === certificate.issuerKeyId) return false;
    const same = encodeMerchantCertificate({ ...certificate, issuerKeyId: key.id });
    return equalBytes(same, other.certificate) && verifyDigest(other.signature, digestOf(same), key.publicKey);
  });
}

function keyIdOf(certificate: Uint8Array): number | null {
  try {
    return decodeMerchantCertificate(certificate).issuerKeyId;
  } catch {
    return null;
  }
}
