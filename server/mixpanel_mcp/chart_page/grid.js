// Retention: a field for each cohort and bucket, its number in it, its colour by its size; what is
// not over is framed instead.
function grid({ unit, columns, rows, share }, width) {
  const over = rows.flatMap((row) => cellsOf(row).filter((cell) => !cell.running));
  const highest = Math.max(...over.map((cell) => cell.value), 0) || 1;
  const told = (cell) => (share ? `${(cell * 100).toFixed(cell < 0.1 ? 1 : 0)}%` : short(cell));
  const sized = rows.some((row) => row.size !== null);
  const names = Math.min(width * 0.3, Math.max(40, ...rows.map((row) => widthOf(row.name) * 1.12))) + 8;
  const sizes = sized ? Math.max(widthOf("users"), ...rows.map((row) => widthOf(short(row.size)))) + 14 : 0;
  const heads = columns.map((column, place) => (place ? column : `${unit} ${column}`.trim()));
  const left = names + sizes;
  const widest = Math.max(...heads.map((words) => widthOf(words))) + 8;
  const step = Math.max(44, widest, Math.min(90, (width - left) / columns.length));
  const row = 26;
  const svg = canvas(Math.max(width, left + step * columns.length), 24 + rows.length * row,
    `Heat map, ${rows.length} rows, ${columns.length} columns; the numbers are in the table.`);
  if (sized) svg.append(text(left - 10, 15, "users", { class: "muted", "text-anchor": "end" }));
  heads.forEach((head, place) =>
    svg.append(text(left + (place + 0.5) * step, 15, fitted(head, step - 4), {
      class: "muted", "text-anchor": "middle",
    })));
  rows.forEach((each, index) => {
    const top = 22 + index * row;
    svg.append(text(0, top + 17, fitted(each.name, (names - 8) / 1.12), { class: "strong" }));
    if (sized) svg.append(text(left - 10, top + 17, short(each.size), { "text-anchor": "end" }));
    for (const { value, place, running } of cellsOf(each)) {
      const heat = Math.round(Math.min(1, Math.max(0, value / highest)) * 100);
      const look = running ? { class: "running" }
        : { fill: `color-mix(in srgb, var(--hot) ${heat}%, var(--cold))` };
      const [x, inset] = [left + place * step, running ? 0.5 : 0];
      svg.append(drawn("g", {},
        titled(`${each.name}, ${unit} ${columns[place]}: ${whole(value, share)}`),
        drawn("rect", { x: x + inset, y: top + inset, width: step - 2 - 2 * inset,
          height: row - 2 - 2 * inset, rx: 2, ...look }),
        text(x + step / 2 - 1, top + 17, told(value), {
          "text-anchor": "middle", ...(running ? { class: "muted" } : {}),
        })));
    }
  });
}

// The cells that have begun, the last of them perhaps still running.
function cellsOf({ cells, running }) {
  const begun = cells.map((value, place) => ({ value, place })).filter(({ value }) => value !== null);
  return begun.map((cell, at) => ({ ...cell, running: at >= begun.length - running }));
}

function gridTable({ unit, columns, rows, share }) {
  return [["cohort", "users", ...columns.map((column) => `${unit} ${column}`.trim())], rows.map((row) =>
    [row.name, whole(row.size), ...columns.map((_, place) => whole(row.cells[place], share))])];
}
