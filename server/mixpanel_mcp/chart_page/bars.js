// Breakdowns: bars from 0 to either side, the other period as a thinner one below.
function bars(chart, width) {
  const compared = chart.bars.some((bar) => bar.before !== null);
  const numbers = chart.bars.flatMap((bar) => [bar.value, bar.before]).filter((v) => v !== null);
  const names = Math.min(width * 0.38, Math.max(0, ...chart.bars.map((bar) => widthOf(bar.name))) + 2);
  const told = (bar) => whole(bar.value) + changeOf(bar);
  const room = Math.max(0, ...chart.bars.map((bar) => widthOf(told(bar)))) + 10;
  const low = Math.min(0, ...numbers);
  const span = Math.max(0, ...numbers) - low || 1;
  const left = names + 10;
  const x = (value) => left + ((value - low) / span) * Math.max(20, width - left - room - 4);
  const height = compared ? 32 : 26;
  const svg = canvas(width, chart.bars.length * height + 2,
    `Bar chart, ${chart.bars.length} bars, the largest first.`);
  chart.bars.forEach((bar, place) => {
    const top = place * height + 3;
    const group = drawn("g", {}, titled(`${bar.name}: ${told(bar)}`));
    group.append(text(names, top + 14, fitted(bar.name, names), { "text-anchor": "end" }));
    group.append(beam(x(0), x(bar.value ?? 0), top, 18, { fill: colour(0) }));
    if (bar.before !== null) {
      group.append(beam(x(0), x(bar.before), top + 20, 5, { class: "loss" }));
    }
    const end = Math.max(x(bar.value ?? 0), x(0), bar.before === null ? 0 : x(bar.before));
    group.append(text(end + 6, top + 14, told(bar)));
    svg.append(group);
  });
  if (low < 0) {
    svg.append(drawn("line", { x1: x(0), x2: x(0), y1: 0, y2: chart.bars.length * height, class: "zero" }));
  }
  if (compared) {
    const thin = drawn("svg", { width: 22, height: 12, "aria-hidden": "true" },
      drawn("rect", { y: 4, width: 22, height: 5, class: "loss" }));
    document.getElementById("legend").replaceChildren(
      element("span", {}, thin, element("b", {}, "the period before")));
  }
}

function beam(from, to, top, height, attributes) {
  const [x, width] = [Math.min(from, to), Math.max(Math.abs(to - from), 1)];
  return drawn("rect", { x, width, y: top, height, rx: 2, ...attributes });
}

function changeOf({ value, before }) {
  if (before === null || value === null || !before) return "";
  const change = value / before - 1;
  return ` (${change < 0 ? "−" : "+"}${(Math.abs(change) * 100).toFixed(1)}%)`;
}

function barsTable({ bars: all }) {
  const compared = all.some((bar) => bar.before !== null);
  const columns = ["name", "value", ...(compared ? ["before", "change"] : [])];
  return [columns, all.map((bar) => [
    bar.name, whole(bar.value), ...(compared ? [whole(bar.before), changeOf(bar).trim()] : []),
  ])];
}
