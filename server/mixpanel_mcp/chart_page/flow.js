// Flows: a column of events for each step, and between them the ways, as wide as they are taken.
function flow({ nodes, links }, width) {
  const steps = [...new Set(nodes.map((node) => node.step))].sort((a, b) => a - b);
  const [bar, gap] = [12, 26];
  const reach = Math.max(width, steps.length * 150);
  const column = steps.length < 2 ? 0 : (reach - 170 - bar) / (steps.length - 1);
  const columns = steps.map((step) => nodes.filter((node) => node.step === step));
  const tallest = Math.max(...columns.map((each) => each.reduce((sum, n) => sum + n.count, 0)), 1);
  const scale = Math.max(200, 30 * Math.max(...columns.map((each) => each.length))) / tallest;
  const places = new Map();
  let height = 0;
  columns.forEach((each, place) => {
    let top = gap;
    for (const node of each) {
      const size = Math.max(2, node.count * scale);
      places.set(node, { x: place * column, top, size, out: top, in: top });
      top += size + gap;
    }
    height = Math.max(height, top - gap + 4);
  });
  const svg = canvas(reach, height, `Flow of ${steps.length} steps; the numbers are in the table.`);
  // At either end in the order of the other ends, so that few of them cross.
  const ways = links.map((link) => ({ ...link, size: Math.max(1, link.count * scale) }));
  for (const way of [...ways].sort((a, b) => a.target - b.target)) {
    const from = places.get(nodes[way.source]);
    way.from = from.out;
    from.out += way.size;
  }
  for (const way of [...ways].sort((a, b) => a.source - b.source)) {
    const to = places.get(nodes[way.target]);
    way.to = to.in;
    to.in += way.size;
  }
  for (const way of ways) {
    const [source, target] = [nodes[way.source], nodes[way.target]];
    const [x1, x2] = [places.get(source).x + bar, places.get(target).x];
    const look = target.left
      ? { class: "way loss" }
      : { class: "way", fill: colour(steps.indexOf(source.step)) };
    svg.append(drawn("path", { d: band(x1, way.from, x2, way.to, way.size), ...look },
      titled(`${source.name} → ${target.name}: ${whole(way.count)}`)));
  }
  nodes.forEach((node) => {
    const { x, top, size } = places.get(node);
    const look = node.left ? { class: "loss" } : { fill: colour(steps.indexOf(node.step)) };
    const room = (steps.length < 2 || node.step === steps.at(-1) ? 170 : column) - 8;
    svg.append(
      drawn("rect", { x, y: top, width: bar, height: size, rx: 2, ...look }, titled(`${node.name}: ${whole(node.count)}`)),
      // Isolated, so that a name written from right to left does not take the number along.
      text(x, top - 5, `\u2068${fitted(node.name, room - widthOf(short(node.count)) - 4)}\u2069 ${short(node.count)}`, {
        class: "rimmed",
      }),
    );
  });
}

function band(x1, y1, x2, y2, size) {
  const middle = (x1 + x2) / 2;
  return `M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}v${size}` +
    `C${middle} ${y2 + size} ${middle} ${y1 + size} ${x1} ${y1 + size}z`;
}

function flowTable({ nodes, links }) {
  const rows = links.map(({ source, target, count }) =>
    [nodes[source].name, nodes[target].name, nodes[source].step, whole(count)]);
  return [["from", "to", "step", "count"], rows];
}
