import { expect, it } from "@jest/globals";
import { csvLine, harmlessText, writtenText } from "./csv-cells.ts";

it.each(["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\n=x", "＝1", "'=1", "''@x"])(
  "makes %j harmless, and reads it back",
  (text) => {
    const cell = harmlessText(text);
    expect(cell).toMatch(/^'/);
    expect(writtenText(cell)).toBe(text);
  },
);

it.each(["", "Kiosk 2", "<b>bold</b>", "'quoted'", "'", "a=b", "مقهى", "12.50"])("leaves %j as it is", (text) => {
  expect([harmlessText(text), writtenText(harmlessText(text))]).toEqual([text, text]);
});

it("quotes what would end a cell or a line", () => {
  expect(csvLine(["a", 'b"c', "d,e", "f\r\ng"])).toBe('a,"b""c","d,e","f\r\ng"\r\n');
});
