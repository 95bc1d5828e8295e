import { describe, expect, it } from "@jest/globals";
import { toldBy } from "./alarms.ts";

const since = Date.parse("2026-11-21T09:00:00Z");
const way = (name: string, afterSeconds: number, warnings = true) => ({ name, afterSeconds, warnings });
const ways = [way("chat", 0), way("phone", 900), way("chief", 3_600, false)];
const sent = { way: "chat", toldAt: since, fault: null };

describe("who is told of an alarm", () => {
  it("is whoever was told, and then each further way after its time", () => {
    const told = toldBy({ since, level: "reason", acknowledgedAt: null }, [sent], { ways, repeatSeconds: 7_200 });
    expect(told.map(({ way: name, toldAt, from }) => [name, toldAt, from])).toEqual([
      // It is told again.
      ["chat", "2026-11-21T09:00:00.000Z", "2026-11-21T11:00:00.000Z"],
      ["phone", null, "2026-11-21T09:15:00.000Z"],
      ["chief", null, "2026-11-21T10:00:00.000Z"],
    ]);
  });

  it("is nobody further once it is acknowledged, and of a warning not who wants reasons alone", () => {
    const names = (level: "reason" | "warning", acknowledgedAt: number | null) =>
      toldBy({ since, level, acknowledgedAt }, [sent], { ways, repeatSeconds: 7_200 }).map((each) => each.way);
    expect([names("reason", since), names("warning", null)]).toEqual([["chat"], ["chat", "phone"]]);
    const { from } =
      toldBy({ since, level: "reason", acknowledgedAt: since }, [sent], { ways, repeatSeconds: 60 })[0] ?? {};
    expect(from).toBeNull();
  });

  it("says why a way was not told, and knows ways that are no longer configured", () => {
    const failed = { way: "fax", toldAt: null, fault: "refused" };
    const [first] = toldBy({ since, level: "reason", acknowledgedAt: null }, [failed], {
      ways: [],
      repeatSeconds: 7_200,
    });
    // Nothing is told again by a way that is gone.
    const gone = { way: "fax", toldAt: since, fault: null };
    const [former] = toldBy({ since, level: "reason", acknowledgedAt: null }, [gone], { ways: [], repeatSeconds: 60 });
    expect(former?.from).toBeNull();
    expect(first).toEqual({ way: "fax", toldAt: null, from: null, fault: "refused" });
  });
});
