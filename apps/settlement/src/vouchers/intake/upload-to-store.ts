import type { Upload } from "@tallystick/protocol";
import type { Postings } from "../../books/postings/postings.ts";
import type { EntryVerdict } from "../verification/upload-verdict.ts";
import type { UploadBytes } from "../verification/verify-upload.ts";

/** What became of one voucher of an upload. */
export interface EntryOutcome {
  readonly id: Uint8Array;
  readonly status: "new" | "duplicate" | "forked" | "refused";
  readonly code: string | null;
}

/** An outcome with the place of its entry in the body. */
export type PlacedOutcome = EntryOutcome & { readonly position: number };

/** A verified upload on its way into the database. */
export interface UploadToStore {
  readonly hash: Uint8Array;
  readonly bytes: UploadBytes;
  readonly upload: Upload;
  readonly entries: readonly EntryVerdict[];
  readonly receivedAt: Date;
  readonly postings: Postings;
}
