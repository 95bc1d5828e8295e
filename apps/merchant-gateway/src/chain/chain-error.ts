/** Why the chain did not do what was asked. */
export class ChainError extends Error {
  override readonly name = "ChainError";
  readonly code:
    | "RPC_UNREACHABLE"
    | "WRONG_CHAIN"
    | "REVERTED"
    | "NO_GAS"
    | "FEES_TOO_HIGH"
    | "CLAIM_WAITING"
    | "PAYING_KEY_UNREADABLE";

  constructor(code: ChainError["code"], message: string) {
    super(message);
    this.code = code;
  }
}
