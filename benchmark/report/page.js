"use strict";
(() => {
  const number = (cell) => (cell && cell.dataset.v !== undefined ? Number(cell.dataset.v) : null);

  // Rows without a value stand last whichever way the others run, and those that never finished after them.
  function sort(table, column, descending) {
    const body = table.tBodies[0];
    const words = new Intl.Collator(undefined, { numeric: true });
    const rows = [...body.rows].map((row, at) => ({ row, at, never: "never" in row.dataset, value: number(row.cells[column]), text: row.cells[column].textContent.trim() }));
    const numeric = rows.some((one) => one.value !== null);
    const sign = descending ? -1 : 1;
    rows.sort((a, b) => {
      if (a.never !== b.never) return a.never ? 1 : -1;
      if (numeric && (a.value === null || b.value === null)) return (a.value === null) - (b.value === null) || a.at - b.at;
      return sign * (numeric ? a.value - b.value : words.compare(a.text, b.text)) || a.at - b.at;
    });
    body.append(...rows.map((one) => one.row));
    for (const head of table.tHead.rows[0].cells) head.setAttribute("aria-sort", "none");
    table.tHead.rows[0].cells[column].setAttribute("aria-sort", descending ? "descending" : "ascending");
  }

  function sortable(table) {
    [...table.tHead.rows[0].cells].forEach((head, column) => {
      const name = head.querySelector(".by");
      const button = document.createElement("button");
      button.type = "button";
      button.className = "by";
      button.textContent = name.textContent;
      name.replaceWith(button);
      button.addEventListener("click", () => {
        const now = head.getAttribute("aria-sort");
        sort(table, column, now === "none" ? button.textContent.includes("↑") : now === "ascending");
      });
    });
  }

  function filterable(section) {
    const tools = section.querySelector(".tools");
    const find = tools.querySelector(".find");
    const controls = tools.querySelector(".controls");
    const failing = tools.querySelector(".failing");
    const rows = [...section.querySelector("table.board").tBodies[0].rows];
    const figures = [...section.querySelectorAll("figure[data-row]")];
    const apply = () => {
      const wanted = find.value.trim().toLowerCase();
      const kept = new Set();
      for (const row of rows) {
        const shown = row.dataset.row.toLowerCase().includes(wanted) && (controls.checked || !row.classList.contains("control")) && (failing.checked || !("failed" in row.dataset));
        row.hidden = !shown;
        if (shown) kept.add(row.dataset.row);
      }
      for (const figure of figures) figure.hidden = !kept.has(figure.dataset.row);
      tools.querySelector(".count").textContent = kept.size === rows.length ? `${rows.length} rows` : `${kept.size} of ${rows.length} rows`;
    };
    for (const input of [find, controls, failing]) input.addEventListener("input", apply);
    find.addEventListener("keydown", (event) => { if (event.key === "Escape") { find.value = ""; apply(); } });
    tools.hidden = false;
  }

  // Says where a table is wider than the screen: a scroll bar alone is easily overlooked, and phones show none.
  function hinted(box) {
    const hint = document.createElement("small");
    hint.className = "more";
    hint.textContent = "Scroll sideways for more columns →";
    box.before(hint);
    const look = () => { hint.hidden = box.scrollWidth - box.clientWidth - box.scrollLeft < 8; };
    box.addEventListener("scroll", look, { passive: true });
    new ResizeObserver(look).observe(box);
    look();
  }

  function themes() {
    const button = document.getElementById("theme");
    const names = ["system", "light", "dark"];
    let at = 0;
    button.hidden = false;
    button.addEventListener("click", () => {
      at = (at + 1) % names.length;
      if (at) document.documentElement.dataset.theme = names[at];
      else delete document.documentElement.dataset.theme;
      button.textContent = `Theme: ${names[at]}`;
    });
  }

  document.querySelectorAll("table.board").forEach(sortable);
  document.querySelectorAll("section.problem").forEach(filterable);
  document.querySelectorAll(".scroll").forEach(hinted);
  themes();
})();
