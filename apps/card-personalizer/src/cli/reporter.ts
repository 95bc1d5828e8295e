import type { ProgramError, WriteLine } from "@tallystick/program";
import type { Awaited } from "../steps/funding-options.ts";
import { STEP_SENTENCES, type StepName } from "../steps/step-names.ts";
import { waitText } from "./orders/wait-text.ts";

const SCHEMA = "tallystick.personalize/1";

/** Reports how far one card is, on standard output. How a command failed stands on standard error as well. */
export interface Reporter {
  step(step: StepName, code: "BEGUN" | "DONE" | "KNOWN", card: string | null): void;
  /** What stops nothing and should be known. */
  warning(message: string): void;
  /** What only the chain can bring about; the card may be taken off. */
  waiting(wait: Awaited): void;
  done(fields: { readonly card: string; readonly message: string }): void;
  failed(failure: ProgramError, at: { readonly card: string | null; readonly step: StepName | null }): void;
}

/** One JSON object a line, for programs. */
export function createJsonReporter(reference: string | null, writeLine: WriteLine): Reporter {
  const write = (fields: {
    event: "step" | "warning" | "await" | "done" | "failed";
    card: string | null;
    step: string | null;
    code: string | null;
    message: string;
    next: string | null;
  }): void => {
    const { event, card, step, code, message, next } = fields;
    writeLine(JSON.stringify({ schema: SCHEMA, event, reference, card, step, code, message, next }));
  };
  return {
    step: (step, code, card) =>
      write({ event: "step", card, step, code, message: stepSentence(step, code), next: null }),
    warning: (message) => write({ event: "warning", card: null, step: null, code: null, message, next: null }),
    waiting: (wait) => {
      const message = `The card may be taken off. Waits for ${waitText(wait)}`;
      write({ event: "await", card: null, step: null, code: null, message, next: null });
    },
    done: ({ card, message }) => write({ event: "done", card, step: null, code: null, message, next: null }),
    failed: (failure, { card, step }) => {
      write({ event: "failed", card, step, code: failure.code, message: failure.message, next: failure.next });
    },
  };
}

/** Lines for the person at the station. */
export function createTextReporter(reference: string, writeLine: WriteLine): Reporter {
  return {
    step: (step, code) => {
      if (code === "BEGUN") return;
      writeLine(`${code === "KNOWN" ? "·" : "✓"} ${STEP_SENTENCES[step]}`);
    },
    warning: (message) => writeLine(`! ${message}`),
    waiting: (wait) => writeLine(`… The card may be taken off. Waits for ${waitText(wait)}`),
    done: ({ card, message }) => {
      writeLine(`${reference}: card ${card}. ${message}`);
    },
    failed: (_failure, { step }) => {
      if (step !== null) writeLine(`✗ Stopped at ${step}.`);
    },
  };
}

function stepSentence(step: StepName, code: "BEGUN" | "DONE" | "KNOWN"): string {
  if (code === "BEGUN") return `Begun: ${step}.`;
  return code === "KNOWN" ? `Done before. ${STEP_SENTENCES[step]}` : STEP_SENTENCES[step];
}
