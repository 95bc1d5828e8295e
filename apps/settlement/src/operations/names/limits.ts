/** Characters of the name of a merchant or a terminal: a sign above a door. */
export const NAME_CHARACTERS = 80;

/** Characters of how a merchant is reached: a name, an address, a number. */
export const CONTACT_CHARACTERS = 200;
