import { Controller, Get, Inject, Param, Query, UseFilters } from "@nestjs/common";
import { ApiExcludeController } from "@nestjs/swagger";
import { pathAddress, pathHash, pathUuid, queryCount } from "../../foundation/http/path-values.ts";
import { CallActor, CallSession, Page, RequireRight, type Actor } from "../../foundation/http/roles.ts";
import type { Session } from "../../foundation/http/sessions.ts";
import { mayDo } from "../../foundation/rights.ts";
import { BatchViews } from "../../vouchers/batches/batch-views.ts";
import { CaseViews } from "../cases/case-views.ts";
import { FeeLookups } from "../fees/fee-lookups.ts";
import { FeeReports } from "../fees/fee-reports.ts";
import { Frames } from "./frames.ts";
import { ConsolePage } from "./page-headers.ts";
import { PageProblems } from "./page-problems.tsx";
import { BatchesPage, BatchPage, TransactionPage } from "./pages/batches.tsx";
import { CardPage, CardsPage } from "./pages/cards.tsx";
import { FirstUnits } from "../../issuing/joining/first-units.ts";
import { MerchantPage } from "./pages/parties/merchant.tsx";
import { MerchantsPage } from "./pages/parties/merchants.tsx";
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
    @Inject(FeeReports) private readonly fees: FeeReports,
    @Inject(FeeLookups) private readonly booked: FeeLookups,
    @Inject(FirstUnits) private readonly units: FirstUnits,
    @Inject(Frames) private readonly frames: Frames,
  ) {}

  @Get("vouchers/:id")
  @ConsolePage()
  async voucher(
    @Param("id") id: string,
    @CallActor() actor: Actor,
    @CallSession() session: Session | null,
  ): Promise<string> {
    const hash = pathHash(id);
    const [life, fees] = await Promise.all([this.vouchers.find(hash), this.fees.voucher(hash)]);
    return documentOf(VoucherPage({ frame: this.frames.of(actor, session), life, fees }));
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
    const frame = this.frames.of(actor, session);
    const [merchant, firstUnit, { cases }, fees] = await Promise.all([
      this.merchants.find(address),
      this.units.view(address),
      this.openCases({ payee: address }),
      this.booked.merchant(address, monthOf(frame.now)),
    ]);
    const rights = {
      ...{ mayName: mayDo(actor.role, "names"), mayPayOut: mayDo(actor.role, "payouts") },
      ...{ mayWithdraw: mayDo(actor.role, "withdrawals"), mayConfirm: mayDo(actor.role, "certificates") },
    };
    return documentOf(MerchantPage({ frame, merchant, firstUnit, cases, fees, rights }));
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
    const may = { maySuspend: mayDo(actor.role, "suspensions"), mayAsk: mayDo(actor.role, "cards") };
    return documentOf(CardPage({ frame: this.frames.of(actor, session), card: found, cases, ...may }));
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
    const fees = await this.booked.batch(
      batch.id,
      batch.members.map(({ voucherId }) => voucherId),
    );
    return documentOf(BatchPage({ frame: this.frames.of(actor, session), batch, fees }));
  }

  @Get("transactions/:hash")
  @ConsolePage()
  async transaction(
    @Param("hash") hash: string,
    @CallActor() actor: Actor,
    @CallSession() session: Session | null,
  ): Promise<string> {
    const bytes = pathHash(hash);
    const [found, fee] = await Promise.all([this.transactions.find(bytes), this.booked.transaction(bytes)]);
    return documentOf(TransactionPage({ frame: this.frames.of(actor, session), found, fee }));
  }

  private openCases(about: { readonly card?: Uint8Array; readonly payee?: Uint8Array }) {
    return this.cases.list({ resolved: false, kind: null, before: null, about });
  }
}

/** The first moment of a moment's month, in UTC. */
function monthOf(atMs: number): number {
  const at = new Date(atMs);
  return Date.UTC(at.getUTCFullYear(), at.getUTCMonth());
}
