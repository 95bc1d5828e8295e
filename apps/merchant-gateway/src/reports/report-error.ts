import { ProgramError } from "@tallystick/program";

export type ReportErrorCode = "REPORT_UNKNOWN" | "REPORT_OUT_OF_TURN";

const nextSteps: { readonly [code in ReportErrorCode]: string } = {
  REPORT_UNKNOWN: "The list of reports is at /v1/reports.",
  REPORT_OUT_OF_TURN: "An X report names the number that the next Z will have.",
};

/** Why a report is not made or shown; nothing was changed. */
export class ReportError extends ProgramError {
  override readonly name = "ReportError";
  declare readonly code: ReportErrorCode;

  constructor(code: ReportErrorCode, message: string) {
    super(code, message, { exit: "usage", next: nextSteps[code] });
  }
}
