import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { projectRoot } from "@tallystick/stack";
import { COUNTERS, HISTOGRAMS } from "../src/foundation/figures/figures.ts";
import { GAUGES } from "../src/operations/metrics/metrics.ts";
import { metricsOf } from "./harness/promql/evaluate.ts";
import { observability, raisedBy, readYaml, rules } from "./harness/promql/rules.ts";

const tried = (readYaml("rules/settlement.test.yml") as { tests: { alert_rule_test: { alertname: string }[] }[] })
  .tests;

const histograms = Object.keys(HISTOGRAMS).flatMap((name) => [`${name}_bucket`, `${name}_sum`, `${name}_count`]);
const process = ["process_resident_memory_bytes", "process_cpu_seconds_total", "nodejs_eventloop_lag_p99_seconds"];
const exported = ["up", ...Object.keys(GAUGES), ...Object.keys(COUNTERS), ...histograms, ...process];

/** A service with which everything is right. */
const CALM = `
up{job="settlement"} 1
tallystick_ready 1
tallystick_vault_surplus_base_units 0
tallystick_ledger_difference_units 0
tallystick_disagreeing_anchors 0
tallystick_money_sum_age_seconds 4
tallystick_chain_age_seconds 900
tallystick_fuel_batches 400
tallystick_nonce_gap{account="treasury"} 2
tallystick_unfinal_units_by_age{age="5m"} 5000
tallystick_unfinal_units_by_age{age="1d"} 0
tallystick_oldest_withheld_seconds 0
tallystick_paid_twice_units 700
tallystick_refused_callers_total{status="401"} 40
tallystick_http_requests_total{status="5xx"} 3
tallystick_final_seconds_bucket{le="3600"} 90
tallystick_final_seconds_bucket{le="21600"} 90
tallystick_final_seconds_bucket{le="+Inf"} 90
`;

/** What each drill does to it: the lines that change. */
const DRILLS: Readonly<Record<string, readonly string[]>> = {
  SettlementDown: ['up{job="settlement"} 0'],
  SettlementNotReady: ["tallystick_ready 0"],
  VaultInsolvent: ["tallystick_vault_surplus_base_units -1"],
  BooksDiffer: ["tallystick_ledger_difference_units 1"],
  AnchorsDisagree: ["tallystick_disagreeing_anchors 1"],
  MoneyNotSummed: ["tallystick_money_sum_age_seconds 901"],
  ChainStands: ["tallystick_chain_age_seconds 3601"],
  NodeContradicts: ['tallystick_alarm{code="EVENTS_CONTRADICT"} 1'],
  MoneyStopped: ['tallystick_alarm{code="PAYEE_BLOCKED"} 1'],
  FuelLow: ["tallystick_fuel_batches 19"],
  NonceGap: ['tallystick_nonce_gap{account="treasury"} 17'],
  MoneyOld: ['tallystick_unfinal_units_by_age{age="1d"} 1'],
  WithheldOld: ["tallystick_oldest_withheld_seconds 259201"],
  PaidTwice: ["tallystick_paid_twice_units 701"],
  OldCopy: ['tallystick_alarm{code="COPY_BEHIND_CHAIN"} 1'],
  PartAway: ['tallystick_alarm{code="REDIS_NOT_WRITABLE"} 1'],
  SilentTerminals: ['tallystick_alarm{code="TERMINALS_SILENT"} 1'],
  CasesOpen: ['tallystick_alarm{code="CASES_OPEN"} 1'],
  CallersRefused: ['tallystick_refused_callers_total{status="401"} 400'],
  ServerErrors: ['tallystick_http_requests_total{status="5xx"} 63'],
  FinalSlow: ['tallystick_final_seconds_bucket{le="21600"} 190', 'tallystick_final_seconds_bucket{le="+Inf"} 190'],
  AlarmsUndelivered: ['tallystick_alarm{code="ALARM_UNDELIVERED"} 1'],
};

const nameOf = (line: string): string => line.slice(0, line.lastIndexOf(" "));
const changed = (lines: readonly string[]): string => {
  const names = new Set(lines.map(nameOf));
  return [...CALM.split("\n").filter((line) => !names.has(nameOf(line))), ...lines].join("\n");
};
const raised = (now: string): readonly string[] => raisedBy({ before: CALM, now });

describe("rules", () => {
  it.each(rules)("$alert asks for exported metrics alone, has a page, a test and a drill", ({ alert, ...rule }) => {
    for (const metric of metricsOf(rule.expr)) expect(exported).toContain(metric);
    expect(["page", "ticket"]).toContain(rule.labels.severity);
    const page = readFileSync(join(projectRoot(), rule.annotations.runbook), "utf8");
    expect(page.split("\n")[0]).toBe(`# ${alert}`);
    for (const part of ["## Look", "## Do", rule.annotations.summary.split(" ")[0] ?? ""]) expect(page).toContain(part);
    expect(tried.filter(({ alert_rule_test: [first] }) => first?.alertname === alert)).toHaveLength(1);
    expect(Object.keys(DRILLS)).toContain(alert);
  });

  it("have as many pages, tests and drills as they are", () => {
    const pages = readdirSync(join(projectRoot(), "docs/operating/runbooks")).filter((name) => name !== "README.md");
    expect([pages.length, tried.length, Object.keys(DRILLS).length]).toEqual([
      rules.length,
      rules.length,
      rules.length,
    ]);
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
  });

  it("raise nothing while everything is right", () => {
    expect(raised(CALM)).toEqual([]);
  });

  it.each(Object.entries(DRILLS))("%s is raised by its drill, and by no other", (alert, lines) => {
    expect(raised(changed(lines))).toEqual([alert]);
  });

  it("count no answer of readiness as a request that failed: whoever asks often is told often that money stands", () => {
    const told = 'tallystick_http_requests_total{method="GET",route="/v1/readiness",status="5xx"} 900';
    expect(raised(changed([told]))).toEqual([]);
    expect(raised(changed([told.replace("readiness", "uploads")]))).toEqual(["ServerErrors"]);
  });

  it("name every alarm that readiness has a page for", () => {
    const codes = rules.flatMap(({ expr }) =>
      [...expr.matchAll(/code=~?"([^"]+)"/g)].flatMap(([, list = ""]) => list.split("|")),
    );
    expect(codes.length).toBe(new Set(codes).size);
    expect(codes).toEqual(expect.arrayContaining(["FINALITY_BROKEN", "TOKEN_STOPPED", "COPY_BEHIND_CHAIN"]));
  });
});

describe("dashboards", () => {
  const files = readdirSync(join(observability, "dashboards"));

  it.each(files)("%s asks for exported metrics alone", (file) => {
    const { panels, title, uid } = JSON.parse(readFileSync(join(observability, "dashboards", file), "utf8")) as {
      panels: { title: string; targets?: { expr: string }[] }[];
      title: string;
      uid: string;
    };
    expect([title.length > 0, uid.length > 0, panels.length > 0]).toEqual([true, true, true]);
    const expressions = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
    for (const expression of expressions) {
      const metrics = metricsOf(expression.replaceAll("$__rate_interval", "5m"));
      expect(metrics.length).toBeGreaterThan(0);
      for (const metric of metrics) expect(exported).toContain(metric);
    }
  });

  it("is there", () => {
    expect(files.length).toBeGreaterThan(0);
    expect(existsSync(join(observability, "rules/settlement.yml"))).toBe(true);
  });
});
