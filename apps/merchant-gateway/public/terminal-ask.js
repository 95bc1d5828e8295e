// One question at a time, in a dialog of the page: the browser keeps the focus in it, and Escape closes it.

const at = (id) => document.getElementById(id);

/**
 * Asks the cashier. With `amount` there is a field with that amount in it. Resolves with null where the answer is no, else with what
 * stands in the field; `check` says what is wrong with it, or null.
 */
export function ask({ title, text, yes, amount = null, check = () => null }) {
  const dialog = at("ask");
  at("ask-title").textContent = title;
  at("ask-text").textContent = text;
  at("ask-yes").textContent = yes;
  at("ask-fault").textContent = "";
  at("ask-amount-box").hidden = amount === null;
  at("ask-amount").value = amount ?? "";
  dialog.returnValue = "";
  dialog.showModal();
  if (amount === null) at("ask-no").focus();
  else at("ask-amount").select();
  return new Promise((resolve) => {
    const form = at("ask-form");
    const submit = (event) => {
      event.preventDefault();
      const fault = amount === null ? null : check(at("ask-amount").value);
      at("ask-fault").textContent = fault ?? "";
      if (fault === null) dialog.close("yes");
    };
    const no = () => dialog.close();
    form.addEventListener("submit", submit);
    at("ask-no").addEventListener("click", no);
    dialog.addEventListener(
      "close",
      () => {
        form.removeEventListener("submit", submit);
        at("ask-no").removeEventListener("click", no);
        resolve(dialog.returnValue === "yes" ? at("ask-amount").value : null);
      },
      { once: true },
    );
  });
}
