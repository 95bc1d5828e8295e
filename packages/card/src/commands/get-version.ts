import type { CardChannel } from "@tallystick/apdu";
import { type CommandResult, runCommand } from "../exchange/command-result.ts";
import { exactLength } from "../exchange/card-error.ts";
import { dataObjects, getDataObjectCommand } from "./get-data.ts";

/** What an applet says of itself (DF01, spec §4.7). */
export interface CardVersion {
  /** Of the protocol. */
  readonly version: number;
  /** Of the applet, 0 to 65,535. */
  readonly build: number;
  readonly replay: boolean;
  readonly pin: boolean;
  readonly certificate: boolean;
  readonly beacon: boolean;
  /** SELECT and PAY have their short forms (spec §4.4, §4.5). */
  readonly shortForms: boolean;
}

/** Reads version, build and capabilities; a card answers them in every state. */
export async function getVersion(channel: CardChannel): Promise<CommandResult<CardVersion>> {
  return await runCommand(channel, getDataObjectCommand("version"), readCardVersion);
}

/** Reads the value of DF01; capability bits that this release does not know are left alone. Throws CardError. */
function readCardVersion(data: Uint8Array): CardVersion {
  const value = exactLength(data, dataObjects.version.length, "GET DATA version");
  const [version = 0, buildHigh = 0, buildLow = 0, , bits = 0] = value;
  const bit = (index: number): boolean => ((bits >> index) & 1) === 1;
  return {
    ...{ version, build: (buildHigh << 8) | buildLow },
    ...{ replay: bit(0), pin: bit(1), certificate: bit(2), beacon: bit(3), shortForms: bit(4) },
  };
}
