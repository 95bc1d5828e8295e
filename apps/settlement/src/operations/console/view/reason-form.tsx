import type { ComponentChildren, JSX } from "preact";
import { FORM_FIELD } from "../../../foundation/http/own-pages.ts";
import { LIMITS } from "../../../foundation/limits/limits.ts";
import type { Frame } from "./frame.tsx";

interface FormProps {
  readonly frame: Frame;
  readonly action: string;
  readonly label: string;
  readonly children?: ComponentChildren;
}

/** A form that does one thing; a sentence where this page cannot send one. */
export function ActForm({ frame: { formToken }, action, label, children }: FormProps): JSX.Element {
  if (formToken === null) return <p class="soft">{label}: sign in with a browser to do this, or use the API.</p>;
  return (
    <form class="act" method="post" action={action}>
      <input type="hidden" name={FORM_FIELD} value={formToken} />
      {children}
      <button type="submit">{label}</button>
    </form>
  );
}

/** A form that does one thing for a reason. */
export function ReasonForm({ children, ...form }: FormProps): JSX.Element {
  return (
    <ActForm {...form}>
      {children}
      <label>
        Why ({form.label.toLowerCase()})
        <input name="reason" required maxLength={LIMITS.reasonCharacters} autocomplete="off" />
      </label>
    </ActForm>
  );
}
