/** What a command came to: one line of JSON, and whether it did what it is for. */
export interface CommandResult {
  readonly line: string;
  readonly exit: number;
}
