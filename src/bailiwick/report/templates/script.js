"use strict";
(() => {
  const root = document.documentElement;
  const grid = document.querySelector(".matrix");
  root.classList.add("js");
  const rows = [...grid.querySelectorAll("tbody tr")];
  const heads = [...grid.querySelectorAll("thead th")].slice(1);
  let opener = null;

  const close = (focus) => {
    document.querySelector(".why.open")?.classList.remove("open");
    if (opener) {
      opener.setAttribute("aria-expanded", "false");
      if (focus) opener.focus();
    }
    opener = null;
    history.replaceState(null, "", "#matrix");
  };
  const open = (link) => {
    const why = document.getElementById(link.hash.slice(1));
    if (!why) return;
    if (opener) close(false);
    opener = link;
    link.setAttribute("aria-expanded", "true");
    why.classList.add("open");
    why.scrollTop = 0;
    why.focus({ preventScroll: true });
    history.replaceState(null, "", link.hash);
    // The sheet must not lie on the cell that it explains: a wide table shrinks to the room above it.
    if (grid.classList.contains("wide")) {
      const box = link.closest(".scroll");
      const below = box.getBoundingClientRect().bottom - why.getBoundingClientRect().top + 8;
      if (below > 0) scrollBy(0, below);
      link.scrollIntoView({ block: "nearest", inline: "nearest" });
      return;
    }
    const hiddenBy = link.getBoundingClientRect().bottom - why.getBoundingClientRect().top + 16;
    if (hiddenBy > 0) scrollBy(0, hiddenBy);
  };
  const fromHash = () => {
    const link = location.hash.length > 1 && grid.querySelector(`td > a[href="${CSS.escape(location.hash)}"]`);
    if (link) open(link);
  };
  const cell = (row, column) => rows[row]?.children[column + 1]?.querySelector("a");
  const move = (link, down, right) => {
    let row = rows.indexOf(link.closest("tr"));
    let column = [...link.closest("tr").children].indexOf(link.closest("td")) - 1;
    for (;;) {
      row += down; column += right;
      if (row < 0 || column < 0 || row >= rows.length || column >= heads.length) return;
      const next = cell(row, column);
      if (next && next.offsetParent) { stop(next); next.focus(); return; }
    }
  };
  const stop = (link) => {
    grid.querySelectorAll('td > a[tabindex="0"]').forEach((one) => { one.tabIndex = -1; });
    if (link) link.tabIndex = 0;
  };
  const arrows = { ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1] };

  grid.querySelectorAll("td > a").forEach((link) => { link.tabIndex = -1; link.setAttribute("aria-expanded", "false"); });
  stop(grid.querySelector("td > a"));
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.(".matrix td")?.querySelector("a");
    if (link) { event.preventDefault(); stop(link); if (link === opener) close(true); else open(link); }
    else if (event.target.closest?.(".why .close")) { event.preventDefault(); close(true); }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && opener) close(true);
    const link = event.target.closest?.(".matrix td > a");
    if (link && arrows[event.key]) { event.preventDefault(); move(link, ...arrows[event.key]); }
  });

  const terms = (input) => input.value.toLowerCase().split(/[\s,]+/).filter(Boolean);
  const fits = (name, wanted) => !wanted.length || wanted.some((term) => name.toLowerCase().includes(term));
  const [from, to, told] = ["filter-from", "filter-to", "filter-told"].map((id) => document.getElementById(id));
  const filter = () => {
    const [sources, targets] = [terms(from), terms(to)];
    let shown = 0;
    rows.forEach((row) => { row.hidden = !fits(row.dataset.name, sources); shown += row.hidden ? 0 : 1; });
    heads.forEach((head, column) => {
      head.hidden = !fits(head.dataset.name, targets);
      rows.forEach((row) => { row.children[column + 1].hidden = head.hidden; });
    });
    const across = heads.filter((head) => !head.hidden).length;
    told.textContent = sources.length || targets.length
      ? `${shown} of ${rows.length} rows, ${across} of ${heads.length} columns` : "";
    if (!grid.querySelector('td > a[tabindex="0"]')?.offsetParent)
      stop([...grid.querySelectorAll("td > a")].find((link) => link.offsetParent));
  };
  [from, to].forEach((input) => input.addEventListener("input", filter));
  addEventListener("hashchange", fromHash);
  fromHash();
})();
