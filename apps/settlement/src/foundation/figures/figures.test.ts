import { describe, expect, it, jest } from "@jest/globals";
import { Logger } from "@nestjs/common";
import { COUNTERS, count, figuresText, HISTOGRAMS, observe, METHODS, registerCall, STAGES } from "./figures.ts";
import { someIds, tellEvent } from "./tell-event.ts";
import { MOST_CALLS, MOST_GAUGES, MOST_SERIES } from "./limits.ts";

const series = async (name: string): Promise<string[]> =>
  (await figuresText()).split("\n").filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));

describe("figures", () => {
  it("have no series of a caller's making, whatever is asked for", async () => {
    registerCall("GET", "/v1/vouchers/:id");
    const hostile = ["0x00", "/v1/vouchers/0x12", "a\nb", '"}evil', "constructor", "__proto__"];
    for (const [index, value] of hostile.entries())
      for (const name of Object.keys(COUNTERS) as (keyof typeof COUNTERS)[]) {
        const labels = Object.fromEntries(Object.keys(COUNTERS[name][1]).map((label) => [label, `${value}${index}`]));
        count(name, labels as never);
      }
    for (const value of hostile) observe("tallystick_http_seconds", { door: value, status: value }, 0.1);
    const text = await figuresText();
    for (const value of hostile) expect(text).not.toContain(value);
    expect(await series("tallystick_http_requests_total")).toEqual([
      'tallystick_http_requests_total{door="other",method="other",route="other",status="other"} 6',
    ]);
    count("tallystick_http_requests_total", {
      ...{ door: "terminals", method: "GET", route: "/v1/vouchers/:id", status: "2xx" },
    });
    expect(await series("tallystick_http_requests_total")).toHaveLength(2);
  });

  it("stay below the bound with every value that there is", () => {
    // A call has one method and one path; what is not registered has any method and no path of its own.
    const calls = MOST_CALLS + METHODS.length + 1;
    const values = (definition: Readonly<Record<string, readonly string[] | "routes">>): number =>
      Object.entries(definition).reduce(
        (product, [label, list]) => product * (label === "method" ? 1 : list === "routes" ? calls : list.length + 1),
        1,
      );
    const counted = Object.values(COUNTERS).reduce((sum, [, labels]) => sum + values(labels), 0);
    const timed = Object.values(HISTOGRAMS).reduce(
      (sum, [, bounds, labels]) => sum + values(labels) * (bounds.length + 3),
      0,
    );
    expect(counted + timed + MOST_GAUGES).toBeLessThan(MOST_SERIES);
  });

  it("know no call that was not registered in time, or with another method", async () => {
    const at = (method: string, route: string): void =>
      count("tallystick_http_requests_total", { door: "terminals", method, route, status: "2xx" });
    at("POST", "/v1/vouchers/:id");
    for (let path = 0; path < 2 * MOST_CALLS; path += 1) registerCall("GET", `/many/${path}`);
    at("GET", `/many/${MOST_CALLS - 2}`);
    at("GET", `/many/${MOST_CALLS - 1}`);
    const found = (await series("tallystick_http_requests_total")).join();
    expect(found).toContain('method="GET",route="/v1/vouchers/:id"');
    expect(found).not.toContain('method="POST",route="/v1/vouchers/:id"');
    expect(found).toContain(`route="/many/${MOST_CALLS - 2}"`);
    expect(found).not.toContain(`route="/many/${MOST_CALLS - 1}"`);
  });

  it("count the way of a voucher, and how long it took", async () => {
    for (const stage of STAGES) count("tallystick_stage_vouchers_total", { stage }, 3);
    count("tallystick_stage_vouchers_total", { stage: "final" }, 0);
    expect(await series("tallystick_stage_vouchers_total")).toEqual(
      expect.arrayContaining(STAGES.map((stage) => `tallystick_stage_vouchers_total{stage="${stage}"} 3`)),
    );
    observe("tallystick_final_seconds", {}, 12);
    observe("tallystick_final_seconds", {}, -1);
    expect(await series("tallystick_final_seconds_sum")).toEqual(["tallystick_final_seconds_sum 12"]);
  });

  it("count what is told of in the log, which names some ids and counts the rest", async () => {
    const lines = jest.spyOn(Logger.prototype, "log").mockImplementation(() => undefined);
    tellEvent("fork", `upload 0x01 brought ${someIds(["0xa", "0xb", "0xc", "0xd", "0xe", "0xf", "0x10"])}`);
    tellEvent("batch", "7 of 3 vouchers");
    expect(lines.mock.calls.map(([line]) => String(line))).toEqual([
      "fork: upload 0x01 brought 0xa, 0xb, 0xc, 0xd, 0xe and 2 more",
      "batch: 7 of 3 vouchers",
    ]);
    lines.mockRestore();
    expect((await series("tallystick_events_total")).toSorted()).toEqual(
      expect.arrayContaining(['tallystick_events_total{event="fork"} 1', 'tallystick_events_total{event="batch"} 1']),
    );
  });

  it("say what the process itself uses", async () => {
    expect(await series("process_resident_memory_bytes")).toHaveLength(1);
    expect(await series("process_start_time_seconds")).toHaveLength(1);
  });
});
