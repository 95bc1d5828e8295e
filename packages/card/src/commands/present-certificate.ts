import type { CardChannel, CommandApdu } from "@tallystick/apdu";
import { MERCHANT_CERTIFICATE_LENGTH, SIGNATURE_LENGTH } from "@tallystick/protocol";
import { exactLength, noData } from "../exchange/card-error.ts";
import { type CommandResult, runCommand } from "../exchange/command-result.ts";
import { CLA_TALLYSTICK, INS } from "../exchange/instruction.ts";

/** A terminal's `TLYM` (163) and the issuer's r ‖ s over it (64), as they are carried. */
export interface SignedCertificate {
  readonly certificate: Uint8Array;
  readonly signature: Uint8Array;
}

/** PRESENT CERTIFICATE (spec §4.14). */
export function presentCertificateCommand(signed: SignedCertificate): CommandApdu {
  const data = new Uint8Array(MERCHANT_CERTIFICATE_LENGTH + SIGNATURE_LENGTH);
  data.set(exactLength(signed.certificate, MERCHANT_CERTIFICATE_LENGTH, "merchant certificate"));
  data.set(exactLength(signed.signature, SIGNATURE_LENGTH, "certificate signature"), MERCHANT_CERTIFICATE_LENGTH);
  return { cla: CLA_TALLYSTICK, ins: INS.presentCertificate, p1: 0, p2: 0, data };
}

/** Shows the card whose terminal this is; it forgets that when it is deselected. */
export async function presentCertificate(
  channel: CardChannel,
  signed: SignedCertificate,
): Promise<CommandResult<null>> {
  return await runCommand(channel, presentCertificateCommand(signed), (data) => noData(data, "PRESENT CERTIFICATE"));
}
