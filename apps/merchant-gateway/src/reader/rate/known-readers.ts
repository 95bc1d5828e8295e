/** Rates of ISO/IEC 14443 in kbit/s. */
export const RATES = [106, 212, 424, 848] as const;

/** One of them. */
export type Rate = (typeof RATES)[number];

/** A reader whose manual says how its rate is read and set. */
export interface KnownReader {
  readonly model: string;
  /** What its name at the PC/SC service holds (acsccid's list of readers). */
  readonly names: RegExp;
  /** The manual that defines the commands. */
  readonly source: string;
  /** The command that asks for the rates. */
  readonly read: Uint8Array;
  /** The command that sets the most that cards are offered to 424 kbit/s; null where no manual that was read has it. */
  readonly raise: Uint8Array | null;
  /** Bytes of data in its answer: most and current for both directions together (2), or for each (4). */
  readonly answerBytes: 2 | 4;
}

/** "Read Auto PPS" of all of them: class E0, INS 24, no data. */
const READ = Uint8Array.of(0xe0, 0x00, 0x00, 0x24, 0x00);
const RAISE_BOTH = Uint8Array.of(0xe0, 0x00, 0x00, 0x24, 0x01, 0x02);
const RAISE_EACH = Uint8Array.of(0xe0, 0x00, 0x00, 0x24, 0x02, 0x02, 0x02);

/**
 * Only readers whose manual and whose name at the service were both read. A reader that is not here is sent nothing: the
 * same bytes may mean anything to it.
 */
export const KNOWN_READERS: readonly KnownReader[] = [
  {
    model: "ACS ACR1255U-J1",
    names: /\bACR1255U-J1\b/,
    source: "ACR1255U-J1 Reference Manual V1.01, 6.6.12 Set Auto PPS: default 106",
    ...{ read: READ, raise: RAISE_EACH, answerBytes: 4 },
  },
  {
    model: "ACS ACR1281U-C1",
    names: /\bACR1281 1S Dual Reader\b/,
    source: "ACR1281U-C1 Application Programming Interface 1.08, 5.3.18 Read Auto PPS: default 106",
    ...{ read: READ, raise: null, answerBytes: 2 },
  },
  {
    model: "ACS ACR1283L",
    names: /\bACR1283 (4S )?CL Reader\b/,
    source: "ACR1283L Reference Manual 1.00, 5.4.8 Set Auto PPS: default 424",
    ...{ read: READ, raise: RAISE_BOTH, answerBytes: 2 },
  },
];

/** The reader of this name; null where no manual is known for it. */
export function knownReader(name: string): KnownReader | null {
  return KNOWN_READERS.find(({ names }) => names.test(name)) ?? null;
}

/** What a reader says of its rates: the most that it offers to cards, and what it spoke with the card that is there. */
export interface SpokenRates {
  readonly most: Rate;
  readonly current: Rate;
}

/** "No Auto PPS" of the ACR1255U-J1: it stays at 106. */
const NO_PPS = 0xff;

/** Reads `E1 00 00 00 Le` and the rates; null for anything else. Of two directions the slower one counts. */
export function parseRates({ answerBytes }: KnownReader, answer: Uint8Array): SpokenRates | null {
  const head = [0xe1, 0x00, 0x00, 0x00, answerBytes];
  if (answer.length !== head.length + answerBytes || head.some((byte, index) => answer[index] !== byte)) return null;
  const codes = [...answer.subarray(head.length)].map((code) => (code === NO_PPS ? 0 : code));
  const slowest = (parity: number): Rate | undefined =>
    RATES[Math.min(...codes.filter((_, index) => index % 2 === parity))];
  if (codes.some((code) => code >= RATES.length)) return null;
  const [most, current] = [slowest(0), slowest(1)];
  return most === undefined || current === undefined ? null : { most, current };
}
