import type { CardChannel, CommandApdu } from "@tallystick/apdu";
import { ALLOWANCE_BODY_LENGTH, SIGNATURE_LENGTH } from "@tallystick/protocol";
import { exactLength, noData } from "../exchange/card-error.ts";
import { type CommandResult, runCommand } from "../exchange/command-result.ts";
import { CLA_TALLYSTICK, INS } from "../exchange/instruction.ts";

/**
 * UPDATE ALLOWANCE (spec §4.2): body 62 and the issuer's signature 64. The first one needs an SCP03
 * session.
 */
export function updateAllowanceCommand(allowance: {
  readonly body: Uint8Array;
  readonly signature: Uint8Array;
}): CommandApdu {
  const data = new Uint8Array(ALLOWANCE_BODY_LENGTH + SIGNATURE_LENGTH);
  data.set(exactLength(allowance.body, ALLOWANCE_BODY_LENGTH, "allowance body"));
  data.set(exactLength(allowance.signature, SIGNATURE_LENGTH, "allowance signature"), ALLOWANCE_BODY_LENGTH);
  return { cla: CLA_TALLYSTICK, ins: INS.updateAllowance, p1: 0, p2: 0, data };
}

/** Gives the card a newer allowance. */
export async function updateAllowance(
  channel: CardChannel,
  allowance: { readonly body: Uint8Array; readonly signature: Uint8Array },
): Promise<CommandResult<null>> {
  return await runCommand(channel, updateAllowanceCommand(allowance), (data) => noData(data, "UPDATE ALLOWANCE"));
}
