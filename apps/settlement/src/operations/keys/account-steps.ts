import { toHex } from "@tallystick/protocol";
import { inTurn, type RotationStep, type StepFound } from "./rotation-steps.ts";
import type { AccountPurpose } from "./rotation-store.ts";

/** What database, configuration and chain say of an account that takes the place of another. */
export interface AccountState {
  readonly purpose: AccountPurpose;
  readonly former: Uint8Array;
  readonly successor: Uint8Array;
  readonly announced: boolean;
  readonly ended: boolean;
  /** The configuration names the successor as present, and the former one among the former keys. */
  readonly present: boolean;
  readonly formerKey: boolean;
  /** A start was made with the successor. */
  readonly bound: boolean;
  /** The successor is in the books. */
  readonly opened: boolean;
  /** The vault may take the successor's tokens. */
  readonly approved: "none" | "under way" | "done";
  /** Actions of the former account that have not ended, without those by which it sends over. */
  readonly open: number;
  readonly sweeping: number;
  /** Transactions of the former account whose cost is not booked yet. */
  readonly unbooked: number;
  /** Cards that the former account owns. */
  readonly cards: number;
  /** Base units at the former account. */
  readonly tokens: bigint;
  /** Wei that the former account can send over. */
  readonly coin: bigint;
  /** Between chain and books, units. */
  readonly difference: bigint;
}

/** The steps of a rotation, in their order (spec §6.19). */
export function accountSteps(state: AccountState): readonly RotationStep[] {
  const { purpose, former, successor, announced, open, unbooked, difference } = state;
  const rest = state.tokens > 0n || state.coin > 0n;
  const missing = rest && !state.formerKey ? keyWanted(state) : null;
  const steps: readonly (StepFound | null)[] = [
    {
      ...{ step: "announced", done: announced },
      detail: `${toHex(successor)} takes the place of ${toHex(former)}.`,
      next: "Run it without --dry-run.",
    },
    configured(state),
    purpose === "gas"
      ? null
      : {
          ...{ step: "opened", done: state.opened && state.approved === "done" },
          detail: state.opened
            ? `The new treasury is in the books; the vault may take its tokens: ${state.approved}.`
            : "The service takes the new treasury into the books by itself.",
        },
    {
      ...{ step: "drained", done: open === 0 },
      detail: `${open} actions of the former account are under way.`,
    },
    purpose === "gas"
      ? null
      : {
          ...{ step: "tokens", done: state.tokens === 0n, next: missing },
          detail: `${state.tokens} base units are at the former account.`,
        },
    {
      ...{ step: "coin", done: state.coin === 0n && state.sweeping === 0, next: missing },
      detail:
        state.cards > 0 ? "It stays for withdrawals from the cards below." : `${state.coin} wei are to be sent over.`,
    },
    {
      ...{ step: "proved", done: unbooked === 0 && difference === 0n },
      detail: `${unbooked} costs are not booked; chain and books differ by ${difference}.`,
    },
  ];
  return inTurn(steps.filter((each) => each !== null));
}

function configured({ purpose, present, formerKey, bound, ended }: AccountState): StepFound {
  const setting = purpose === "gas" ? "gas.keyFile" : "chainKeyFile";
  const done = present && bound && (formerKey || ended);
  if (!done && present && formerKey)
    return {
      ...{ step: "configured", done },
      detail: "The configuration names both keys, and no start was made with it.",
      next: "Restart every process of settlement.",
    };
  return {
    ...{ step: "configured", done },
    detail: done ? `The service was started with the new ${setting}.` : "The configuration does not name both keys.",
    next: `Name the new file in ${setting} and the former one in formerChainKeyFiles, and restart every process.`,
  };
}

function keyWanted({ former }: AccountState): string {
  return `Name the key file of ${toHex(former)} in formerChainKeyFiles, and restart.`;
}

/** What a thief of the former key could still do. */
export function remainsOf({ purpose, cards }: AccountState): string {
  if (purpose === "gas") return "the former key can spend coin that somebody sends to its account, and nothing else.";
  if (cards === 0)
    return "the former key can move tokens and coin that somebody sends to its account, and nothing else.";
  return (
    `the former account owns ${cards} cards, and the vault gives none another owner: its key can ask back what they ` +
    "hold, which settlement answers by suspending them. Keep it as the treasury's until they are replaced."
  );
}
