import type { Catalogue } from "../en/names.ts";
import { faults } from "./faults.ts";
import { reasons } from "./reasons.ts";
import { words } from "./words.ts";

export const catalogue: Catalogue = { words, codes: { ...reasons, ...faults } };
