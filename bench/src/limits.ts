/** How long a card is awaited on the reader: cardhost starts in a second, pcscd looks for a card every 400 ms. */
export const CARD_WAIT_MS = 10_000;

/** Exchanges before anything is measured: the JVM behind the card compiles its code meanwhile. */
export const WARM_EXCHANGES = 600;

/** Turns in which the ways to a card are measured one after another, so that a slow moment meets all of them alike. */
export const ROUNDS = 30;

/** Exchanges of one way in one turn. */
export const EXCHANGES_A_ROUND = 20;

/** Commands of the session that is recorded and replayed. */
export const RECORDED_COMMANDS = 500;

/** How often the recorded session is replayed. */
export const REPLAYS = 20;

/** Room for one response of the native library: more than the longest extended one of these cards. */
export const RESPONSE_BYTES = 4_096;

/** Taps with the times of a chip before anything is measured. */
export const WARM_TAPS = 2;

/** Measured taps with the times of one chip; each takes a quarter of a second. */
export const CHIP_TAPS = 20;

/** Measured taps without the times of a chip. */
export const TAP_SAMPLES = 200;

/** A reader that looks for a card every 250 ms (the default in ACS' manuals) finds it after half of that in the mean. */
export const POLLING_MEAN_MS = 125;

/** Anticollision, selection, RATS and PPS of ISO/IEC 14443 at 106 kbit/s, roughly. */
export const ACTIVATION_MS = 12;
