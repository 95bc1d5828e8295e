/** Every bound of this package, each with its reason. */

/** A digest that is signed: SHA-256 or Keccak-256. */
export const DIGEST_BYTES = 32;

/** One block of AES, and one CMAC. */
export const AES_BLOCK_BYTES = 16;

/** Longest message of a derivation that is authenticated at once: kdf3 has 16 bytes, SCP03 32. */
export const MAX_CMAC_MESSAGE_BYTES = 256;

/** The check value's bytes (GlobalPlatform Amendment D §4.1.4). */
export const CHECK_VALUE_BYTES = 3;

/** Calls that wait for one HSM; more is a queue that nobody empties. A batch of cards or vouchers waits for far fewer. */
export const MAX_WAITING_CALLS = 4_096;

/** A call that takes longer has no answer any more: HSMs on a network answer within a second. */
export const HSM_CALL_MS = 20_000;

/** Tokens of one library that are looked at. */
export const MAX_SLOTS = 256;

/** Objects of one label that are looked at: two are too many already. */
export const MAX_OBJECTS = 8;

/** Longest PIN that PKCS#11 libraries take. */
export const MAX_PIN_BYTES = 255;

/** Longest label of a token; PKCS#11 fills it with blanks. */
export const MAX_TOKEN_LABEL = 32;

/** Longest label of a key. */
export const MAX_KEY_LABEL = 64;

/** Bytes of the key that wraps a backup: AES-256. */
export const BACKUP_KEY_BYTES = 32;

/** Largest wrapped key: a private key of secp256k1 with its public key is some 150 bytes. */
export const MAX_WRAPPED_BYTES = 512;

/** Fewest shares that restore a backup: one alone would be no division. */
export const LEAST_THRESHOLD = 2;

/** Most custodians of one ceremony. */
export const MAX_CUSTODIANS = 16;

/** Bytes of a master key where nobody says how many: AES-256, which every SCP03 card takes. */
export const DEFAULT_MASTER_KEY_BYTES = 32;
