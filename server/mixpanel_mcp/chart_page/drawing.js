// What all charts are drawn with: elements, numbers in words, scales, axes.
const SVG = "http://www.w3.org/2000/svg";
const SHAPES = [
  "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0",
  "M-4 -4h8v8h-8z",
  "M0 -5l5 9h-10z",
  "M0 -5l5 5l-5 5l-5 -5z",
  "M0 5l5 -9h-10z",
  "M-5 -2h3v-3h4v3h3v4h-3v3h-4v-3h-3z",
  "M-5 -2h10v4h-10z",
  "M-2 -5h4v10h-4z",
];

function element(name, attributes = {}, ...inside) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...inside.map((each) => (each instanceof Node ? each : String(each))));
  return made;
}

function drawn(name, attributes = {}, ...inside) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...inside.map((each) => (each instanceof Node ? each : String(each))));
  return made;
}

function canvas(width, height, summary) {
  const svg = drawn("svg", {
    width,
    height,
    viewBox: `0 0 ${width} ${height}`,
    role: "img",
    "aria-label": summary,
  });
  document.getElementById("chart").replaceChildren(svg);
  return svg;
}

function text(x, y, words, attributes = {}) {
  return drawn("text", { x, y, ...attributes }, words);
}

const colour = (index) => `var(--series-${index % 8})`;
const shape = (index, x, y, fill = colour(index)) =>
  drawn("path", { d: SHAPES[index % 8], transform: `translate(${x} ${y})`, fill });

const UNITS = [
  [1e12, "T"],
  [1e9, "B"],
  [1e6, "M"],
  [1e3, "k"],
];

function short(value) {
  if (value === null) return "–";
  const [size, unit] = UNITS.find(([size]) => Math.abs(value) >= size * 0.9995) ?? [1, ""];
  return (value / size).toLocaleString("en", { maximumSignificantDigits: 3 }) + unit;
}

function whole(value, share = false) {
  if (value === null || value === undefined) return "–";
  return share
    ? percent(value)
    : value.toLocaleString("en", { maximumFractionDigits: Math.abs(value) < 100 ? 2 : 0 });
}

const percent = (value) => (value === null ? "–" : `${(value * 100).toFixed(1)}%`);

// Round ticks that hold all values, 0 among them.
function ticks(values) {
  const low = Math.min(0, ...values);
  const high = Math.max(0, ...values);
  if (low === high) return [0, 1];
  const rough = (high - low) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((each) => each * power).find((each) => each >= rough);
  const first = Math.floor(low / step);
  const last = Math.max(Math.ceil(high / step), first + 1);
  return Array.from({ length: last - first + 1 }, (_, place) => (first + place) * step);
}

const measuring = document.createElement("canvas").getContext("2d");

function widthOf(words, size = 12) {
  measuring.font = `${size}px system-ui, sans-serif`;
  return measuring.measureText(words).width;
}

// A text no wider than there is room, cut in the middle: names often differ at their ends.
function fitted(words, room, size) {
  if (widthOf(words, size) <= room) return words;
  for (let kept = words.length - 1; kept > 1; kept--) {
    const head = Math.ceil(kept / 2);
    const cut = `${words.slice(0, head)}…${words.slice(words.length - (kept - head))}`;
    if (widthOf(cut, size) <= room) return cut;
  }
  return "…";
}

const titled = (words) => drawn("title", {}, words);

const NUMBER = /^([−+-]?[\d.,]+[%kMBT]?|–)?$/;

// Names to the left, numbers to the right; the first cell of a row is its head.
function tableOf(columns, rows) {
  const sides = columns.map((_, at) => (rows.every((row) => NUMBER.test(row[at])) ? "number" : "name"));
  const head = columns.map((cell, at) => element("th", { scope: "col", class: sides[at] }, cell));
  const body = rows.map((row) => row.map((cell, at) =>
    element(at ? "td" : "th", { class: sides[at], ...(at ? {} : { scope: "row" }) }, cell)));
  return element("table", {}, ...[head, ...body].map((cells) => element("tr", {}, ...cells)));
}
