import type { WriteLine } from "@tallystick/program";
import { PROGRAMME_SENTENCES, type ProgrammeStep } from "../../programme/programme-steps.ts";
import type { WaitObserver } from "../../programme/chain/wait-for.ts";
import { STEP_SENTENCES } from "../../steps/step-names.ts";
import type { StepObserver } from "../../steps/step-runner.ts";

const SCHEMA = "tallystick.programme/1";

/** Says how the making of a programme goes on. */
export interface ProgrammeReporter {
  readonly step: (step: ProgrammeStep, code: "DONE" | "KNOWN", detail: string) => void;
  readonly wait: WaitObserver;
  /** A step of the virtual card. */
  readonly card: StepObserver;
  readonly warn: (message: string) => void;
  readonly told: (what: string, sentences: readonly string[]) => void;
  readonly done: (made: Readonly<Record<string, string>>) => void;
}

/** One JSON object a line, or sentences. */
export function createProgrammeReporter(json: boolean, writeLine: WriteLine): ProgrammeReporter {
  const line = (event: string, fields: object, text: string): void =>
    writeLine(json ? JSON.stringify({ schema: SCHEMA, event, ...fields }) : text);
  return {
    step: (step, code, detail) => {
      const message = PROGRAMME_SENTENCES[step];
      line("step", { step, code, detail, message }, `✓ ${message} (${detail})`);
    },
    wait: ({ what, stands, secondsLeft }) =>
      line("waiting", { what, stands, secondsLeft }, `… ${what}: ${stands} (${secondsLeft} s left)`),
    card: (step, code) => {
      const message = STEP_SENTENCES[step];
      if (code !== "BEGUN" || json) line("card", { step, code, message }, `    ✓ ${message}`);
    },
    warn: (message) => line("warning", { message }, `! ${message}`),
    told: (what, sentences) => line("told", { what, sentences }, sentences.join("\n")),
    done: (made) =>
      line("done", made, `The programme is made. Vault ${made["vault"] ?? ""}; its record is ${made["record"] ?? ""}.`),
  };
}
