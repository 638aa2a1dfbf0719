// Retention: a field for each cohort and bucket, its number in it, its colour by its size.
function grid({ columns, rows, share }, width) {
  const cells = rows.flatMap((row) => row.cells).filter((cell) => cell !== null);
  const highest = Math.max(...cells, 0) || 1;
  const told = (cell) => (share ? `${(cell * 100).toFixed(cell < 0.1 ? 1 : 0)}%` : short(cell));
  const names = Math.min(width * 0.3, Math.max(40, ...rows.map((row) => widthOf(row.name)))) + 8;
  const sizes = Math.max(widthOf("users"), ...rows.map((row) => widthOf(short(row.size)))) + 14;
  const left = names + sizes;
  const widest = Math.max(...columns.map(widthOf)) + 8;
  const step = Math.max(46, widest, Math.min(90, (width - left) / columns.length));
  const row = 26;
  const svg = canvas(Math.max(width, left + step * columns.length), 24 + rows.length * row,
    `Heat map, ${rows.length} cohorts, ${columns.length} periods; the numbers are in the table.`);
  svg.append(text(left - 10, 15, "users", { class: "muted", "text-anchor": "end" }));
  columns.forEach((column, place) =>
    svg.append(text(left + (place + 0.5) * step, 15, fitted(column, step - 4), {
      class: "muted", "text-anchor": "middle",
    })));
  rows.forEach((each, index) => {
    const top = 22 + index * row;
    svg.append(
      text(0, top + 17, fitted(each.name, names - 8), { class: "strong" }),
      text(left - 10, top + 17, short(each.size), { "text-anchor": "end" }),
    );
    each.cells.forEach((cell, place) => {
      if (cell === null) return;
      const heat = Math.round(Math.max(0, cell / highest) * 100);
      const x = left + place * step;
      svg.append(drawn("g", {},
        titled(`${each.name}, ${columns[place]}: ${whole(cell, share)}`),
        drawn("rect", { x, y: top, width: step - 2, height: row - 2, rx: 2,
          fill: `color-mix(in srgb, var(--hot) ${heat}%, var(--cold))` }),
        text(x + step / 2 - 1, top + 17, told(cell), { "text-anchor": "middle" })));
    });
  });
}

function gridTable({ columns, rows, share }) {
  return [["cohort", "users", ...columns], rows.map((row) =>
    [row.name, whole(row.size), ...columns.map((_, place) => whole(row.cells[place], share))])];
}
