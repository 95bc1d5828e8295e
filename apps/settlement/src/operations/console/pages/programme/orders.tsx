import type { JSX } from "preact";
import type { OrdersView } from "../../read/programme.ts";
import { type Frame, Page } from "../../view/frame.tsx";
import { Hash, Live, Table, When } from "../../view/parts.tsx";

/** What the issuing stations make: how far each is, and the newest cards with what they wait for. */
export function OrdersPage({
  frame,
  orders: { stations, cards, reports, next },
}: {
  readonly frame: Frame;
  readonly orders: OrdersView;
}): JSX.Element {
  const numbers = ["Claimed", "Registered", "Open", "Loaded", "Seen at a terminal"];
  return (
    <Page frame={frame} title="Orders" place="/console/orders">
      <h1>Orders</h1>
      <Live id="orders">
        <h2>Stations</h2>
        <Table
          name="Stations"
          columns={["Station", ...numbers.map((head) => ({ head, amount: true })), "Last claim"]}
          rows={stations.map(({ station, claimed, registered, open, loaded, seen, lastAt }) => [
            station,
            ...[claimed, registered, open, loaded, seen].map(String),
            <When key="at" at={lastAt} now={frame.now} />,
          ])}
          none="No station with a name has claimed a card yet."
        />
        <Reports reports={reports} frame={frame} />
        <h2>Cards of orders</h2>
        <Table
          name="Cards of orders"
          columns={["Reference", "State", { head: "Last deposit", amount: true }, "Station", "Operator", "Claimed"]}
          rows={cards.map(({ reference, state, deposit, station, operator, at, card }) => [
            card === null ? (
              reference
            ) : (
              <a key="r" href={`/console/cards/${card}`}>
                {reference}
              </a>
            ),
            state,
            deposit ?? "–",
            station,
            operator ?? "–",
            <When key="at" at={at} now={frame.now} />,
          ])}
          none="No card was ordered by a station with a name."
        />
        {next === null ? null : (
          <p>
            <a href={`/console/orders?before=${encodeURIComponent(next)}`}>Older cards</a>
          </p>
        )}
      </Live>
    </Page>
  );
}

/** What stations said of their orders, beside what of it is registered and final here. */
function Reports({ reports, frame }: { readonly reports: OrdersView["reports"]; readonly frame: Frame }): JSX.Element {
  return (
    <>
      <h2>Reports</h2>
      <Table
        name="Reports"
        columns={[
          ...["Order", "Station", "Made"],
          ...["Cards", "Registered here", "Deposited", "Final here"].map((head) => ({ head, amount: true })),
          ...["Compared", "Report"],
        ]}
        rows={reports.map(({ digest, order, station, terminalId, madeAt, cards: of, ready, deposited, known }) => [
          order,
          station ?? terminalId,
          <When key="at" at={madeAt} now={frame.now} />,
          ...[String(of), String(known.cards), deposited, known.deposited],
          known.deposited === deposited && known.cards >= ready ? (
            "agrees"
          ) : (
            <span key="c" class="warn">
              differs
            </span>
          ),
          <Hash key="r" value={digest} href={`/v1/order-reports/${digest}`} />,
        ])}
        none="No station has sent a report of an order."
      />
    </>
  );
}
