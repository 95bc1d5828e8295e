import { readFileSync } from "node:fs";
import { Agent as HttpAgent, createServer as createHttpServer, type RequestListener } from "node:http";
import { Agent as HttpsAgent, createServer as createHttpsServer } from "node:https";
import { type AddressInfo, createServer as createTcpServer, type Server, Socket } from "node:net";
import { afterEach, describe, expect, it } from "@jest/globals";
import { ManualTimer, settled } from "@tallystick/program/testing";
import { type CertificateWish, makeCertificate } from "../../../test/harness/line/made-certificate.ts";
import { startPacedProxy } from "../../../test/harness/line/paced-proxy.ts";
import { createLine, type LineAnswer } from "./http-line.ts";
import { LineError, lineErrorOf, lineFaults } from "./line-fault.ts";

const closing: (() => void)[] = [];

afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => sockets.add(socket));
  closing.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

async function serve(listener: RequestListener): Promise<string> {
  return `http://127.0.0.1:${await listen(createHttpServer(listener))}`;
}

/** Lets what has begun go on until something holds; a test that waits in vain ends. */
async function reached(holds: () => boolean): Promise<void> {
  for (let turn = 0; turn < 100_000; turn += 1) {
    if (holds()) return;
    await settled();
  }
  throw new Error("it was never reached");
}

async function faultOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    if (error instanceof LineError) return error.code;
    throw error;
  }
  throw new Error("the call came through");
}

describe("a line to a server with TLS", () => {
  const day = 86_400_000;
  const now = Date.now();
  const years = { notBefore: new Date(now - 900 * day), notAfter: new Date(now + 900 * day) };
  const authority = { name: "Test authority", ...makeCertificate({ name: "Test authority", ...years }) };

  async function call(wish: Partial<CertificateWish>, trusted: readonly string[] = [authority.certificate]) {
    const made = makeCertificate({ name: "server", hosts: ["localhost"], issuer: authority, ...years, ...wish });
    const server = createHttpsServer({ key: made.key, cert: made.certificate }, (_request, response) => {
      response.writeHead(200, { "content-type": "application/json" }).end("{}");
    });
    const port = await listen(server);
    const agent = new HttpsAgent({ ca: [...trusted] });
    closing.push(() => {
      agent.destroy();
    });
    return await createLine(`https://localhost:${port}`, { agent })({ path: "/" });
  }

  it("comes through where its certificate is right", async () => {
    expect(await call({})).toEqual({ status: 200, mediaType: "application/json", text: "{}" });
  });

  it.each<[string, Partial<CertificateWish>]>([
    ["LINE_CERTIFICATE_NOT_YET_VALID", { notBefore: new Date(now + 2 * day) }],
    ["LINE_CERTIFICATE_EXPIRED", { notAfter: new Date(now - 2 * day) }],
    ["LINE_CERTIFICATE_WRONG_NAME", { hosts: ["elsewhere.example"] }],
    [
      "LINE_CERTIFICATE_UNKNOWN",
      { issuer: { name: "Unknown authority", ...makeCertificate({ name: "Unknown authority", ...years }) } },
    ],
  ])("says %s of one that is not", async (code, wish) => {
    expect(await faultOf(call(wish))).toBe(code);
  });

  it("says LINE_CERTIFICATE_UNKNOWN of one that nobody but itself has signed", async () => {
    const server = createHttpsServer({ key: authority.key, cert: authority.certificate });
    const port = await listen(server);
    expect(await faultOf(createLine(`https://localhost:${port}`)({ path: "/" }))).toBe("LINE_CERTIFICATE_UNKNOWN");
  });

  it("says LINE_TLS_FAILED where the server speaks no TLS", async () => {
    const port = await listen(
      createTcpServer((socket) => {
        socket.end("HTTP/1.1 302 Found\r\nlocation: /login\r\n\r\n");
      }),
    );
    expect(await faultOf(createLine(`https://localhost:${port}`)({ path: "/" }))).toBe("LINE_TLS_FAILED");
  });
});

describe("a line that does not come through", () => {
  it("is refused where nobody listens", async () => {
    const server = createTcpServer();
    const port = await listen(server);
    await new Promise((resolve) => server.close(resolve));
    expect(await faultOf(createLine(`http://127.0.0.1:${port}`)({ path: "/" }))).toBe("LINE_CONNECTION_REFUSED");
  });

  it("has no name: the name is not found", async () => {
    expect(await faultOf(createLine("http://settlement.invalid")({ path: "/" }))).toBe("LINE_NAME_NOT_FOUND");
  });

  it.each<[string, (socket: Socket) => void]>([
    ["before an answer", (socket) => void socket.resetAndDestroy()],
    ["within an answer", (socket) => void socket.end("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{")],
  ])("breaks off %s", async (_, end) => {
    const port = await listen(
      createTcpServer((socket) => {
        socket.on("error", () => undefined);
        socket.once("data", () => {
          end(socket);
        });
      }),
    );
    expect(await faultOf(createLine(`http://127.0.0.1:${port}`)({ path: "/" }))).toBe("LINE_CONNECTION_RESET");
  });

  it("answers something that is no HTTP", async () => {
    const port = await listen(createTcpServer((socket) => void socket.end("220 mail.example ready\r\n")));
    expect(await faultOf(createLine(`http://127.0.0.1:${port}`)({ path: "/" }))).toBe("LINE_OTHER_ANSWERED");
  });

  it.each([
    ["ENETUNREACH", "LINE_NO_NETWORK"],
    ["EAI_AGAIN", "LINE_NAME_NOT_FOUND"],
    ["ETIMEDOUT", "LINE_TIMED_OUT"],
    ["ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION", "LINE_TLS_FAILED"],
    ["SOMETHING_NEW", "LINE_CONNECTION_RESET"],
  ])("called %s by the system is %s, also as one of several addresses", (name, code) => {
    const error = Object.assign(new Error("no"), { code: name });
    expect(lineErrorOf(error).code).toBe(code);
    expect(lineErrorOf(new AggregateError([error, error])).code).toBe(code);
  });

  it("has a sentence and something to do for every code", () => {
    for (const { happened, next } of Object.values(lineFaults))
      for (const sentence of [happened, next]) expect(sentence).toMatch(/^[A-Z].*\.$/);
  });
});

it("has a row in the operators' guide for every code", () => {
  const guide = readFileSync(new URL("../../../../../docs/operating/merchant-gateway.md", import.meta.url), "utf8");
  for (const code of Object.keys(lineFaults)) expect(guide).toContain(`| \`${code}\` |`);
});

describe("the deadline of a call", () => {
  /** Starts a call whose server the test plays. */
  async function begin(body?: Uint8Array) {
    const timer = new ManualTimer();
    let socket: Socket | null = null;
    const seen = new Promise<Socket>((resolve) => {
      void listen(
        createTcpServer((each) => {
          socket = each;
          each.on("error", () => undefined);
          each.once("data", () => {
            resolve(each);
          });
        }),
      ).then((port) => {
        const line = createLine(`http://127.0.0.1:${port}`, { timer });
        answer = line({
          path: "/",
          ...(body === undefined ? {} : { body: { mediaType: "application/octet-stream", bytes: body } }),
        });
        answer.catch(() => undefined);
      });
    });
    let answer: Promise<LineAnswer> = Promise.reject(new Error("not begun"));
    answer.catch(() => undefined);
    await seen;
    expect(socket).not.toBeNull();
    return { timer, socket: await seen, answer };
  }

  /** Writes, and waits until the call has moved its deadline for it. */
  async function tell({ timer, socket }: Awaited<ReturnType<typeof begin>>, text: string): Promise<void> {
    // Some time passes, so that a deadline that was moved is seen.
    await timer.pass(1);
    const before = timer.waits.join();
    socket.write(text);
    await reached(() => timer.waits.join() !== before);
  }

  it("runs from the last byte that came, not from the first", async () => {
    const call = await begin();
    await call.timer.pass(14_000);
    await tell(call, "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n");
    for (const byte of "[1,2,3,4") {
      await call.timer.pass(14_000);
      await tell(call, byte);
    }
    call.socket.write("]");
    expect(await call.answer).toMatchObject({ text: "[1,2,3,4]" });
    expect(call.timer.waits).toEqual([]);
  });

  it("ends it after 15 s in which nothing came", async () => {
    const call = await begin();
    await tell(call, "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n");
    await call.timer.pass(14_999);
    await call.timer.pass(1);
    expect(await faultOf(call.answer)).toBe("LINE_TIMED_OUT");
    expect(call.timer.waits).toEqual([]);
  });

  it("ends it after 10 minutes whatever comes", async () => {
    const call = await begin();
    await tell(call, "HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n");
    for (let round = 0; round < 59; round += 1) {
      await call.timer.pass(10_000);
      await tell(call, " ");
    }
    await call.timer.pass(10_000);
    expect(await faultOf(call.answer)).toBe("LINE_TIMED_OUT");
  });

  it("leaves what the system has taken of a sending the time of the slowest line", async () => {
    const call = await begin(new Uint8Array(32_768));
    await reached(() => call.timer.waits[0] === 15_000 + 33_000);
    await call.timer.pass(47_999);
    await call.timer.pass(1);
    expect(await faultOf(call.answer)).toBe("LINE_TIMED_OUT");
  });

  it("is moved by each piece that the system takes", async () => {
    const timer = new ManualTimer();
    const taken: (() => void)[] = [];
    // A way to connect whose writes are taken when the test says so.
    class SlowSocket extends Socket {
      override _write(_chunk: unknown, _encoding: unknown, done: () => void): void {
        taken.push(done);
      }
      override _writev(_chunks: unknown, done: () => void): void {
        taken.push(done);
      }
    }
    const socket = new SlowSocket();
    closing.push(() => socket.destroy());
    class SlowAgent extends HttpAgent {
      override createConnection(): Socket {
        return socket;
      }
    }
    const line = createLine("http://127.0.0.1:9", { timer, agent: new SlowAgent() });
    const answer = line({ path: "/", body: { mediaType: "x/y", bytes: new Uint8Array(20_000) } });
    answer.catch(() => undefined);
    for (let piece = 0; piece < 5; piece += 1) {
      await reached(() => taken.length > 0);
      await timer.pass(14_000);
      for (const done of taken.splice(0)) done();
      await settled();
    }
    expect(timer.now).toBe(70_000);
    await timer.pass(35_000);
    expect(await faultOf(answer)).toBe("LINE_TIMED_OUT");
  });
});

describe("a slow line", () => {
  it.each([
    // 64 kbit/s, and 9,600 bit/s with its overhead.
    [8_000, 5],
    [1_000, 34],
  ])("of %i bytes a second brings 32,768 bytes and the answer in some %i s", async (bytesPerSecond, seconds) => {
    const url = await serve((request, response) => {
      let length = 0;
      request.on("data", (chunk: Buffer) => (length += chunk.length));
      request.on("end", () => {
        response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ length }));
      });
    });
    const proxy = await startPacedProxy(url);
    const timer = new ManualTimer();
    try {
      let done = false;
      const body = { mediaType: "application/octet-stream", bytes: new Uint8Array(32_768) };
      const answer = createLine(proxy.url, { timer })({ path: "/", body });
      const ended = answer.finally(() => (done = true));
      while (!done) {
        await Promise.race([proxy.step(bytesPerSecond), ended]);
        await timer.pass(1_000);
      }
      expect(JSON.parse((await answer).text)).toEqual({ length: 32_768 });
      expect(timer.now / 1_000).toBeGreaterThanOrEqual(seconds);
    } finally {
      await proxy.stop();
    }
  });
});

describe("several calls", () => {
  it("use one connection, and a new one where the server has closed it meanwhile", async () => {
    let connections = 0;
    const sockets: Socket[] = [];
    const server = createHttpServer((_request, response) => {
      response.writeHead(200, { "content-type": "application/json" }).end("{}");
    });
    server.on("connection", (socket: Socket) => {
      connections += 1;
      sockets.push(socket);
    });
    const line = createLine(`http://127.0.0.1:${await listen(server)}`);
    await line({ path: "/a" });
    await line({ path: "/b" });
    expect(connections).toBe(1);
    for (const socket of sockets) socket.destroy();
    await line({ path: "/c" });
    expect(connections).toBe(2);
  });
});
