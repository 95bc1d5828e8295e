import type { Reader } from "@tallystick/apdu";
import type { Address } from "@tallystick/protocol";
import type { LoadFile } from "../card/load-file.ts";
import type { Visits } from "../config/config-schema.ts";
import type { Config } from "../config/load-config.ts";
import type { Environment } from "../environment.ts";
import type { Journal } from "../journal/journal.ts";
import type { MasterKeys } from "../keys/card-keys.ts";
import type { Stock } from "../keys/stock.ts";
import type { PinLetters } from "../keys/pin-letters.ts";
import type { SettlementClient } from "../settlement/settlement-client.ts";
import type { ActionOf } from "../steps/action-reason.ts";
import type { CardIdentity } from "../steps/card-identity.ts";
import type { Awaited } from "../steps/funding-options.ts";
import { StepRunner, type StepObserver } from "../steps/step-runner.ts";
import type { CertificateOptions } from "../terminal/certificate.ts";
import type { IssuerTerminal } from "../terminal/issuer-terminal.ts";

/** Everything one personalization needs; the command line puts the real parts in, tests put others. */
export interface PersonalizeOptions extends ActionOf {
  readonly owner: Address;
  /** Units. */
  readonly fund: bigint;
  readonly config: Config;
  readonly keys: MasterKeys;
  /** How cards come from their maker. */
  readonly stock: Stock;
  /** Is loaded onto cards without the applet's package; null where they must hold it. */
  readonly loadFile: LoadFile | null;
  /** Null: cards get no PIN. */
  readonly letters: PinLetters | null;
  readonly journal: Journal;
  readonly reader: Reader;
  readonly settlement: SettlementClient;
  readonly terminal: IssuerTerminal;
  readonly environment: Environment;
  readonly signal: AbortSignal;
  readonly allowDefaultKeys: boolean;
  readonly retryKeys: boolean;
  /** Take the reference over from whichever station claimed it. */
  readonly takesOver?: boolean;
  readonly observe: StepObserver;
  /** Hears of what stops nothing and should be known. */
  readonly warn: (message: string) => void;
  /** In how many visits a card is made whose allowance is not signed yet. */
  readonly visits: Visits;
  /** Hears at once of what is waited for. */
  readonly awaited?: (wait: Awaited) => void;
}

/** The runner of this reference's steps. */
export function stepsOf({
  journal,
  reference,
  environment,
  signal,
  observe,
}: Pick<PersonalizeOptions, "journal" | "reference" | "environment" | "signal" | "observe">): StepRunner {
  return new StepRunner({ journal, reference, environment, signal, observe });
}

/** What is written to a card about itself and its issuer. */
export function identityOf({ config, owner, environment }: PersonalizeOptions): CardIdentity {
  return {
    domain: config.domain,
    issuerKey: config.cardIssuerKey,
    owner,
    challenge: () => environment.randomBytes(16),
  };
}

/** What the issuer's terminal needs to be certified and to upload. */
export function certificateOptions(options: PersonalizeOptions): CertificateOptions {
  const { terminal, journal, settlement, config, environment } = options;
  return { terminal, journal, settlement, config, nowSeconds: Math.floor(environment.now() / 1_000) };
}
