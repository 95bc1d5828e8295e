import { filePath } from "@tallystick/program";
import { z } from "zod";
import { ALARM_WAYS, HIGHEST_PORT, LEAST_REPEAT_SECONDS, MAIL_RECEIVERS, MOST_ALARM_SECONDS } from "./limits.ts";

/** When a way is told, of what, and how it is named in readiness and in the log. */
const shared = {
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, "is lower-case letters, digits and -, at most 40"),
  /** Seconds for which nobody has acknowledged an alarm before this way is told of it. */
  afterSeconds: z.int().min(0).max(MOST_ALARM_SECONDS).default(0),
  /** Only what keeps the service from being ready, or warnings too. */
  warnings: z.boolean().default(true),
};

const mailAddress = z.string().regex(/^[^\s<>@",;]{1,64}@[^\s<>@",;]{1,255}$/, "is no mail address");

const way = z.discriminatedUnion("kind", [
  z.strictObject({
    ...shared,
    kind: z.literal("webhook"),
    url: z.url({ protocol: /^https?$/ }),
    /** Holds `whsec_…` (Standard Webhooks). */
    secretFile: filePath,
    /** Whether it may be in a private network, and by plain HTTP. */
    private: z.boolean().default(false),
  }),
  z.strictObject({ ...shared, kind: z.literal("mail"), to: z.array(mailAddress).min(1).max(MAIL_RECEIVERS) }),
]);

/** How alarms reach a person; without ways nobody is told. */
export const alarmSettings = z
  .strictObject({
    ways: z.array(way).max(ALARM_WAYS).default([]),
    /** The mail server; needed where a way is mail. */
    smtp: z
      .strictObject({
        host: z.string().min(1),
        port: z.int().min(1).max(HIGHEST_PORT).default(587),
        /** `tls` from the first byte, `starttls` always, `none` only within a machine or a network of one's own. */
        security: z.enum(["tls", "starttls", "none"]).default("starttls"),
        from: mailAddress,
        user: z.string().min(1).optional(),
        /** Holds the password of `user` alone. */
        passwordFile: filePath.optional(),
      })
      .optional(),
    /** Seconds for which a finding lasts before it is an alarm. */
    afterSeconds: z.int().min(0).max(MOST_ALARM_SECONDS).default(30),
    /** Seconds for which it was not found before the alarm is over. */
    endAfterSeconds: z.int().min(0).max(MOST_ALARM_SECONDS).default(60),
    /** Seconds after which an alarm that nobody has acknowledged is told again. */
    repeatSeconds: z.int().min(LEAST_REPEAT_SECONDS).max(MOST_ALARM_SECONDS).default(3_600),
  })
  .superRefine(({ ways, smtp }, context) => {
    const names = new Set<string>();
    for (const [index, given] of ways.entries()) {
      const fault = (field: string, message: string): void =>
        context.addIssue({ code: "custom", path: ["ways", index, field], message });
      if (names.has(given.name)) fault("name", "another way has this name");
      names.add(given.name);
      if (given.kind === "mail" && smtp === undefined) fault("kind", "needs alarms.smtp, the mail server");
      if (given.kind === "webhook" && !given.private && !given.url.startsWith("https:"))
        fault("url", "must begin with https; plain HTTP only with private: true");
    }
    if ((smtp?.user === undefined) !== (smtp?.passwordFile === undefined)) {
      const message = "user and passwordFile are given together";
      context.addIssue({ code: "custom", path: ["smtp", "user"], message });
    }
  })
  .prefault({});

export type AlarmSettings = z.output<typeof alarmSettings>;
export type AlarmWay = AlarmSettings["ways"][number];
