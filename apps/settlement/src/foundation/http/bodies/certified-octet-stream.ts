import {
  type CertifiedBytes,
  isProtocolError,
  MAX_STATES_REQUEST_LENGTH,
  MAX_UPLOAD_BODY_LENGTH,
  splitCertifiedBytes,
  TERMINAL_REQUEST_LENGTH,
  toHex,
  UPLOAD_LENGTH,
} from "@tallystick/protocol";
import { Problem, type ProblemCode } from "../problem.ts";

/** A call that takes one octet stream of a certified terminal beside JSON (spec §6.7). */
export interface OctetStreamCall {
  /** The member of the JSON form that the terminal's object is. */
  readonly object: string;
  /** Bytes of the object. */
  readonly objectLength: number;
  /** Most bytes of body behind the certificate's signature; more is PAYLOAD_TOO_LARGE. */
  readonly bodyLength: number;
  /** What an octet stream is called that is shorter than its parts. */
  readonly malformed: ProblemCode;
}

/** Every call that takes an octet stream, by its path. */
export const octetStreamCalls: Readonly<Record<string, OctetStreamCall>> = {
  "/v1/uploads": {
    object: "upload",
    objectLength: UPLOAD_LENGTH,
    bodyLength: MAX_UPLOAD_BODY_LENGTH,
    malformed: "MALFORMED_UPLOAD",
  },
  "/v1/requests": {
    object: "request",
    objectLength: TERMINAL_REQUEST_LENGTH,
    bodyLength: MAX_STATES_REQUEST_LENGTH,
    malformed: "MALFORMED_REQUEST",
  },
};

const MEDIA_TYPE = "application/octet-stream";

/** What of a request is read before its body. */
interface RequestHead {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly routeOptions: { readonly url?: string | undefined };
}

/** The part of Fastify's server that takes a parser. */
interface ParsingServer {
  addContentTypeParser(
    type: string,
    options: { readonly parseAs: "buffer" },
    parse: (request: RequestHead, body: Buffer) => Promise<unknown>,
  ): unknown;
}

/** Lets the server take octet streams at the calls of the table, and nowhere else. */
export function takeOctetStreams(server: ParsingServer): void {
  server.addContentTypeParser(MEDIA_TYPE, { parseAs: "buffer" }, (request, body) =>
    // What is thrown becomes the answer, as a handler's refusal does.
    Promise.resolve().then(() => readOctetStream(request, body)),
  );
}

/**
 * The same members as the call's JSON form has, so that one schema judges both. Throws Problem
 * UNSUPPORTED_MEDIA, PAYLOAD_TOO_LARGE, or the call's own code where parts are missing.
 */
export function readOctetStream({ headers, routeOptions }: RequestHead, bytes: Uint8Array): Record<string, string> {
  const call = octetStreamCalls[routeOptions.url ?? ""];
  if (call === undefined) throw new Problem("UNSUPPORTED_MEDIA", "This call takes application/json.");
  const coding = headers["content-encoding"] ?? "identity";
  if (coding !== "identity")
    throw new Problem("UNSUPPORTED_MEDIA", "Send the octet stream as it is, without a content coding.");
  let parts: CertifiedBytes;
  try {
    parts = splitCertifiedBytes(Uint8Array.from(bytes), call.objectLength);
  } catch (error) {
    if (isProtocolError(error)) throw new Problem(call.malformed, `${error.code}: ${error.message}`);
    throw error;
  }
  if (parts.body.length > call.bodyLength)
    throw new Problem("PAYLOAD_TOO_LARGE", `The body has ${parts.body.length} bytes of at most ${call.bodyLength}.`);
  const { object, signature, certificate, certificateSignature, body } = parts;
  return {
    [call.object]: toHex(object),
    signature: toHex(signature),
    certificate: toHex(certificate),
    certificateSignature: toHex(certificateSignature),
    body: toHex(body),
  };
}

/** The part of an OpenAPI document that is completed here. */
interface DescribedCalls {
  readonly paths: Readonly<Record<string, { readonly post?: { readonly requestBody?: unknown } }>>;
}

/** Names the octet stream beside the JSON form of each call of the table. */
export function describeOctetStreams<Document extends DescribedCalls>(document: Document): Document {
  for (const path of Object.keys(octetStreamCalls)) {
    const body = document.paths[path]?.post?.requestBody as { content: Record<string, unknown> } | undefined;
    if (body === undefined) throw new RangeError(`${path} has no body to describe`);
    body.content[MEDIA_TYPE] = { schema: { type: "string", format: "binary" } };
  }
  return document;
}
