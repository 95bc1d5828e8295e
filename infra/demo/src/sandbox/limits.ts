/** The only chain on which the sandbox starts: the development chain of infra/stack. */
export const DEVELOPMENT_CHAIN_ID = 31_337;

/** A request of the sandbox's page: a few names and a number. */
export const MAX_BODY_BYTES = 4_096;

/** Copies of cards that the page can make: each is a process while it lies on a reader. */
export const MAX_COPIES = 4;

/** Notes of what happened that are kept and shown, the newest first. */
export const MAX_NOTES = 40;

/** Above it a payout or a funding waits for a second person: what one sale of an ordinary card reaches. */
export const APPROVALS_ABOVE = "20.00";

/** How long something lasts before settlement tells of it, seconds: somebody is watching. */
export const ALARM_AFTER_SECONDS = 5;

/** Of the secret that alarms are signed with (Standard Webhooks: 24 to 64). */
export const ALARM_SECRET_BYTES = 32;

/** How far a terminal's clock can be shifted, seconds: what is further off teaches nothing new. */
export const MAX_CLOCK_SHIFT_SECONDS = 400 * 86_400;

/** Between two looks at settlement: copies are found seconds after both have paid. */
export const LOOK_MS = 2_000;

/** How long one look may take; settlement may be down. */
export const LOOK_DEADLINE_MS = 2_000;

/** How long a card with an armed tear is waited for; after that it lies on the reader as any other. */
export const TEAR_WAIT_MS = 600_000;

/** Between two exchanges of a terminal with settlement, seconds: somebody is watching. */
export const SYNC_SECONDS = 5;

/** A terminal's process that is asked for its page and is not there is asked no longer, milliseconds. */
export const FRAME_DEADLINE_MS = 10_000;
