import { describe, expect, it } from "@jest/globals";
import { drawMutants, type Drawable } from "./draw.ts";

const FOLDER = "/tmp/one";

/** Mutants in a row; `first` is the id of the first of them. */
function mutants(count: number, { folder = FOLDER, first = 0 } = {}): Drawable[] {
  return Array.from({ length: count }, (_, index) => ({
    id: String(first + index),
    fileName: `${folder}/src/a.ts`,
    mutatorName: "EqualityOperator",
    replacement: "a <= b",
    location: { start: { line: index, column: 4 }, end: { line: index, column: 9 } },
  }));
}

describe("a sample of mutants", () => {
  it("has the size that was asked for, all where there are fewer, and all for 0", () => {
    expect(drawMutants(mutants(50), { size: 20, seed: 1, folder: FOLDER }).size).toBe(20);
    expect(drawMutants(mutants(5), { size: 20, seed: 1, folder: FOLDER }).size).toBe(5);
    expect(drawMutants(mutants(50), { size: 0, seed: 1, folder: FOLDER }).size).toBe(50);
  });

  it("is the same for the same seed, in whatever order and folder the mutants come", () => {
    const drawn = drawMutants(mutants(50), { size: 20, seed: 1, folder: FOLDER });
    expect(drawMutants(mutants(50).reverse(), { size: 20, seed: 1, folder: FOLDER })).toEqual(drawn);
    const elsewhere = mutants(50, { folder: "/tmp/two", first: 100 });
    const again = [...drawMutants(elsewhere, { size: 20, seed: 1, folder: "/tmp/two" })].map((id) => Number(id) - 100);
    expect(new Set(again.map(String))).toEqual(drawn);
  });

  it("goes on after those that are passed over, and has none of them", () => {
    const drawn = (size: number, skip: number) => [
      ...drawMutants(mutants(50), { size, skip, seed: 1, folder: FOLDER }),
    ];
    expect([...drawn(20, 0), ...drawn(10, 20), ...drawn(0, 30)]).toEqual(drawn(50, 0));
    expect(drawn(5, 50)).toEqual([]);
  });

  it("is another for another seed, and every mutant is drawn by some seed as often as the others", () => {
    const counts = new Map<string, number>();
    for (let seed = 0; seed < 400; seed += 1) {
      for (const id of drawMutants(mutants(10), { size: 5, seed, folder: FOLDER })) {
        counts.set(id, (counts.get(id) ?? 0) + 1);
      }
    }
    // Half of 400 each; 140 and 260 are six standard deviations away, and the seeds are fixed.
    expect(counts.size).toBe(10);
    for (const count of counts.values()) {
      expect(count).toBeGreaterThan(140);
      expect(count).toBeLessThan(260);
    }
  });

  it("tells apart mutants of one place by what they change it to", () => {
    const [one] = mutants(1);
    if (one === undefined) throw new Error("there is a mutant");
    const both = [one, { ...one, id: "1", replacement: "a >= b" }];
    const drawn = Array.from({ length: 64 }, (_, seed) => [...drawMutants(both, { size: 1, seed, folder: FOLDER })][0]);
    expect(new Set(drawn)).toEqual(new Set(["0", "1"]));
  });
});
