import type { ComponentChildren, JSX } from "preact";
import type { CaseMessage } from "../../../cases/case-answers.ts";
import type { PayeeNames } from "../../../names/payee-names.ts";
import type { Frame } from "../../view/frame.tsx";
import { Merchant, To } from "../../view/links.tsx";
import { Facts } from "../../view/parts.tsx";

/** What two messages of a case are compared by. */
const COMPARED = ["voucherId", "payee", "amount", "counter", "source", "tx"] as const;

/** Of them all digits are shown, and those are marked that are not the same. */
type Digits = "message" | "signature";

type Compared = (typeof COMPARED)[number];

interface MessagesProps {
  readonly messages: readonly CaseMessage[];
  readonly names: PayeeNames;
  readonly frame: Frame;
}

/** A case's messages side by side and whole, with what is not the same in all of them marked. */
export function CaseMessages({ messages, names, frame }: MessagesProps): JSX.Element {
  const differs = new Set(COMPARED.filter((field) => new Set(messages.map((message) => message[field])).size > 1));
  return (
    <>
      <h2>{messages.length === 1 ? "The message" : "The messages, side by side"}</h2>
      {messages.length === 1 ? null : (
        <p class="soft">
          What is not the same in all of them is <mark>marked</mark>.
        </p>
      )}
      <div class="sides">
        {messages.map((message) => (
          <Message
            key={message.voucherId}
            message={message}
            all={messages}
            differs={differs}
            names={names}
            frame={frame}
          />
        ))}
      </div>
    </>
  );
}

/** A text in pieces, in turn the same in all of some texts and not. */
function piecesOf(text: string, all: readonly string[]): readonly string[] {
  const pieces = [""];
  for (const [place, digit] of [...text].entries()) {
    const isSame = all.every((other) => other[place] === digit);
    // Pieces at even places are the same.
    if (isSame === (pieces.length % 2 === 0)) pieces.push("");
    pieces[pieces.length - 1] += digit;
  }
  return pieces;
}

function Whole({ text, all }: { readonly text: string; readonly all: readonly string[] }): JSX.Element {
  return (
    <code class="hash whole">
      {piecesOf(text, all).map((piece, place) => (place % 2 === 0 ? piece : <mark key={place}>{piece}</mark>))}
    </code>
  );
}

function Message({
  message,
  all,
  differs,
  names,
  frame,
}: {
  readonly message: CaseMessage;
  readonly all: readonly CaseMessage[];
  readonly differs: ReadonlySet<Compared>;
  readonly names: PayeeNames;
  readonly frame: Frame;
}): JSX.Element {
  const marked = (field: Compared, shown: ComponentChildren): ComponentChildren =>
    differs.has(field) ? <mark>{shown}</mark> : shown;
  const whole = (field: Digits): JSX.Element => <Whole text={message[field]} all={all.map((each) => each[field])} />;
  return (
    <article>
      <h3>
        {message.amount} {frame.asset}, {message.state}
      </h3>
      <Facts
        facts={[
          ["Amount", marked("amount", `${message.amount} ${frame.asset}`)],
          ["Voucher", marked("voucherId", <To to="vouchers" value={message.voucherId} />)],
          ["Merchant", marked("payee", <Merchant payee={message.payee} name={names.get(message.payee) ?? null} />)],
          ["Counter", marked("counter", String(message.counter))],
          ["Found", marked("source", message.source === "upload" ? "in an upload" : "in a call on the chain")],
          ["Transaction", marked("tx", <To to="transactions" value={message.tx} />)],
          ["Message", whole("message")],
          ["Signature", whole("signature")],
        ]}
      />
    </article>
  );
}
