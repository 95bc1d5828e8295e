import { MAX_NOTES } from "./limits.ts";

/** One thing that happened in the sandbox. */
export interface Note {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly text: string;
}

/** What happened, the newest first. */
export interface Notes {
  readonly add: (text: string) => void;
  readonly list: () => readonly Note[];
}

/** Keeps the last notes. */
export function createNotes(now: () => number): Notes {
  const notes: Note[] = [];
  return {
    add: (text) => {
      notes.unshift({ at: now(), text });
      notes.length = Math.min(notes.length, MAX_NOTES);
    },
    list: () => [...notes],
  };
}
