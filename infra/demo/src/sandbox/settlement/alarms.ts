import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ALARM_AFTER_SECONDS, ALARM_SECRET_BYTES, APPROVALS_ABOVE } from "../limits.ts";
import { SandboxError } from "../sandbox-error.ts";

/** A request's headers and its body as they came. */
export interface Received {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly text: string;
}

const PREFIX = "whsec_";

/**
 * Configures a settlement that is stopped for people who try it: larger sums wait for a second person, and alarms reach
 * the sandbox by a signed webhook. Answers the webhook's secret.
 */
export function configureForPeople(options: {
  readonly configFile: string;
  readonly folder: string;
  /** Of the sandbox's own server. */
  readonly port: number;
}): string {
  const { configFile, folder, port } = options;
  const secret = `${PREFIX}${randomBytes(ALARM_SECRET_BYTES).toString("base64")}`;
  const secretFile = join(folder, "alarm-secret");
  writeFileSync(secretFile, `${secret}\n`, { mode: 0o600 });
  const config = JSON.parse(readFileSync(configFile, "utf8")) as object;
  const way = { name: "sandbox", kind: "webhook", url: `http://127.0.0.1:${port}/alarm`, secretFile, private: true };
  const more = {
    approvals: { above: APPROVALS_ABOVE },
    alarms: { ways: [way], afterSeconds: ALARM_AFTER_SECONDS },
  };
  writeFileSync(configFile, `${JSON.stringify({ ...config, ...more }, null, 2)}\n`, { mode: 0o600 });
  return secret;
}

/** Whether a message was signed with a secret (Standard Webhooks). */
export function isSigned(secret: string, { headers, text }: Received): boolean {
  const [id, time, signatures] = ["id", "timestamp", "signature"].map((name) => String(headers[`webhook-${name}`]));
  const key = Buffer.from(secret.slice(PREFIX.length), "base64");
  const made = Buffer.from(`v1,${createHmac("sha256", key).update(`${id}.${time}.${text}`).digest("base64")}`);
  return (signatures ?? "").split(" ").some((each) => {
    const given = Buffer.from(each);
    return given.length === made.length && timingSafeEqual(given, made);
  });
}

/** What an alarm says, in one sentence of the sandbox. Throws SandboxError NOT_THIS_PAGE where it is not settlement's. */
export function alarmNote(secret: string, received: Received): string {
  if (!isSigned(secret, received)) throw new SandboxError("NOT_THIS_PAGE", "Settlement did not sign this alarm.");
  const { type, data } = JSON.parse(received.text) as { type: string; data: { code: string; message: string } };
  if (type === "alarm.ended") return `The alarm ${data.code} is over.`;
  return `Settlement rings, and its signature is right: ${data.code}. ${data.message}`;
}
