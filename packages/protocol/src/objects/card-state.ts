/** The state byte of the applet (spec §4.1): its own, not GlobalPlatform's life cycle. */
export const cardStates = Object.freeze({
  installed: 0x01,
  personalized: 0x07,
  suspended: 0x0b,
  terminated: 0x7f,
} as const);

/** One of 01 INSTALLED, 07 PERSONALIZED, 0B SUSPENDED, 7F TERMINATED. */
export type CardState = (typeof cardStates)[keyof typeof cardStates];

/** All state bytes. */
export const cardStateBytes: readonly CardState[] = Object.freeze(Object.values(cardStates));

/** A card that holds an allowance is in one of these. */
export const stateBytesWithAllowance: readonly CardState[] = Object.freeze(
  cardStateBytes.filter((state) => state !== cardStates.installed),
);

/** The name of a state (spec §4.1), for messages and pages. */
export function cardStateName(state: CardState): keyof typeof cardStates {
  switch (state) {
    case cardStates.installed:
      return "installed";
    case cardStates.personalized:
      return "personalized";
    case cardStates.suspended:
      return "suspended";
    case cardStates.terminated:
      return "terminated";
  }
}
