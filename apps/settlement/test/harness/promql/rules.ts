import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "@tallystick/stack";
import { parse } from "yaml";
import { evaluate, type Scrapes } from "./evaluate.ts";

/** A rule of Prometheus that raises an alarm. */
export interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly runbook: string };
}

/** Where rules and dashboards are. */
export const observability = join(projectRoot(), "infra/observability");

/** A file of them. */
export function readYaml(path: string): unknown {
  return parse(readFileSync(join(observability, path), "utf8"));
}

/** Every rule, as Prometheus loads them. */
export const rules = (readYaml("rules/settlement.yml") as { groups: { rules: Rule[] }[] }).groups.flatMap(
  (group) => group.rules,
);

/** Names of the alarms that two scrapes raise, without the time for which they must hold. */
export function raisedBy(scrapes: Scrapes): readonly string[] {
  return rules.filter(({ expr }) => evaluate(expr, scrapes).length > 0).map(({ alert }) => alert);
}
