/**
 * How long a card may take for one command before it counts as mute: key generation on old chips
 * takes a second.
 */
export const TRANSMIT_TIMEOUT_MS = 10_000;
/** How long to wait for another program's transaction before the reader counts as in use. */
export const TRANSACTION_WAIT_MS = 2_000;
/** Pause between two tries to get a card that another program has locked. */
export const TRANSACTION_RETRY_MS = 5;
/** How long the service itself may take for what needs no card. */
export const SERVICE_TIMEOUT_MS = 3_000;
/**
 * How long `reset` goes on: a card that was torn is back after 1–15 ms, one that was put on again
 * after half a second.
 */
export const RESET_TIMEOUT_MS = 5_000;
/** Pause between two tries to bring a card back. */
export const RESET_RETRY_MS = 5;
/** Pause between two checks of a reader; the service itself checks about every 400 ms. */
export const PRESENCE_POLL_MS = 50;
/** How long opening a socket to a card host may take. */
export const VPCD_CONNECT_TIMEOUT_MS = 3_000;
/** A vpcd message carries its length in two bytes. */
export const VPCD_MESSAGE_BYTES_MAX = 65_535;
/**
 * How long a watch of the library pcsclite stays open after its last use, so that its threads are
 * all waiting again.
 */
export const WATCH_CLOSE_DELAY_MS = 50;
/** Room for one read from pcscd's socket: any short answer at once, an extended one in pieces. */
export const PCSCD_READ_BYTES = 16_384;
