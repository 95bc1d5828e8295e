import { describe, expect, it } from "@jest/globals";
import { html } from "./html.ts";

// Under another name the formatter leaves the templates as they are.
const tag = html;

describe("html", () => {
  it("escapes every value, also in attributes", () => {
    const hostile = `"><script>alert('x')</script>&`;
    const escaped = "&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;";
    expect(tag`<a title="${hostile}">${hostile}</a>`.text).toBe(`<a title="${escaped}">${escaped}</a>`);
  });

  it("keeps what is HTML already, alone and in lists", () => {
    const items = [tag`<li>${1}</li>`, tag`<li>${"<"}</li>`];
    expect(tag`<ul>${items}</ul>${tag`<hr>`}${null}`.text).toBe("<ul><li>1</li><li>&lt;</li></ul><hr>");
  });
});
