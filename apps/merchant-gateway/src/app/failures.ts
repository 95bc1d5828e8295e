import { type FailureRule, failureRule } from "@tallystick/program";
import { ChainError } from "../chain/chain-error.ts";
import { RefundError } from "../refunds/refund-error.ts";

const refundsPage = "docs/operating/merchant-gateway.md, Giving money back";

/** How a command ends that the chain or a payment stands in the way of. All other errors say so by themselves. */
export const failureRules: readonly FailureRule[] = [
  failureRule(ChainError, {
    RPC_UNREACHABLE: { exit: "network", next: "Check the node's URL, and run the command again." },
    WRONG_CHAIN: { exit: "network", next: "Name a node of the vault's chain with --rpc-url." },
    REVERTED: { exit: "network", next: "Run the command again; what is paid is not paid twice." },
    NO_GAS: { exit: "network", next: "Send the account some of the chain's own coin, and run the command again." },
    FEES_TOO_HIGH: { exit: "network", next: "Wait for quieter hours, or allow more with --max-fee-gwei." },
    CLAIM_WAITING: { exit: "network", next: "Run the same command again; it continues with this transaction." },
    PAYING_KEY_UNREADABLE: {
      exit: "keys",
      next: "Check the path of the key file, and that its owner alone may read it.",
    },
  }),
  failureRule(RefundError, {
    CHAIN_NOT_CONFIGURED: { exit: "network", next: "Set claim in the configuration." },
    NOT_PAYEE_KEY: { exit: "keys", next: "Name the payee's key file with --key-file." },
    REFUND_ABOVE_PAYMENT: { exit: "usage", next: "Ask for no more than is left." },
    REFUND_DIFFERS: { exit: "usage", next: "Give a further refund of the payment its own --refund-id." },
    REFUND_WHOLE_ONLY: { exit: "usage", next: "Leave the amount out." },
    ALREADY_REFUNDED: { exit: "usage", next: "Nothing is left to give back." },
    VOUCHER_UNKNOWN: { exit: "usage", next: "Take the voucher's id from the list of payments." },
    NOT_PAID_YET: { exit: "usage", next: "Run the command release." },
    ALREADY_PAID: { exit: "usage", next: "Run the command refund." },
    REFUND_REFUSED: { exit: "network", next: `See ${refundsPage}.` },
  }),
];
