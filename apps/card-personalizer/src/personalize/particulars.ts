import { formatAmount } from "@tallystick/money";
import { encodeDomain, toHex } from "@tallystick/protocol";
import { Failure } from "../failures.ts";
import type { Particulars, Run, StepRecord } from "../journal/journal.ts";
import type { StepName } from "../steps/step-names.ts";
import type { PersonalizeOptions } from "./personalize-options.ts";

/** What is decided when a reference is begun. */
export function particularsOf({
  config,
  owner,
  fund,
}: Pick<PersonalizeOptions, "config" | "owner" | "fund">): Particulars {
  return {
    domain: toHex(encodeDomain(config.domain)),
    instance: config.instance,
    owner: toHex(owner),
    fund: fund.toString(),
  };
}

/** The step from whose beginning on a particular may stand on the card or with settlement. */
const FIXED_BY: Readonly<Record<keyof Particulars, StepName>> = {
  domain: "domain",
  instance: "install",
  owner: "owner",
  fund: "fund",
};

/** A deposit whose number alone is known was given up before it was signed. */
function isFixed(step: StepRecord | null): boolean {
  return step !== null && !(step.state === "begun" && typeof step.data["attempt"] === "number");
}

/**
 * Takes other particulars for a reference that was begun, as long as those it was begun with stand nowhere yet. Throws
 * Failure REFERENCE_OTHER_PARTICULARS.
 */
export function settleParticulars(
  run: Run,
  wanted: Particulars,
  { config, journal }: Pick<PersonalizeOptions, "config" | "journal">,
): void {
  const names: readonly (keyof Particulars)[] = ["domain", "instance", "owner", "fund"];
  const differing = names.filter((name) => run.particulars[name] !== wanted[name]);
  if (differing.length === 0) return;
  const fixed = differing.find((name) => isFixed(journal.step(run.reference, FIXED_BY[name])));
  if (fixed === undefined && !run.done) return journal.correctParticulars(run.reference, wanted);
  const name = fixed ?? differing[0] ?? "domain";
  const begun = run.particulars[name];
  const shown = name === "fund" ? formatAmount(BigInt(begun), config.asset) : begun;
  throw new Failure("REFERENCE_OTHER_PARTICULARS", `It was begun with ${name} ${shown}.`);
}
