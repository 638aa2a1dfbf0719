// Funnels: a bar for each step and segment, the part that came before it and left in grey.
function funnel({ groups }, width) {
  const steps = groups[0]?.steps ?? [];
  const several = groups.length > 1;
  const names = several ? Math.min(width * 0.3, Math.max(...groups.map((g) => widthOf(g.name)))) + 8 : 0;
  const told = (step) => `${whole(step.count)} · ${percent(step.of_first)}`;
  const room = Math.max(0, ...groups.flatMap((g) => g.steps.map((step) => widthOf(told(step))))) + 10;
  const full = Math.max(40, width - names - room);
  const row = several ? 20 : 30;
  const block = 24 + groups.length * row + 8;
  const svg = canvas(width, Math.max(steps.length * block, 1), summaryOfFunnel(groups));
  steps.forEach((step, place) => {
    const top = place * block;
    const lost = place && (!several || groups[0].name === "all") ? lostAt(groups[0].steps, place) : "";
    // Bold names are wider than they are measured.
    const room = (width - widthOf(lost) - 12) / 1.15;
    svg.append(text(0, top + 15, fitted(`${place + 1}. ${step.event}`, room), { class: "strong" }));
    if (lost) svg.append(text(width, top + 15, lost, { "text-anchor": "end", class: "muted" }));
    groups.forEach((group, index) => {
      const at = top + 22 + index * row;
      const { steps: own } = group;
      const [here, before] = [own[place], own[place - 1] ?? own[place]];
      if (!here) return;
      const bar = drawn("g", {}, titled(`${group.name} ${here.event}: ${told(here)}`));
      const size = row - 4;
      if (several) bar.append(text(names - 8, at + 12, fitted(group.name, names - 8), { "text-anchor": "end" }));
      const [kept, came] = [here.of_first ?? 0, before.of_first ?? 0].map((part) => full * Math.min(1, part));
      bar.append(drawn("rect", { x: names, y: at, width: Math.max(came, kept), height: size, rx: 2, class: "loss" }));
      bar.append(drawn("rect", { x: names, y: at, width: Math.max(kept, 1), height: size, rx: 2, fill: colour(index) }));
      bar.append(text(names + Math.max(came, kept) + 6, at + size / 2 + 4, told(here)));
      svg.append(bar);
    });
  });
  const grey = drawn("svg", { width: 12, height: 12, "aria-hidden": "true" },
    drawn("rect", { width: 12, height: 12, rx: 2, class: "loss" }));
  const legend = steps.length > 1 ? [element("span", {}, grey, element("b", {}, "did not go on"))] : [];
  document.getElementById("legend").replaceChildren(...legend);
}

function lostAt(steps, place) {
  const [here, before] = [steps[place], steps[place - 1]];
  if (here.count === null || before.count === null || here.of_previous === null) return "";
  return `${percent(here.of_previous)} went on, ${whole(before.count - here.count)} did not`;
}

function summaryOfFunnel(groups) {
  const steps = groups[0]?.steps ?? [];
  const told = steps.map((step) => `${step.event} ${whole(step.count)}, ${percent(step.of_first)}`);
  return `Funnel of ${steps.length} steps. ${told.join("; ")}`;
}

function funnelTable({ groups }) {
  const columns = ["segment", "step", "event", "count", "of step before", "of first step"];
  return [columns, groups.flatMap(({ name, steps }) => steps.map((step, place) => [
    name || "all", place + 1, step.event, whole(step.count),
    percent(step.of_previous), percent(step.of_first),
  ]))];
}
