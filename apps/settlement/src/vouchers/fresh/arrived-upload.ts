/** The upload that brings vouchers. */
export interface ArrivedUpload {
  /** SHA-256 of `TLYU`. */
  readonly hash: Uint8Array;
  readonly receivedAt: Date;
}
