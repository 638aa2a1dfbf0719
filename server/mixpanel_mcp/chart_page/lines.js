// Trends: a line for each series, the other period dashed, a cursor for mouse and keys.
function lines(chart, width) {
  const { dates, series, share } = chart;
  const values = series.flatMap((each) => [...each.values, ...each.before]).filter(Number.isFinite);
  const marks = ticks(values);
  const label = share ? (value) => `${Math.round(value * 1000) / 10}%` : short;
  const left = Math.max(...marks.map((mark) => widthOf(label(mark)))) + 10;
  const height = Math.min(320, Math.max(220, width * 0.42));
  const [top, right, bottom] = [10, 14, height - 26];
  const span = marks.at(-1) - marks[0];
  const y = (value) => bottom - ((value - marks[0]) / span) * (bottom - top);
  const x = (place) =>
    dates.length < 2 ? (left + width - right) / 2
      : left + (place / (dates.length - 1)) * (width - right - left);
  const svg = canvas(width, height, summaryOfLines(chart));
  for (const mark of marks) {
    const [x1, x2, at] = [left, width - right, y(mark)];
    svg.append(
      drawn("line", { x1, x2, y1: at, y2: at, class: mark === 0 ? "zero" : "rule" }),
      text(left - 8, at + 4, label(mark), { "text-anchor": "end", class: "muted" }),
    );
  }
  dateLabels(svg, dates, x, height, width, left);
  series.forEach((each, index) => {
    if (each.before.length) {
      svg.append(drawn("path", {
        class: "before", d: trace(each.before.slice(0, dates.length), x, y), stroke: colour(index),
      }));
    }
  });
  series.forEach((each, index) => {
    svg.append(drawn("path", { class: "line", d: trace(each.values, x, y), stroke: colour(index) }));
    marked(each.values, series.length).forEach((place) =>
      svg.append(shape(index, x(place), y(each.values[place]))));
  });
  legendOf(chart, null);
  if (dates.length) followed(svg, chart, { x, top, bottom, left, right: width - right });
}

// The line as a path, broken where there is no value.
function trace(values, x, y) {
  return values
    .map((value, place) => {
      if (value === null) return "";
      const begins = place === 0 || values[place - 1] === null;
      return `${begins ? "M" : "L"}${x(place).toFixed(1)} ${y(value).toFixed(1)}`;
    })
    .join("");
}

// Where a line carries its shape: often enough to follow it without colours.
function marked(values, count) {
  const known = values.map((value, place) => [value, place]).filter(([value]) => value !== null);
  const lonely = known.filter(([, at]) =>
    (values[at - 1] ?? null) === null && (values[at + 1] ?? null) === null);
  const every = count > 1 ? Math.max(1, Math.ceil(known.length / 6)) : known.length;
  const regular = known.filter((_, place) => (known.length - 1 - place) % every === 0);
  return new Set([...lonely, ...regular].map(([, place]) => place));
}

function dateLabels(svg, dates, x, height, width, left) {
  const labels = dates.map(dateLabel);
  const room = Math.max(...labels.map(widthOf), 1) + 18;
  const every = Math.max(1, Math.ceil((dates.length * room) / (width - left)));
  labels.forEach((label, place) => {
    if (place % every) return;
    const half = widthOf(label) / 2;
    const at = Math.min(Math.max(x(place), half), width - half);
    svg.append(text(at, height - 6, label, { "text-anchor": "middle", class: "muted" }));
  });
}

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

function dateLabel(date) {
  const [, , month, day, hour] = /^(\d{4})-(\d\d)-(\d\d)(.*)$/.exec(date) ?? [];
  return month ? `${MONTHS[month - 1]} ${Number(day)}${hour}` : date;
}

function legendOf(chart, place) {
  const { series, share, before_dates: old } = chart;
  const items = series.map((each, index) => {
    const value = place === null ? "" : whole(each.values[place], share);
    const before = place === null || !each.before.length ? "" :
      ` (before: ${whole(each.before[place], share)})`;
    return element("span", {}, swatch(index), element("b", { title: each.name }, each.name),
      element("i", {}, value + before));
  });
  if (old.length) {
    const dashes = drawn("svg", { width: 22, height: 12, "aria-hidden": "true" },
      drawn("path", { d: "M0 6H22", class: "before", stroke: "var(--muted)" }));
    items.push(element("span", {}, dashes, element("b", {},
      place === null ? `${old[0]} to ${old.at(-1)}` : `before: ${old[place] ?? "–"}`)));
  }
  if (place !== null) items.unshift(element("span", {}, element("b", {}, chart.dates[place])));
  document.getElementById("legend").replaceChildren(...items);
}

function swatch(index) {
  return drawn("svg", { width: 12, height: 12, viewBox: "-6 -6 12 12", "aria-hidden": "true" },
    shape(index, 0, 0));
}

// A cursor that the mouse and the arrow keys move; what it points at stands in the legend.
function followed(svg, chart, { x, top, bottom, left, right }) {
  const last = chart.dates.length - 1;
  const cursor = drawn("line", { y1: top, y2: bottom, class: "zero", visibility: "hidden" });
  let place = last;
  svg.append(cursor);
  const told = () =>
    [chart.dates[place], ...chart.series.map((each) =>
      `${each.name} ${whole(each.values[place], chart.share)}`)].join(", ");
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
  const told = series.map((each) => {
    const known = each.values.filter((value) => value !== null);
    if (!known.length) return `${each.name}: no values`;
    return `${each.name}: from ${whole(known[0], share)} to ${whole(known.at(-1), share)}`;
  });
  return `Line chart, ${dates.length} points in time. ${told.join("; ")}`;
}

function linesTable({ dates, series, share, before_dates: old }) {
  const columns = ["date", ...series.flatMap((each) =>
    each.before.length ? [each.name, `${each.name}, before`] : [each.name])];
  const rows = dates.map((date, place) => [
    old.length ? `${date} (before: ${old[place] ?? "–"})` : date,
    ...series.flatMap((each) => [
      whole(each.values[place], share),
      ...(each.before.length ? [whole(each.before[place], share)] : []),
    ]),
  ]);
  return [columns, rows];
}
