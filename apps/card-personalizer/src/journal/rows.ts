import type { JournalledUpload, Particulars, Run, StepData } from "./journal-types.ts";

export interface RunRow {
  reference: string;
  particulars: string;
  card_name: string | null;
  done: number;
  station: string | null;
  operator: string | null;
  facts: string;
}

export interface UploadRow {
  seq: number;
  upload: Uint8Array;
  signature: Uint8Array;
  body: Uint8Array;
  answer: string | null;
}

/** A run as it is stored. */
export function asRun(row: RunRow | undefined): Run | null {
  if (row === undefined) return null;
  const particulars = JSON.parse(row.particulars) as Particulars;
  const made = { station: row.station, operator: row.operator, facts: JSON.parse(row.facts) as StepData };
  return { reference: row.reference, particulars, cardName: row.card_name, done: row.done === 1, made };
}

/** An upload as it is stored. */
export function asUpload(row: UploadRow | undefined): JournalledUpload | null {
  if (row === undefined) return null;
  const { seq, upload, signature, body, answer } = row;
  return { seq, upload: bytes(upload), signature: bytes(signature), body: bytes(body), answer };
}

/** Bytes of their own, which no statement of the database writes to. */
export function bytes(value: Uint8Array): Uint8Array {
  return new Uint8Array(value);
}
