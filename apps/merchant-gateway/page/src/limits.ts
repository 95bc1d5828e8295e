/** How long a sale waits for a card: a customer may have to look for it. */
export const CARD_WAIT_SECONDS = 30;

/** The page asks the terminal for its state this often: a payment's way to the chain takes seconds. */
export const POLL_MS = 3_000;

/** Decimals that amounts are shown with while the terminal has not said how many its currency has. */
export const USUAL_DECIMALS = 2;

/** A call whose answer was lost is made again after so long. */
export const RETRY_MS = 1_000;

/** A stop waits for the card to end what it began; a card is silent for five seconds at most. */
export const STOP_DEADLINE_MS = 20_000;

/** A refund asks settlement and the chain. */
export const REFUND_DEADLINE_MS = 60_000;

/** A payout asks the chain, and waits until it took the transaction. */
export const WITHDRAW_DEADLINE_MS = 60_000;

/** The terminal waits so long for a card whose balance is asked for, and then reads it. */
export const BALANCE_DEADLINE_MS = 45_000;

/** Payments of other terminals that are shown: the newest. */
export const SHOWN_OTHER_PAYMENTS = 50;

/** Payouts that are named with their transactions. */
export const SHOWN_PAYOUTS = 3;

/** Digits of an amount that somebody types: more than any asset holds is a slip. */
export const MAX_TYPED_LENGTH = 24;

/** A second press of a button within this time was meant for the screen before. */
export const ARMED_MS = 500;

/** How long the customer's screen shows what came of a sale. */
export const CUSTOMER_RESULT_MS = 15_000;

/** Digits of a person's PIN at most. */
export const MAX_PIN_LENGTH = 12;

/** Bytes of a new id: nobody guesses one, and no two are the same. */
export const ID_BYTES = 16;

/** Tones of the sounds, in hertz, and how long each is, in seconds. */
export const TONES = { good: [660, 880], bad: [220, 180], ask: [520] } as const;
export const TONE_SECONDS = 0.16;
export const TONE_GAIN = 0.15;

/** An exchange with settlement may take a slow line. */
export const SYNC_DEADLINE_MS = 60_000;

/** A number long enough to be grouped in every locale, with a fraction: how a locale writes it shows how it writes all. */
export const SAMPLE_NUMBER = 1_234_567.5;

/** Most digits after the point that are shown: more than any asset has, so that no amount is rounded. */
export const MOST_DECIMALS = 20;
