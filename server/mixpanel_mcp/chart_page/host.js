// The page's talk with its host (MCP Apps, JSON-RPC over postMessage), and what is shown of it.
const DRAWERS = {
  lines: [lines, linesTable],
  bars: [bars, barsTable],
  figures: [figures, figuresTable],
  funnel: [funnel, funnelTable],
  grid: [grid, gridTable],
  flow: [flow, flowTable],
};
const at = (id) => document.getElementById(id);
const send = (message) => parent.postMessage({ jsonrpc: "2.0", ...message }, "*");
let shown = null;
let drawnWidth = 0;

function show(result) {
  const chart = result._meta?.[CHART];
  shown = chart && DRAWERS[chart.kind] && !result.isError ? chart : null;
  if (!shown) return showText(result);
  at("title").textContent = chart.title;
  at("about").textContent = [chart.period, chart.source].filter(Boolean).join(" · ");
  at("notes").textContent = chart.notes.join("; ");
  at("notes").hidden = !chart.notes.length;
  const [columns, rows] = DRAWERS[chart.kind][1](chart);
  at("table").replaceChildren(tableOf(columns, rows));
  at("numbers").hidden = !rows.length;
  draw();
}

// An answer without a chart: its CSV as a table, anything else as it is.
function showText(result) {
  const words = (result.content ?? []).map((block) => block.text ?? "").join("\n");
  const end = words.indexOf("\n\n");
  const body = end < 0 ? "" : words.slice(end + 2);
  at("title").textContent = result.isError ? "The query was refused" : "Answer";
  at("about").textContent = end < 0 ? words : words.slice(0, end);
  const [columns, ...rows] = result.isError ? [] : records(body);
  const tabular = columns?.length > 1 && rows.every((row) => row.length === columns.length);
  const shape = tabular ? tableOf(columns, rows) : element("pre", { tabindex: "0" }, body.trim());
  at("chart").replaceChildren(shape);
  at("legend").replaceChildren();
  at("notes").hidden = true;
  at("numbers").hidden = true;
}

function records(text) {
  const rows = [];
  let cells = [];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
    cells.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === ",") continue;
    if (cells.length > 1 || cells[0]) rows.push(cells);
    cells = [];
  }
  return rows;
}

function draw() {
  if (!shown) return;
  drawnWidth = Math.floor(at("chart").clientWidth);
  const empty = !DRAWERS[shown.kind][1](shown)[1].length;
  at("legend").replaceChildren();
  if (empty) return at("chart").replaceChildren(element("p", {}, "There is nothing to draw: no data."));
  DRAWERS[shown.kind][0](shown, drawnWidth);
  // What keys scroll needs a name.
  const place = at("chart");
  const scrolls = place.scrollWidth > place.clientWidth;
  const named = { tabindex: "0", role: "region", "aria-label": "Chart, which scrolls sideways" };
  for (const [name, value] of Object.entries(named)) {
    if (scrolls) place.setAttribute(name, value);
    else place.removeAttribute(name);
  }
}

function dressed(context) {
  if (context?.theme) document.documentElement.dataset.theme = context.theme;
  const { top = 0, right = 0, bottom = 0, left = 0 } = context?.safeAreaInsets ?? {};
  if (context?.safeAreaInsets) document.body.style.padding = `${top}px ${right}px ${bottom}px ${left}px`;
}

const dark = matchMedia("(prefers-color-scheme: dark)");
dressed({ theme: dark.matches ? "dark" : "light" });

addEventListener("message", ({ source, data }) => {
  if (source !== parent || data?.jsonrpc !== "2.0") return;
  if (data.id === 1 && data.result) {
    dressed(data.result.hostContext);
    send({ method: "ui/notifications/initialized", params: {} });
  } else if (data.method === "ui/notifications/tool-result") {
    show(data.params);
  } else if (data.method === "ui/notifications/host-context-changed") {
    dressed(data.params);
  } else if (data.method === "ui/notifications/tool-cancelled") {
    at("about").textContent = "The call was cancelled.";
  } else if (data.id !== undefined && data.method) {
    const known = ["ping", "ui/resource-teardown"].includes(data.method);
    const error = { code: -32601, message: `no method ${data.method}` };
    send({ id: data.id, ...(known ? { result: {} } : { error }) });
  }
});

new ResizeObserver(() => {
  if (Math.floor(at("chart").clientWidth) !== drawnWidth) draw();
  const { height } = document.querySelector("main").getBoundingClientRect();
  send({ method: "ui/notifications/size-changed", params: { height: Math.ceil(height) } });
}).observe(document.querySelector("main"));

send({
  id: 1,
  method: "ui/initialize",
  params: {
    protocolVersion: "2026-01-26",
    appInfo: { name: "mixpanel-mcp", version: "1" },
    appCapabilities: { availableDisplayModes: ["inline", "fullscreen"] },
  },
});
