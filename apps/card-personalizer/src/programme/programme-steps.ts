/** The steps by which a programme is made, in their order. */
export const PROGRAMME_STEPS = [
  "keys",
  "node",
  "ether",
  "token",
  "tokens",
  "vault",
  "transfer",
  "configurations",
  "settlement",
  "terminal",
  "virtual-card",
  "record",
] as const;

export type ProgrammeStep = (typeof PROGRAMME_STEPS)[number];

/** What each step came to, for people. */
export const PROGRAMME_SENTENCES: Readonly<Record<ProgrammeStep, string>> = {
  keys: "The keys are there.",
  node: "The node is of this chain, and names final blocks.",
  ether: "The accounts have their ether.",
  token: "The token fits.",
  tokens: "The treasury has its tokens.",
  vault: "The vault stands, and its code is the one that was compiled here.",
  transfer: "A transfer moves what it says: the token takes no fee.",
  configurations: "The configurations of settlement, issuer and first terminal are written.",
  settlement: "Settlement serves this vault with these keys.",
  terminal: "The first terminal is certified.",
  "virtual-card": "A virtual card was made and paid one unit; the vault paid it, finally.",
  record: "The record is written.",
};
