// Figures that stand by themselves: large, with their names, and what they were before.
function figures({ figures: all, share, title }) {
  const alone = all.length === 1;
  const list = element("dl", {}, ...all.map((figure) => element("div", {},
    ...(alone && title.includes(figure.name) ? [] : [element("dt", { dir: "auto" }, figure.name)]),
    element("dd", {}, whole(figure.value, share)),
    ...(changed(figure) ? [element("dd", { class: "muted" },
      `${changed(figure)}, before: ${whole(figure.before, share)}`)] : []),
  )));
  document.getElementById("chart").replaceChildren(list);
}

function figuresTable({ figures: all, share }) {
  return barsTable({ bars: all, share });
}
