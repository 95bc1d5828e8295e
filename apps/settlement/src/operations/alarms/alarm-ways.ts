import { postWebhook, readOwnFile, readWebhookSecret, webhookHeaders } from "@tallystick/program";
import type { AlarmSettings, AlarmWay } from "../../foundation/config/alarms/alarm-settings.ts";
import type { AlarmMessage } from "./alarm-message.ts";
import { MAIL_TIMEOUT_MS, MAILS_REMEMBERED } from "./limits.ts";

/** Sends a message by one way; answers null, or the code of why it did not arrive. Never rejects. */
export type SendAlarm = (message: AlarmMessage, signal: AbortSignal) => Promise<string | null>;

/** A way with its sender. */
export interface OpenWay {
  readonly way: AlarmWay;
  readonly send: SendAlarm;
}

/**
 * Opens every way of the configuration: secrets are read now, and stand in no log, no message and no
 * fault. `deadline` ends a mail that is under way, however often its server says something. Throws
 * KeyFileError.
 */
export function openWays(
  { ways, smtp }: AlarmSettings,
  now: () => number,
  deadline: () => AbortSignal = () => AbortSignal.timeout(MAIL_TIMEOUT_MS),
): readonly OpenWay[] {
  const mail = smtp === undefined ? null : mailer(smtp);
  return ways.map((way) => {
    if (way.kind === "webhook") return { way, send: webhook(way, now) };
    if (mail === null) throw new Error("A way by mail needs a mail server.");
    return { way, send: (message, signal) => mail(message, way.to, AbortSignal.any([signal, deadline()])) };
  });
}

function webhook(way: Extract<AlarmWay, { kind: "webhook" }>, now: () => number): SendAlarm {
  const secret = readWebhookSecret(way.secretFile);
  return async ({ id, body }, signal) => {
    const headers = webhookHeaders({ id, body }, { secret, now: Math.floor(now() / 1_000) });
    const answer = await postWebhook({ url: way.url, isPrivate: way.private, headers, body, signal });
    if (answer.kind === "delivered") return null;
    return answer.kind === "gone" ? "WEBHOOK_GONE" : answer.code;
  };
}

function mailer(
  smtp: NonNullable<AlarmSettings["smtp"]>,
): (message: AlarmMessage, to: readonly string[], signal: AbortSignal) => Promise<string | null> {
  const { host, port, security, from, user, passwordFile } = smtp;
  const pass = passwordFile === undefined ? undefined : readOwnFile(passwordFile).trim();
  const settings = {
    ...{ host, port, secure: security === "tls", requireTLS: security === "starttls", ignoreTLS: security === "none" },
    ...(user === undefined || pass === undefined ? {} : { auth: { user, pass } }),
    ...{ connectionTimeout: MAIL_TIMEOUT_MS, greetingTimeout: MAIL_TIMEOUT_MS, socketTimeout: MAIL_TIMEOUT_MS },
    ...{ disableFileAccess: true, disableUrlAccess: true },
  };
  // The library is loaded for the first message.
  const open = async () => (await import("nodemailer")).createTransport(settings);
  let opening: ReturnType<typeof open> | null = null;
  /** Receivers that a message reached, of messages that did not reach all: a further try is for the others. */
  const reached = new Map<string, Set<string>>();
  return async ({ id, subject, text }, to, signal) => {
    const before = reached.get(id) ?? new Set<string>();
    reached.set(id, before);
    for (const oldest of [...reached.keys()].slice(0, -MAILS_REMEMBERED)) reached.delete(oldest);
    // One message each: what the server says of one receiver is then about no other.
    const send = async (receiver: string): Promise<string | null> => {
      try {
        await (
          await (opening ??= open())
        ).sendMail({
          ...{ from, to: receiver, subject, text, signal, messageId: `<${id}@tallystick>` },
          headers: { "auto-submitted": "auto-generated" },
        });
        before.add(receiver);
        return null;
      } catch (error) {
        return faultOf(error as { readonly code?: unknown; readonly rejected?: unknown });
      }
    };
    const faults = await Promise.all(to.filter((receiver) => !before.has(receiver)).map(send));
    const fault = faults.find((each) => each !== null) ?? null;
    if (fault === null) reached.delete(id);
    return fault;
  };
}

/** The library's codes; its texts repeat what the server said, and stay out. */
function faultOf({ code, rejected }: { readonly code?: unknown; readonly rejected?: unknown }): string {
  switch (code) {
    case "EAUTH":
    case "ENOAUTH":
      return "MAIL_LOGIN_REFUSED";
    case "ETLS":
      return "MAIL_TLS";
    case "EENVELOPE":
      return Array.isArray(rejected) ? "MAIL_RECEIVER_REFUSED" : "MAIL_REFUSED";
    case "EMESSAGE":
      return "MAIL_REFUSED";
    default:
      return "MAIL_UNREACHABLE";
  }
}
