/** What was decided when a reference was begun; it stays so. */
export interface Particulars {
  /** 28 bytes in hexadecimal. */
  readonly domain: string;
  readonly instance: number;
  readonly owner: string;
  /** Units, decimal digits. */
  readonly fund: string;
}

/** The personalization of one card, from blank to finished. */
export interface Run {
  readonly reference: string;
  readonly particulars: Particulars;
  /** The ten bytes by which the card names itself, in hexadecimal; null until it was on the reader. */
  readonly cardName: string | null;
  readonly done: boolean;
  readonly made: MadeBy;
}

/** Where a card is made, by whom, and what its chip says of itself. */
export interface MadeBy {
  readonly station: string | null;
  readonly operator: string | null;
  /** By name, such as the CPLC; no key and no PIN is among it. */
  readonly facts: StepData;
}

/** What is noted of the place where a reference is begun. */
export type Place = Pick<MadeBy, "station" | "operator">;

/** What a step leaves for later steps and for a resumed run. No key and no PIN is ever among it. */
export type StepData = Readonly<Record<string, string | number | null>>;

export interface StepRecord {
  readonly state: "begun" | "done";
  readonly data: StepData;
}

/** An upload of the issuer's terminal. */
export interface JournalledUpload {
  readonly seq: number;
  readonly upload: Uint8Array;
  readonly signature: Uint8Array;
  readonly body: Uint8Array;
  readonly answer: string | null;
}

export interface StoredCertificate {
  readonly certificate: Uint8Array;
  readonly signature: Uint8Array;
}

/** Bytes of a terminal's name in the journal: domain ‖ payee ‖ terminal id, hexadecimal. */
export type TerminalName = string;
