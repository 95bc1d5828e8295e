// The log
export { createLogger, type LoggerOptions } from "./logging/logger.ts";

// Problems
export {
  Problem,
  PROBLEM_MEDIA_TYPE,
  type ProblemBody,
  type ProblemCodeOf,
  type ProblemExtras,
  type ProblemKind,
  problemSchema,
  ProblemTable,
  type ProblemTableEntries,
} from "./problems/problem.ts";
export { type ProblemRule, problemRule, type Refusal } from "./problems/problem-rules.ts";
export { type DescribedProblem, ProblemFilter, type ProblemFilterOptions } from "./problems/problem-filter.ts";
export {
  type DescribedDocument,
  describeProblems,
  type DescribeProblemsOptions,
  PROBLEMS_EXTENSION,
} from "./problems/describe-problems.ts";
export { asOpenApi31, OPENAPI_VERSION } from "./problems/openapi-31.ts";
export { createValidationPipe, issueDetail, type RequestIssue } from "./problems/validation.ts";
