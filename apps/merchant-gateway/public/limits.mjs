/** The page asks the terminal for its state this often: a payment's way to the chain takes seconds. */
export const POLL_MS = 3000;

/** How long a sale waits for a card: a customer may have to look for it. */
export const CARD_WAIT_SECONDS = 30;
