import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { OpenAPIObject } from "@nestjs/swagger";
import { eventually } from "./harness/eventually.ts";
import { strangeQueries } from "./harness/console/query-texts.ts";
import { reasonsBecome, warningsBecome } from "./harness/readiness.ts";
import {
  createHarness,
  ISSUER_TOKEN,
  OPERATOR_TOKEN,
  type TestService,
  type SettlementHarness,
} from "./harness/settlement-harness.ts";

/** As a browser shows the token that somebody typed. */
const pageHeaders = { authorization: `Basic ${Buffer.from(`ada:${OPERATOR_TOKEN}`).toString("base64")}` };

interface JsonBody {
  readonly content: { readonly "application/json": { readonly schema: { readonly required?: readonly string[] } } };
}

describe("the HTTP API", () => {
  let harness: SettlementHarness;
  let service: TestService;

  beforeAll(async () => {
    harness = await createHarness();
    await harness.mine(5);
    service = await harness.start(await harness.createDatabase());
  });
  afterAll(async () => {
    await service.stop();
    await harness.stop();
  });

  const address = `0x${"12".repeat(20)}`;
  const id = `0x${"34".repeat(32)}`;
  const uuid = "00000000-0000-4000-8000-000000000000";
  const terminalId = `0x${"56".repeat(8)}`;
  const writes: readonly [string, string, string][] = [
    ["POST", "/v1/uploads", ""],
    ["POST", "/v1/requests", ""],
    ["POST", "/v1/cards", ISSUER_TOKEN],
    ["PUT", `/v1/cards/${address}/status`, ISSUER_TOKEN],
    ["POST", `/v1/cards/${address}/fundings`, ISSUER_TOKEN],
    ["POST", `/v1/cards/${address}/allowances`, ISSUER_TOKEN],
    ["POST", `/v1/cards/${address}/limits`, ISSUER_TOKEN],
    ["POST", `/v1/cards/${address}/keys`, ISSUER_TOKEN],
    ["POST", `/v1/cards/${address}/suspension`, ISSUER_TOKEN],
    ["POST", `/v1/cards/${address}/release`, ISSUER_TOKEN],
    ["POST", `/v1/cards/${address}/reference`, ISSUER_TOKEN],
    ["POST", `/v1/cards/${address}/replacement`, ISSUER_TOKEN],
    ["POST", `/v1/cards/${address}/replacement/rest`, ISSUER_TOKEN],
    ["POST", "/v1/order-reports", ISSUER_TOKEN],
    ["POST", "/v1/references/claim", ISSUER_TOKEN],
    ["POST", "/v1/references/release", ISSUER_TOKEN],
    ["POST", "/v1/merchants", ISSUER_TOKEN],
    ["POST", `/v1/merchants/${address}/terminals/${terminalId}/withdrawal`, ISSUER_TOKEN],
    ["POST", `/v1/fundings/${uuid}/retry`, ISSUER_TOKEN],
    ["POST", `/v1/fundings/${uuid}/abandon`, ISSUER_TOKEN],
    ["POST", `/v1/actions/${uuid}/retry`, OPERATOR_TOKEN],
    ["POST", `/v1/actions/${uuid}/abandon`, OPERATOR_TOKEN],
    ["POST", "/v1/payouts", OPERATOR_TOKEN],
    ["POST", `/v1/payouts/${uuid}/retry`, OPERATOR_TOKEN],
    ["POST", `/v1/payouts/${uuid}/abandon`, OPERATOR_TOKEN],
    ["POST", `/v1/reversals/${id}/confirmation`, ""],
    ["POST", `/v1/withheld/${id}/payment`, OPERATOR_TOKEN],
    ["POST", `/v1/withheld/${id}/refusal`, OPERATOR_TOKEN],
    ["POST", "/v1/cases/7/owner", OPERATOR_TOKEN],
    ["POST", "/v1/cases/7/resolution", OPERATOR_TOKEN],
    ["POST", "/v1/periods", OPERATOR_TOKEN],
    ["PUT", `/v1/merchants/${address}/name`, OPERATOR_TOKEN],
    ["PUT", `/v1/merchants/${address}/terminals/${terminalId}/name`, OPERATOR_TOKEN],
    ["POST", `/v1/approvals/${uuid}/approval`, OPERATOR_TOKEN],
    ["POST", `/v1/approvals/${uuid}/refusal`, OPERATOR_TOKEN],
    ["POST", `/v1/alarms/${uuid}/acknowledgement`, OPERATOR_TOKEN],
    ["POST", "/v1/certificate-requests", ""],
    ["POST", `/v1/certificate-requests/${id}/approval`, ISSUER_TOKEN],
    ["POST", `/v1/certificate-requests/${id}/refusal`, ISSUER_TOKEN],
    ["POST", `/v1/payees/${address}/confirmation`, ISSUER_TOKEN],
  ];
  const described = (path: string) =>
    path
      .replace(/(merchants|payees)\/0x[0-9a-f]{40}/, "$1/{payee}")
      .replace("cases/7", "cases/{id}")
      .replace(address, "{card}")
      .replace(terminalId, "{terminalId}")
      .replace(id, "{id}")
      .replace(uuid, "{id}");

  it("describes every call that writes with its body, made from the schema that validates it", async () => {
    const { body } = await service.call("GET", "/openapi.json");
    const document = body as OpenAPIObject;
    const bodies: string[] = [];
    for (const [path, item] of Object.entries(document.paths)) {
      for (const method of ["post", "put"] as const) {
        const operation = item[method];
        if (operation === undefined) continue;
        const content = (
          operation.requestBody as { content?: Record<string, { schema: { properties?: object } }> } | undefined
        )?.content;
        const properties = Object.keys(content?.["application/json"]?.schema.properties ?? {});
        expect([path, properties.length > 0]).toEqual([path, true]);
        bodies.push(`${method.toUpperCase()} ${path}`);
      }
    }
    expect(bodies.sort()).toEqual(writes.map(([method, path]) => `${method} ${described(path)}`).sort());
  });

  it("takes no call that moves or stops money without a reason, which has a code of its own", async () => {
    const { body } = await service.call("GET", "/openapi.json");
    const document = body as OpenAPIObject;
    const without: string[] = [];
    for (const [method, path, token] of writes) {
      const operation = document.paths[described(path)]?.[method === "PUT" ? "put" : "post"];
      const { content } = operation?.requestBody as unknown as JsonBody;
      const { required = [] } = content["application/json"].schema;
      if (!required.includes("reason")) {
        without.push(`${method} ${described(path)}`);
        continue;
      }
      expect(Object.keys(operation?.responses ?? {})).toContain("400");
      // A call whose body is the reason alone.
      if (required.length > 1) continue;
      for (const given of [{}, { reason: "" }, { reason: "why\n" }, { reason: "w".repeat(201) }, { reason: null }]) {
        const answer = await service.call(method, path, { token, body: given });
        expect([path, answer.status, answer.body.code]).toEqual([path, 400, "REASON_NEEDED"]);
      }
    }
    // What terminals send, what moves nothing yet, and who looks after something.
    expect(without).toEqual([
      ...["POST /v1/uploads", "POST /v1/requests", "POST /v1/cards", "POST /v1/order-reports"],
      ...["POST /v1/references/claim", "POST /v1/references/release", "POST /v1/reversals/{id}/confirmation"],
      ...["POST /v1/alarms/{id}/acknowledgement", "POST /v1/certificate-requests"],
    ]);
  });

  it.each(writes)("answers malformed bodies of %s %s with 4xx and a code", async (method, path, token) => {
    const raws = [
      "",
      "{",
      "null",
      "[]",
      "7",
      '"text"',
      "{}",
      '{"__proto__":{"x":1}}',
      JSON.stringify({ surplus: true }),
      JSON.stringify({ amount: 1, key: {}, payee: null, status: "gone", cardKey: "0x", upload: "0xzz" }),
      `{"upload":"${"0x".padEnd(5_000, "a")}"}`,
    ];
    for (const raw of raws) {
      const answer = await service.call(method, path, token === "" ? { raw } : { raw, token });
      expect([raw.slice(0, 30), answer.status >= 400 && answer.status < 500]).toEqual([raw.slice(0, 30), true]);
      expect(answer.type).toContain("application/problem+json");
      expect(answer.body).toEqual({
        type: expect.stringMatching(/^urn:tallystick:problem:/),
        title: expect.any(String),
        status: answer.status,
        detail: expect.any(String),
        code: expect.stringMatching(/^[A-Z_]+$/),
      });
    }
  });

  it("answers a query with texts that no database takes as one that finds nothing, or with 4xx", async () => {
    const { body } = await service.call("GET", "/openapi.json");
    const asked = strangeQueries(body as OpenAPIObject, (path) => path.replace("{payee}", address));
    const failed = await Promise.all(
      asked.map(async (path) => {
        const { status } = await service.call("GET", path);
        const shown = status === 403 ? await service.call("GET", path, { token: ISSUER_TOKEN }) : { status };
        return shown.status < 500 ? [] : [path];
      }),
    );
    expect(asked.length).toBeGreaterThan(40);
    expect(failed.flat()).toEqual([]);
    const search = await fetch(`${service.doors.administration}/console/search?q=a%00b`, { headers: pageHeaders });
    expect(search.status).toBe(200);
    const released = { token: ISSUER_TOKEN, body: { reference: "a\0b" } };
    expect((await service.call("POST", "/v1/references/release", released)).status).toBe(400);
  });

  it("refuses bodies above the limit and other media types", async () => {
    const large = await service.call("POST", "/v1/uploads", { raw: `{"body":"${"a".repeat(1_100_000)}"}` });
    expect([large.status, large.body.code]).toEqual([413, "PAYLOAD_TOO_LARGE"]);
    const response = await fetch(`${await service.app.getUrl()}/v1/uploads`, {
      method: "POST",
      headers: { "content-type": "application/xml" },
      body: "<hello/>",
    });
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([415, "UNSUPPORTED_MEDIA"]);
  });

  it.each([
    ["/v1/vouchers/0x12", "NOT_FOUND"],
    [`/v1/vouchers/0x${"00".repeat(32)}`, "NOT_FOUND"],
    ["/v1/vouchers/%27%3B%20drop%20table%20vouchers", "NOT_FOUND"],
    ["/v1/batches/1", "NOT_FOUND"],
    ["/v1/batches/00000000-0000-0000-0000-000000000000", "NOT_FOUND"],
    ["/v1/elsewhere", "NOT_FOUND"],
  ])("answers %s with 404", async (path, code) => {
    const answer = await service.call("GET", path);
    expect([answer.status, answer.body.code]).toEqual([404, code]);
  });

  it.each([
    [`/v1/cards/${address}`, "CARD_UNKNOWN"],
    [`/v1/cards/0x${"00".repeat(20)}`, "NOT_FOUND"],
    ["/v1/cards/0xABCDEF", "NOT_FOUND"],
    [`/v1/cards/${address}/allowances/latest`, "CARD_UNKNOWN"],
    ["/v1/fundings/7", "NOT_FOUND"],
  ])("answers %s with 404 to the issuer", async (path, code) => {
    const answer = await service.call("GET", path, { token: ISSUER_TOKEN });
    expect([answer.status, answer.body.code]).toEqual([404, code]);
  });

  it.each(["0.0000001", "-1", "1e3", " 1", "281474976.710656", "00.1", "1,50"])(
    "refuses the amount %s",
    async (amount) => {
      const answer = await service.call("POST", `/v1/cards/${address}/fundings`, {
        token: ISSUER_TOKEN,
        body: { amount, key: "k", reason: "a test" },
      });
      expect([answer.status, answer.body.code]).toEqual([422, "AMOUNT_RANGE"]);
    },
  );

  it("shows the operators' page with everything escaped and without any script", async () => {
    await service.platform.db
      .insertInto("anomalies")
      .values({
        kind: "CARD_CONTRADICTION",
        detail: '"><img src=x onerror=alert(1)><script>alert(1)</script>',
        payee: null,
        terminal_id: null,
        upload: null,
        card: null,
        found_at: new Date(),
      })
      .execute();
    const { cases } = (
      await eventually(
        () => service.call("GET", "/v1/cases?kind=CONTRADICTION"),
        ({ body }) => body.cases.length === 1,
      )
    ).body;
    const show = (path: string) => fetch(`${service.doors.administration}${path}`, { headers: pageHeaders });
    const response = await show("/");
    expect(response.headers.get("content-type")).toContain("text/html");
    expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
    // Or the page's refresh would go to https, which is not there under a plain name.
    expect(response.headers.get("content-security-policy")).not.toContain("upgrade-insecure-requests");
    expect(response.headers.get("content-security-policy")).not.toContain("unsafe-inline");
    const page = await (await show(`/console/cases/${String(cases[0].id)}`)).text();
    expect(page).not.toMatch(/<script(?! src="\/console\/assets\/)|<img/);
    expect(page).toContain("&lt;script>alert(1)&lt;/script>");
    for (const [place, heading] of Object.entries({
      books: "Reconciliation",
      queues: "Failures by reason",
      batches: "Batches",
    }))
      expect(await (await show(`/console/${place}`)).text()).toContain(heading);
  });

  it("names the domain, its asset and the issuer's keys", async () => {
    const { body } = await service.call("GET", "/v1/domain");
    expect(body).toMatchObject({
      chainId: Number(harness.domain.chainId),
      asset: { code: "TUSD", decimals: 6, scale: "1" },
      issuerKeys: [{ id: 1, publicKey: expect.stringMatching(/^0x0[23][0-9a-f]{64}$/) }],
    });
  });

  it("shows that it is ready, and what is missing when the chain is away", async () => {
    // What was uploaded above has opened a case, and money moves.
    const well = await warningsBecome(service, ["CASES_OPEN"], {
      ...{ ready: true, fuel: expect.any(Object), guarantee: expect.any(Object) },
    });
    expect(well.status).toBe(200);
    expect(well.body).toEqual({
      ...{ ready: true, reasons: [] },
      warnings: [
        {
          ...{ code: "CASES_OPEN", message: expect.any(String), next: expect.any(String) },
          ...{ since: expect.stringMatching(/Z$/), renewed: expect.stringMatching(/Z$/) },
        },
      ],
      fuel: { account: harness.treasury, wei: expect.stringMatching(/^[1-9]\d*$/), batches: expect.any(Number) },
      // The treasury pays for everything.
      depositFuel: null,
      guarantee: { account: harness.guarantee, tokens: "100.00", gas: expect.stringMatching(/^[1-9]\d*$/) },
    });
    const alone = await harness.start(await harness.createDatabase(), { rpcUrl: "http://127.0.0.1:9", roles: ["api"] });
    try {
      const { status, type, body } = await reasonsBecome(alone, ["CHAIN_UNREACHABLE"]);
      expect([status, type]).toEqual([503, "application/problem+json; charset=utf-8"]);
      expect(body).toMatchObject({ code: "NOT_READY", ready: false, guarantee: null, fuel: null });
      const [reason] = body.reasons;
      expect(reason).toEqual({
        ...{ code: "CHAIN_UNREACHABLE", message: expect.any(String), next: expect.any(String) },
        since: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      });
      expect((await alone.call("GET", "/livez")).body).toEqual({ live: true });
      const list = await alone.call("GET", "/v1/status-list");
      expect([list.status, list.body.code]).toEqual([503, "CHAIN_UNREACHABLE"]);
      const page = await fetch(`${alone.doors.administration}/`, { headers: pageHeaders });
      expect(await page.text()).toContain("CHAIN_UNREACHABLE");
    } finally {
      await alone.stop();
    }
  });
});
