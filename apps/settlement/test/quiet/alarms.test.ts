import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, createServer as createSocketServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { startTcpProxy } from "@tallystick/stack";
import { SMTPServer } from "smtp-server";
import { Webhook } from "standardwebhooks";
import { alarmSettings, type AlarmSettings } from "../../src/foundation/config/alarms/alarm-settings.ts";
import { createDatabase, createPool, type Database } from "../../src/foundation/database/database.ts";
import { AlarmBell } from "../../src/operations/alarms/alarm-bell.ts";
import { openWays } from "../../src/operations/alarms/alarm-ways.ts";
import { AlarmStore } from "../../src/operations/alarm-records/alarm-store.ts";
import { LEASE_MS, RETRY_SECONDS } from "../../src/operations/alarm-records/limits.ts";
import type { ReadinessReport } from "../../src/operations/readiness/probe-board.ts";
import { AlarmProbe } from "../../src/operations/readiness/probes/alarm-probe.ts";
import { auditedActions } from "../harness/people/audit.ts";
import { eventually } from "../harness/eventually.ts";
import { ownDatabase, type OwnDatabase } from "../harness/shared-cluster.ts";

const SECRET = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
const START = 1_800_000_000_000;

interface Got {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

describe("alarms", () => {
  let database: OwnDatabase;
  let db: Database;
  let folder: string;
  let receiver: Server;
  let mailServer: SMTPServer;
  let url: string;
  const posted: Got[] = [];
  const mails: string[] = [];
  const signIn = { origin: "https://settlement.example" };
  let refusedReceiver: string | null = null;
  let status = 204;
  let password = "right";
  let nowMs = START;
  let report: ReadinessReport;
  const clock = { now: () => nowMs };

  beforeAll(async () => {
    database = await ownDatabase();
    db = createDatabase(createPool(database.url));
    folder = mkdtempSync(join(tmpdir(), "tallystick-alarms-"));
    receiver = createServer((request, response) => {
      let body = "";
      request.setEncoding("utf8").on("data", (part: string) => (body += part));
      request.on("end", () => {
        posted.push({ headers: request.headers, body });
        response.writeHead(status).end();
      });
    });
    mailServer = new SMTPServer({
      ...{ disabledCommands: ["STARTTLS"], authOptional: true, allowInsecureAuth: true, logger: false },
      onAuth: ({ username, password: given }, _session, done) => {
        if (given === password) done(null, { user: username ?? "" });
        else done(new Error(`no ${given}`));
      },
      onRcptTo: ({ address }, _session, done) => {
        if (address === refusedReceiver) done(new Error("no such mailbox"));
        else done();
      },
      onData: (stream, _session, done) => {
        let text = "";
        stream.setEncoding("utf8").on("data", (part: string) => (text += part));
        stream.on("end", () => {
          mails.push(text);
          done();
        });
      },
    });
    await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
    await new Promise<void>((resolve) => mailServer.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/alarms`;
    writeFileSync(join(folder, "secret"), SECRET, { mode: 0o600 });
    writeFileSync(join(folder, "password"), "right\n", { mode: 0o600 });
  });
  afterAll(async () => {
    receiver.closeAllConnections();
    await new Promise((resolve) => receiver.close(resolve));
    await new Promise<void>((resolve) => mailServer.close(resolve));
    await db.destroy();
    await database.drop();
    rmSync(folder, { recursive: true });
  });
  beforeEach(async () => {
    posted.length = 0;
    mails.length = 0;
    [status, password, nowMs, report] = [204, "right", nowMs + 10_000_000, { ready: true, reasons: [], warnings: [] }];
    await db.deleteFrom("alarm_tellings").execute();
    await db.deleteFrom("alarms").execute();
  });

  const by = (name: string, reason: string | null = null) =>
    ({ actor: { name, role: "risk" }, reason, now: nowMs }) as const;
  const settings = (change: Record<string, unknown> = {}): AlarmSettings =>
    alarmSettings.parse({
      ways: [
        { name: "on-call", kind: "webhook", url, secretFile: join(folder, "secret"), private: true },
        { name: "chief", kind: "mail", to: ["chief@example.org"], afterSeconds: 900, warnings: false },
      ],
      smtp: {
        ...{ host: "127.0.0.1", port: (mailServer.server.address() as AddressInfo).port, security: "none" },
        ...{ from: "alarms@example.org", user: "tally", passwordFile: join(folder, "password") },
      },
      ...change,
    });
  const bellOf = (alarms = settings(), on = db): AlarmBell =>
    new AlarmBell(
      on,
      { report: () => Promise.resolve(report) },
      { alarms, chainId: 5n, vault: new Uint8Array(20), roles: ["workers"], signIn } as never,
      clock,
    );
  const note = (code: string) => ({ code, message: `${code}!`, next: "Act.", since: new Date(nowMs).toISOString() });
  const find = (...codes: string[]): void => {
    report = { ready: codes.length === 0, reasons: codes.map(note), warnings: [] };
  };
  const after = async (bell: AlarmBell, seconds: number): Promise<void> => {
    nowMs += seconds * 1_000;
    await bell.pass();
  };
  const types = () => posted.map(({ body }) => (JSON.parse(body) as { type: string }).type);

  it("are told once they last, signed, again while nobody looks after them, and when they are over", async () => {
    const bell = bellOf();
    find("NO_GAS");
    await after(bell, 29);
    expect(posted).toEqual([]);
    await after(bell, 1);
    await after(bell, 1);
    expect(types()).toEqual(["alarm.raised"]);
    const [{ headers, body } = { headers: {}, body: "" }] = posted;
    const opened = JSON.parse(body) as { data: Record<string, unknown> };
    expect(opened.data).toMatchObject({ code: "NO_GAS", level: "reason", next: "Act.", endedAt: null });
    // Anybody with the secret can tell that it is ours, but for the time, which is the clock's of the test.
    const at = Number(headers["webhook-timestamp"]);
    expect(at).toBe(Math.floor((nowMs - 1_000) / 1_000));
    expect(new Webhook(SECRET).sign(String(headers["webhook-id"]), new Date(at * 1_000), body)).toBe(
      headers["webhook-signature"],
    );
    await after(bell, 3_600);
    expect(types()).toEqual(["alarm.raised", "alarm.repeated"]);
    find();
    await after(bell, 59);
    expect(posted).toHaveLength(2);
    await after(bell, 2);
    await after(bell, 1);
    expect(types()).toEqual(["alarm.raised", "alarm.repeated", "alarm.ended"]);
    expect(new Set(posted.map(({ headers: each }) => each["webhook-id"])).size).toBe(3);
  });

  it("reach those above by mail while nobody has acknowledged them, and not afterwards", async () => {
    const bell = bellOf();
    find("INSOLVENT");
    await after(bell, 899);
    expect(mails).toEqual([]);
    await after(bell, 1);
    expect(mails).toHaveLength(1);
    for (const part of [
      "Subject: [Tallystick] INSOLVENT",
      "To: chief@example.org",
      "INSOLVENT!",
      "What to do: Act.",
      `${signIn.origin}/console/alarms`,
    ])
      expect(mails[0]?.replaceAll("=\r\n", "")).toContain(part);
    const store = new AlarmStore(db);
    const [alarm] = await store.list();
    expect(await store.acknowledge(alarm?.id ?? "", by("ada", "it is mine"))).toMatchObject({
      acknowledgedBy: "ada",
    });
    expect(await store.acknowledge(alarm?.id ?? "", by("bo"))).toMatchObject({ acknowledgedBy: "ada" });
    const subject = `alarm:${alarm?.id}`;
    const details = [
      ["code", "INSOLVENT"],
      ["reason", "it is mine"],
    ];
    expect(await auditedActions(db)).toEqual([["alarm-acknowledged", "ada", "risk", subject, details, nowMs]]);
    await after(bell, 7_200);
    expect([posted.length, mails.length]).toEqual([1, 1]);
    find();
    await after(bell, 61);
    expect([types().at(-1), mails.length]).toEqual(["alarm.ended", 2]);
    expect(await store.acknowledge(alarm?.id ?? "", by("ada"))).toBeNull();

    find("NODE_GONE");
    await after(bell, 60);
    const [open] = await store.list();
    await store.acknowledge(open?.id ?? "", by("ada"));
    expect((await auditedActions(db)).slice(1)).toEqual([
      ["alarm-acknowledged", "ada", "risk", `alarm:${open?.id}`, [["code", "NODE_GONE"]], nowMs],
    ]);
    await after(bell, 900);
    expect(mails).toHaveLength(2);
    report = { ready: true, reasons: [], warnings: [note("GAS_LOW")] };
    await after(bell, 1_000);
    expect([types().filter((type) => type === "alarm.raised").length, mails.length]).toEqual([3, 2]);
  });

  it("that somebody has acknowledged are told again where another of their kind came since", async () => {
    const bell = bellOf();
    const since = new Date(nowMs).toISOString();
    const open = (renewedMs: number): void => {
      const warning = { ...note("CASES_OPEN"), since, renewed: new Date(renewedMs).toISOString() };
      report = { ready: true, reasons: [], warnings: [warning] };
    };
    open(nowMs);
    await after(bell, 30);
    const store = new AlarmStore(db);
    const [alarm] = await store.list();
    await store.acknowledge(alarm?.id ?? "", by("ada"));
    await after(bell, 3_600);
    expect(types()).toEqual(["alarm.raised"]);
    open(nowMs);
    await after(bell, 1);
    expect(types()).toEqual(["alarm.raised", "alarm.repeated"]);
    expect((await store.list())[0]?.acknowledgedBy).toBeNull();
  });

  it("that do not arrive are tried again, and readiness says by which way and why", async () => {
    const bell = bellOf();
    const probe = new AlarmProbe(db, ["on-call", "chief"]);
    status = 500;
    password = "another";
    find("NO_GAS");
    await after(bell, 900);
    expect(await probe.look()).toEqual([]);
    for (const seconds of RETRY_SECONDS) await after(bell, seconds);
    expect(posted).toHaveLength(1 + RETRY_SECONDS.length);
    expect(new Set(posted.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
    const [finding, ...others] = await probe.look();
    expect([finding?.code, finding?.level, others]).toEqual(["ALARM_UNDELIVERED", "warning", []]);
    const said = JSON.stringify(finding);
    for (const named of ["on-call (WEBHOOK_REFUSED)", "chief (MAIL_LOGIN_REFUSED)"]) expect(said).toContain(named);
    for (const secret of ["right", SECRET.slice(6)]) expect(said).not.toContain(secret);
    expect(await new AlarmProbe(db, []).look()).toEqual([]);
    [status, password] = [204, "right"];
    await after(bell, 300);
    expect(await probe.look()).toEqual([]);
    expect(mails).toHaveLength(1);
  });

  it("reach each receiver of a mail once, also where the server refuses one of them for a while", async () => {
    const [, mail] = settings().ways;
    // A domain is the same in capitals, and the server and its library spell it as they like.
    const ways = [{ ...mail, to: ["ida@Example.org", "bo@Example.org"], afterSeconds: 0 }];
    const bell = bellOf({ ...settings(), ways } as AlarmSettings);
    const receivers = () => mails.map((text) => /^To: (\w+)@/im.exec(text)?.[1]);
    const until = async (count: number) => {
      for (let tries = 0; mails.length < count && tries < 10; tries += 1) await after(bell, 600);
    };
    refusedReceiver = "bo@example.org";
    find("INSOLVENT");
    await after(bell, 61);
    await after(bell, 3_599);
    expect(receivers()).toEqual(["ida"]);
    refusedReceiver = null;
    await until(2);
    expect(receivers()).toEqual(["ida", "bo"]);
    // The same of a repetition: each try of it is one telling.
    refusedReceiver = "bo@example.org";
    await after(bell, 3_600);
    for (let tries = 0; tries < 5; tries += 1) await after(bell, 600);
    expect(receivers()).toEqual(["ida", "bo", "ida"]);
    refusedReceiver = null;
    await until(4);
    expect(receivers()).toEqual(["ida", "bo", "ida", "bo"]);
  });

  it("reach a mail server that answers while another way's receiver keeps its connection open", async () => {
    const hanging: ServerResponse[] = [];
    const slow = createServer((_, response) => hanging.push(response));
    await new Promise<void>((resolve) => slow.listen(0, "127.0.0.1", resolve));
    const at = `http://127.0.0.1:${(slow.address() as AddressInfo).port}/alarms`;
    const [webhook, mail] = settings().ways;
    const bell = bellOf(
      settings({
        ways: [
          { ...webhook, url: at },
          { ...mail, afterSeconds: 0 },
        ],
      }),
    );
    find("NO_GAS");
    nowMs += 30_000;
    const first = bell.pass();
    await eventually(
      () => Promise.resolve([mails.length, hanging.length]),
      (counts) => counts.join() === "1,1",
    );
    // The next look takes in what was found since, and tells it by the way that is free.
    find("NO_GAS", "INSOLVENT");
    nowMs += 30_000;
    await bell.pass();
    expect([mails.length, hanging.length]).toEqual([2, 1]);
    expect(mails[1]).toContain("INSOLVENT");
    hanging.pop()?.writeHead(204).end();
    await first;
    slow.closeAllConnections();
    await new Promise((resolve) => slow.close(resolve));
  });

  it("are given up where a mail server talks on and never ends", async () => {
    const ended = new AbortController();
    let said = 0;
    let closed = false;
    const server = createSocketServer((socket) => {
      socket.on("error", () => undefined).on("close", () => (closed = true));
      socket.write("220 hello\r\n");
      socket.on("data", () => {
        said += 1;
        socket.write("250-more\r\n");
        ended.abort();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const smtp = { ...settings().smtp, port: (server.address() as AddressInfo).port };
    const [, chief] = openWays({ ...settings(), smtp } as AlarmSettings, clock.now, () => ended.signal);
    const message = { id: "it", subject: "It", text: "It.", body: "{}" } as never;
    expect(await chief?.send(message, new AbortController().signal)).toBe("MAIL_UNREACHABLE");
    expect(said).toBe(1);
    await eventually(
      () => Promise.resolve(closed),
      (seen) => seen,
    );
    await new Promise((resolve) => server.close(resolve));
  });

  it("are told once by two processes, and go on where one of them was killed", async () => {
    const [one, two] = [bellOf(), bellOf()];
    find("NO_GAS");
    nowMs += 30_000;
    await Promise.all([one.pass(), two.pass()]);
    expect(posted).toHaveLength(1);
    // Taken by a process that told nothing.
    await db.deleteFrom("alarm_tellings").execute();
    const [way] = settings().ways;
    if (way === undefined) throw new Error("there is a way");
    expect(await new AlarmStore(db).due(way, { now: nowMs, repeatSeconds: 3_600 })).toHaveLength(1);
    await two.pass();
    expect(posted).toHaveLength(1);
    await after(two, LEASE_MS / 1_000);
    expect(posted).toHaveLength(2);
  });

  it("of a database that is away are told from memory, and that it is back", async () => {
    const away = createDatabase(createPool("postgres://nobody@127.0.0.1:9/nothing"));
    const bell = bellOf(settings(), away);
    // What stood before was told, and hides nothing: neither a warning nor another reason.
    const standing = { ready: false, reasons: [note("NO_GAS")], warnings: [note("CASES_OPEN")] };
    report = standing;
    await after(bell, 60);
    expect(types()).toEqual([]);
    report = { ...standing, reasons: [...standing.reasons, note("DATABASE_UNAVAILABLE")] };
    await after(bell, 30);
    await after(bell, 1);
    expect(types()).toEqual(["alarm.raised"]);
    expect((JSON.parse(posted[0]?.body ?? "") as { data: { code: string } }).data.code).toBe("DATABASE_UNAVAILABLE");
    await after(bell, 3_600);
    expect(types()).toEqual(["alarm.raised", "alarm.repeated"]);
    await away.destroy();
  });

  it("of a database that was away end when it is back, and one from before goes on where it was", async () => {
    const proxy = await startTcpProxy({ port: Number(new URL(database.url).port) });
    const cut = createDatabase(createPool(proxy.through(database.url)));
    const bell = bellOf(settings(), cut);
    try {
      find("NO_GAS");
      await after(bell, 30);
      await after(bell, 1);
      expect(types()).toEqual(["alarm.raised"]);
      proxy.cut();
      find("DATABASE_UNAVAILABLE");
      await after(bell, 30);
      await after(bell, 1);
      expect(types()).toEqual(["alarm.raised", "alarm.raised"]);
      // An outage of hours, in which nobody could look, ends nothing; its own probe may lag behind.
      await after(bell, 3_000);
      proxy.pass();
      find("DATABASE_UNAVAILABLE");
      await after(bell, 31);
      find("NO_GAS");
      const told = posted.map(({ body }) => JSON.parse(body) as { type: string; data: Record<string, unknown> });
      expect(told.map(({ type, data }) => [type, data["code"]])).toEqual([
        ["alarm.raised", "NO_GAS"],
        ["alarm.raised", "DATABASE_UNAVAILABLE"],
        ["alarm.ended", "DATABASE_UNAVAILABLE"],
      ]);
      const [, raised, ended] = told;
      expect([ended?.data["id"], ended?.data["endedAt"]]).toEqual([raised?.data["id"], new Date(nowMs).toISOString()]);
      // It is said once, and the one that stands is neither raised anew nor ended by the outage.
      await after(bell, 1);
      find();
      await after(bell, 60);
      await after(bell, 1);
      expect(types().slice(3)).toEqual(["alarm.ended"]);
    } finally {
      await cut.destroy();
      await proxy.stop();
    }
  });
});
