import type { ReaderSlot } from "../stack/reader-slot.ts";

/** A card that the sandbox has in its wallet. */
export interface PlannedCard {
  /** The name of its folder below `cardFolder`. */
  readonly name: string;
  /** The cardholder's name on the page. */
  readonly title: string;
  /** One sentence: what it is good for. */
  readonly about: string;
  readonly address: string;
  readonly pin: string | null;
}

/** A terminal: a gateway with a reader, by its configuration. */
export interface PlannedTerminal {
  readonly name: string;
  readonly configFile: string;
  readonly gatewayUrl: string;
  readonly slot: ReaderSlot;
}

/** What the demo hands over: where everything is, and what the sandbox starts by itself. */
export interface SandboxPlan {
  readonly folder: string;
  /** Of the sandbox's page. */
  readonly port: number;
  /** What settlement signs its alarms with. */
  readonly alarmSecret: string;
  readonly cardFolder: string;
  readonly rpc: string;
  readonly settlement: {
    readonly program: string;
    readonly configFile: string;
    /** Where terminals send to. */
    readonly url: string;
    readonly administration: string;
    readonly issuerToken: string;
    readonly operatorToken: string;
  };
  readonly gatewayProgram: string;
  readonly terminals: readonly PlannedTerminal[];
  readonly cards: readonly PlannedCard[];
}

/** The line that the sandbox prints when it serves. */
export interface SandboxReady {
  readonly schema: "tallystick.sandbox/1";
  readonly url: string;
  readonly settlement: string;
  readonly administration: string;
  readonly gateways: readonly string[];
  /** Settlement and the terminals, as they were started first. */
  readonly pids: readonly number[];
}
