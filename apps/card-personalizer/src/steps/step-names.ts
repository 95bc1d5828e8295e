/** The steps of one card in their order (spec §4.8). */
export const STEP_NAMES = [
  "install",
  "replace-keys",
  "domain",
  "issuer-key",
  "generate-key",
  "address",
  "owner",
  "pin",
  "opening",
  "prove",
  "register",
  "fund",
  "final",
  "certificate",
  "allowance",
  "write-allowance",
  "read-back",
  "final-tap",
  "secured",
  "upload",
] as const;

export type StepName = (typeof STEP_NAMES)[number];

/** What each step is, for people. */
export const STEP_SENTENCES: Readonly<Record<StepName, string>> = {
  install: "The applet is installed.",
  "replace-keys": "The card has keys of its own.",
  domain: "The card knows its vault and chain.",
  "issuer-key": "The card knows its issuer.",
  "generate-key": "The card made its key; it never leaves the card.",
  address: "The card knows its address.",
  owner: "The card knows its owner.",
  pin: "The card has a PIN and a PUK.",
  opening: "The card signed its opening.",
  prove: "The card proved that it holds its key.",
  register: "The settlement registered the card.",
  fund: "The deposit is on its way.",
  final: "The card is open and its deposit is final.",
  certificate: "The issuer's terminal is certified.",
  allowance: "The issuer signed an allowance.",
  "write-allowance": "The card took the allowance.",
  "read-back": "Everything was read back and is right.",
  "final-tap": "The card paid one unit to the test payee, or refused it at its cap of 0.",
  secured: "The card is secured: nothing is installed on it any more without its keys.",
  upload: "The settlement took the voucher, or the proof of state.",
};
