import { expect, it } from "@jest/globals";
import { KeystoreError } from "@tallystick/keystore";
import { DatabaseAway } from "../database/database-away.ts";
import { createProblemFilter, type StandingFaults } from "./create-problem-filter.ts";

it("answers for a key in an HSM that is away: ask again, and nothing of the HSM", () => {
  const filter = createProblemFilter([]);
  const { body, retryAfterSeconds } = filter.describe(new KeystoreError("HSM_GONE", "token vault-room is gone"));
  expect(body).toMatchObject({ code: "KEYS_UNAVAILABLE", status: 503 });
  expect(retryAfterSeconds).toBeGreaterThan(0);
  expect(JSON.stringify(body)).not.toContain("vault-room");
});

it("answers for a database that is away: since when, and who must do what", () => {
  const fault = { message: "It is away.", next: "Start it.", since: "2026-11-30T04:35:10.000Z" };
  const asked: string[] = [];
  const standing: StandingFaults = (codes) => {
    asked.push(...codes);
    return fault;
  };
  const { body, retryAfterSeconds } = createProblemFilter([], standing).describe(new DatabaseAway("gone"));
  expect([body.status, body.code, retryAfterSeconds]).toEqual([503, "DATABASE_UNAVAILABLE", 5]);
  expect(asked).toContain("DATABASE_UNAVAILABLE");
  expect(body.detail).toContain("It is away.");
  expect(body.detail).toContain("2026-11-30 04:35 UTC");
  expect(body.next).toContain("start it.");

  // What no probe has seen yet has a next step too.
  const { body: early } = createProblemFilter([]).describe(new DatabaseAway("gone"));
  expect([early.code, early.next?.includes("PostgreSQL")]).toEqual(["DATABASE_UNAVAILABLE", true]);
});

it.each(["22021", "22P05"])("answers for a text that PostgreSQL refuses as for any that is malformed: %s", (code) => {
  const { body } = createProblemFilter([]).describe(Object.assign(new Error("invalid byte sequence"), { code }));
  expect([body.status, body.code]).toEqual([400, "MALFORMED_BODY"]);
});
