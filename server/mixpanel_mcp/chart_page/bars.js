// Breakdowns: bars from 0 to either side, the other period as a thinner one below; a scale for
// each panel.
function bars(chart, width) {
  const panels = [...new Set(chart.bars.map((bar) => bar.panel))];
  const compared = chart.bars.some((bar) => bar.before !== null);
  const told = (bar) => whole(bar.value, chart.share) + changeOf(bar);
  const widest = (words) => Math.max(0, ...chart.bars.map((bar) => widthOf(words(bar))));
  const names = Math.min(width * 0.38, widest((bar) => bar.name) + 2);
  const row = compared ? 32 : 26;
  const head = panels.length > 1 ? 30 : 0;
  const svg = canvas(width, chart.bars.length * row + panels.length * head + 2, summaryOfBars(chart, told));
  const room = { left: names + 10, right: width - widest(told) - 14, names };
  let top = 0;
  for (const panel of panels) {
    const inside = chart.bars.filter((bar) => bar.panel === panel);
    if (head) svg.append(text(0, top + 18, fitted(panel, width / 1.1), { class: "strong" }));
    barsOf(svg, inside, top + head, row, told, room);
    top += head + inside.length * row;
  }
  if (compared) {
    const thin = drawn("svg", { width: 22, height: 12, "aria-hidden": "true" },
      drawn("rect", { y: 4, width: 22, height: 5, class: "loss" }));
    document.getElementById("legend").replaceChildren(
      element("span", {}, thin, element("b", {}, "the days before")));
  }
}

function barsOf(svg, inside, top, row, told, { left, right, names }) {
  const numbers = inside.flatMap((bar) => [bar.value, bar.before]).filter((v) => v !== null);
  const low = Math.min(0, ...numbers);
  const span = Math.max(0, ...numbers) - low || 1;
  const x = (value) => left + ((value - low) / span) * Math.max(20, right - left);
  inside.forEach((bar, place) => {
    const at = top + place * row + 3;
    const group = drawn("g", {}, titled(`${bar.name}: ${told(bar)}`));
    group.append(text(names, at + 14, fitted(bar.name, names), { "text-anchor": "end" }));
    if (bar.value !== null) group.append(beam(x(0), x(bar.value), at, 18, { fill: colour(0) }));
    if (bar.before !== null) group.append(beam(x(0), x(bar.before), at + 20, 5, { class: "loss" }));
    group.append(text(Math.max(x(bar.value ?? 0), x(0)) + 6, at + 14, told(bar)));
    svg.append(group);
  });
  if (low < 0) {
    svg.append(drawn("line", { x1: x(0), x2: x(0), y1: top, y2: top + inside.length * row, class: "zero" }));
  }
}

function beam(from, to, top, height, attributes) {
  const [x, width] = [Math.min(from, to), Math.max(Math.abs(to - from), 1)];
  return drawn("rect", { x, width, y: top, height, rx: 2, ...attributes });
}

function changeOf(bar) {
  const change = changed(bar);
  return change && ` (${change})`;
}

function changed({ value, before }) {
  if (before === null || value === null || !before) return "";
  const change = value / before - 1;
  return `${change < 0 ? "−" : "+"}${(Math.abs(change) * 100).toFixed(1)}%`;
}

function summaryOfBars({ bars: all }, told) {
  const first = all.slice(0, 5).map((bar) => `${bar.name} ${told(bar)}`);
  return `Bar chart, ${all.length} bars. ${first.join("; ")}`;
}

function barsTable({ bars: all, share }) {
  const compared = all.some((bar) => bar.before !== null);
  const panelled = all.some((bar) => bar.panel);
  const columns = [
    "name", ...(panelled ? ["of"] : []), "value", ...(compared ? ["before", "change"] : []),
  ];
  return [columns, all.map((bar) => [
    bar.name,
    ...(panelled ? [bar.panel] : []),
    whole(bar.value, share),
    ...(compared ? [whole(bar.before, share), changed(bar)] : []),
  ])];
}
