import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { toHex } from "@tallystick/protocol";
import type { Role } from "../src/foundation/rights.ts";
import { invite, listPeople, removePerson } from "../src/operations/people/people.ts";
import { auditedEntry, type KeptEntry } from "./harness/people/audit.ts";
import { type AskedOptions, SoftAuthenticator, type Tampering } from "./harness/people/authenticator.ts";
import { ask, TestBrowser } from "./harness/people/browser.ts";
import { registeredCard } from "./harness/issued.ts";
import { createHarness, ISSUER_TOKEN, type SettlementHarness, type TestService } from "./harness/settlement-harness.ts";

const MINUTE = 60_000;

describe("people", () => {
  let harness: SettlementHarness;
  let service: TestService;
  let now = Date.now();

  beforeAll(async () => {
    harness = await createHarness();
    await harness.mine(5);
    const change = { signIn: { idleMinutes: 30, sessionHours: 12 }, approvals: { above: "5.00" } };
    service = await harness.start(await harness.createDatabase(), change, { now: () => now });
  });
  afterAll(async () => {
    await service?.stop();
    await harness.stop();
  });

  const origin = () => service.doors.administration.replace("127.0.0.1", "localhost");
  const invited = async (name: string, role: Role = "finance") =>
    (await invite(service.platform.db, { name, role, payee: null, by: "ada", now })).secret;

  async function signedIn(name: string, role?: Role): Promise<TestBrowser> {
    const browser = new TestBrowser(origin());
    const answer = await browser.post(`/sign-in/${await invited(name, role)}`);
    expect([answer.status, answer.headers["location"]]).toEqual([303, "/sign-in/passkey/new"]);
    return browser;
  }
  const reads = async (browser: TestBrowser) => (await browser.get("/v1/queues")).status;

  it("sign in by a link that works once, in its time, and only where somebody pressed its button", async () => {
    const secret = await invited("ida");
    const browser = new TestBrowser(origin());
    expect((await browser.get("/console")).headers["location"]).toBe("/sign-in");
    expect((await browser.get("/sign-in")).status).toBe(200);
    for (let time = 0; time < 2; time += 1) expect((await browser.get(`/sign-in/${secret}`)).status).toBe(200);
    const foreign = [
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "none" },
      { "sec-fetch-site": "same-site" },
    ];
    for (const headers of foreign)
      expect((await browser.post(`/sign-in/${secret}`, {}, headers)).code).toBe("FORM_TOKEN");
    const answer = await browser.post(`/sign-in/${secret}`);
    expect(answer.headers["set-cookie"]).toEqual([
      expect.stringMatching(/^tallystick=[\w-]{43}; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict$/),
    ]);
    expect([await reads(browser), (await browser.get("/console")).status]).toEqual([200, 200]);
    expect((await new TestBrowser(origin()).post(`/sign-in/${secret}`)).status).toBe(401);
    const late = await invited("ida");
    now += 15 * MINUTE;
    expect((await new TestBrowser(origin()).post(`/sign-in/${late}`)).status).toBe(401);
    const [first, second] = [await invited("ida"), await invited("ida")];
    expect((await new TestBrowser(origin()).post(`/sign-in/${first}`)).status).toBe(401);
    expect((await new TestBrowser(origin()).post(`/sign-in/${second}`)).status).toBe(303);
    expect(await reads(browser)).toBe(200);
  });

  it("change nothing from another page, or without the form token of their session", async () => {
    const [browser, other] = [await signedIn("fay"), await signedIn("gus")];
    const json = { payee: `0x${"12".repeat(20)}` };
    const [own, foreign] = [await browser.formToken(), await other.formToken()];
    const pay = (headers: Record<string, string>, fields: object = {}) =>
      browser.post("/v1/payouts", { json: { ...json, ...fields } }, headers);
    expect((await pay({})).code).toBe("FORM_TOKEN");
    expect((await pay({ "tallystick-form": foreign })).code).toBe("FORM_TOKEN");
    expect((await pay({ "tallystick-form": own, "sec-fetch-site": "same-site" })).code).toBe("FORM_TOKEN");
    const cookie = { cookie: `tallystick=${browser.cookie}`, "content-type": "application/json" };
    const bare = await ask(
      `${origin()}/v1/payouts`,
      "POST",
      { ...cookie, "tallystick-form": own },
      JSON.stringify(json),
    );
    expect(bare.code).toBe("FORM_TOKEN");
    expect((await pay({ "tallystick-form": own })).code).toBe("NOTHING_OWED");
    expect((await pay({}, { formToken: own })).code).toBe("NOTHING_OWED");
  });

  it("have sessions that end idle, with their time, by signing out, by removal and by another role", async () => {
    const [idle, used] = [await signedIn("jon"), await signedIn("kim")];
    for (let time = 0; time < 2; time += 1) {
      now += 29 * MINUTE;
      expect(await reads(used)).toBe(200);
    }
    expect([await reads(idle), (await idle.get("/console")).status]).toEqual([401, 303]);
    for (let time = 0; time < 24; time += 1) {
      now += 29 * MINUTE;
      await reads(used);
    }
    expect(await reads(used)).toBe(401);

    const left = await signedIn("lea");
    const { cookie } = left;
    await left.post("/sign-out", { formToken: await left.formToken() });
    const stolen = new TestBrowser(origin());
    stolen.cookie = cookie;
    expect([left.cookie, await reads(stolen)]).toEqual([null, 401]);

    const { db } = service.platform;
    const removed = await signedIn("moe");
    const link = await invited("moe");
    const removal = { name: "moe", by: "ada", reason: "left the firm", now };
    expect([await removePerson(db, removal), await removePerson(db, removal)]).toEqual([true, false]);
    expect([await reads(removed), (await removed.post(`/sign-in/${link}`)).status]).toEqual([401, 401]);
    const other = await signedIn("nia", "viewer");
    await invited("nia", "risk");
    expect(await reads(other)).toBe(401);
    const states = (await listPeople(db, now)).map(({ name, state, sessions }) => `${name} ${state} ${sessions}`);
    expect(states).toEqual(expect.arrayContaining(["moe removed 0", "lea active 0"]));
    const { entries } = (await service.call("GET", "/v1/audit/entries")).body;
    const about = (entries as readonly KeptEntry[]).map(auditedEntry);
    expect(about.find(([action]) => action === "person-removed")).toEqual([
      ...["person-removed", "ada", "admin", expect.stringMatching(/^[0-9a-f-]{36}$/)],
      [
        ["person", "moe"],
        ["reason", "left the firm"],
      ],
      now,
    ]);
  });

  it("sign in by a passkey, which nobody else's answer, and no answer of another time or place, is", async () => {
    const json = async (
      browser: TestBrowser,
      path: string,
      body: object = {},
      headers: Record<string, string> = {},
    ) => {
      const { status, text, code } = await browser.post(path, { json: body }, headers);
      return status === 200 ? (JSON.parse(text) as AskedOptions & { readonly to?: string }) : code;
    };
    const options = async (browser: TestBrowser, path: string, headers: Record<string, string> = {}) => {
      const asked = await json(browser, `${path}/options`, {}, headers);
      if (typeof asked !== "object") throw new Error(`${path}: ${asked}`);
      return asked;
    };
    /** A person with a passkey. */
    const enrolled = async (name: string): Promise<SoftAuthenticator> => {
      const [browser, authenticator] = [await signedIn(name), new SoftAuthenticator(origin())];
      const form = { "tallystick-form": await browser.formToken() };
      const path = "/sign-in/passkey/new";
      const asked = await options(browser, path, form);
      for (const wrong of [{ origin: "http://localhost:1" }, { relyingParty: "evil.example" }, { flags: 0x01 }])
        expect(await json(browser, path, authenticator.register(asked, wrong), form)).toBe("UNAUTHENTICATED");
      const made = authenticator.register(asked);
      expect([await json(browser, path, made), await json(browser, path, made, form)]).toEqual([
        ...["FORM_TOKEN", { to: "/console" }],
      ]);
      expect(await json(browser, path, made, form)).toBe("UNAUTHENTICATED");
      return authenticator;
    };
    const [ada, eve] = [await enrolled("wim"), await enrolled("eve")];
    const path = "/sign-in/passkey";
    const browser = new TestBrowser(origin());
    const attempt = async (tampering: Tampering = {}, by = ada) =>
      await json(browser, path, by.signIn(await options(browser, path), tampering));
    expect(await attempt()).toEqual({ to: "/console" });
    expect(await reads(browser)).toBe(200);

    browser.cookie = null;
    const foreign = await options(browser, path);
    const other = new TestBrowser(origin());
    const enrolling = await signedIn("wim");
    const own = { "tallystick-form": await enrolling.formToken() };
    const registration = await options(enrolling, "/sign-in/passkey/new", own);
    for (const wrong of [
      { origin: "http://evil.example" },
      { relyingParty: "evil.example" },
      { challenge: Buffer.alloc(54).toString("base64url") },
      { challenge: registration.challenge },
      { flags: 0x01 },
      { counter: 1 },
      { userHandle: "AAAA" },
      { credentialId: eve.credentialId },
      { credentialId: "AAAA" },
    ])
      expect([wrong, await attempt(wrong)]).toEqual([wrong, "UNAUTHENTICATED"]);
    const answer = ada.signIn(foreign);
    expect(await json(other, path, answer)).toEqual({ to: "/console" });
    expect(await json(new TestBrowser(origin()), path, answer)).toBe("UNAUTHENTICATED");
    const late = await options(browser, path);
    now += 5 * MINUTE;
    expect(await json(browser, path, ada.signIn(late))).toBe("UNAUTHENTICATED");
    // However much was wrong from here, what is right is let in.
    for (let time = 0; time < 15; time += 1) await attempt({ userHandle: "AAAA" });
    expect(await attempt({ userHandle: "AAAA" })).toBe("WRONG_TOKENS");
    expect(await attempt({}, eve)).toEqual({ to: "/console" });
    const old = await signedIn("wim");
    now += 10 * MINUTE;
    const form = { "tallystick-form": await old.formToken() };
    expect(await json(old, "/sign-in/passkey/new/options", {}, form)).toBe("FORBIDDEN");
    await removePerson(service.platform.db, { name: "wim", by: "ada", reason: "left", now });
    expect(await attempt()).toBe("WRONG_TOKENS");
    const library = await browser.get("/sign-in/passkey/library.js");
    expect([library.status, library.text.includes("startAuthentication")]).toEqual([200, true]);
  });

  it("need another person above the sum, who decides once and in time, whichever way each of them came", async () => {
    const path = `/v1/cards/${toHex((await registeredCard(harness, service)).address)}/fundings`;
    const asked = (key: string, amount = "5.01", reason = "a gift for the fair") =>
      service.call("POST", path, { token: ISSUER_TOKEN, body: { amount, key, reason } });
    // A token of ida, and her browser.
    const [ida, uma, vic] = [
      await signedIn("ida", "issuer"),
      await signedIn("uma", "issuer"),
      await signedIn("vic", "risk"),
    ];
    const decide = async (browser: TestBrowser, id: string, what: "approval" | "refusal") => {
      const formToken = await browser.formToken();
      const { status, code, text } = await browser.post(`/v1/approvals/${id}/${what}`, {
        json: { reason: "looked at it", formToken },
      });
      return status === 200 ? (JSON.parse(text) as { state: string }).state : code;
    };
    expect((await asked("small", "5.00")).status).toBe(200);
    expect(
      (await service.call("POST", path, { token: ISSUER_TOKEN, body: { amount: "6.00", key: "x" } })).body.code,
    ).toBe("MALFORMED_BODY");
    const { status, body } = await asked("one");
    expect([status, body.code]).toEqual([409, "SECOND_PERSON_NEEDED"]);
    expect((await asked("one")).body.approval).toBe(body.approval);
    expect((await asked("one", "7.00")).body.code).toBe("KEY_REUSED");
    expect([await decide(ida, body.approval, "approval"), await decide(vic, body.approval, "approval")]).toEqual([
      ...["SECOND_PERSON_NEEDED", "FORBIDDEN"],
    ]);
    const both = await Promise.all([decide(uma, body.approval, "approval"), decide(uma, body.approval, "approval")]);
    expect(both.sort()).toEqual(["APPROVAL_OVER", "approved"]);
    expect((await asked("one")).body.state).toBeDefined();
    const { rows } = await service.platform.pool.query("select 1 from fundings where key = 'one'");
    expect(rows).toHaveLength(1);
    const { entries } = (await service.call("GET", "/v1/audit/entries")).body;
    expect(auditedEntry(entries[0]).slice(0, 5)).toEqual([
      ...["funding", "uma", "issuer", path.split("/")[3]],
      [
        ["units", "5010000"],
        ["key", "one"],
        ["reason", "looked at it"],
        ["asked-by", "ida"],
        ["asked-because", "a gift for the fair"],
      ],
    ]);
    now += MINUTE;
    const refused = (await asked("two")).body.approval as string;
    expect([await decide(ida, refused, "refusal"), await decide(uma, refused, "refusal")]).toEqual([
      ...["SECOND_PERSON_NEEDED", "refused"],
    ]);
    expect([await decide(uma, refused, "approval"), (await asked("two")).body.code]).toEqual([
      ...["APPROVAL_OVER", "APPROVAL_OVER"],
    ]);
    now += MINUTE;
    const late = (await asked("three")).body.approval as string;
    now += 24 * 60 * MINUTE;
    expect(await decide(await signedIn("uma", "issuer"), late, "approval")).toBe("APPROVAL_OVER");
    expect((await asked("three")).body.approval).not.toBe(late);
    const { approvals } = (await service.call("GET", "/v1/approvals")).body;
    expect(approvals.map(({ state }: { state: string }) => state).sort()).toEqual([
      ...["approved", "ended", "refused", "waiting"],
    ]);
  });

  it("are let in by what is right, however much that is wrong came from their address", async () => {
    const secret = await invited("ola");
    const guesser = new TestBrowser(origin());
    let code: string | undefined;
    let wait: string | undefined;
    for (let time = 0; time < 25; time += 1) {
      guesser.cookie = "w".repeat(43);
      const answer = await guesser.get("/v1/queues");
      ({ code } = answer);
      wait = answer.headers["retry-after"];
    }
    expect([code, Number(wait) > 0]).toEqual(["WRONG_TOKENS", true]);
    expect((await guesser.post(`/sign-in/${"w".repeat(43)}`)).code).toBe("WRONG_TOKENS");
    const browser = new TestBrowser(origin());
    expect((await browser.post(`/sign-in/${secret}`)).status).toBe(303);
    expect(await reads(browser)).toBe(200);
  });
});
