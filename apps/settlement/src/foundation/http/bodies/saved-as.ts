/** The part of Fastify's reply by which a browser saves an answer as a file. */
export interface FileReply {
  header(name: string, value: string): unknown;
}

/** Names the file as which a browser saves the answer: the name that documents and pages use for it. */
export function savedAs(reply: FileReply, name: string): void {
  reply.header("content-disposition", `attachment; filename="${name}"`);
}
