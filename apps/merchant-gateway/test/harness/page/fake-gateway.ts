import type { Sale } from "@tallystick/gateway-client";

/** What a fake gateway answers to a call: a status and a body. */
export interface FakeAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

const STATE = {
  ...{ ready: true, reasons: [], warnings: [], currency: "USDC", openSale: null, givesBack: false },
  clock: { now: 1_790_000_000, floor: 1_790_000_000, confirmed: true, confirmedBy: "battery", rightTime: null },
  statusList: { seq: 2, asOf: 1_789_999_940, ageSeconds: 60 },
  unsent: { count: 3, sum: "7.50", oldestSeconds: 7_200 },
  limits: { perTap: "100.00", unsentSum: "1000.00", unsentCount: 500 },
  reader: { name: "ACME Reader 00 00", state: "card", code: null, message: null },
  lanes: [
    { name: "1", reader: { name: "ACME Reader 00 00", state: "card", code: null, message: null }, openSale: null },
  ],
  lastExchange: { at: 1_789_990_000, reached: true, faults: [] },
  currencies: [
    {
      ...{ currency: "USDC", decimals: 6, keyedDecimals: 2, ready: true, reasons: [], sellsUntil: 1_790_300_000 },
      used: { listAge: 0.12, oldestUnsent: 0.2, unsentSum: 0.01, unsentCount: 0.006, certificate: 0.4 },
    },
  ],
};

/** A sale as a gateway would tell it. */
export function fakeSale(state: Sale["state"], changes: Partial<Sale> = {}): Sale {
  return {
    ...{ id: "one", state, code: null, message: "", amount: "2.50", currency: "USDC", cashier: null, reference: null },
    ...{ metadata: {}, time: 1_790_000_000, paidAt: state === "paid" ? 1_790_000_000 : null, cardLeft: null },
    ...{ card: state === "paid" ? "0x114f74ea57805267ce068f639192d26be27ca53d" : null, holding: false, may: [] },
    ...{ refundable: null, lane: "1", tap: null },
    ...changes,
  } as Sale;
}

/** A gateway of which a test says what it answers; what it was not told to answer is 404. */
export class FakeGateway {
  private readonly answers = new Map<string, (body: unknown) => FakeAnswer>();
  private readonly streams = new Set<ReadableStreamDefaultController<Uint8Array>>();
  readonly asked: (readonly [string, unknown])[] = [];

  constructor() {
    this.says("GET /v1/readiness", STATE);
    this.says("GET /v1/sales", { sales: [], next: null });
    this.says("GET /v1/taps", { taps: [], next: null });
    this.says("GET /v1/payee", { payee: `0x${"91".repeat(20)}`, firstUnits: [] });
    this.says("GET /v1/payee/payments", { payments: [], next: null });
  }

  /** Readiness with some members changed. */
  ready(changes: object): void {
    const { ready = true } = changes as { readonly ready?: boolean };
    this.on("GET /v1/readiness", () => ({ status: ready ? 200 : 503, body: { ...STATE, ...changes } }));
  }

  says(call: string, body: unknown): void {
    this.on(call, () => ({ status: 200, body }));
  }

  refuses(call: string, status: number, code: string, headers: Readonly<Record<string, string>> = {}): void {
    this.on(call, () => ({ status, body: { code, detail: code, status }, headers }));
  }

  on(call: string, answer: (body: unknown) => FakeAnswer): void {
    this.answers.set(call, answer);
  }

  tell(sale: Sale): void {
    this.says(`GET /v1/sales/${sale.id}`, sale);
    this.send(`event: sale\ndata: ${JSON.stringify(sale)}\n\n`);
  }

  beat(): void {
    this.send("event: beat\ndata: {}\n\n");
  }

  readonly fetch = ((url: string, init: RequestInit = {}): Promise<Response> => {
    const call = `${init.method ?? "GET"} ${url.replace(/\?.*$/, "")}`;
    const body: unknown = typeof init.body === "string" ? JSON.parse(init.body) : undefined;
    this.asked.push([call, body]);
    if (call === "GET /v1/events") return Promise.resolve(this.follow());
    const missing = { status: 404, body: { code: "NOT_FOUND", detail: "Nothing is here." } };
    const answer: FakeAnswer = this.answers.get(call)?.(body) ?? missing;
    return Promise.resolve(
      new Response(JSON.stringify(answer.body), { status: answer.status, headers: { ...answer.headers } }),
    );
  }) as typeof fetch;

  private follow(): Response {
    const body = new ReadableStream<Uint8Array>({
      start: (stream) => {
        this.streams.add(stream);
        stream.enqueue(new TextEncoder().encode("event: beat\ndata: {}\n\n"));
      },
    });
    return new Response(body);
  }

  private send(text: string): void {
    for (const stream of this.streams)
      try {
        stream.enqueue(new TextEncoder().encode(text));
      } catch {
        this.streams.delete(stream);
      }
  }
}
