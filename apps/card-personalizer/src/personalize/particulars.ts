import { formatAmount } from "@tallystick/money";
import { encodeDomain, toHex } from "@tallystick/protocol";
import type { Config } from "../config/load-config.ts";
import { Failure } from "../failures.ts";
import type { Particulars, Run } from "../journal/journal.ts";
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

/** Throws Failure REFERENCE_OTHER_PARTICULARS where a reference that was begun is wanted otherwise now. */
export function assertParticulars(run: Run, wanted: Particulars, asset: Config["asset"]): void {
  const names: readonly (keyof Particulars)[] = ["domain", "instance", "owner", "fund"];
  const differing = names.find((name) => run.particulars[name] !== wanted[name]);
  if (differing === undefined) return;
  const begun = run.particulars[differing];
  const shown = differing === "fund" ? formatAmount(BigInt(begun), asset) : begun;
  throw new Failure("REFERENCE_OTHER_PARTICULARS", `It was begun with ${differing} ${shown}.`);
}
