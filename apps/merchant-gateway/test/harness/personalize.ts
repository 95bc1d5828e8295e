import { randomBytes } from "node:crypto";
import type { CardConnection } from "@tallystick/apdu";
import { type Particulars, personalizeTestCard } from "@tallystick/card/testing";

/**
 * Makes an instance of the applet on a card, and lets it pay, as a personalizer does, without a
 * vault behind it.
 */
export async function personalize(
  { transmit }: Pick<CardConnection, "transmit">,
  {
    pin,
    instance = 1,
    ...particulars
  }: Omit<Particulars, "pin"> & {
    readonly pin?: readonly number[];
    /** Which instance of the applet; the first when left out. */
    readonly instance?: number;
  },
): Promise<void> {
  const draw = (length: number): Uint8Array => Uint8Array.from(randomBytes(length));
  const secrets = pin === undefined ? {} : { pin: Uint8Array.from(pin) };
  await personalizeTestCard(transmit, { ...particulars, ...secrets }, { draw, instance });
}
