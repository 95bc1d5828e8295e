/** Readiness waits this long for a reader whose service hangs; it answers within a second. */
export const READINESS_WAIT_MS = 700;

/** Between two looks for whether the card of the last payment was taken away; each is one question to the service. */
export const REMOVAL_LOOK_MS = 250;

/** Looks after a payment, 10 minutes: a card that lay there for longer is asked to be taken away. */
export const MAX_REMOVAL_LOOKS = 2_400;
