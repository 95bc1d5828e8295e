import { combine, split } from "shamir-secret-sharing";
import { BACKUP_KEY_BYTES, LEAST_THRESHOLD, MAX_CUSTODIANS } from "../limits.ts";
import { KeystoreError } from "../keystore-error.ts";

/**
 * Divides the key of a backup (32 bytes) among custodians by Shamir's scheme: so many of them restore
 * it, and fewer learn nothing. Throws RangeError for a division that is none.
 */
export async function divideBackupKey(
  backupKey: Uint8Array,
  { shares, threshold }: { readonly shares: number; readonly threshold: number },
): Promise<readonly Uint8Array[]> {
  if (backupKey.length !== BACKUP_KEY_BYTES) throw new RangeError(`A backup's key has ${BACKUP_KEY_BYTES} bytes.`);
  if (threshold < LEAST_THRESHOLD || threshold > shares || shares > MAX_CUSTODIANS)
    throw new RangeError(
      `Between ${LEAST_THRESHOLD} and all of at most ${MAX_CUSTODIANS} custodians restore a backup.`,
    );
  return await split(backupKey, shares, threshold);
}

/** The key of a backup from its shares; another key, which opens nothing, where they are too few or others'. */
export async function joinBackupKey(shares: readonly Uint8Array[]): Promise<Uint8Array> {
  try {
    const key = await combine([...shares]);
    if (key.length === BACKUP_KEY_BYTES) return key;
  } catch {
    // Of different lengths, twice the same, or one alone.
  }
  throw new KeystoreError("BACKUP_UNREADABLE", "These shares are not shares of one backup.");
}
