import { Controller, Get, Inject, Param, Query, UseFilters } from "@nestjs/common";
import { ApiExcludeController } from "@nestjs/swagger";
import { pathAddress, pathHash, pathUuid, queryCount } from "../../foundation/http/path-values.ts";
import { CallActor, CallSession, Page, RequireRight, type Actor } from "../../foundation/http/roles.ts";
import type { Session } from "../../foundation/http/sessions.ts";
import { mayDo } from "../../foundation/rights.ts";
import { BatchViews } from "../../vouchers/batches/batch-views.ts";
import { CaseViews } from "../cases/case-views.ts";
import { Frames } from "./frames.ts";
import { ConsolePage } from "./page-headers.ts";
import { PageProblems } from "./page-problems.tsx";
import { BatchesPage, BatchPage, TransactionPage } from "./pages/batches.tsx";
import { CardPage, CardsPage } from "./pages/cards.tsx";
import { MerchantPage } from "./pages/merchant.tsx";
import { MerchantsPage } from "./pages/merchants.tsx";
import { VoucherPage } from "./pages/voucher.tsx";
import { CardReader } from "./read/cards.ts";
import { MerchantReader } from "./read/merchants.ts";
import { TransactionReader } from "./read/transactions.ts";
import { VoucherLives } from "./read/voucher-life.ts";
import { documentOf } from "./view/frame.tsx";

/** A page of each thing that a search finds. */
@ApiExcludeController()
@RequireRight("read")
@Page()
@UseFilters(PageProblems)
@Controller("console")
export class ConsoleThingsController {
  constructor(
    @Inject(VoucherLives) private readonly vouchers: VoucherLives,
    @Inject(MerchantReader) private readonly merchants: MerchantReader,
    @Inject(CardReader) private readonly cards: CardReader,
    @Inject(BatchViews) private readonly batches: BatchViews,
    @Inject(TransactionReader) private readonly transactions: TransactionReader,
    @Inject(CaseViews) private readonly cases: CaseViews,
    @Inject(Frames) private readonly frames: Frames,
  ) {}

  @Get("vouchers/:id")
  @ConsolePage()
  async voucher(
    @Param("id") id: string,
    @CallActor() actor: Actor,
    @CallSession() session: Session | null,
  ): Promise<string> {
    const life = await this.vouchers.find(pathHash(id));
    return documentOf(VoucherPage({ frame: this.frames.of(actor, session), life }));
  }

  @Get("merchants")
  @ConsolePage()
  async merchantList(
    @Query("after") after: unknown,
    @CallActor() actor: Actor,
    @CallSession() session: Session | null,
  ): Promise<string> {
    const [list, silent] = await Promise.all([
      this.merchants.terminals(typeof after === "string" ? after : null),
      this.merchants.silent(),
    ]);
    return documentOf(MerchantsPage({ frame: this.frames.of(actor, session), silent, ...list }));
  }

  @Get("merchants/:payee")
  @ConsolePage()
  async merchant(
    @Param("payee") payee: string,
    @CallActor() actor: Actor,
    @CallSession() session: Session | null,
  ): Promise<string> {
    const address = pathAddress(payee);
    const [merchant, { cases }] = await Promise.all([this.merchants.find(address), this.openCases({ payee: address })]);
    const mayName = mayDo(actor.role, "names");
    return documentOf(MerchantPage({ frame: this.frames.of(actor, session), merchant, cases, mayName }));
  }

  @Get("cards")
  @ConsolePage()
  async cardList(
    @Query("before") before: unknown,
    @CallActor() actor: Actor,
    @CallSession() session: Session | null,
  ): Promise<string> {
    const list = await this.cards.list(queryCount("before", before));
    return documentOf(CardsPage({ frame: this.frames.of(actor, session), ...list }));
  }

  @Get("cards/:card")
  @ConsolePage()
  async card(
    @Param("card") card: string,
    @CallActor() actor: Actor,
    @CallSession() session: Session | null,
  ): Promise<string> {
    const address = pathAddress(card);
    const [found, { cases }] = await Promise.all([this.cards.find(address), this.openCases({ card: address })]);
    return documentOf(CardPage({ frame: this.frames.of(actor, session), card: found, cases }));
  }

  @Get("batches")
  @ConsolePage()
  async batchList(@CallActor() actor: Actor, @CallSession() session: Session | null): Promise<string> {
    return documentOf(BatchesPage({ frame: this.frames.of(actor, session), batches: await this.batches.list() }));
  }

  @Get("batches/:id")
  @ConsolePage()
  async batch(
    @Param("id") id: string,
    @CallActor() actor: Actor,
    @CallSession() session: Session | null,
  ): Promise<string> {
    const batch = await this.batches.find(pathUuid(id));
    return documentOf(BatchPage({ frame: this.frames.of(actor, session), batch }));
  }

  @Get("transactions/:hash")
  @ConsolePage()
  async transaction(
    @Param("hash") hash: string,
    @CallActor() actor: Actor,
    @CallSession() session: Session | null,
  ): Promise<string> {
    const found = await this.transactions.find(pathHash(hash));
    return documentOf(TransactionPage({ frame: this.frames.of(actor, session), found }));
  }

  private openCases(about: { readonly card?: Uint8Array; readonly payee?: Uint8Array }) {
    return this.cases.list({ resolved: false, kind: null, before: null, about });
  }
}
