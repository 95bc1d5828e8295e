/** A word that docs/GLOSSARY.md replaced, how it is recognised, and what is said instead. */
export type Forbidden = { readonly word: string; readonly instead: string };

/**
 * Single words, found whole and as parts of names in code: `TillReader`, `till_reader` and `till-reader` hold `till`.
 * Their plurals are meant too.
 */
export const FORBIDDEN_WORDS: readonly Forbidden[] = [
  { word: "shop", instead: "merchant (the party), terminal (the device)" },
  { word: "till", instead: "terminal; until (the time)" },
  { word: "stranger", instead: "who it is: anyone, an untrusted caller, a reader of another owner" },
  { word: "sighting", instead: "observation" },
  { word: "deed", instead: "action, step" },
  { word: "office", instead: "harness (of a test), issuer (the party)" },
  { word: "desk", instead: "harness (of a test), service, terminal" },
  { word: "surroundings", instead: "environment" },
  { word: "world", instead: "harness, stack" },
  { word: "scene", instead: "fixture" },
  { word: "upkeep", instead: "maintenance" },
  { word: "satisfy", instead: "meet, fulfil" },
  { word: "satisfied", instead: "met, fulfilled" },
  { word: "fate", instead: "outcome" },
  { word: "forecast", instead: "simulation" },
  { word: "cancellation", instead: "reversal (of a PAY request), cancel (a sale before PAY)" },
  { word: "sight", instead: "status, check" },
  { word: "mend", instead: "fix, correct, repair" },
  { word: "saying", instead: "text" },
];

/** Phrases and compounds, found as they stand, in any case. */
export const FORBIDDEN_PHRASES: readonly Forbidden[] = [
  { word: "for ever", instead: "permanently, always, never again" },
  { word: "its word", instead: "its message, its signature" },
  { word: "own word", instead: "own message" },
  { word: "own words", instead: "own text" },
  { word: "clear-up", instead: "recovery, maintenance" },
  { word: "clears up", instead: "recovers, resolves" },
  { word: "give-back", instead: "return (refund or release)" },
  { word: "the holder", instead: "the cardholder, or who holds what" },
  { word: "its holder", instead: "its cardholder" },
  { word: "card's holder", instead: "cardholder" },
  { word: "chain fact", instead: "chain event" },
  { word: "chain-fact", instead: "chain event" },
  { word: "chainfact", instead: "chain event" },
];

/**
 * Names that hold an old word and stay, since others rely on them: codes, and tables of databases. They are kept letter by
 * letter below a path.
 */
export const KEPT_NAMES: readonly { readonly name: string; readonly under: string }[] = [
  { name: "SIGHTING_MISMATCH", under: "" },
  { name: "BAD_SIGHTING", under: "" },
  { name: "cancellations", under: "apps/" },
];

/** Where an old word is right, each with its reason. A path ends with a slash where a folder is meant. */
export const ALLOWED_PLACES: readonly {
  readonly path: string;
  readonly words: readonly string[];
  readonly reason: string;
}[] = [
  { path: "infra/check/documents/", words: ["*"], reason: "the list of these words, and tests with them" },
  { path: "infra/demo/src/report/", words: ["shop"], reason: "a key of the demo's JSON document, tallystick.demo/1" },
  { path: "e2e/src/demo.test.ts", words: ["shop"], reason: "a key of the demo's JSON document, tallystick.demo/1" },
  { path: "docs/GLOSSARY.md", words: ["cancellation"], reason: "names EMV's and ISO 8583's words" },
];
