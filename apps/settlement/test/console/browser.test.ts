import "reflect-metadata";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { type BusyService, type ConsoleRole, HOSTILE, startBusyService } from "../harness/console/busy-service.ts";

/** A browser's program: `pnpm soak console` names one; the tests that run everywhere leave this file out. */
const PROGRAM = process.env["TALLYSTICK_BROWSER"] ?? "chromium";
const VOUCHERS = Number(process.env["TALLYSTICK_VOUCHERS"] ?? "100000");
/** Where the figures are put, and pictures of every page, if anywhere. */
const COUNTS = process.env["TALLYSTICK_COUNTS"];
const PICTURES = process.env["TALLYSTICK_PICTURES"];

const WIDTHS = [400, 768, 1_280, 1_920];
const MOST_MS = 300;
const MOST_BYTES = 80_000;
/** What axe finds on the page, with the places of it. */
const FAULTS =
  "axe.run().then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]))";
const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** A program by its path, or by its name where the machine's programs are. */
function programOf(name: string): string {
  if (name.includes("/")) return name;
  const folders = [...(process.env["PATH"] ?? "").split(":"), "/usr/bin"];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path)) ?? name;
}

describe("the console in a browser", () => {
  let busy: BusyService;
  let browser: Browser;
  let context: BrowserContext;
  /** Browsers of others, for the pages that are not the operator's. */
  let others: Readonly<Record<"issuer" | "merchant" | "nobody", BrowserContext>>;
  let url: string;
  /** What a page wanted to load or run and its policy refused. */
  const refused: string[] = [];
  const figures: Record<string, unknown> = { vouchers: VOUCHERS };

  beforeAll(async () => {
    busy = await startBusyService(VOUCHERS);
    url = busy.service.doors.administration;
    const flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"];
    browser = await chromium.launch({ executablePath: programOf(PROGRAM), args: flags });
    context = await signedIn("operator");
    const [issuer, merchant] = [await signedIn("issuer"), await signedIn("merchant", {}, "/own")];
    others = { issuer, merchant, nobody: await browser.newContext() };
  });
  afterAll(async () => {
    if (COUNTS !== undefined) writeFileSync(COUNTS, JSON.stringify(figures));
    await browser?.close();
    await busy?.stop();
  });

  async function signedIn(
    role: ConsoleRole,
    options: { javaScriptEnabled?: boolean } = {},
    home = "/console",
  ): Promise<BrowserContext> {
    const made = await browser.newContext(options);
    const page = await made.newPage();
    const link = await busy.signInLink(role);
    await page.goto(link);
    await page.getByRole("button").click();
    await page.waitForURL((there) => there.href !== link);
    await page.goto(`${url}${home}`);
    await page.close();
    return made;
  }

  const places = (): Record<string, string> => ({
    now: "/console",
    cases: "/console/cases",
    case: `/console/cases/${busy.known.fork}`,
    merchants: "/console/merchants",
    merchant: `/console/merchants/${busy.known.merchant}`,
    cards: "/console/cards",
    card: `/console/cards/${busy.known.card}`,
    orders: "/console/orders",
    float: "/console/float",
    queues: "/console/queues",
    returns: "/console/returns",
    batches: "/console/batches",
    batch: `/console/batches/${busy.known.batch}`,
    voucher: `/console/vouchers/${busy.known.voucher}`,
    transaction: `/console/transactions/${busy.known.tx}`,
    books: "/console/books",
    account: "/console/books?account=treasury",
    search: "/console/search?q=0x1",
    prefix: `/console/search?q=${busy.known.voucher.slice(0, 5)}`,
    nothing: "/console/vouchers/0x00",
    alarms: "/console/alarms",
    approvals: "/console/approvals",
    joining: "/console/joining",
    costs: "/console/costs",
    "fees-by-merchant": "/console/costs?by=merchant",
    own: "/own",
    "sign-in": "/sign-in",
    passkeys: "/sign-in/passkeys",
    "new-passkey": "/sign-in/passkey/new",
    "sign-out": "/sign-out",
  });

  /** The browser of whoever has the right to a page. */
  function contextOf(path: string): BrowserContext {
    if (path === "/own") return others.merchant;
    if (path === "/sign-in") return others.nobody;
    return path === "/console/joining" ? others.issuer : context;
  }

  async function open(path: string, { width, dark }: { width: number; dark: boolean }): Promise<Page> {
    const page = await contextOf(path).newPage();
    page.on("console", (said) => {
      if (/Content Security Policy/.test(said.text())) refused.push(said.text());
    });
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme: dark ? "dark" : "light" });
    await page.goto(`${url}${path}`);
    return page;
  }

  it("has no fault that axe finds, nothing beside the screen, and nothing that its policy refuses", async () => {
    for (const [name, path] of Object.entries(places())) {
      const page = await open(path, { width: 1_280, dark: false });
      // The policy lets nothing in that is not the service's own: axe comes by the debugger.
      const client = await page.context().newCDPSession(page);
      await client.send("Runtime.evaluate", { expression: axeSource });
      for (const width of WIDTHS) {
        for (const dark of [false, true]) {
          await page.setViewportSize({ width, height: 900 });
          await page.emulateMedia({ colorScheme: dark ? "dark" : "light" });
          if (PICTURES !== undefined) {
            mkdirSync(PICTURES, { recursive: true });
            const picture = `${name}-${width}-${dark ? "dark" : "light"}.png`;
            await page.screenshot({ path: join(PICTURES, picture), fullPage: true });
          }
          const wide = await page.evaluate("document.documentElement.scrollWidth - window.innerWidth");
          expect([name, width, Math.max(0, Number(wide))]).toEqual([name, width, 0]);
          const found: unknown = await page.evaluate(FAULTS);
          expect([name, width, dark, found]).toEqual([name, width, dark, []]);
        }
      }
      await page.close();
    }
    expect(refused).toEqual([]);
  });

  it("answers within what is promised, and its first screen is small", async () => {
    const cookieOf = async (of: BrowserContext): Promise<string> =>
      (await of.cookies()).map(({ name, value }) => `${name}=${value}`).join("; ");
    const asked = {
      ...places(),
      id: `/console/search?q=${busy.known.voucher}`,
      name: "/console/search?q=kiosk",
      reference: `/console/search?q=${"0a".repeat(2)}`,
    };
    const times: Record<string, number> = {};
    for (const [name, path] of Object.entries(asked)) {
      const cookie = await cookieOf(contextOf(path));
      const taken: number[] = [];
      for (let turn = 0; turn < 7; turn += 1) {
        const begun = performance.now();
        await (await fetch(`${url}${path}`, { headers: { cookie }, redirect: "manual" })).text();
        taken.push(Math.round(performance.now() - begun));
      }
      times[name] = taken.sort((one, other) => one - other)[3] as number;
    }
    const cookie = await cookieOf(context);
    const html = await (await fetch(`${url}/console`, { headers: { cookie } })).text();
    const files = [...html.matchAll(/(?:href|src)="(\/console\/assets\/[^"]+)"/g)].map(([, path]) => path as string);
    const loaded = await Promise.all(files.map(async (path) => (await (await fetch(`${url}${path}`)).text()).length));
    const bytes = html.length + loaded.reduce((sum, each) => sum + each, 0);
    Object.assign(figures, { milliseconds: times, firstScreenBytes: bytes });
    expect(Object.entries(times).filter(([, ms]) => ms > MOST_MS)).toEqual([]);
    expect(bytes).toBeLessThanOrEqual(MOST_BYTES);
  });

  it("keeps the place, the selection and what is typed while figures change beneath them", async () => {
    const page = await open("/console", { width: 400, dark: false });
    await page.getByText("Live.").waitFor();
    await page.evaluate("window.scrollTo(0, 500)");
    await page.getByLabel("Search").fill("half a word", { noWaitAfter: true });
    const before = await page.evaluate("window.scrollY");
    const { db } = busy.service.platform;
    await db
      .insertInto("cases")
      .values({
        ...{
          kind: "CONTRADICTION",
          source: "test",
          source_key: String(Date.now()),
          detail: HOSTILE,
          card: null,
          counter: null,
          payee: null,
        },
        ...{
          terminal_id: null,
          voucher_id: null,
          upload: null,
          missing_seq: null,
          fault: null,
          caused_at: new Date(),
          opened_at: new Date(),
        },
      })
      .execute();
    const tile = page.locator("#tiles a[href='/console/cases']");
    const count = Number.parseInt((await tile.textContent()) ?? "", 10);
    await page.locator("#tiles a[href='/console/cases']", { hasText: String(count + 1) }).waitFor();
    expect(await page.evaluate("window.scrollY")).toBe(before);
    expect(await page.getByLabel("Search").inputValue()).toBe("half a word");
    expect(await page.title()).not.toBe("taken");
    await page.close();
  });

  it("says that the database is away, without green, and is live again by itself when it is there", async () => {
    const page = await context.newPage();
    // As LiveUpdates tells it; then the stream ends, and the browser asks anew.
    const told = { contentType: "text/event-stream", body: "retry: 200\n\nevent: away\ndata: away\n\n" };
    await page.route("**/console/events", (route) => route.fulfill(told));
    await page.goto(`${url}/console`);
    await page.locator("body.stale #live", { hasText: "answer" }).waitFor();
    // At the top, in the place of what was true before.
    await page.locator("#away", { hasText: "since" }).waitFor();
    await page.locator("#situation").waitFor({ state: "hidden" });
    await page.unroute("**/console/events");
    await page.locator("body:not(.stale) #live", { hasText: "Live." }).waitFor();
    await page.close();
  });

  it("is worked by keyboard alone, and by a browser without scripts", async () => {
    const page = await open("/console", { width: 1_280, dark: false });
    await page.keyboard.press("/");
    await page.keyboard.type("Kiosk");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/console\/merchants\/0x/);
    expect(await page.getByText(HOSTILE).first().isVisible()).toBe(true);
    expect(await page.title()).not.toBe("taken");
    await page.close();

    const plain = await signedIn("operator", { javaScriptEnabled: false });
    const form = await plain.newPage();
    await form.goto(`${url}/console/cases?kind=CONTRADICTION`);
    await form.locator("table a").first().click();
    await form.getByLabel("Why (resolve it)").fill("It was a test.");
    await form.getByRole("button", { name: "Resolve it" }).click();
    await form.getByText("It is resolved.").waitFor();
    await form.goto(`${url}/console/cases/${busy.known.fork}`);
    await form.getByLabel("Why (take it)").fill("I look into it.");
    await form.getByRole("button", { name: "Take it" }).click();
    await form.getByText("I look into it.").waitFor();
    await plain.close();

    const viewer = await signedIn("viewer");
    const shown = await viewer.newPage();
    await shown.goto(`${url}/console/cases/${busy.known.fork}`);
    expect(await shown.getByRole("button", { name: "Take it" }).count()).toBe(0);
    await viewer.close();
  });

  it("lets a person in by a passkey of its browser, and shows and removes passkeys also without scripts", async () => {
    // Browsers refuse passkeys at an address; people use the name.
    const home = url.replace("127.0.0.1", "localhost");
    const link = await busy.signInLink("operator");
    const mine = await browser.newContext();
    const page = await mine.newPage();
    const said: string[] = [];
    page.on("console", (message) => {
      if (/Content Security Policy/.test(message.text())) said.push(message.text());
    });
    await page.goto(link);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText("This browser has no passkeys here.").waitFor();
    await mine.clearCookies();
    await page.goto((await busy.signInLink("operator")).replace("127.0.0.1", "localhost"));
    await page.getByRole("button", { name: "Sign in" }).click();
    const device = await virtualAuthenticator(page);
    const add = async (name: string) => {
      await page.goto(`${home}/sign-in/passkey/new`);
      await page.getByLabel("What do you call it?").fill(name);
      await page.getByRole("button", { name: "Add a passkey" }).click();
      await page.waitForURL(`${home}/console`);
    };
    await add("the laptop");
    const signOut = async () => {
      await page.goto(`${home}/sign-out`);
      await page.getByRole("button", { name: "Sign out" }).click();
      await page.waitForURL(`${home}/sign-in`);
    };
    await signOut();
    await page.getByRole("button", { name: "Sign in with a passkey" }).click();
    await page.waitForURL(`${home}/console`);
    // The device has one of this person: a second one is another device.
    await page.goto(`${home}/sign-in/passkey/new`);
    await page.getByRole("button", { name: "Add a passkey" }).click();
    await page.getByRole("status").filter({ hasText: /\S/ }).waitFor();
    await device.remove();
    const key = await virtualAuthenticator(page);
    await add("key in the drawer");
    const items = page.getByRole("listitem");
    await page.goto(`${home}/sign-in/passkeys`);
    expect(await items.count()).toBe(2);
    expect(await items.first().textContent()).toMatch(/the laptop.*last used \d{4}-/s);
    const plain = await browser.newContext({
      javaScriptEnabled: false,
      storageState: await mine.storageState(),
    });
    const form = await plain.newPage();
    await form.goto(`${home}/console`);
    await form.getByRole("link", { name: "Passkeys" }).click();
    await form.getByRole("button", { name: "Remove the laptop" }).click();
    await form.waitForURL(`${home}/sign-in/passkeys`);
    expect(await form.getByRole("listitem").count()).toBe(1);
    await form.getByRole("button", { name: "Remove key in the drawer" }).click();
    await form.getByText("LAST_PASSKEY").waitFor();
    await plain.close();
    await signOut();
    await page.getByRole("button", { name: "Sign in with a passkey" }).click();
    await page.waitForURL(`${home}/console`);
    // Other pages get no answer of it: the credential is this name's.
    expect((await key.credentials()).map(({ rpId }) => rpId)).toEqual(["localhost"]);
    expect(said).toEqual([]);
    await mine.close();
  });
});

/** An authenticator of Chromium's own, with residents and a person who agrees to everything. */
async function virtualAuthenticator(page: Page) {
  const client = await page.context().newCDPSession(page);
  await client.send("WebAuthn.enable");
  const { authenticatorId } = await client.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      ...{ protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true },
      ...{ isUserVerified: true, automaticPresenceSimulation: true },
    },
  });
  return {
    credentials: async () => (await client.send("WebAuthn.getCredentials", { authenticatorId })).credentials,
    remove: async () => await client.send("WebAuthn.removeVirtualAuthenticator", { authenticatorId }),
  };
}
