import type { Generated } from "kysely";
import type { Bytes } from "./bytes.ts";

export interface InstallationTable {
  singleton: Generated<boolean>;
  chain_id: bigint;
  vault: Bytes;
  token: Bytes;
  restore_generation: number;
}

export interface OutboxTable {
  id: Generated<bigint>;
  topic: string;
  subject: string;
  created_at: Date;
}
