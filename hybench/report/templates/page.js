"use strict";
// Marks tables that are wider than the page; one in a closed part is measured when opened.
const measure = () => {
  for (const box of document.querySelectorAll(".scroll")) {
    box.classList.toggle("wide", box.scrollWidth > box.clientWidth + 1);
  }
};
addEventListener("resize", measure);
document.addEventListener("toggle", measure, true);
document.addEventListener("change", measure);
measure();
// Sorting by a click on a column's name: descending, ascending, then the order it had.
for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells];
  const body = table.tBodies[0];
  const before = [...body.rows];
  const value = (row, at) => {
    const text = row.cells[at].firstChild?.textContent ?? "";
    const number = parseFloat(text.replaceAll(",", "").replaceAll("−", "-"));
    return Number.isNaN(number) ? text : number;
  };
  const compare = (one, other) => {
    if (typeof one !== typeof other) return typeof one === "number" ? -1 : 1;
    return typeof one === "number" ? other - one : one.localeCompare(other);
  };
  heads.forEach((head, at) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const numbers = before.some((row) => typeof value(row, at) === "number");
      const orders = numbers ? ["descending", "ascending"] : ["ascending", "descending"];
      const next = orders[orders.indexOf(head.ariaSort) + 1];
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      const rows = [...before];
      if (next) {
        head.setAttribute("aria-sort", next);
        const sign = next === orders[0] ? 1 : -1;
        rows.sort((one, other) => {
          const [left, right] = [value(one, at), value(other, at)];
          // Non-numbers stay last in a column of numbers.
          const turn = typeof left === typeof right ? sign : 1;
          return turn * compare(left, right);
        });
      }
      body.append(...rows);
    });
  });
}
