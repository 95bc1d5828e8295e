import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { toHex } from "@tallystick/protocol";
import type { Role } from "../src/foundation/rights.ts";
import { erasePerson } from "../src/operations/people/erase-person.ts";
import { invite, listPeople, removePerson } from "../src/operations/people/people.ts";
import { auditedActions, auditedEntry, type KeptEntry } from "./harness/people/audit.ts";
import { type AskedOptions, SoftAuthenticator, type Tampering } from "./harness/people/authenticator.ts";
import { eventsTold } from "./harness/promql/events-told.ts";
import { TestIdentityProvider } from "./harness/people/identity-provider.ts";
import { ask, TestBrowser } from "./harness/people/browser.ts";
import { eventually } from "./harness/eventually.ts";
import { certifiedTerminal, registeredCard } from "./harness/issued.ts";
import { createHarness, ISSUER_TOKEN, type SettlementHarness, type TestService } from "./harness/settlement-harness.ts";

const MINUTE = 60_000;

describe("people", () => {
  let harness: SettlementHarness;
  let service: TestService;
  let identity: TestIdentityProvider;
  let now = Date.now();

  beforeAll(async () => {
    harness = await createHarness();
    identity = await TestIdentityProvider.start();
    await harness.mine(5);
    const { issuer, clientId, clientSecret } = identity;
    const provider = { issuer, clientId, clientSecret, roles: { money: "finance", watchers: "viewer" } };
    const change = { signIn: { idleMinutes: 30, sessionHours: 12, provider }, approvals: { above: "5.00" } };
    service = await harness.start(await harness.createDatabase(), change, { now: () => now });
  });
  afterAll(async () => {
    await service?.stop();
    await identity.stop();
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
  /** One way to the provider and back, as a browser goes it. */
  async function arrive(
    claims: Readonly<Record<string, unknown>>,
    change: { readonly forged?: object; readonly back?: (url: URL) => void; readonly cookie?: string } = {},
  ) {
    const begun = await ask(`${origin()}/sign-in/provider`, "GET");
    const own = /^(tallystick-provider=[\w-]+)/.exec(begun.headers["set-cookie"]?.[0] ?? "")?.[1] ?? "";
    const back = identity.agree(begun.headers["location"] ?? "", claims, change.forged);
    change.back?.(back);
    const again = async () => await ask(back.href, "GET", { cookie: change.cookie ?? own });
    const answer = await again();
    const session = /^tallystick=([\w-]+)/.exec(answer.headers["set-cookie"]?.[0] ?? "")?.[1] ?? null;
    return { answer, again, session };
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
    const told = await eventsTold(service);
    const answer = await browser.post(`/sign-in/${secret}`);
    expect(answer.headers["set-cookie"]).toEqual([
      expect.stringMatching(/^tallystick=[\w-]{43}; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict$/),
    ]);
    expect([await reads(browser), (await browser.get("/console")).status]).toEqual([200, 200]);
    expect((await new TestBrowser(origin()).post(`/sign-in/${secret}`)).status).toBe(401);
    // A second press of the button, by the browser that has the link's session, and by one with another.
    const again = await browser.post(`/sign-in/${secret}`);
    expect([again.status, again.headers["location"]]).toEqual([303, answer.headers["location"]]);
    expect(again.headers["set-cookie"]).toBeUndefined();
    expect(await eventsTold(service)).toEqual({ ...told, "sign-in": told["sign-in"] + 1 });
    const spent = await browser.get(`/sign-in/${secret}`);
    const [, on = ""] = /href="([^"]+)">go on</.exec(spent.text) ?? [];
    expect([spent.status, (await browser.get(on)).status]).toEqual([410, 200]);
    const other = await signedIn("ida");
    expect((await other.post(`/sign-in/${secret}`)).status).toBe(401);
    const late = await invited("ida");
    now += 15 * MINUTE;
    expect((await browser.get(`/sign-in/${late}`)).status).toBe(410);
    expect((await new TestBrowser(origin()).post(`/sign-in/${late}`)).status).toBe(401);
    const [first, second] = [await invited("ida"), await invited("ida")];
    expect((await new TestBrowser(origin()).post(`/sign-in/${first}`)).status).toBe(401);
    expect((await new TestBrowser(origin()).post(`/sign-in/${second}`)).status).toBe(303);
    expect(await reads(browser)).toBe(200);
  });

  it("change nothing from another page, or without the form token of their session", async () => {
    const [browser, other] = [await signedIn("fay"), await signedIn("gus")];
    const json = { payee: `0x${"12".repeat(20)}`, reason: "the week's sales" };
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
      { body: JSON.stringify(json) },
    );
    expect(bare.code).toBe("FORM_TOKEN");
    expect((await pay({ "tallystick-form": own })).code).toBe("NOTHING_OWED");
    expect((await pay({}, { formToken: own })).code).toBe("NOTHING_OWED");
    // By a session as by a token nobody moves money without a reason.
    for (const reason of [undefined, "", " ", "two\nlines", "x".repeat(201), 7])
      expect((await pay({ "tallystick-form": own }, { reason })).code).toBe("REASON_NEEDED");
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
    const told = await eventsTold(service);
    expect(await attempt()).toEqual({ to: "/console" });
    expect(await reads(browser)).toBe(200);
    expect((await eventsTold(service))["sign-in"]).toBe(told["sign-in"] + 1);

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

  it("see their passkeys, and remove one but not their last way in", async () => {
    const list = "/sign-in/passkeys";
    const add = async (browser: TestBrowser, name: string): Promise<SoftAuthenticator> => {
      const [made, form] = [
        new SoftAuthenticator(origin()),
        { json: {}, form: { "tallystick-form": await browser.formToken() } },
      ];
      const path = "/sign-in/passkey/new";
      const asked = JSON.parse((await browser.post(`${path}/options`, form, form.form)).text) as AskedOptions;
      const answer = await browser.post(path, { json: { ...made.register(asked), name } }, form.form);
      expect([name, answer.status]).toEqual([name, name.includes("\n") ? 400 : 200]);
      return made;
    };
    const [pia, elsewhere, una] = [await signedIn("pia"), await signedIn("pia"), await signedIn("una")];
    const [laptop, drawer] = [await add(pia, "<b>laptop</b>"), await add(pia, "key in the drawer")];
    await add(pia, "two\nlines");
    await add(una, "mine");
    const { text } = await pia.get(list);
    expect(text.match(/name="id" value="[^"]+"/g)).toHaveLength(2);
    expect([text.includes("&lt;b&gt;laptop"), text.includes("drawer"), text.includes("mine")]).toEqual([
      true,
      true,
      false,
    ]);
    expect((await new TestBrowser(origin()).get(list)).status).toBe(303);
    const remove = async (browser: TestBrowser, id: string, formToken?: string) => {
      const token = formToken ?? (await browser.formToken());
      const { status, code } = await browser.post(
        `${list}/removal`,
        { formToken: token, id },
        { accept: "application/json" },
      );
      return code ?? status;
    };
    expect(await remove(pia, laptop.credentialId, "another")).toBe("FORM_TOKEN");
    for (const id of ["", "no base64url!", "AAAA"])
      expect([id, await remove(pia, id)]).toEqual([id, id === "AAAA" ? "NOT_FOUND" : "MALFORMED_BODY"]);
    expect(await remove(una, laptop.credentialId)).toBe("NOT_FOUND");
    // Both at once: one stays.
    const both = await Promise.all([laptop, drawer].map(({ credentialId }) => remove(pia, credentialId)));
    expect(both.sort()).toEqual([303, "LAST_PASSKEY"]);
    expect([await reads(pia), await reads(elsewhere), await reads(una)]).toEqual([200, 401, 200]);
    const { rows } = await service.platform.pool.query("select id from passkeys where person = 'pia'");
    expect(rows).toHaveLength(1);
    const page = await pia.post(`${list}/removal`, { formToken: await pia.formToken(), id: rows[0].id as string });
    expect([page.status, page.code]).toEqual([409, "LAST_PASSKEY"]);
    const gone = laptop.credentialId === rows[0].id ? drawer : laptop;
    const path = "/sign-in/passkey";
    const asked = JSON.parse((await pia.post(`${path}/options`, { json: {} })).text) as AskedOptions;
    expect((await new TestBrowser(origin()).post(path, { json: gone.signIn(asked) })).status).not.toBe(200);
    now += 10 * MINUTE;
    expect(await remove(pia, rows[0].id)).toBe("FORBIDDEN");
    const again = await signedIn("pia");
    await add(again, "new");
    expect(await remove(again, rows[0].id)).toBe(303);
    const { entries } = (await service.call("GET", "/v1/audit/entries")).body as { entries: readonly KeptEntry[] };
    const about = entries.map(auditedEntry).filter(([action, who]) => action.startsWith("passkey") && who === "pia");
    expect(about.map(([action]) => action)).toEqual([
      ...["passkey-removed", "passkey-added", "passkey-removed", "passkey-added", "passkey-added"],
    ]);
    expect(about[3]?.[4]).toEqual([
      ["passkey", expect.stringMatching(/^0x[0-9a-f]{64}$/)],
      ["name", "key in the drawer"],
    ]);
  });

  it("sign in by the operator's identity provider, with the role that it gives them, and without one not", async () => {
    const zoe = { sub: "1", preferred_username: "zoe", groups: ["staff", "watchers"] };
    const told = await eventsTold(service);
    const first = await arrive(zoe);
    expect((await eventsTold(service))["sign-in"]).toBe(told["sign-in"] + 1);
    expect([first.answer.status, first.answer.text.includes('url=/console"')]).toEqual([200, true]);
    expect((await first.again()).code).toBe("UNAUTHENTICATED");
    const browser = new TestBrowser(origin());
    browser.cookie = first.session;
    expect(await reads(browser)).toBe(200);
    const state = (url: URL): void => url.searchParams.set("state", "another");
    const bad = [{ forged: { nonce: "another" } }, { forged: { challenge: "another" } }, { back: state }];
    for (const change of [...bad, { cookie: `tallystick-provider=${"x".repeat(43)}` }, { cookie: "" }])
      expect((await arrive(zoe, change)).answer.code).toBe("UNAUTHENTICATED");
    // Somebody who was invited here is not whoever has that name there.
    await invited("ida");
    for (const claims of [
      { sub: "2", preferred_username: "ida" },
      { sub: "3", preferred_username: "<b>" },
      { sub: "4" },
    ])
      expect((await arrive({ groups: "money", ...claims })).answer.code).toBe("FORBIDDEN");
    for (const groups of [undefined, [], "admin", ["merchant"], { watchers: true }])
      expect((await arrive({ sub: "5", preferred_username: "yan", groups })).answer.code).toBe("FORBIDDEN");
    expect(await reads(browser)).toBe(200);
    expect((await arrive({ ...zoe, groups: "nothing" })).answer.code).toBe("FORBIDDEN");
    expect(await reads(browser)).toBe(401);
    await arrive({ ...zoe, groups: ["money"] });
    const roles = (await listPeople(service.platform.db, now)).map(({ name, role }) => `${name} ${role}`);
    expect(roles).toEqual(expect.arrayContaining(["zoe finance"]));
    expect(roles.some((each) => each.startsWith("yan"))).toBe(false);
    const { db } = service.platform;
    const left = { name: "zoe", by: "ada", reason: "left", now };
    await removePerson(db, left);
    expect((await arrive(zoe)).answer.code).toBe("FORBIDDEN");
    // Erased, it leaves no name, and stays out by this account alone.
    await erasePerson(db, left);
    for (const preferred_username of ["zoe", "zora"])
      expect((await arrive({ ...zoe, preferred_username })).answer.code).toBe("FORBIDDEN");
    expect((await listPeople(db, now)).map(({ name }) => name)).not.toContain("zoe");
    const { rows } = await service.platform.pool.query("select * from barred_accounts");
    expect(JSON.stringify(rows)).not.toContain("zoe");
    expect((await arrive({ ...zoe, sub: "7" })).session).not.toBeNull();
  });

  it("come in by the provider alone where they come by it, and by links and passkeys alone where they were invited", async () => {
    const path = "/sign-in/passkey";
    const abe = { sub: "20", preferred_username: "abe", groups: "money" };
    const post = async (browser: TestBrowser, to: string, body: object) => {
      const { status, code } = await browser.post(to, { json: body }, { "tallystick-form": await browser.formToken() });
      return code ?? status;
    };
    const enrolled = async (browser: TestBrowser): Promise<SoftAuthenticator> => {
      const authenticator = new SoftAuthenticator(origin());
      const form = { "tallystick-form": await browser.formToken() };
      const asked = JSON.parse((await browser.post(`${path}/new/options`, { json: {} }, form)).text) as AskedOptions;
      expect(await post(browser, `${path}/new`, authenticator.register(asked))).toBe(200);
      return authenticator;
    };
    const byPasskey = async (authenticator: SoftAuthenticator) => {
      const browser = new TestBrowser(origin());
      const asked = JSON.parse((await browser.post(`${path}/options`, { json: {} })).text) as AskedOptions;
      return (await browser.post(path, { json: authenticator.signIn(asked) })).status === 200;
    };
    const links = async (browser: TestBrowser) => (await browser.get("/console")).text.includes("/sign-in/passkeys");
    const provided = new TestBrowser(origin());
    provided.cookie = (await arrive(abe)).session;
    expect([await reads(provided), await links(provided)]).toEqual([200, false]);
    expect(await post(provided, `${path}/new/options`, {})).toBe("FORBIDDEN");
    const bea = await signedIn("bea");
    expect(await links(bea)).toBe(true);
    const authenticator = await enrolled(bea);
    const other = new SoftAuthenticator(origin());
    const form = { "tallystick-form": await bea.formToken() };
    const asked = JSON.parse((await bea.post(`${path}/new/options`, { json: {} }, form)).text) as AskedOptions;
    expect(await post(provided, `${path}/new`, other.register(asked))).toBe("FORBIDDEN");
    for (const page of ["/sign-in/passkeys", `${path}/new`]) {
      const { status, text } = await provided.get(page);
      expect([status, text.includes("data-passkey"), text.includes(`href="${path}/new"`)]).toEqual([200, false, false]);
    }
    // One from before, as of an earlier version, lets nobody in, and goes with the first invitation.
    const { pool } = service.platform;
    expect(await byPasskey(authenticator)).toBe(true);
    await pool.query("update people set subject = 'idp bea' where name = 'bea'");
    expect([await byPasskey(authenticator), await links(bea)]).toEqual([false, false]);
    const { rows } = await pool.query("select id from passkeys where person = 'bea'");
    expect(await post(bea, "/sign-in/passkeys/removal", { id: rows[0].id as string })).toBe("FORBIDDEN");
    await signedIn("bea");
    expect([await byPasskey(authenticator), await reads(bea)]).toEqual([false, 401]);

    // Invited, it comes by the link, has the passkeys that it adds then, and comes by its account no more.
    const abed = await signedIn("abe", "risk");
    expect([await reads(provided), await links(abed)]).toEqual([401, true]);
    const own = await enrolled(abed);
    for (const preferred_username of ["abe", "abigail"])
      expect((await arrive({ ...abe, preferred_username })).answer.code).toBe("FORBIDDEN");
    expect([await reads(abed), await byPasskey(own)]).toEqual([200, true]);
    const left = { name: "abe", by: "ada", reason: "left", now };
    await removePerson(service.platform.db, left);
    await erasePerson(service.platform.db, left);
    expect((await arrive(abe)).answer.code).toBe("FORBIDDEN");
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
    ).toBe("REASON_NEEDED");
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

  it("acknowledge an alarm once on the console, and see on its first screen what waits for them", async () => {
    const [kai, viv] = [await signedIn("kai", "support"), await signedIn("viv", "viewer")];
    const id = "00000000-0000-4000-8000-00000000a1a2";
    const at = new Date(now - MINUTE);
    const alarm = { code: "NO_GAS", level: "reason", message: "<b>Empty</b>.", next: "Fill it." } as const;
    const { db } = service.platform;
    await db
      .insertInto("alarms")
      .values({ ...alarm, id, since: at, seen_at: at })
      .execute();
    await db.insertInto("alarm_tellings").values({ alarm: id, way: "night-shift", next_try_at: at }).execute();
    await db.updateTable("alarm_tellings").set({ told_at: at }).where("alarm", "=", id).execute();
    const card = toHex((await registeredCard(harness, service)).address);
    await service.call("POST", `/v1/cards/${card}/fundings`, {
      token: ISSUER_TOKEN,
      body: { amount: "6.00", key: "waits", reason: "the fair" },
    });
    const first = await eventually(
      async () => (await kai.get("/console")).text,
      (text) => text.includes("1 open alarm") && / approvals? waits? since/.test(text),
    );
    expect(first).toContain("told by night-shift");
    expect(first).toContain("nobody has acknowledged it");
    expect(first.length).toBeLessThan(40_000);

    const path = `/console/alarms/${id}/acknowledgement`;
    expect((await viv.get("/console/alarms")).text).not.toContain(path);
    const page = (await kai.get("/console/alarms")).text;
    expect([page.includes(`action="${path}"`), page.includes("night-shift"), page.includes("<b>Empty")]).toEqual([
      ...[true, true, false],
    ]);
    const press = async (browser: TestBrowser, fields: Record<string, string> = {}, where = path) => {
      const { status, code } = await browser.post(where, { formToken: await browser.formToken(), ...fields });
      return code ?? status;
    };
    expect([await press(viv), await press(kai, { why: "x" })]).toEqual(["FORBIDDEN", "MALFORMED_BODY"]);
    expect(await press(kai, {}, path.replace("a1a2", "a1a3"))).toBe("NOT_FOUND");
    expect([await press(kai, { reason: "two\nlines" })]).toEqual(["REASON_NEEDED"]);
    expect([
      await press(kai, { reason: "it is mine" }),
      await press(await signedIn("lou", "risk"), { reason: "" }),
    ]).toEqual([303, 303]);
    expect((await service.call("GET", "/v1/alarms")).body.alarms).toEqual([
      expect.objectContaining({ code: "NO_GAS", acknowledgedBy: "kai", endedAt: null }),
    ]);
    expect((await kai.get("/console/alarms")).text).not.toContain(path);
    const said = (await auditedActions(db)).filter(([action]) => action === "alarm-acknowledged");
    expect(said.map((entry) => entry.slice(0, 5))).toEqual([
      [
        ...["alarm-acknowledged", "kai", "support", `alarm:${id}`],
        [
          ["code", "NO_GAS"],
          ["reason", "it is mine"],
        ],
      ],
    ]);
  });

  it("suspend a card, withdraw certificates and ask for a payout on the console, each by its own right", async () => {
    const [sam, rik, fin] = [
      await signedIn("sam", "support"),
      await signedIn("rik", "risk"),
      await signedIn("fin", "finance"),
    ];
    const press = async (browser: TestBrowser, path: string, reason = "the owner called") => {
      const answer = await browser.post(path, { formToken: await browser.formToken(), reason });
      return answer.code ?? answer.headers["location"];
    };
    const card = `/console/cards/${toHex((await registeredCard(harness, service)).address)}`;
    expect((await sam.get(card)).text).toContain(`action="${card}/suspension"`);
    expect((await fin.get(card)).text).not.toContain(`action="${card}/`);
    expect([await press(fin, `${card}/suspension`), await press(sam, `${card}/suspension`, "")]).toEqual([
      ...["FORBIDDEN", "REASON_NEEDED"],
    ]);
    expect(await press(sam, `${card}/suspension`)).toBe(card);
    const held = (await sam.get(card)).text;
    expect([held.includes(`action="${card}/suspension"`), held.includes(`action="${card}/release"`)]).toEqual([
      ...[false, true],
    ]);
    expect((await service.call("GET", card.replace("/console", "/v1"))).body.status).toBe("suspended");
    expect(await press(sam, `${card}/release`)).toBe(card);
    expect((await service.call("GET", card.replace("/console", "/v1"))).body.status).toBe("valid");
    expect(await press(sam, `/console/cards/0x${"12".repeat(20)}/suspension`)).toBe("CARD_UNKNOWN");
    // What was reported lost is not made valid by who may suspend alone, in whatever steps.
    const setTo = async (status: string) =>
      service.call("PUT", `${card.replace("/console", "/v1")}/status`, {
        ...{ token: ISSUER_TOKEN, body: { status, reason: "a thief has it" } },
      });
    await setTo("lost");
    expect([await press(sam, `${card}/suspension`), await press(sam, `${card}/release`)]).toEqual(
      Array(2).fill("CARD_LOST"),
    );
    expect((await service.call("GET", card.replace("/console", "/v1"))).body.status).toBe("lost");
    await setTo("valid");

    const terminal = await certifiedTerminal(harness, service);
    const merchant = `/console/merchants/${toHex(terminal.payee)}`;
    const id = toHex(terminal.terminalId);
    const withdrawal = `${merchant}/terminals/${id}/withdrawal`;
    const offered = async (browser: TestBrowser) => {
      const { text } = await browser.get(merchant);
      return [withdrawal, `${merchant}/payout`].map((path) => text.includes(`action="${path}"`));
    };
    expect([await offered(sam), await offered(rik), await offered(fin)]).toEqual([
      ...[
        [false, false],
        [true, false],
        [false, true],
      ],
    ]);
    expect([await press(rik, `${merchant}/payout`), await press(fin, `${merchant}/payout`)]).toEqual([
      ...["FORBIDDEN", "NOTHING_OWED"],
    ]);
    expect([await press(fin, withdrawal), await press(rik, withdrawal)]).toEqual(["FORBIDDEN", `${merchant}#t-${id}`]);
    expect(await offered(rik)).toEqual([false, false]);
    // The reason is what the form was sent with.
    expect((await rik.get(merchant)).text).toMatch(/withdrawn since [-0-9: ]+ UTC: \w/);
    const { entries } = (await service.call("GET", "/v1/audit/entries")).body as { entries: readonly KeptEntry[] };
    const done = entries.map(auditedEntry).map(([action, who]) => `${action} ${who}`);
    expect(done).toEqual(expect.arrayContaining(["certificate-withdrawn rik"]));
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
