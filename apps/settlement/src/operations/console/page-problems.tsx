import { type ArgumentsHost, Catch, type ExceptionFilter, Inject } from "@nestjs/common";
import { rpcProblem } from "../../chain/rpc-problem.ts";
import { createProblemFilter } from "../../foundation/http/create-problem-filter.ts";
import { Readiness } from "../readiness/readiness.ts";
import { documentOf, Head } from "./view/frame.tsx";

/** The part of Fastify's reply that the filter writes. */
interface Reply {
  readonly sent?: boolean;
  status(code: number): Reply;
  header(name: string, value: string): Reply;
  send(body: unknown): void;
}

/** Answers what a page or a form refuses as a page: the same code and sentences as the API. */
@Catch()
export class PageProblems implements ExceptionFilter {
  private readonly filter: ReturnType<typeof createProblemFilter>;

  constructor(@Inject(Readiness) { standing }: Readiness) {
    this.filter = createProblemFilter([rpcProblem(standing)], standing);
  }

  catch(error: unknown, host: ArgumentsHost): void {
    const { headers } = host.switchToHttp().getRequest<{ readonly headers: Readonly<Record<string, unknown>> }>();
    // A program gets the problem itself.
    if (!String(headers["accept"]).includes("text/html")) {
      this.filter.catch(error, host);
      return;
    }
    const { body, retryAfterSeconds, challenge } = this.filter.describe(error);
    const reply = host.switchToHttp().getResponse<Reply>();
    if (reply.sent === true) return;
    if (retryAfterSeconds !== undefined) reply.header("retry-after", String(Math.ceil(retryAfterSeconds)));
    if (challenge !== undefined) reply.header("www-authenticate", challenge);
    const { code, title, detail, next } = body as { code: string; title: string; detail: string; next?: string };
    reply
      .status(body.status)
      .header("content-type", "text/html; charset=utf-8")
      .header("cache-control", "no-store")
      .send(documentOf(<Problem code={code} title={title} detail={detail} next={next ?? null} />));
  }
}

function Problem({ code, title, detail, next }: { code: string; title: string; detail: string; next: string | null }) {
  return (
    <html lang="en">
      <Head title={title} />
      <body>
        <main>
          <h1>{title}</h1>
          <p>{detail}</p>
          {next === null ? null : <p>{next}</p>}
          <p class="soft">{code}</p>
          <p>
            <a href="/console">To the first screen</a>
            {code === "FORBIDDEN" ? (
              <>
                {" · "}
                <a href="/own">A merchant's own payments</a>
              </>
            ) : null}
          </p>
        </main>
      </body>
    </html>
  );
}
