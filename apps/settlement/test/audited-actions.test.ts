import { describe, expect, it } from "@jest/globals";
import { readFileSync } from "node:fs";
import { RecordedActions } from "./harness/people/recorded-actions.ts";

const recorded = new RecordedActions();

/** What writes and is no entry of the audit log, each with why not. */
const UNRECORDED: Readonly<Record<string, string>> = {
  "POST /sign-in/passkey": "signing in changes nothing of anybody's; sessions are rows",
  "POST /sign-in/passkey/options": "asks for a challenge",
  "POST /sign-in/passkey/new/options": "asks for a challenge",
  "POST /sign-in/{secret}": "signing in; who was invited is an entry",
  "POST /sign-out": "ends the caller's own session",
  "POST /v1/certificate-requests": "a terminal asks, by its signature; the decision is an entry",
  "POST /v1/references/claim": "a station says which card it makes next; the card's registration is an entry",
  "POST /v1/references/release": "a station makes that card no more",
  "POST /v1/requests": "a terminal's, by its signature",
  "POST /v1/reversals/{id}/confirmation": "a payee's, by its signature",
  "POST /v1/uploads": "a terminal's, by its signature",
};

/** Usages of commands that are no entry, each with why not. */
const UNRECORDED_USAGES: Readonly<Record<string, string>> = {
  "alarms list": "reads",
  "alarms test": "sends a trial, and stores nothing",
  "audit export": "reads",
  backup: "reads",
  "certificate-request": "asks the service, which records",
  "joining list": "reads",
  "joining approve": "asks the service, which records",
  "joining refuse": "asks the service, which records",
  "keys rotate issuer": "reads; the configuration says which keys sign",
  "ledger export": "reads",
  "ledger replay": "reads a file",
  migrate: "a start does the same by itself; every change of the layout is a row with its time",
  "people list": "reads",
  "restore-drill": "changes no database but its own",
  "tokens list": "reads",
  verify: "reads a file",
  "verify audit": "reads a file",
  "verify evidence": "reads a file",
  "verify period": "reads a file",
  "verify proof": "reads a file",
  "verify receipt": "reads a file",
  "verify statement": "reads a file",
  "withdraw-certificate": "asks the service, which records",
};

/** The other usages, with what each records. */
const RECORDED_USAGES: Readonly<Record<string, readonly string[]>> = {
  "alarms acknowledge": ["alarm-acknowledged"],
  finality: ["finality-accepted"],
  "keys rotate gas|treasury": ["key-rotation", "key-rotation-cancelled"],
  "people erase": ["person-erased"],
  "people invite": ["person-invited"],
  "people remove": ["person-removed"],
  rescan: ["rescan"],
  restore: ["restored"],
  "tokens add": ["token-made"],
  "tokens revoke": ["token-revoked"],
};

const held = ["action-abandoned", "action-retried"];
const limited = ["allowance", "card-limits"];
const refusal = ["withheld-refusal-proposed", "withheld-refused"];
const suspension = ["allowance", "card-limits", "card-status"];
const second = ["approval-asked", "approval-refused", "funding", "payout", "withheld-paid"];

describe("the audit log", () => {
  it("has an entry of every call that writes, but for those that say why not", () => {
    const routes = recorded.ofRoutes(["Post", "Put", "Patch", "Delete"]);
    // By the policy settlement issues allowances itself, where a person's are entries.
    const byItself = "POST /v1/requests";
    expect(routes[byItself]).toEqual(limited);
    const without = Object.keys(routes).filter((route) => routes[route]?.length === 0 || route === byItself);
    expect(without).toEqual(Object.keys(UNRECORDED).sort());
    expect(Object.fromEntries(Object.entries(routes).filter(([route]) => !without.includes(route)))).toEqual({
      "POST /console/alarms/{id}/acknowledgement": ["alarm-acknowledged"],
      "POST /console/approvals/{id}/{what}": second,
      "POST /console/books/periods": ["period-closed"],
      "POST /console/cards/{card}/release": suspension,
      "POST /console/cards/{card}/rest": ["approval-asked", "funding", "rest-asked"],
      "POST /console/cards/{card}/suspension": suspension,
      "POST /console/cases/{id}/owner": ["case-taken"],
      "POST /console/cases/{id}/payment": ["approval-asked", "withheld-paid"],
      "POST /console/cases/{id}/refusal": refusal,
      "POST /console/cases/{id}/resolution": ["case-resolved"],
      "POST /console/joining/approval": ["certificate"],
      "POST /console/joining/{id}/refusal": ["certificate-request-refused"],
      "POST /console/merchants/{payee}/confirmation": ["payee-confirmed"],
      "POST /console/merchants/{payee}/name": ["named"],
      "POST /console/merchants/{payee}/payout": ["approval-asked", "payout"],
      "POST /console/merchants/{payee}/terminals/{terminalId}/name": ["named"],
      "POST /console/merchants/{payee}/terminals/{terminalId}/withdrawal": ["certificate-withdrawn"],
      "POST /console/queues/action/{id}/{what}": held,
      "POST /sign-in/passkey/new": ["passkey-added", "passkey-removed"],
      "POST /sign-in/passkeys/removal": ["passkey-added", "passkey-removed"],
      "POST /v1/actions/{id}/abandon": ["action-abandoned"],
      "POST /v1/actions/{id}/retry": ["action-retried"],
      "POST /v1/alarms/{id}/acknowledgement": ["alarm-acknowledged"],
      "POST /v1/approvals/{id}/approval": ["approval-asked", "funding", "payout", "withheld-paid"],
      "POST /v1/approvals/{id}/refusal": ["approval-refused"],
      "POST /v1/cards": ["card-registered"],
      "POST /v1/cards/{card}/allowances": limited,
      "POST /v1/cards/{card}/fundings": ["approval-asked", "funding"],
      "POST /v1/cards/{card}/keys": ["allowance", "card-keys", "card-limits"],
      "POST /v1/cards/{card}/limits": limited,
      "POST /v1/cards/{card}/reference": ["card-reference"],
      "POST /v1/cards/{card}/release": suspension,
      "POST /v1/cards/{card}/replacement": ["approval-asked", "card-replaced", "funding"],
      "POST /v1/cards/{card}/replacement/rest": ["approval-asked", "funding", "rest-asked"],
      "POST /v1/cards/{card}/suspension": suspension,
      "POST /v1/cases/{id}/owner": ["case-taken"],
      "POST /v1/cases/{id}/resolution": ["case-resolved"],
      "POST /v1/certificate-requests/{id}/approval": ["certificate"],
      "POST /v1/certificate-requests/{id}/refusal": ["certificate-request-refused"],
      "POST /v1/fundings/{id}/abandon": ["action-abandoned"],
      "POST /v1/fundings/{id}/retry": ["action-retried"],
      "POST /v1/merchants": ["certificate"],
      "POST /v1/merchants/{payee}/terminals/{terminalId}/withdrawal": ["certificate-withdrawn"],
      "POST /v1/order-reports": ["order-report"],
      "POST /v1/payees/{payee}/confirmation": ["payee-confirmed"],
      "POST /v1/payouts": ["approval-asked", "payout"],
      "POST /v1/payouts/{id}/abandon": ["action-abandoned"],
      "POST /v1/payouts/{id}/retry": ["action-retried"],
      "POST /v1/periods": ["period-closed"],
      "POST /v1/withheld/{id}/payment": ["approval-asked", "withheld-paid"],
      "POST /v1/withheld/{id}/refusal": refusal,
      "PUT /v1/cards/{card}/status": ["card-status"],
      "PUT /v1/merchants/{payee}/name": ["named"],
      "PUT /v1/merchants/{payee}/terminals/{terminalId}/name": ["named"],
    });
    // Whoever comes back from the identity provider may be new here, or have another role.
    const reading = Object.entries(recorded.ofRoutes(["Get"])).filter(([, actions]) => actions.length > 0);
    expect(reading).toEqual([["GET /sign-in/provider/callback", ["person-invited"]]]);
  });

  it("has an entry of every command that writes, but for those that say why not", () => {
    const said = {
      ...Object.fromEntries(Object.keys(UNRECORDED_USAGES).map((usage) => [usage, []])),
      ...RECORDED_USAGES,
    };
    const usages = commands().flatMap(({ usages: own }) => own);
    expect([...new Set(usages)].sort()).toEqual(Object.keys(said).sort());
    for (const { name, file, run, usages: own } of commands()) {
      const claimed = own.flatMap((usage) => said[usage] ?? []);
      expect([name, recorded.ofFunction(file, run)]).toEqual([name, [...new Set(claimed)].sort()]);
    }
  });

  it("names in the specification every action that a call or a command records", () => {
    const table = readFileSync(new URL("../../../docs/spec/6-settlement.md", import.meta.url), "utf8");
    const named = [...table.matchAll(/^\| ([a-z-]+(?:, [a-z-]+)*) \| /gm)].flatMap(([, names = ""]) =>
      names.split(", "),
    );
    const routes = Object.values(recorded.ofRoutes(["Get", "Post", "Put", "Patch", "Delete"]));
    const actions = new Set([...routes, ...Object.values(RECORDED_USAGES)].flat());
    expect(named).toEqual(expect.arrayContaining([...actions]));
  });
});

/** Every command of the program: the file and the function that run it, and the usages of its help that begin with its name. */
function commands(): readonly { name: string; file: string; run: string; usages: readonly string[] }[] {
  const read = (file: string) => readFileSync(new URL(`../src/${file}`, import.meta.url), "utf8");
  const list = read("commands/program/all-commands.ts");
  const known = [
    ...list.matchAll(
      /^ {2}"?([a-z -]+)"?: async \(\) => \{\n {4}const \{ ([^}]*) \} = await import\("\.\.\/(\.\.\/)?([^"]+)"\)/gm,
    ),
  ];
  return known.map(([, name = "", names = "", up, path = ""]) => {
    const file = up === undefined ? `commands/${path}` : path;
    const run = names.split(", ").find((each) => each.endsWith("Command")) ?? "";
    const usages = [...read(file).matchAll(/^.*?tallystick-settlement ((?:[a-z][a-z-]*(?:\|[a-z-]+)*(?: |$))+)/gm)].map(
      ([, usage = ""]) => usage.trim(),
    );
    return { name, file, run, usages: usages.filter((usage) => usage === name || usage.startsWith(`${name} `)) };
  });
}
