import type { WriteLine } from "@tallystick/program";
import type { LiveTerminal } from "../program-io.ts";

/** Lines that stay, above one that changes. */
export interface LiveLine {
  readonly writeLine: WriteLine;
  show(text: string): void;
  /** Removes the changing line, for good. */
  end(): void;
}

/** Carriage return and "erase in line" (ECMA-48 §8.3.41). */
const CLEAR = "\r\u001b[2K";

/** Without a terminal lines are written as they come, and nothing is written over. */
export function createLiveLine(terminal: LiveTerminal | null, writeLine: WriteLine): LiveLine {
  if (terminal === null) return { writeLine, show: () => undefined, end: () => undefined };
  let shown = "";
  const draw = (): void => terminal.write(`${CLEAR}${shown.slice(0, Math.max(0, terminal.columns() - 1))}`);
  return {
    writeLine: (line) => {
      terminal.write(CLEAR);
      writeLine(line);
      if (shown !== "") draw();
    },
    show: (text) => {
      shown = text;
      draw();
    },
    end: () => {
      shown = "";
      terminal.write(CLEAR);
    },
  };
}
