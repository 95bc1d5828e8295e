import type { ColumnType, Generated } from "kysely";
import type { Role } from "../../rights.ts";
import type { Bytes, NullableBytes } from "./bytes.ts";

type Later = ColumnType<Date | null, null | undefined, Date | null>;

/** Who may sign in with a browser. */
export interface PeopleTable {
  name: string;
  /** Stands for the person in the audit log. */
  id: string;
  role: Role;
  /** Of merchants alone. */
  payee: NullableBytes;
  invited_by: string;
  invited_at: Date;
  removed_at: Later;
  /** Issuer and subject of who comes by an identity provider; null of everybody else. */
  subject: ColumnType<string | null, string | null | undefined, string | null>;
}

export interface SignInLinksTable {
  /** SHA-256 of the link's secret. */
  hash: Bytes;
  person: string;
  made_at: Date;
  ends_at: Date;
  used_at: Later;
}

/** How somebody signed in. */
export type SignInWay = "link" | "passkey" | "provider";

export interface SessionsTable {
  id: string;
  /** SHA-256 of the cookie. */
  hash: Bytes;
  person: string;
  way: SignInWay;
  began_at: Date;
  seen_at: Date;
  ends_at: Date;
  ended_at: Later;
}

/** A public key of a person's authenticator. */
export interface PasskeysTable {
  /** The credential's id in base64url. */
  id: string;
  person: string;
  /** COSE. */
  public_key: Bytes;
  /** How often the authenticator says that it was used; 0 where it does not count. */
  counter: bigint;
  transports: string[];
  made_at: Date;
  used_at: Later;
  /** What its person calls it; null of one from before they had names. */
  name: ColumnType<string | null, string | null | undefined, never>;
}

/** Challenges that were answered, until their time is over. */
export interface UsedChallengesTable {
  hash: Bytes;
  ends_at: Date;
}

/** Accounts of an identity provider that come in no more. */
export interface BarredAccountsTable {
  /** HMAC-SHA256 of issuer and subject, by the installation's key. */
  hash: Bytes;
  barred_at: Date;
}

/** The one key by which all processes of an installation know their own challenges. */
export interface SignInKeysTable {
  one: Generated<boolean>;
  key: Bytes;
}
