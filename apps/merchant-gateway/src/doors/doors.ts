import { Access, type AccessParts } from "./access.ts";
import { Pairing, type PairingParts } from "./pairing.ts";
import { People, type PeopleParts } from "./people.ts";

/** Who comes in, who they are, and what they may do. */
export interface Doors {
  readonly pairing: Pairing;
  readonly people: People;
  readonly access: Access;
}

/** Puts the doors of one terminal together. */
export function createDoors(
  parts: PairingParts & PeopleParts & Omit<AccessParts, "people"> & Pick<PeopleParts, "journal">,
): Doors {
  const people = new People(parts);
  return { pairing: new Pairing(parts), people, access: new Access({ ...parts, people }) };
}
