import { type ArgumentsHost, Catch, type ExceptionFilter, Inject, NotFoundException } from "@nestjs/common";
import { rpcProblem } from "../../chain/rpc-problem.ts";
import { createProblemFilter } from "../../foundation/http/create-problem-filter.ts";
import { type ArrivedRequest, Doors, DOORS } from "../../foundation/http/doors.ts";
import { Problem } from "../../foundation/http/problem.ts";
import { Readiness } from "../readiness/readiness.ts";
import type { Session } from "../../foundation/http/sessions.ts";
import { POLICY } from "./page-headers.ts";
import { documentOf, Head } from "./view/frame.tsx";

/** The part of Fastify's reply that the filter writes. */
interface Reply {
  readonly sent?: boolean;
  status(code: number): Reply;
  header(name: string, value: string): Reply;
  send(body: unknown): void;
}

/** The part of a request that says who reads the answer, and whether as a page. */
interface Request {
  readonly url: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly session?: Session | null;
}

/** Answers what a page or a form refuses as a page: the same code and sentences as the API. */
@Catch()
export class PageProblems implements ExceptionFilter {
  private readonly filter: ReturnType<typeof createProblemFilter>;

  constructor(@Inject(Readiness) { standing }: Readiness) {
    this.filter = createProblemFilter([rpcProblem(standing)], standing);
  }

  catch(error: unknown, host: ArgumentsHost): void {
    const { headers, session, url } = host.switchToHttp().getRequest<Request>();
    // A program gets the problem itself.
    if (!readsPages(headers)) {
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
      .header("content-security-policy", POLICY)
      .header("cache-control", "no-store")
      .send(
        documentOf(
          <Refusal
            {...{ code, title, detail, next: next ?? null, from: pageBefore(headers) }}
            isMerchant={isMerchant(session) || isUnder("/own", url)}
          />,
        ),
      );
  }
}

/**
 * The service's own filter, where no call was found: under a place of pages a browser gets a page that leads on, with
 * the same status, and everybody else the problem.
 */
@Catch(NotFoundException)
export class UnknownPages implements ExceptionFilter {
  constructor(
    @Inject(Readiness) private readonly readiness: Readiness,
    @Inject(DOORS) private readonly doors: Doors,
  ) {}

  catch(error: NotFoundException, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<Request & ArrivedRequest>();
    const isPage = ["/console", "/own"].some((place) => isUnder(place, request.url));
    if (isPage && readsPages(request.headers) && this.doors.isAdministration(request)) {
      const none = new Problem("NOT_FOUND", "There is no page at this address.");
      new PageProblems(this.readiness).catch(none, host);
      return;
    }
    const { standing } = this.readiness;
    createProblemFilter([rpcProblem(standing)], standing).catch(error, host);
  }
}

/** Where whoever is signed in begins. */
export function firstPageOf(session: Session): string {
  return isMerchant(session) ? "/own" : "/console";
}

function readsPages(headers: Request["headers"]): boolean {
  return String(headers["accept"]).includes("text/html");
}

function isUnder(place: string, url: string): boolean {
  return url === place || [`${place}/`, `${place}?`].some((start) => url.startsWith(start));
}

/** A merchant's session; a merchant is led to its own page, which serves nobody else. */
function isMerchant(session: Session | null | undefined): boolean {
  return session?.actor.role === "merchant";
}

/**
 * The page of the console that the request came from, as a path of this service whatever the header names; null where
 * it is none, or the first screen.
 */
function pageBefore(headers: Request["headers"]): string | null {
  const named = String(headers["referer"] ?? "");
  if (!URL.canParse(named)) return null;
  const { host, pathname, search } = new URL(named);
  return host === headers["host"] && pathname.startsWith("/console/") ? `${pathname}${search}` : null;
}

interface ProblemProps {
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly next: string | null;
  readonly isMerchant: boolean;
  /** The page that leads back to the form. */
  readonly from: string | null;
}

function Refusal({ code, title, detail, next, isMerchant: own, from }: ProblemProps) {
  return (
    <html lang="en">
      <Head title={title} />
      <body>
        <main>
          <h1>{title}</h1>
          <p>{detail}</p>
          {next === null ? null : <p>{next}</p>}
          <p class="soft">{code}</p>
          {own || from === null ? null : (
            <p>
              <a href={from}>Back to the page before</a>
            </p>
          )}
          <p>{own ? <a href="/own">To your payments</a> : <a href="/console">To the first screen</a>}</p>
        </main>
      </body>
    </html>
  );
}
