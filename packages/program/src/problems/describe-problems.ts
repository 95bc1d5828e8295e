import { z } from "zod";
import { problemSchema, type ProblemTable } from "./problem.ts";

/**
 * Where the decorator of a call leaves its codes in an OpenAPI document, until `describeProblems`
 * puts the answers in their place.
 */
export const PROBLEMS_EXTENSION = "x-problems";

/** The part of an OpenAPI document that is read and completed here. */
export interface DescribedDocument {
  readonly paths: Readonly<Record<string, object>>;
  readonly components?: object;
}

export interface DescribeProblemsOptions<Code extends string> {
  readonly table: ProblemTable<Code>;
  /** Codes that any call may answer. */
  readonly always: readonly Code[];
  /** Codes that any call with a body may answer besides. */
  readonly withBody: readonly Code[];
  /** Codes that any call may answer besides whose body has a member of this name. */
  readonly withMember?: Readonly<Record<string, readonly Code[]>>;
  /** Codes that any call with a bearer token may answer besides. */
  readonly withToken?: readonly Code[];
}

interface Operation {
  readonly [PROBLEMS_EXTENSION]?: readonly string[];
  readonly requestBody?: unknown;
  readonly security?: unknown;
  readonly responses?: object;
}

const METHODS: ReadonlySet<string> = new Set(["get", "put", "post", "delete", "patch"]);

/**
 * Completes the document of a service: each call gets one answer for each status that it may refuse
 * with, which names the codes. Paths are in alphabetical order afterwards, so that the document of
 * one version is always the same text. Throws RangeError where a call has no list of codes.
 */
export function describeProblems<Code extends string, Document extends DescribedDocument>(
  document: Document,
  options: DescribeProblemsOptions<Code>,
): Document {
  const described = Object.entries(document.paths).map(([path, item]) => [
    path,
    Object.fromEntries(
      Object.entries(item).map(([method, operation]) => [
        method,
        METHODS.has(method)
          ? describeCall(`${method} ${path}`, operation as Operation, options)
          : (operation as unknown),
      ]),
    ),
  ]);
  described.sort(([left], [right]) => (String(left) < String(right) ? -1 : 1));
  const { schemas, ...rest } = (document.components ?? {}) as { readonly schemas?: object };
  return {
    ...document,
    paths: Object.fromEntries(described) as Document["paths"],
    components: { ...rest, schemas: { ...schemas, Problem: problemJsonSchema() } },
  };
}

function describeCall<Code extends string>(
  name: string,
  { [PROBLEMS_EXTENSION]: own, ...operation }: Operation,
  { table, always, withBody, withMember = {}, withToken = [] }: DescribeProblemsOptions<Code>,
): Operation {
  if (own === undefined) throw new RangeError(`${name} does not say which problems it answers`);
  const named = new Set<string>([
    ...own,
    ...always,
    ...(operation.requestBody === undefined ? [] : withBody),
    ...membersOf(operation.requestBody).flatMap((member) => withMember[member] ?? []),
    ...(operation.security === undefined ? [] : withToken),
  ]);
  const codes = table.codes.filter((code) => named.has(code));
  return { ...operation, responses: { ...operation.responses, ...problemResponses(table, codes) } };
}

/** Names of the members of a JSON body, whose schema stands in the document itself. */
function membersOf(requestBody: unknown): readonly string[] {
  const body = requestBody as { content?: Record<string, { schema?: { properties?: object } }> } | undefined;
  return Object.keys(body?.content?.["application/json"]?.schema?.properties ?? {});
}

/** One answer for each status of these codes. */
function problemResponses<Code extends string>(table: ProblemTable<Code>, codes: readonly Code[]): object {
  const statuses = [...new Set(codes.map((code) => table.kind(code).status))];
  return Object.fromEntries(
    statuses.map((status) => {
      const kinds = codes.map((code) => table.kind(code)).filter((kind) => kind.status === status);
      const code = { type: "string", enum: kinds.map((kind) => kind.code) };
      const schema = { allOf: [{ $ref: "#/components/schemas/Problem" }, { properties: { code } }] };
      return [
        status,
        {
          description: kinds.map((kind) => `${kind.code}: ${kind.title}`).join(" "),
          content: { "application/problem+json": { schema } },
        },
      ];
    }),
  );
}

function problemJsonSchema(): object {
  const { $schema: _, ...schema } = z.toJSONSchema(problemSchema, { target: "openapi-3.0", io: "output" });
  return schema;
}
