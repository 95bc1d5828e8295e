import {
  applyDecorators,
  type CallHandler,
  type ExecutionContext,
  Inject,
  Injectable,
  type NestInterceptor,
  UseInterceptors,
} from "@nestjs/common";
import type { Caller } from "../../doors/caller.ts";
import { ApiHeader } from "@nestjs/swagger";
import { lastValueFrom, type Observable, of } from "rxjs";
import { MAX_KEY_LENGTH } from "./limits.ts";
import { IDEMPOTENCY_HEADER, IdempotentCalls, keyOf } from "./idempotent-calls.ts";

interface Request {
  readonly method: string;
  readonly url: string;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, unknown>>;
  /** As the door has found. */
  readonly caller?: Caller | null;
}

interface Reply {
  header(name: string, value: string): unknown;
}

/** Answers a call that came before under the caller's key as it was answered then. */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  constructor(@Inject(IdempotentCalls) private readonly calls: IdempotentCalls) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const http = context.switchToHttp();
    const { method, url, body, headers, caller } = http.getRequest<Request>();
    const key = keyOf(headers[IDEMPOTENCY_HEADER]);
    if (key === null) return next.handle();
    const call = `${method} ${url}`;
    const { answer, replayed } = await this.calls.once({ key, call, body, device: caller?.device.id ?? "" }, () =>
      lastValueFrom(next.handle()),
    );
    if (replayed) http.getResponse<Reply>().header("idempotent-replayed", "true");
    return of(answer);
  }
}

/** A call that is carried out once under the key that its caller sends with it. */
export const Idempotent = (): MethodDecorator =>
  applyDecorators(
    UseInterceptors(IdempotencyInterceptor),
    ApiHeader({
      name: "Idempotency-Key",
      required: false,
      description:
        "Chosen by the caller, one for each call: the same call with the same key is answered as before for 24 hours and does nothing again; `Idempotent-Replayed: true` says so",
      schema: { type: "string", minLength: 1, maxLength: MAX_KEY_LENGTH },
    }),
  );
