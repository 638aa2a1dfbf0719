() => {
  // Mixed colours are told as parts of 1.
  const parts = (color) => {
    const numbers = color.match(/[\d.]+/g).map(Number);
    return color.startsWith("color(srgb") ? numbers.map((part, at) => (at < 3 ? part * 255 : part)) : numbers;
  };
  const luminance = (color) => {
    const [red, green, blue] = parts(color).map((part) =>
      part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4,
    );
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const opaque = (color) => (parts(color)[3] ?? 1) === 1;
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const style = getComputedStyle(at);
      if (style.opacity !== "1") throw new Error(`${at.tagName} is translucent`);
      if (opaque(style.backgroundColor)) return style.backgroundColor;
    }
    throw new Error("nothing is behind");
  };
  // In a picture the field of a group that a text stands on, if any.
  const field = (text) => {
    const { left, right, top, bottom } = text.getBoundingClientRect();
    const [x, y] = [(left + right) / 2, (top + bottom) / 2];
    return [...text.parentElement.querySelectorAll(":scope > rect")].find((rect) => {
      const box = rect.getBoundingClientRect();
      return box.left <= x && x <= box.right && box.top <= y && y <= box.bottom;
    });
  };
  const colours = (element) => {
    const { color, fill } = getComputedStyle(element);
    if (!(element instanceof SVGElement)) return [color, behind(element)];
    const below = field(element) && getComputedStyle(field(element)).fill;
    return [fill, below && below !== "none" ? below : behind(element)];
  };
  const found = {};
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const text = texts.currentNode.data.trim();
    const element = texts.currentNode.parentElement;
    if (!text || !element.checkVisibility() || element.tagName === "title") continue;
    const [low, high] = colours(element)
      .map(luminance)
      .sort((one, other) => one - other);
    found[text] = (high + 0.05) / (low + 0.05);
  }
  return found;
}
