import { describe, expect, it } from "@jest/globals";
import { alarmSettings } from "./alarm-settings.ts";

const hook = { name: "on-call", kind: "webhook", url: "https://example.org/hook", secretFile: "secret" };
const mail = { name: "chief", kind: "mail", to: ["chief@example.org"] };
const smtp = { host: "mail.example.org", from: "alarms@example.org" };

describe("how alarms are told", () => {
  it("is nobody by default, and by every way that is named", () => {
    expect(alarmSettings.parse(undefined)).toEqual({
      ways: [],
      ...{ afterSeconds: 30, endAfterSeconds: 60, repeatSeconds: 3_600 },
    });
    expect(alarmSettings.parse({ ways: [hook, mail], smtp }).smtp).toMatchObject({ port: 587, security: "starttls" });
  });

  it.each<[string, unknown, string]>([
    ["two ways of one name", { ways: [hook, hook] }, "ways.1.name"],
    ["a name that no label takes", { ways: [{ ...hook, name: "On call" }] }, "ways.0.name"],
    ["plain HTTP", { ways: [{ ...hook, url: "http://example.org" }] }, "ways.0.url"],
    ["mail without a server", { ways: [mail] }, "ways.0.kind"],
    ["two addresses in one", { ways: [{ ...mail, to: ["a@example.org, b@example.org"] }], smtp }, "ways.0.to.0"],
    ["nobody", { ways: [{ ...mail, to: [] }], smtp }, "ways.0.to"],
    ["a user without a password", { smtp: { ...smtp, user: "tally" } }, "smtp.user"],
    ["a repeat without pause", { repeatSeconds: 0 }, "repeatSeconds"],
    ["a misspelt name", { repeat: 60 }, ""],
  ])("refuses %s", (_what, given, path) => {
    const { error } = alarmSettings.safeParse(given);
    expect(error?.issues.map((issue) => issue.path.join("."))).toContain(path);
  });
});
