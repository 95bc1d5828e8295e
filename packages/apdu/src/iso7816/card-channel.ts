/**
 * A card: one command APDU in, one response APDU (data and status word) out.
 *
 * Everything that stands between a program and a chip is a function of this type wrapped around
 * another one: GET RESPONSE, the length retry, tracing, secure messaging. A channel rejects when no
 * complete response arrived; it is then open whether the command took effect, and only the card can
 * say.
 */
export type CardChannel = (command: Uint8Array) => Promise<Uint8Array>;
