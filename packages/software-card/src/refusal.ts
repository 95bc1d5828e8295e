/** Thrown inside the software card where a card answers a status word; never leaves it. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly sw: number;

  constructor(sw: number) {
    super(sw.toString(16));
    this.sw = sw;
  }
}

/** The applet's status words (spec §4.6). */
export const SW = Object.freeze({
  done: 0x9000,
  noRight: 0x6982,
  pinBlocked: 0x6983,
  condition: 0x6985,
  wrongLength: 0x6700,
  wrongValue: 0x6a80,
  notFound: 0x6a82,
  noRecord: 0x6a83,
  wrongParameters: 0x6a86,
  noData: 0x6a88,
  wrongInstruction: 0x6d00,
  wrongClass: 0x6e00,
  state: 0x9e01,
  validity: 0x9e02,
  category: 0x9e03,
  perTap: 0x9e04,
  counterCap: 0x9e05,
  spendingCap: 0x9e06,
  pinNeeded: 0x9e07,
  outOfTurn: 0x9e08,
  wrongCard: 0x9e09,
  notNewer: 0x9e0a,
  signatureWrong: 0x9e0b,
  certificateNeeded: 0x9e0c,
  triesLeft: 0x63c0,
} as const);

/** Refuses with this status word unless the condition holds. */
export function require(condition: boolean, sw: number): void {
  if (!condition) throw new Refusal(sw);
}
