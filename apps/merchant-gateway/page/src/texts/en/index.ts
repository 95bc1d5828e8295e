import type { Catalogue } from "./names.ts";
import { faults } from "./faults.ts";
import { words } from "./words.ts";

/** Why a card did not pay is said by the terminal itself in English. */
export const catalogue: Catalogue = { words, codes: faults };
