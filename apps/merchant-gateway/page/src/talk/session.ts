import { type GatewayClient, GatewayError } from "@tallystick/gateway-client";

/** A person who sells, by the name that the owner gave. */
export interface Person {
  readonly name: string;
  readonly role: "owner" | "manager" | "cashier";
}

/** Who uses this page, and what the terminal wants to know first. */
export interface Session {
  readonly device: { readonly id: string; readonly name: string } | null;
  readonly person: Person | null;
  readonly people: readonly Person[];
  readonly needed: "none" | "pairing" | "person";
}

const NOBODY: Session = { device: null, person: null, people: [], needed: "none" };

type AnyCall = (route: string, options?: { readonly body?: object }) => Promise<unknown>;

/** Pairing of this device, and people on it. */
export class SessionTalk {
  private readonly call: AnyCall;
  now: Session = NOBODY;

  constructor(client: GatewayClient) {
    this.call = client.call.bind(client) as unknown as AnyCall;
  }

  /** Reads it; a terminal that knows no people and no devices has no such call. Throws GatewayError. */
  async read(): Promise<Session> {
    try {
      this.now = (await this.call("GET /v1/session")) as Session;
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      if (error.code === "NOT_FOUND") this.now = NOBODY;
      else if (error.code === "PAIRING_NEEDED") this.now = { ...NOBODY, needed: "pairing" };
      else throw error;
    }
    return this.now;
  }

  /** Throws GatewayError PIN_WRONG and PIN_LOCKED. */
  async signIn(name: string, pin: string): Promise<void> {
    await this.call("POST /v1/session", { body: { name, pin } });
  }

  async signOut(): Promise<void> {
    await this.call("DELETE /v1/session");
  }

  /** Throws GatewayError PAIRING_CODE_WRONG. */
  async pair(code: string, name: string): Promise<void> {
    await this.call("POST /v1/pairing", { body: { code, name } });
  }
}
