import { allowanceBody } from "./harness/issuer.ts";

/** A test by its file, from the checkout's root, and its name or the name of its row in a table of cases. */
export interface NamedTest {
  readonly file: string;
  readonly name: string;
}

/** One attack, what comes of it, and the tests that show it. */
export interface Attack {
  readonly attack: string;
  /** What stops it, or how much it yields. */
  readonly outcome: string;
  readonly tests: readonly NamedTest[];
}

const e2e = "e2e/src/attacks";
const java = "applet/cardhost/src/test/java/org/tallystick/cardhost";
const gateway = "apps/merchant-gateway";
const personalizer = "apps/card-personalizer/test";
const settlement = "apps/settlement/test";
const protocol = "packages/protocol/src";
const card = "packages/software-card/test";

function tests(file: string, ...names: readonly string[]): readonly NamedTest[] {
  return names.map((name) => ({ file, name }));
}

const units = (value: bigint): string => `${value / 1_000_000n}.00`;
const { noPinSum, noPinCount, pinAbove, perTap } = allowanceBody;
const bound = `noPinSum (${units(noPinSum)} in the test) in at most noPinCount payments (${noPinCount}), none above pinAbove (${units(pinAbove)}) or perTap (${units(perTap)}), once for each allowance with flag bit 3 and for each PIN that its cardholder enters`;

/** Attacks on a card, and on what passes between it and a terminal. */
export const attacksOnTheCard: readonly Attack[] = [
  {
    attack: "tear at any write",
    outcome: "nothing happened, or the same voucher can be read again: [tear matrix](tear-matrix.md)",
    tests: [
      ...tests(`${java}/tear/TearMatrixTest.java`, "noTearMakesLosesOrSticks"),
      ...tests(
        `${java}/PaymentTearTest.java`,
        "aTornPaymentIsNothingOrCanBeReadAgain",
        "twoTearsInARowAndATearInTheReplayChangeNothing",
      ),
      ...tests(
        `${gateway}/test/real-card.test.ts`,
        "repeats a payment torn %s the card's commit without a second debit",
      ),
      ...tests(
        `${e2e}/on-the-reader.test.ts`,
        "and cuts the answer off gains nothing: the same sale reads the same voucher, without a second debit",
      ),
    ],
  },
  {
    attack: "blind signing: a command that signs bytes from outside",
    outcome: "there is none; every signature of the fuzz runs is over bytes that the test rebuilds (spec §4.16)",
    tests: [
      ...tests(`${java}/fuzz/FuzzTest.java`, "everyState"),
      ...tests(`${java}/PaymentTest.java`, "signsWhatTheTerminalRebuilds"),
    ],
  },
  {
    attack: "relay: a card in one place is presented in another, unmodified",
    outcome: `not stopped: these cards have no distance bounding. It yields ${bound}; the money goes to the merchant that is named in the request, for the amount that its terminal asked`,
    tests: tests(
      `${e2e}/on-the-reader.test.ts`,
      "pays with it at most noPinSum, here 60.00, then the terminal asks for the PIN that he does not know",
    ),
  },
  {
    attack: "pre-play with a weak or repeated challenge",
    outcome: "16 fresh random bytes in every request; a request runs once, on one card, under one counter",
    tests: [
      ...tests(
        `${e2e}/on-the-way.test.ts`,
        "and plays a tap that was paid sells nothing twice: the terminal's challenge is new",
        "with a reader of his own and a challenge that he guessed cannot pay this terminal with them",
        "who makes a terminal repeat a challenge still gets another voucher for it: its counter, spent and link are others",
        "finds no challenge twice in a terminal's taps",
      ),
      ...tests(`${java}/AttackTest.java`, "aRepeatedChallengeIsNoSecondPayment"),
    ],
  },
  {
    attack: "amount, payee or currency changed on the way to the card",
    outcome:
      "the terminal rebuilds M from its own request; the cardTag is of one currency. Who puts his own payee into it has what a rogue reader has",
    tests: [
      ...tests(
        `${e2e}/on-the-way.test.ts`,
        "sells nothing by changing the %s",
        "makes a cheap payment dear, or a dear one cheap, for nobody: the terminal rebuilds what it asked",
        "can have himself paid in the merchant's place, as with any reader of his own, and the merchant sells nothing",
      ),
      ...tests(
        `${java}/AttackTest.java`,
        "whatIsChangedOnTheWayIsSeenInTheSignature",
        "aRequestForAnotherCurrencyIsNotThisCards",
      ),
    ],
  },
  {
    attack: "the answer changed on the way to the terminal",
    outcome:
      "nothing is sold. He can undo a sale after the debit, by a spoilt signature or a false refusal: the terminal reverses it, and reads and releases the voucher when the card comes back (spec §5.3); else it stays in the card, where its payee can read it (spec §4.13), or its value goes back by a void (spec §6.4)",
    tests: tests(
      `${e2e}/on-the-way.test.ts`,
      "of SELECT gains nothing by changing the %s: the long answer is asked, or the sale has the code of the long form",
      "of PAY gains nothing by changing the %s: the card repeats it in full",
      "of SELECT sells nothing by changing the %s",
      "of SELECT sells nothing by putting another card's key into it",
      "of PAY sells nothing by changing the %s",
      "of PAY sells nothing by changing the signature, its form or its length",
      "and spoils its form delays a sale, which is paid once when the card is held again",
      "and %s undoes a sale, and leaves the voucher in the card, where its payee can read it",
      "and %s undoes a sale until the card comes back: its voucher is read and reversed",
      "and refuses in the card's place gains nothing by giving it the request later",
      "makes no honest refusal cost more: the merchant takes a smaller amount with two commands, and asks no more",
    ),
  },
  {
    attack: "rogue reader harvesting",
    outcome: `it yields ${bound}`,
    tests: [
      ...tests(
        `${e2e}/on-the-reader.test.ts`,
        "takes at most noPinSum, here 60.00, whatever he asks for, and nothing more by asking again",
        "takes at most noPinCount payments, here 9, however small, and as many again only after an allowance with flag bit 3",
      ),
      ...tests(
        `${java}/AttackTest.java`,
        "harvestingEndsAtTheSumWithoutPin",
        "harvestingInSmallCoinEndsAtTheCountWithoutPin",
      ),
    ],
  },
  {
    attack: "clone with equal counters",
    outcome:
      "two vouchers of one counter convict the card, at a terminal that saw both, at settlement, and on the chain; the card is revoked and the issuer pays the second merchant",
    tests: [
      ...tests(
        `${e2e}/on-the-reader.test.ts`,
        "convict one another: two vouchers of one counter, both signed by one key, reach settlement as evidence",
      ),
      ...tests("e2e/src/demo.test.ts", "finds the fork with both vouchers as evidence"),
      ...tests(`${settlement}/intake.test.ts`, "finds a fork, keeps both messages and revokes the card"),
      ...tests("contracts/test/suites/EquivocationSuite.sol", "test_equivocation_flagsTheCardAndStopsItsFunding"),
      ...tests(`${java}/AttackTest.java`, "aCopiedCardConvictsItself"),
    ],
  },
  {
    attack: "repeated or short ECDSA nonces",
    outcome: "the chip's generator; cardhost replaces jCardSim's constant one; chips known to leak are listed",
    tests: tests(`${java}/runtime/RandomnessTest.java`, "noTwoSignaturesShareTheirNonce", "everyCardMakesItsOwnKey"),
  },
  {
    attack: "PIN guessing over NFC",
    outcome:
      "two guesses and never the last; the cardholder still pays by contact. The virtual reader is contact only, so this is tested in process",
    tests: [
      ...tests(`${java}/AttackTest.java`, "guessingOverTheAirStopsBeforeTheLastTry"),
      ...tests(`${java}/PinTest.java`, "theLastTryIsForContactOnly", "theLastPukTryIsForContactOnly"),
      ...tests(`${card}/software-card.test.ts`, "keeps its last try for contact"),
    ],
  },
  {
    attack: "man in the middle of the PIN session",
    outcome:
      "he can deny it or relay it unmodified. He cannot read the PIN, put a key of his own in, bind the PIN to another request, replay it, or use up a try",
    tests: [
      ...tests(
        `${e2e}/pin-session.test.ts`,
        "relay it unmodified, and reads no PIN: two sessions of one PIN have nothing in common",
        "deny it %s: nothing is paid and no try is lost",
        "put a key of his own into it: the terminal sends no PIN to a key that the card did not sign",
        "bind the PIN to a request with another %s: the card wants a PIN for that one",
        "change the %s of VERIFY PIN without being noticed, nor use up a try by it",
        "replay it: neither in the same session, nor in a new one, nor by another tap",
      ),
      ...tests(`${java}/PinTest.java`, "aManInTheMiddleChangesNothing"),
    ],
  },
  {
    attack: "a terminal that lies to the cardholder about what the PIN is for",
    outcome:
      "not stopped: it sees the PIN that it asks for, and can bind it to one request of its own (spec §4.9), within the allowance's caps",
    tests: tests(`${java}/PinTest.java`, "aPinIsForOneRequestOnly", "aPinEndsWithTheSelection"),
  },
  {
    attack: "wrong card in the middle of a session",
    outcome: "the cardTag is in every request, the card key in every intent; neither card pays",
    tests: [
      ...tests(
        `${e2e}/on-the-reader.test.ts`,
        "is refused by its cardTag, where the reader never saw the change, and neither card pays",
        "never gets the request of the one that was pulled away, which alone can end the sale",
      ),
      ...tests(`${gateway}/src/taps/paid-and-torn.test.ts`, "is never sent to another card"),
    ],
  },
  {
    attack: "wrong card in the middle of a personalization",
    outcome: "it knows no key of the session; the station's journal knows its card, and goes on with that one alone",
    tests: [
      ...tests(
        `${e2e}/personalization.test.ts`,
        "gets nothing of the first one's session, though the reader never saw the change",
        "is known for another one when the station goes on, and the right one goes on where it was",
      ),
      ...tests(
        `${personalizer}/personalize.test.ts`,
        "refuses another card for a reference that was begun, and another reference for its card",
      ),
    ],
  },
  {
    attack: "replayed PUT KEY, or any recorded session",
    outcome: "MAC chain, command counter, a card challenge that never comes twice",
    tests: [
      ...tests(
        `${e2e}/personalization.test.ts`,
        "cannot put them again: not in that session, not in a new one, not as a session of his own, not in clear",
        "cannot open a session by playing it again on the very same keys: the card's challenge is another",
      ),
      ...tests(`${java}/gp/SecurityDomainTest.java`, "aReplayedPutKeyIsRefused"),
    ],
  },
  {
    attack: "SCP02 padding oracle",
    outcome: "SCP02 is behind a flag for old stock, and a session of ours gives an attacker one answer, never a series",
    tests: tests(
      "packages/apdu/src/scp/open-scp02.test.ts",
      "gives whoever asks about padding one answer and no second",
    ),
  },
  {
    attack: "default keys",
    outcome: "replaced first, and refused for production",
    tests: [
      ...tests(
        `${personalizer}/situations.test.ts`,
        "refuses default keys in production, unless they are allowed once",
      ),
      ...tests(`${java}/gp/SecurityDomainTest.java`, "replacedKeysTakeThePlaceOfTheFactoryKeys"),
    ],
  },
  {
    attack: "a richer, or an older and lower-capped, allowance put on a card",
    outcome: "it is signed for one card, and only a newer one is taken",
    tests: tests(`${java}/AttackTest.java`, "anAllowanceIsForOneCardAndOnlyForward"),
  },
  {
    attack: "anyone reads where a card paid",
    outcome:
      "a payee's certified terminal sees its own records, once it has signed the card's challenge; all others need the PIN or the issuer's session",
    tests: [
      ...tests(
        `${java}/AttackTest.java`,
        "aPublicAddressAndACopiedCertificateOpenNoLog",
        "anotherPayeeLearnsNothingFromTheLog",
      ),
      ...tests(`${java}/LogRightTest.java`, "everythingIsNeeded", "nothingIsRevealedWithoutTheRight"),
    ],
  },
];

/** Attacks on a terminal. */
export const attacksOnTheTerminal: readonly Attack[] = [
  {
    attack: "a hostile card that lies in each field of SELECT and of PAY",
    outcome: "the two tables below: a stable code, or who bears the lie",
    tests: tests(`${e2e}/hostile-card.test.ts`, "about %s: %s", "leave out no field of %s, and no byte"),
  },
  {
    attack: "clock rolled back",
    outcome: "a floor from signed heads and the journal; nothing is sold until the clock is confirmed",
    tests: [
      ...tests(
        `${gateway}/src/taps/refused.test.ts`,
        "CLOCK_BELOW_FLOOR",
        "CLOCK_UNCONFIRMED before anything is asked of a card",
      ),
      ...tests(
        `${gateway}/src/sync/exchange.test.ts`,
        "does not trust a clock that is more than 300 s behind the head's time",
      ),
    ],
  },
  {
    attack: "clock set far ahead, or settlement's signed time replayed, forged or delayed",
    outcome:
      "only a receipt of an upload with a challenge of this run, within 60 s, moves the clock; it finds a clock 300 s beside it, and lowers a floor that was too high (spec §5.5)",
    tests: tests(
      `${gateway}/src/sync/upload-receipts.test.ts`,
      "far ahead for a while, then right, sells again after the next exchange (floor raised meanwhile)",
      "to a challenge of an earlier run confirms nothing",
      "to an earlier upload confirms nothing, when somebody replays it",
      "of %s is none: nothing of the answer is taken",
    ),
  },
  {
    attack: "stale status list",
    outcome: "its age is counted from asOf; now − asOf + U + C < W always (spec §5.5)",
    tests: [
      ...tests(
        `${gateway}/src/taps/refused.test.ts`,
        "STATUS_LIST_TOO_OLD",
        "STATUS_LIST_MISSING on a terminal that never had one",
      ),
      ...tests(
        `${protocol}/status/status-list.test.ts`,
        "refuses a configuration with S + U + C of W or more",
        "lets a beacon raise asOf only for the very list that is held, and the clock's floor always",
      ),
      ...tests(
        `${gateway}/src/taps/beacon.test.ts`,
        "of another list makes no list younger, but raises the clock's floor",
        "never harms the sale, whatever goes wrong with it, nor the next one",
      ),
    ],
  },
  {
    attack: "journal restored from an old snapshot",
    outcome: "its hash chain is behind the witness beside it, and the terminal does not sell before a person decided",
    tests: tests(
      `${gateway}/src/journal/journal.test.ts`,
      "refuses an older copy that was put back, until a person accepts it",
      "refuses a new empty journal where the witness knows another one",
    ),
  },
  {
    attack: "journal and witness both deleted, so that the terminal's limits begin anew",
    outcome:
      "settlement shows the upload with the highest number that it holds; the terminal believes its own signature, and sells nothing (spec §5.7)",
    tests: [
      ...tests(
        `${gateway}/src/sync/forgotten.test.ts`,
        "sells until settlement shows what it signed before, and then nothing more",
        "stops again where another one goes on sending under its id",
      ),
      ...tests(
        `${settlement}/upload-chain.test.ts`,
        "tells a terminal that starts anew what it sent before, and no other terminal",
      ),
    ],
  },
  {
    attack: "a portal, a proxy or a false certificate in settlement's place",
    outcome:
      "told by its cause; only settlement's own problem or a 413 counts against an upload, and a 413 of somebody else never disputes a payment (spec §5.8)",
    tests: [
      ...tests(
        `${gateway}/src/sync/real-lines.test.ts`,
        "answers with %s: it is told, nothing counts against an upload, and all is sent later",
        "lets every payment through in the end",
      ),
      ...tests(
        `${gateway}/src/sync/set-aside.test.ts`,
        "is never disputed for a 413 of somebody else, holds nothing up, and is tried again as it was",
        "nothing is lost, doubled or disputed without settlement's word, and the chain has no gap",
      ),
      ...tests(`${gateway}/src/sync/line/http-line.test.ts`, "says %s of one that is not"),
    ],
  },
  {
    attack: "queue lost or sent twice, at once, under another name",
    outcome: "one signed object, the same bytes until it is answered; vouchers are known by their ids",
    tests: [
      ...tests(
        `${gateway}/src/sync/exchange.test.ts`,
        "sends the very same bytes again when the answer was lost, also after a restart, and only then goes on",
        "runs one exchange at a time, so that no voucher is packed twice",
      ),
      ...tests(
        `${settlement}/intake.test.ts`,
        "knows a voucher that comes again in another upload, and twice in one",
        "gives one upload sent ten times at once one effect",
        "answers the whole upload 403 when it is not a certified terminal's",
      ),
    ],
  },
  {
    attack: "cap griefing and dust",
    outcome: "limits a payment, of the unsent sum and of the number of unsent payments; an upload has a length",
    tests: [
      ...tests(
        `${gateway}/src/taps/refused.test.ts`,
        "%s by its own limits",
        "TERMINAL_UNSENT_AGE when a voucher has waited nearly as long as it may",
      ),
      ...tests(`${protocol}/invalid-space.test.ts`, "holds 1,000 entries and not one more"),
    ],
  },
  {
    attack: "two live allowances for one card",
    outcome: "every allowance ever signed counts for the issuer's bound until the card shows a newer one (spec §6.3)",
    tests: [
      ...tests(
        `${settlement}/issuing.test.ts`,
        "stores an allowance before it signs it: one that was lost on the way still counts",
        "never gives one sequence number twice, also to requests at once",
      ),
      ...tests(`${e2e}/lies-in-select.ts`, "an older allowance, which the issuer did sign, and pays under it"),
    ],
  },
];
