import type { ProgramError } from "@tallystick/program";
import type { Visits } from "../config/config-schema.ts";
import type { Awaited } from "../steps/funding-options.ts";

interface OfCard {
  readonly reference: string;
}

interface AtReader extends OfCard {
  readonly reader: string;
}

/** What happens while an order is made. */
export type OrderEvent =
  | (AtReader & { readonly event: "put"; readonly isBegun: boolean })
  /** Its visit is over, and its deposit is on its way. Seconds on the reader; milliseconds by step. */
  | (AtReader & {
      readonly event: "made";
      readonly card: string;
      readonly visits: Visits;
      readonly seconds: number;
      readonly steps: Readonly<Record<string, number>>;
    })
  /** Its deposit is final, and nothing is left to do here; no reader where it lay on none. */
  | (OfCard & {
      readonly event: "done";
      readonly reader: string | null;
      readonly card: string;
      readonly visits: Visits;
    })
  | (OfCard & { readonly event: "known"; readonly card: string })
  /** Another station makes it, or has made it. */
  | (OfCard & { readonly event: "elsewhere"; readonly card: string | null; readonly message: string })
  | (OfCard & { readonly event: "set-aside"; readonly reader: string | null; readonly failure: ProgramError })
  | (AtReader & { readonly event: "warning"; readonly message: string })
  /** Another card lies there than the one that is asked for; the right one is awaited. */
  | (AtReader & { readonly event: "wrong"; readonly failure: ProgramError })
  | (AtReader & { readonly event: "take" })
  /** What only the chain can bring about, and of how many cards. */
  | ({ readonly event: "await"; readonly count: number } & Awaited);

export interface SetAside {
  readonly reference: string;
  readonly failure: ProgramError;
}

export interface IssuedOrder {
  readonly done: number;
  readonly setAside: readonly SetAside[];
  /** References that other stations make, of an order that is shared. */
  readonly elsewhere: readonly string[];
  /** Cards that are made and whose deposits are not final yet. */
  readonly awaited: readonly string[];
  /** Cards that nobody put on a reader any more. */
  readonly left: number;
}
