/** What keeps the terminal from selling, what needs attention, and why a call was refused. */
export const faults = {
  DISK_LOW: "Little room is left on the disk of this terminal. Free some space soon.",
  JOURNAL_NOT_WRITABLE:
    "The disk of this terminal is full, or takes no writes. Free some space; until then nothing can be sold.",
  PAYOUTS_STOPPED:
    "The token does not move to you at the moment. Go on selling, and ask the issuer when it moves again.",
  UPLOADS_SET_ASIDE:
    "Some uploads could not be taken as they were and are sent in smaller ones. If this stays so, call your support.",
  VOID_REQUESTED:
    "Owners of cards say that some of this terminal's payments were lost. Send them to settlement, or claim them.",
  VOUCHERS_VOIDED:
    "The chain will not pay some of this terminal's payments, because their cards' owners had them voided. Send them to settlement.",
  VOUCHERS_UNREPORTED:
    "Nobody has reported the end of payments that are nearly as old as they may become. Send them to settlement now.",
  RELEASED_UNORDERED:
    "Payments that this terminal accepted were given up on the chain without it. Find out who holds the payee's key.",
  VOUCHERS_DISPUTED: "Settlement refused some of this terminal's payments. Call your support; the terminal keeps them.",
  LIST_AGEING: "The list of blocked cards will soon be too old to sell by. Connect the terminal to the network.",
  UNSENT_AGEING: "A payment has waited long to be sent. Connect the terminal to the network.",
  UNSENT_SUM_NEAR: "Nearly as much is unsent as this terminal may hold. Connect it to the network.",
  UNSENT_COUNT_NEAR: "Nearly as many payments are unsent as this terminal may hold. Connect it to the network.",
  CERTIFICATE_ENDING: "This terminal's certificate ends soon. Ask the issuer for the next one.",
  LINE_NO_NETWORK: "This device has no network. Check its cable or its wireless network.",
  LINE_NAME_NOT_FOUND: "Settlement's name was not found on the network. Check the network of this device.",
  LINE_CONNECTION_REFUSED:
    "The computer at settlement's address takes no connections. Settlement may be down for a moment.",
  LINE_CONNECTION_RESET: "The connection to settlement broke off. Nothing is lost; it is tried again.",
  LINE_TIMED_OUT: "Settlement does not answer in time. If it stays so, try another network.",
  LINE_LOGIN_PAGE:
    "A page on the way wants a login. Open a browser on this network and log in, or use another network.",
  LINE_OTHER_ANSWERED: "Something else than settlement answered. Ask whoever runs the network.",
  LINE_BODY_TOO_LARGE: "Something on the way takes no payment as large as it is. Ask whoever runs the network.",
  LINE_CERTIFICATE_NOT_YET_VALID:
    "Settlement's certificate is not valid yet by this clock. Set the clock of this device.",
  LINE_CERTIFICATE_EXPIRED:
    "Settlement's certificate is no longer valid by this clock. Check the clock of this device.",
  LINE_CERTIFICATE_UNKNOWN:
    "Nobody that this device trusts has signed settlement's certificate. Do not go round it: try another network.",
  LINE_CERTIFICATE_WRONG_NAME:
    "The certificate that was shown as settlement's is of another name. Log in where this network wants it.",
  LINE_TLS_FAILED: "No encrypted connection to settlement could be made. Try another network.",
  SETTLEMENT_UNREACHABLE: "Settlement does not answer. Nothing is lost.",
  SETTLEMENT_REFUSED: "Settlement refused what was sent. Call your support; the terminal keeps it.",
  SETTLEMENT_ANSWER_UNREADABLE: "Settlement answered something unreadable. It is tried again.",
  NO_SETTLEMENT: "This terminal has no settlement to send to.",
  MALFORMED_REQUEST: "The terminal did not understand the page. Load the page again.",
  AMOUNT_REFUSED: "This amount cannot be taken.",
  CURRENCY_NOT_SERVED: "This terminal does not take that currency.",
  UNAUTHENTICATED: "This terminal needs a password. Load the page again and enter it.",
  NOT_FOUND: "The terminal does not know this.",
  SALE_UNKNOWN: "The terminal knows no such sale.",
  TAP_UNKNOWN: "The terminal knows no such payment.",
  TAP_IN_PROGRESS: "The terminal is already waiting for a card. End that first.",
  SALE_AMOUNT_DIFFERS: "This sale began with another amount. Begin a new one.",
  SALE_DIFFERS: "This sale is known with other terms. Begin a new one.",
  SALE_PAID: "This sale is paid already. Nothing more is taken for it.",
  SALE_REVERSED: "This sale was reversed. Begin a new one.",
  SALE_NOT_PAID: "No card was asked to pay this sale. Nothing is to be given back.",
  SALE_IN_PROGRESS: "A card is awaited for this sale. Stop it first.",
  TAP_NOT_OPEN: "There is nothing to reverse.",
  TAP_FINAL: "This payment is final. Give the money back by a refund.",
  CHAIN_NOT_CONFIGURED: "This terminal cannot give back what was sent. Do it where the payee's key is.",
  NOT_PAYEE_KEY: "The configured key is not the payee's. Nothing was given back.",
  PAYING_KEY_UNREADABLE: "The payee's key cannot be read. Nothing was given back.",
  WRONG_CHAIN: "The configured node is of another chain. Nothing was given back.",
  REFUND_ABOVE_PAYMENT: "More would be given back than was paid, earlier refunds counted.",
  REFUND_DIFFERS: "This refund is known with another amount.",
  REFUND_WHOLE_ONLY: "This payment can only be given back as a whole.",
  ALREADY_REFUNDED: "This payment was given back already.",
  WRONG_TOKENS: "Too many wrong passwords came from this device. Wait a minute.",
  STREAMS_FULL: "Too many pages of this terminal are open. Close one.",
  NOT_READY: "The terminal cannot sell now.",
  INTERNAL: "Something failed that should not have. Try again: repeating a sale never pays twice.",
  NO_ANSWER: "The terminal does not answer.",
  NOT_A_GATEWAY: "Something else than the terminal answered. Check the address.",
  LANE_UNKNOWN: "This terminal has no lane of that name. Check the address of the page.",
  PAIRING_NEEDED: "This device is not paired with the terminal yet.",
  PERSON_NEEDED: "Sign in first.",
  ROLE_TOO_LOW: "Your role may not do this. Ask a manager or the owner.",
  PIN_WRONG: "The PIN was wrong. Try again.",
  PIN_LOCKED: "Too many wrong PINs. Wait before the next try.",
  PAIRING_CODE_WRONG: "The code was wrong, or is no longer valid. Read it from the box again.",
} as const;
