import { StandardSchemaValidationPipe } from "@nestjs/common";
import { MAX_REPORTED_ISSUES } from "../limits.ts";

/** The part of a validator's issue that is reported (Standard Schema). */
export interface RequestIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/**
 * Every fault of a request as one detail: `amount: Invalid input; saleId: …`, and how many more
 * there are.
 */
export function issueDetail(issues: readonly RequestIssue[]): string {
  const shown = issues.slice(0, MAX_REPORTED_ISSUES).map(({ path, message }) => `${pathText(path)}: ${plain(message)}`);
  const rest = issues.length - shown.length;
  return `${shown.join("; ")}${rest > 0 ? `; and ${rest} more` : ""}.`;
}

/**
 * The pipe that validates requests by the schemas of their handlers; `refuse` makes the
 * application's problem of the detail, and of the members of the body that have a fault, each once.
 */
export function createValidationPipe(
  refuse: (detail: string, members: readonly string[]) => Error,
): StandardSchemaValidationPipe {
  return new StandardSchemaValidationPipe({
    exceptionFactory: (issues) => {
      const members = new Set(issues.map(({ path }) => pathText(path?.slice(0, 1))));
      return refuse(issueDetail(issues), [...members]);
    },
  });
}

/** What the validator says of a member that is not there, in plain words. */
function plain(message: string): string {
  return /^Invalid input: expected .+, received undefined$/.test(message) ? "is missing" : message;
}

function pathText(path: RequestIssue["path"]): string {
  if (path === undefined || path.length === 0) return "body";
  return path.map((part) => String(typeof part === "object" ? part.key : part)).join(".");
}
