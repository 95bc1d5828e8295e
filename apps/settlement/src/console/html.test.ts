import { describe, expect, it } from "@jest/globals";
import { html } from "./html.ts";

describe("html", () => {
  it("escapes every value, also in attributes", () => {
    const hostile = `"><script>alert('x')</script>&`;
    expect(html`<a title="${hostile}">${hostile}</a>`.text).toBe(
      `<a title="&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;">&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;</a>`,
    );
  });

  it("keeps what is HTML already, alone and in lists", () => {
    expect(
      html`<ul>
          ${[html`<li>${1}</li>`, html`<li>${"<"}</li>`]}
        </ul>
        ${html`<hr />`}`.text,
    ).toBe("<ul><li>1</li><li>&lt;</li></ul><hr>");
  });
});
