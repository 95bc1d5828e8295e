import type { GatewayClient } from "@tallystick/gateway-client";
import type { Environment } from "../environment.ts";
import type { Memory } from "../talk/memory.ts";
import type { ReadinessWatch } from "../talk/readiness-watch.ts";
import type { SaleTalk } from "../talk/sale-talk.ts";
import type { SessionTalk } from "../talk/session.ts";
import type { Texts } from "../texts/texts.ts";
import type { Make } from "../view/dom.ts";

/** What the parts of the cashier's page work with. */
export interface PageParts {
  readonly env: Environment;
  readonly make: Make;
  readonly client: GatewayClient;
  readonly memory: Memory;
  readonly talk: SaleTalk;
  readonly readiness: ReadinessWatch;
  readonly session: SessionTalk;
  /** In the language that is chosen now. */
  readonly texts: () => Texts;
  /** Seconds since 1970 by the terminal's clock, or this device's while it does not answer. */
  readonly now: () => number;
}
