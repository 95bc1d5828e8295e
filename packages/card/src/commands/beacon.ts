import type { CardChannel, CommandApdu } from "@tallystick/apdu";
import { type Beacon, BEACON_LENGTH, decodeBeacon, encodeBeacon } from "@tallystick/protocol";
import { exactLength, noData } from "../exchange/card-error.ts";
import { type CommandResult, runCommand } from "../exchange/command-result.ts";
import { CLA_TALLYSTICK, INS } from "../exchange/instruction.ts";

const P1_GET = 0x00;
const P1_PUT = 0x01;

/** BEACON get (spec §4.15). */
export const getBeaconCommand: CommandApdu = Object.freeze({
  cla: CLA_TALLYSTICK,
  ins: INS.beacon,
  p1: P1_GET,
  p2: 0,
  le: 256,
});

/** BEACON put (spec §4.15). */
export function putBeaconCommand(beacon: Beacon): CommandApdu {
  return { cla: CLA_TALLYSTICK, ins: INS.beacon, p1: P1_PUT, p2: 0, data: encodeBeacon(beacon) };
}

/**
 * Reads the status list's head that the card carries; 6A88 means none. Verify it: a card is only
 * its carrier.
 */
export async function getBeacon(channel: CardChannel): Promise<CommandResult<Beacon>> {
  return await runCommand(channel, getBeaconCommand, (data) =>
    decodeBeacon(exactLength(data, BEACON_LENGTH, "BEACON get")),
  );
}

/** Gives the card a newer head to carry. */
export async function putBeacon(channel: CardChannel, beacon: Beacon): Promise<CommandResult<null>> {
  return await runCommand(channel, putBeaconCommand(beacon), (data) => noData(data, "BEACON put"));
}
