import { Injectable } from "@nestjs/common";

/** Since when a terminal is no longer certified, by the issuer's decision (spec §6.12). */
@Injectable()
export class CertificateWithdrawals {
  /** Seconds; null while it is not withdrawn. */
  withdrawnFrom(_payee: Uint8Array, _terminalId: Uint8Array): Promise<number | null> {
    return Promise.resolve(null);
  }
}
