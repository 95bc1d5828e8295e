import type { FeePolicy } from "@tallystick/evm";
import type { Door, HttpBounds } from "@tallystick/program";
import type { Asset } from "@tallystick/money";
import type { Address, Domain } from "@tallystick/protocol";
import type { AdmissionAnswer } from "@tallystick/protocol/wire";

/** An issuer key that this terminal trusts for a domain. */
export interface IssuerKey {
  readonly id: number;
  /** Compressed point of secp256k1. */
  readonly publicKey: Uint8Array;
}

/** A certificate as it was given: `TLYM` and the issuer's signature. */
export interface GivenCertificate {
  readonly certificate: Uint8Array;
  readonly signature: Uint8Array;
  /** While several issuer keys sign: the same certificate by each other one (spec §6.10). */
  readonly others?: readonly GivenCertificate[];
}

/** An admission as it is kept in the certificate's file. */
export interface KeptAdmission {
  readonly answer: AdmissionAnswer;
  /** Seconds. */
  readonly issuedAt: number;
  /** The settlement that it came from. */
  readonly sentTo: string;
  /** What it says of spec §5.5, in seconds. */
  readonly uploadWindowSeconds: number;
  readonly vaultDelaySeconds: number;
}

/** One currency that the terminal takes: a vault, how its units are shown, and who signs for it. */
export interface ServedDomain {
  readonly domain: Domain;
  readonly domainBytes: Uint8Array;
  readonly asset: Asset;
  readonly issuerKeys: readonly IssuerKey[];
  /**
   * The issuer's account that pays compensations, pinned like its keys (spec §5.8); null where none
   * is recognized.
   */
  readonly guaranteeAccount: Address | null;
  readonly settlementUrl: string | null;
  /**
   * The node by which the terminal reads withdrawals and voids; null where it relies on the status
   * list alone.
   */
  readonly chain: { readonly rpcUrl: string; readonly startBlock: bigint } | null;
  /** Null until the merchant is registered; the terminal is not ready then. */
  readonly certificate: GivenCertificate | null;
  /** Where it stands; null where the configuration holds it itself. */
  readonly certificateFile: string | null;
  /** What the issuer signed beside it when the terminal joined (spec §3.13); none where a person certified it by hand. */
  readonly admission?: KeptAdmission | undefined;
  /** The terminal's own limits in units; null where only the certificate's hold. */
  readonly perTap: bigint | null;
  readonly unsentSum: bigint | null;
  readonly unsentCount: number | null;
  /** The terminal's own limit for software cards in units; null where only the certificate's holds. */
  readonly softwareCardSum: bigint | null;
}

/** Windows of spec §5.5 in seconds: list age S, upload window U, chain margin C, vault delay W. */
export interface Windows {
  readonly listAgeSeconds: number;
  readonly uploadWindowSeconds: number;
  readonly chainMarginSeconds: number;
  readonly vaultDelaySeconds: number;
}

/** What a merchant's programs are told of a sale. */
export const WEBHOOK_TYPES = [
  ...(["sale.paid", "sale.refused", "sale.unresolved", "sale.reversed", "sale.refunded"] as const),
] as const;

/** A merchant's program that is told of sales (Standard Webhooks). */
export interface WebhookEndpoint {
  readonly name: string;
  readonly url: string;
  /** Holds `whsec_` and the secret in base64. */
  readonly secretFile: string;
  /** Null: all. */
  readonly events: readonly (typeof WEBHOOK_TYPES)[number][] | null;
  /** It may be in a private network, and speak plain HTTP. */
  readonly isPrivate: boolean;
}

/** What a action needs: a role, or that somebody came in at all. */
export type NeededRole = "anyone" | "cashier" | "manager" | "owner";

/** What people do that the owner may keep to a role. */
export interface Roles {
  readonly sell: NeededRole;
  readonly refund: NeededRole;
  /** Of a paid sale; one that is not paid is reversed by whoever sells. */
  readonly reversal: NeededRole;
  readonly reports: NeededRole;
  readonly withdraw: NeededRole;
  readonly lanes: NeededRole;
  readonly devices: NeededRole;
}

/** The box's own certificate authority, and the certificate that it makes of it. */
export interface TlsConfig {
  /** Names and addresses under which devices reach the box; the authority can certify no other. */
  readonly names: readonly string[];
  /** Where keys and certificates are kept. */
  readonly folder: string;
  /** Port of the plain page that explains how the authority is installed; null where there is none. */
  readonly helpPort: number | null;
}

/** A place at which one card at a time is taken. */
export interface LaneConfig {
  readonly name: string;
  /** Name of its PC/SC reader. */
  readonly reader: string;
  /** A card that listens on a socket instead; null where there is a reader. */
  readonly vpcd: { readonly host: string; readonly port: number } | null;
}

/** Under which Nest hands out the configuration. */
export const GATEWAY_CONFIG: unique symbol = Symbol("gateway configuration");

/** What the gateway runs on: the configuration file, read, checked and with its files loaded. */
export interface GatewayConfig {
  readonly listen: Door;
  /** Where there are none, callers need none. */
  readonly tokens: readonly string[];
  /** Whether devices are paired by a code of the box; then nobody else is answered who has no token. */
  readonly pairing: boolean;
  /** The box's own certificate; null where it serves plain HTTP. */
  readonly tls: TlsConfig | null;
  /** Which role each action needs, where people are known. */
  readonly roles: Roles;
  readonly http: HttpBounds;
  readonly journalPath: string;
  readonly witnessPath: string;
  /** At least one, each with a name and a reader of its own. */
  readonly lanes: readonly LaneConfig[];
  readonly pcscSocket: string | null;
  /** Whether readers whose manual tells how are set to 424 kbit/s. */
  readonly raisesReaderRate: boolean;
  readonly payee: Address;
  readonly category: number;
  readonly terminalId: Uint8Array;
  readonly terminalKeyFile: string;
  readonly domains: readonly ServedDomain[];
  readonly windows: Windows;
  readonly batteryBacked: boolean;
  /** There while the system's clock is set by network time; null where that confirms nothing. */
  readonly synchronizedFile: string | null;
  readonly assuranceClasses: readonly (0 | 1)[];
  /**
   * With which node, key and fees the terminal claims and refunds by itself; null where it does
   * not.
   */
  readonly claim: { readonly rpcUrl: string; readonly keyFile: string; readonly fees: FeePolicy } | null;
  /** Who signs refunds: the payee's key of `claim`, or this terminal as the payee's delegate. */
  readonly refundsBy: "payee" | "delegate";
  readonly cardWaitSeconds: number;
  readonly sync: { readonly intervalSeconds: number; readonly background: boolean };
  readonly webhooks: readonly WebhookEndpoint[];
  readonly logLevel: string;
}
