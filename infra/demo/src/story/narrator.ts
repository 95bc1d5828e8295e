/** Says what happens, on standard error, so that standard output stays the report's. */
export interface Narrator {
  /** A new part of the story. */
  readonly chapter: (title: string) => void;
  /** Something that happened, or was seen. */
  readonly line: (text: string) => void;
  /** Something that is not as it should be; kept for the end. */
  readonly wrong: (text: string) => void;
  readonly faults: readonly string[];
}

/** Makes a narrator; `startMs` is when the story began. */
export function createNarrator(write: (text: string) => void, now: () => number): Narrator {
  const startMs = now();
  const faults: string[] = [];
  let chapters = 0;
  const seconds = (): string => `${((now() - startMs) / 1000).toFixed(1).padStart(6)} s`;
  return {
    chapter: (title) => {
      chapters += 1;
      write(`\n${chapters}  ${title}\n`);
    },
    line: (text) => {
      write(`${seconds()}  ${text}\n`);
    },
    wrong: (text) => {
      faults.push(text);
      write(`${seconds()}  ✗ ${text}\n`);
    },
    faults,
  };
}
