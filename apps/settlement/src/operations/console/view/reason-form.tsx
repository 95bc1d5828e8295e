import type { ComponentChildren, JSX } from "preact";
import { FORM_FIELD } from "../../../foundation/http/own-pages.ts";
import { LIMITS } from "../../../foundation/limits/limits.ts";
import type { Frame } from "./frame.tsx";

/** A form that does one thing for a reason; a sentence where this page cannot send one. */
export function ReasonForm({
  frame: { formToken },
  action,
  label,
  children,
}: {
  readonly frame: Frame;
  readonly action: string;
  readonly label: string;
  readonly children?: ComponentChildren;
}): JSX.Element {
  if (formToken === null) return <p class="soft">{label}: sign in with a browser to do this, or use the API.</p>;
  return (
    <form class="act" method="post" action={action}>
      <input type="hidden" name={FORM_FIELD} value={formToken} />
      {children}
      <label>
        Why ({label.toLowerCase()})
        <input name="reason" required maxLength={LIMITS.reasonCharacters} autocomplete="off" />
      </label>
      <button type="submit">{label}</button>
    </form>
  );
}
