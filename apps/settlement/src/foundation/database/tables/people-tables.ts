import type { ColumnType } from "kysely";
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
