import { toHex } from "@tallystick/protocol";
import type { Config } from "../../foundation/config/config.ts";
import { utcText } from "../../foundation/utc-text.ts";
import type { Telling } from "../alarm-records/alarm-store.ts";

/** What is told of an alarm, whichever way it goes. */
export interface AlarmMessage {
  /** The same for every try of one telling: receivers know by it what they had before. */
  readonly id: string;
  /** One line. */
  readonly subject: string;
  /** What happened and what to do, for people. */
  readonly text: string;
  /** The same as JSON. */
  readonly body: string;
}

const SAYS = { raised: "", repeated: "Still: ", ended: "Over: " } as const;

/** Makes a message. Nothing in it is secret: readiness shows the same. */
export function alarmMessage(
  { alarm, what, toldAt }: Pick<Telling, "alarm" | "what" | "toldAt">,
  { chainId, vault, signIn: { origin } }: Pick<Config, "chainId" | "vault" | "signIn">,
  now: number,
): AlarmMessage {
  const { id, code, level, message, next, since, endedAt } = alarm;
  const installation = { chainId: chainId.toString(), vault: toHex(vault) };
  const time = (at: number): string => new Date(at).toISOString();
  const lines = [
    `${SAYS[what]}${message}`,
    ...(what === "ended" ? [] : [`What to do: ${next}`]),
    "",
    `Since ${utcText(new Date(since))}${endedAt === null ? "" : `, until ${utcText(new Date(endedAt))}`}.`,
    `Vault ${installation.vault} on chain ${installation.chainId}, alarm ${id}.`,
    ...(origin === undefined ? [] : [`The console: ${origin}/console/alarms`]),
    ...(what === "ended"
      ? []
      : [`Whoever looks after it: tallystick-settlement alarms acknowledge --id ${id} --by NAME`]),
  ];
  return {
    id: `alarm_${id}_${what}_${what === "repeated" ? Math.floor((toldAt ?? now) / 1_000) : 0}`,
    subject: `[Tallystick] ${SAYS[what]}${code}`,
    text: `${lines.join("\n")}\n`,
    body: JSON.stringify({
      type: `alarm.${what}`,
      timestamp: time(now),
      data: {
        ...{ id, code, level, message, next, since: time(since) },
        ...{ endedAt: endedAt === null ? null : time(endedAt), installation },
      },
    }),
  };
}
