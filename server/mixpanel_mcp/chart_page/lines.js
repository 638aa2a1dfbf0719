// Trends: a line for each series, the other period dashed, what is not final dotted; a plot for
// each panel, and one cursor for mouse and keys through all of them. A segment looks the same in
// each panel.
function lines(chart, width) {
  const { dates, series } = chart;
  const names = namesOf(series);
  const panels = [...new Set(series.map((each) => each.panel))].map((name) => ({
    name,
    inside: series.filter((each) => each.panel === name)
      .map((each) => ({ ...each, index: names.indexOf(each.name) })),
  }));
  const head = panels.length > 1 ? 26 : 10;
  const size = panels.length > 1 ? Math.max(100, 340 / panels.length)
    : Math.min(290, Math.max(190, width * 0.38));
  const plots = panels.map(({ inside }, place) => {
    const top = head + place * (size + head + 12);
    return plotted(inside, chart.share, { top, bottom: top + size });
  });
  const left = Math.max(...plots.map((plot) => plot.room));
  const right = width - 14;
  const height = plots.at(-1).bottom + 26;
  const x = (place) =>
    dates.length < 2 ? (left + right) / 2 : left + (place / (dates.length - 1)) * (right - left);
  const svg = canvas(width, height, summaryOfLines(chart));
  plots.forEach((plot, place) => {
    const heading = fitted(panels[place].name, width / 1.12);
    if (heading) svg.append(text(0, plot.top - 14, heading, { class: "strong" }));
    drawPlot(svg, plot, panels[place].inside, chart.cut, { x, left, right });
  });
  dateLabels(svg, chart, x, height, width, left);
  legendOf(chart, null);
  if (dates.length) followed(svg, chart, { x, top: plots[0].top, bottom: plots.at(-1).bottom, left, right });
}

const namesOf = (series) => [...new Set(series.map((each) => each.name))];

// The name of a line, with that of its panel where others are called the same.
function wholeNames(series) {
  const apart = namesOf(series).length < series.length;
  return series.map((each) => (apart ? `${each.panel} · ${each.name}` : each.name));
}

// The scale of a plot between two heights, and the room that its labels take.
function plotted(inside, share, { top, bottom }) {
  const values = inside.flatMap((each) => [...each.values, ...each.before]).filter(Number.isFinite);
  const marks = ticks(values);
  const label = share ? (value) => `${Math.round(value * 1000) / 10}%` : short;
  const y = (value) => bottom - ((value - marks[0]) / (marks.at(-1) - marks[0])) * (bottom - top);
  return { top, bottom, marks, label, y, room: Math.max(...marks.map((mark) => widthOf(label(mark)))) + 10 };
}

function drawPlot(svg, { marks, label, y }, inside, cut, { x, left, right }) {
  for (const mark of marks) {
    const at = y(mark);
    svg.append(
      drawn("line", { x1: left, x2: right, y1: at, y2: at, class: mark === 0 ? "zero" : "rule" }),
      text(left - 8, at + 4, label(mark), { "text-anchor": "end", class: "muted" }),
    );
  }
  for (const { before, index } of inside) {
    svg.append(drawn("path", { class: "before", d: trace(before, x, y, () => true), stroke: colour(index) }));
  }
  const final = (place) => !cut.includes(place) && !cut.includes(place - 1);
  for (const { values, index, marks: points } of inside) {
    svg.append(
      drawn("path", { class: "line", d: trace(values, x, y, final), stroke: colour(index) }),
      drawn("path", {
        class: "line dotted", d: trace(values, x, y, (place) => !final(place)), stroke: colour(index),
      }),
      ...points.map((place) => shape(index, x(place), y(values[place]))),
    );
  }
}

// The line as a path, of those pieces alone that end at a wanted place, broken at what is unknown.
function trace(values, x, y, wanted) {
  let down = false;
  return values
    .map((value, place) => {
      const before = values[place - 1] ?? null;
      if (value === null || before === null || !wanted(place)) {
        down = false;
        return "";
      }
      const from = down ? "" : `M${x(place - 1).toFixed(1)} ${y(before).toFixed(1)}`;
      down = true;
      return `${from}L${x(place).toFixed(1)} ${y(value).toFixed(1)}`;
    })
    .join("");
}

function dateLabels(svg, { labels, steps }, x, height, width, left) {
  const room = Math.max(...labels.map((words) => widthOf(words)), 1) + 18;
  const least = (labels.length * room) / (width - left);
  const every = steps.find((step) => step >= least) ?? labels.length;
  labels.forEach((label, place) => {
    if (place % every) return;
    const half = widthOf(label) / 2;
    const at = Math.min(Math.max(x(place), half), width - half);
    svg.append(text(at, height - 6, label, { "text-anchor": "middle", class: "muted" }));
  });
}

function legendOf(chart, place) {
  const { series, share, before_dates: old, dotted } = chart;
  const told = (each) => whole(each.values[place], share) +
    (each.before.length ? ` (before: ${whole(each.before[place], share)})` : "");
  const items = namesOf(series).map((name, index) => {
    const values = place === null ? "" :
      series.filter((each) => each.name === name).map(told).join(" · ");
    const short = fitted(name, drawnWidth - widthOf(values) * 1.1 - 60, 13);
    return element("span", {}, swatch(index), element("b", { title: name, dir: "auto" }, short),
      element("i", {}, values));
  });
  if (old.length) {
    const days = place === null ? `${old[0]} to ${old.at(-1)}` : `before: ${old[place] ?? "–"}`;
    items.push(element("span", {}, dash("before"), element("b", {}, days)));
  }
  if (dotted && (place === null || chart.cut.includes(place))) {
    items.push(element("span", {}, dash("line dotted"), element("b", {}, dotted)));
  }
  if (place !== null) items.unshift(element("span", {}, element("b", {}, chart.dates[place])));
  document.getElementById("legend").replaceChildren(...items);
}

function dash(kind) {
  return drawn("svg", { width: 22, height: 12, "aria-hidden": "true" },
    drawn("path", { d: "M0 6H22", class: kind, stroke: "var(--muted)" }));
}

function swatch(index) {
  return drawn("svg", { width: 12, height: 12, viewBox: "-6 -6 12 12", "aria-hidden": "true" },
    shape(index, 0, 0));
}

// A cursor that the mouse and the arrow keys move; what it points at stands in the legend.
function followed(svg, chart, { x, top, bottom, left, right }) {
  const last = chart.dates.length - 1;
  const cursor = drawn("line", { y1: top, y2: bottom, class: "zero", visibility: "hidden" });
  const names = wholeNames(chart.series);
  let place = last;
  svg.append(cursor);
  const told = () =>
    [chart.dates[place], ...chart.series.map((each, at) =>
      `${names[at]} ${whole(each.values[place], chart.share)}`)].join(", ");
  const go = (to) => {
    place = Math.max(0, Math.min(last, to));
    for (const side of ["x1", "x2"]) cursor.setAttribute(side, x(place));
    cursor.setAttribute("visibility", "visible");
    svg.setAttribute("aria-valuenow", place);
    svg.setAttribute("aria-valuetext", told());
    legendOf(chart, place);
  };
  const leave = () => {
    cursor.setAttribute("visibility", "hidden");
    legendOf(chart, null);
  };
  svg.setAttribute("role", "slider");
  svg.setAttribute("tabindex", "0");
  svg.setAttribute("aria-valuemin", 0);
  svg.setAttribute("aria-valuemax", last);
  svg.setAttribute("aria-valuenow", last);
  svg.setAttribute("aria-valuetext", told());
  svg.addEventListener("pointermove", (event) => {
    const at = event.clientX - svg.getBoundingClientRect().left;
    go(Math.round(((at - left) / (right - left || 1)) * last));
  });
  svg.addEventListener("pointerleave", leave);
  svg.addEventListener("focus", () => svg.matches(":focus-visible") && go(place));
  svg.addEventListener("blur", leave);
  svg.addEventListener("keydown", (event) => {
    const moves = { ArrowLeft: place - 1, ArrowRight: place + 1, Home: 0, End: last };
    if (!(event.key in moves)) return;
    event.preventDefault();
    go(moves[event.key]);
  });
}

function summaryOfLines({ dates, series, share }) {
  const names = wholeNames(series);
  const told = series.map((each, at) => {
    const known = each.values.filter((value) => value !== null);
    if (!known.length) return `${names[at]}: no values`;
    return `${names[at]}: from ${whole(known[0], share)} to ${whole(known.at(-1), share)}`;
  });
  return `Line chart, ${dates.length} points in time. ${told.join("; ")}`;
}

function linesTable({ dates, series, share, before_dates: old }) {
  const names = wholeNames(series);
  const columns = ["date", ...series.flatMap((each, at) =>
    each.before.length ? [names[at], `${names[at]}, before`] : [names[at]])];
  const rows = dates.map((date, place) => [
    old.length ? `${date} (before: ${old[place] ?? "–"})` : date,
    ...series.flatMap((each) => [
      whole(each.values[place], share),
      ...(each.before.length ? [whole(each.before[place], share)] : []),
    ]),
  ]);
  return [columns, rows];
}
