import { z } from "zod";

/** The part of an OpenAPI document that tests of an API read. */
export interface ApiDocument {
  /** Version of OpenAPI, which says how its schemas are read. */
  readonly openapi?: string;
  readonly paths: Readonly<Record<string, object>>;
}

/** One call of an API, as its document describes it. */
export interface ApiCall {
  /** Method and path, such as `GET /v1/cards/{card}`. */
  readonly name: string;
  readonly operationId: string;
  readonly summary: string;
  readonly description: string | null;
  /** Whose token the call needs, `any` where everybody's will do; null where it needs none. */
  readonly roles: readonly string[] | null;
  /** null where the call has no body. */
  readonly request: z.ZodType | null;
  /** The answer 200; null where it is not JSON. */
  readonly answer: z.ZodType | null;
  /** The codes of each status outside 2xx. */
  readonly problems: ReadonlyMap<number, readonly string[]>;
}

interface Content {
  readonly content?: Readonly<Record<string, { readonly schema?: JsonSchema }>>;
}

type JsonSchema = Parameters<typeof z.fromJSONSchema>[0] & object;

interface Operation {
  readonly operationId?: string;
  readonly summary?: string;
  readonly description?: string;
  readonly "x-roles"?: readonly string[];
  readonly requestBody?: Content;
  readonly responses?: Readonly<Record<string, Content>>;
}

/** Every call of a document, in its order. Throws TypeError where one is not described fully. */
export function callsOf({ openapi, paths }: ApiDocument): readonly ApiCall[] {
  const readSchema: ReadSchema = (schema) => z.fromJSONSchema(schema, { defaultTarget: dialectOf(openapi) });
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) =>
      callOf(`${method.toUpperCase()} ${path}`, operation as Operation, readSchema),
    ),
  );
}

/** Schemas of OpenAPI 3.1 are JSON Schema 2020-12; those of 3.0 have rules of their own. */
function dialectOf(version = "3.0.0"): "openapi-3.0" | "draft-2020-12" {
  return version.startsWith("3.0.") ? "openapi-3.0" : "draft-2020-12";
}

type ReadSchema = (schema: JsonSchema) => z.ZodType;

/** Reads a schema when it is first needed: a test sees few of an API's calls. */
function readOnce(schema: JsonSchema | undefined, readSchema: ReadSchema): () => z.ZodType | null {
  let read: z.ZodType | null = null;
  return () => (schema === undefined ? null : (read ??= readSchema(schema)));
}

function callOf(name: string, operation: Operation, readSchema: ReadSchema): ApiCall {
  const { operationId, summary, description = null, requestBody, responses = {} } = operation;
  const body = requestBody?.content?.["application/json"]?.schema;
  const { 200: success, ...refusals } = responses;
  if (operationId === undefined || !/^[a-z][A-Za-z]+$/.test(operationId))
    throw new TypeError(`${name} has no operationId of its own`);
  if (summary === undefined) throw new TypeError(`${name} has no summary`);
  if (/^(?:POST|PUT|PATCH) /.test(name) && body === undefined) throw new TypeError(`${name} has no schema of its body`);
  const [[mediaType, { schema: answer } = {}] = []] = Object.entries(success?.content ?? {});
  if (mediaType === undefined || answer === undefined) throw new TypeError(`${name} has no schema of its answer`);
  const [request, answered] = [body, mediaType === "application/json" ? answer : undefined].map((schema) =>
    readOnce(schema, readSchema),
  ) as [() => z.ZodType | null, () => z.ZodType | null];
  return {
    ...{ name, operationId, summary, description, roles: operation["x-roles"] ?? null },
    get request() {
      return request();
    },
    get answer() {
      return answered();
    },
    problems: new Map(Object.entries(refusals).map(([status, refusal]) => [Number(status), codesOf(name, refusal)])),
  };
}

function codesOf(name: string, { content }: Content): readonly string[] {
  const schema = content?.["application/problem+json"]?.schema as
    | {
        readonly allOf?: readonly { readonly properties?: { readonly code?: { readonly enum?: readonly string[] } } }[];
      }
    | undefined;
  const codes = schema?.allOf?.flatMap(({ properties }) => properties?.code?.enum ?? []) ?? [];
  if (codes.length === 0) throw new TypeError(`${name} has a refusal without codes`);
  return codes;
}
