import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query } from "@nestjs/common";
import { ApiOperation, ApiTags } from "@nestjs/swagger";
import { redactUrl } from "@tallystick/program";
import type { z } from "zod";
import { WEBHOOK_TYPES } from "../../config/gateway-config.ts";
import type { WebhookDelivery } from "../../journal/merchant/webhook-store.ts";
import { Access } from "../../doors/access.ts";
import type { Caller } from "../../doors/caller.ts";
import { type EndpointView, Webhooks } from "../../webhooks/webhooks.ts";
import { ApiProblems } from "../api-problems.ts";
import { Answers } from "../describe.ts";
import { Asking } from "../doors/asking.ts";
import { Idempotent } from "../idempotency/idempotent.ts";
import { emptyRequestSchema } from "../wire.ts";
import { MAX_LISTED_DELIVERIES } from "./limits.ts";
import {
  deliveryDetailSchema,
  deliveryIdSchema,
  deliveryListQuerySchema,
  deliveryListSchema,
  deliverySchema,
  endpointListSchema,
  endpointSchema,
} from "./webhook-wire.ts";

type Empty = z.output<typeof emptyRequestSchema>;

/** What a merchant's own programs are told of sales. */
@ApiTags("webhooks")
@Controller("v1/webhooks")
export class WebhooksController {
  constructor(
    @Inject(Webhooks) private readonly webhooks: Webhooks,
    @Inject(Access) private readonly access: Access,
  ) {}

  @Get()
  @ApiProblems()
  @ApiOperation({ operationId: "listWebhooks", summary: "The endpoints of the configuration, and how they fare" })
  @Answers(endpointListSchema, "Endpoints")
  list(@Asking() caller: Caller | null): z.output<typeof endpointListSchema> {
    this.access.assertMay(caller, "reports");
    return { endpoints: this.webhooks.endpoints().map(endpointToWire) };
  }

  @Get("deliveries")
  @ApiProblems("MALFORMED_REQUEST", "WEBHOOK_UNKNOWN")
  @ApiOperation({
    operationId: "listDeliveries",
    summary: "Messages and where they are on their way, newest first",
    description: `At most ${MAX_LISTED_DELIVERIES} in one answer.`,
  })
  @Answers(deliveryListSchema, "Messages to endpoints")
  deliveries(
    @Query({ schema: deliveryListQuerySchema }) query: z.output<typeof deliveryListQuerySchema>,
    @Asking() caller: Caller | null,
  ): z.output<typeof deliveryListSchema> {
    this.access.assertMay(caller, "reports");
    const { endpoint = null, state = null, cursor: below = null } = query;
    const listed = this.webhooks.page({ endpoint, state, below, limit: MAX_LISTED_DELIVERIES + 1 });
    const shown = listed.slice(0, MAX_LISTED_DELIVERIES);
    const next = listed.length > shown.length ? (shown.at(-1)?.id ?? null) : null;
    return { deliveries: shown.map(deliveryToWire), next };
  }

  @Get("deliveries/:id")
  @ApiProblems("MALFORMED_REQUEST", "DELIVERY_UNKNOWN")
  @ApiOperation({ operationId: "showDelivery", summary: "One message, with its bytes" })
  @Answers(deliveryDetailSchema, "The message")
  delivery(
    @Param("id", { schema: deliveryIdSchema }) id: number,
    @Asking() caller: Caller | null,
  ): z.output<typeof deliveryDetailSchema> {
    this.access.assertMay(caller, "reports");
    const delivery = this.webhooks.delivery(id);
    return { ...deliveryToWire(delivery), body: delivery.message.body };
  }

  @Post("deliveries/:id/redeliver")
  @HttpCode(200)
  @Idempotent()
  @ApiProblems("DELIVERY_UNKNOWN", "WEBHOOK_UNKNOWN", "WEBHOOK_DISABLED")
  @ApiOperation({
    operationId: "redeliver",
    summary: "Send a message once more",
    description: "With the same id and bytes; its tries begin anew.",
  })
  @Answers(deliverySchema, "The message, which is due now")
  redeliver(
    @Param("id", { schema: deliveryIdSchema }) id: number,
    @Body({ schema: emptyRequestSchema }) _body: Empty,
    @Asking() caller: Caller | null,
  ): z.output<typeof deliverySchema> {
    this.access.begin(caller, "reports", `webhook ${id}`);
    return deliveryToWire(this.webhooks.redeliver(id));
  }

  @Post(":name/enable")
  @HttpCode(200)
  @Idempotent()
  @ApiProblems("WEBHOOK_UNKNOWN")
  @ApiOperation({
    operationId: "enableWebhook",
    summary: "Tell an endpoint again that answered 410",
    description: "What waits is sent; what was given up is sent where it is redelivered.",
  })
  @Answers(endpointSchema, "The endpoint")
  enable(
    @Param("name") name: string,
    @Body({ schema: emptyRequestSchema }) _body: Empty,
    @Asking() caller: Caller | null,
  ): z.output<typeof endpointSchema> {
    this.access.begin(caller, "reports", `webhook ${name}`);
    return endpointToWire(this.webhooks.enable(name));
  }
}

function endpointToWire({ endpoint, disabledAt, waiting, failed, lastDeliveredAt }: EndpointView) {
  const { name, url, events } = endpoint;
  return {
    ...{ name, url: redactUrl(url), events: [...(events ?? WEBHOOK_TYPES)] },
    ...{ state: disabledAt === null ? ("active" as const) : ("disabled" as const), disabledAt },
    ...{ waiting, failed, lastDeliveredAt },
  };
}

function deliveryToWire({ message, ...delivery }: WebhookDelivery) {
  const { id: messageId, type, saleId: sale, at } = message;
  const { id, endpoint, state, attempts, nextAt, lastAt, lastCode, lastStatus } = delivery;
  return { id, endpoint, messageId, type, sale, at, state, attempts, nextAt, lastAt, lastCode, lastStatus };
}
