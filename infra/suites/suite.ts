/** What one suite found. `output` is shown when something failed. */
export type SuiteResult = { readonly passed: number; readonly failed: number; readonly output: string };

/**
 * A set of tests in one language and place. `run` gets a private folder for what it writes; `after` names the suites that
 * have to end before it may begin. `places` says how many processes of it compute at once: one, unless said.
 */
export type Suite = {
  readonly name: string;
  readonly after?: readonly string[];
  readonly places?: number;
  readonly run: (folder: string) => Promise<SuiteResult>;
};
