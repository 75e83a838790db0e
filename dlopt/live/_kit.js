// What live figures share: plain SVG and the platform's own controls. Python puts this text in
// front of a figure's module (see _base.py); importing it touches nothing of the page.

const SVG = "http://www.w3.org/2000/svg";
const DRAWN = new Set("svg g path line polyline circle ellipse rect text tspan".split(" "));

/** An element: attributes by name, children nodes or text. */
export function node(tag, attributes = {}, ...children) {
  const made = DRAWN.has(tag) ? document.createElementNS(SVG, tag) : document.createElement(tag);
  set(made, attributes);
  made.append(...children.flat());
  return made;
}

export function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
}

/** "λ_M" as a letter with a subscript, in HTML or (tag "tspan") in SVG. */
export function rich(text, tag = "span") {
  return text.split(/(_\w)/).map((part) => {
    if (!part.startsWith("_")) return part;
    return tag === "tspan" ? node("tspan", { class: "live-sub" }, part[1]) : node("sub", {}, part[1]);
  });
}

/** 1.5 → "1.50", with a true minus sign and no negative zero. */
export function fixed(value, digits = 2) {
  return (Number(value.toFixed(digits)) || 0).toFixed(digits).replace("-", "−");
}

/** Data to pixels, and back with `.invert`; `log` takes the logarithm first. */
export function scale([d0, d1], [r0, r1], log = false) {
  const f = log ? Math.log10 : (v) => v;
  const slope = (r1 - r0) / (f(d1) - f(d0));
  const to = (v) => r0 + (f(v) - f(d0)) * slope;
  to.invert = (p) => {
    const v = f(d0) + (p - r0) / slope;
    return log ? 10 ** v : v;
  };
  return to;
}

/** The figure's frame: panels by name, a sentence for everyone, a caption, and what to undo. */
export function frame(model, el, panels) {
  const undo = [];
  const say = node("p", { class: "live-say", "aria-live": "polite" });
  const caption = model.get("caption");
  const root = node("figure", { class: "live", role: "group", "aria-label": model.get("title") },
    node("div", { class: "live-body" },
      panels.map(([area, ...content]) => node("div", { class: `live-${area}` }, content)), say),
    caption ? node("figcaption", {}, rich(caption)) : []);
  el.append(root);
  let timer = 0;
  let spoken = false;
  return {
    root,
    /** Redraw, at most once a frame, when one of the traits changes. */
    watch(names, draw) {
      let due = 0;
      const later = () => { due ||= requestAnimationFrame(() => { due = 0; draw(); }); };
      for (const name of names) model.on(`change:${name}`, later);
      undo.push(() => cancelAnimationFrame(due), () => names.forEach((name) => model.off(`change:${name}`, later)));
      draw();
    },
    /** One sentence, said once the reader's hand rests. */
    say(text) {
      clearTimeout(timer);
      if (spoken) timer = setTimeout(() => { say.textContent = text; }, 200);
      else say.textContent = text;
      spoken = true;
    },
    dispose() {
      clearTimeout(timer);
      undo.forEach((f) => f());
      root.remove();
    },
  };
}

/** A plot area. Draw in `inside` (clipped to the axes) or `over` (not clipped). */
export function plot({ width, height, margin: [top, right, bottom, left], x, y, label, role = "img" }) {
  const sx = scale(x.domain, [left, width - right], x.log);
  const sy = scale(y.domain, [height - bottom, top], y.log);
  const [w, h] = [width - left - right, height - top - bottom];
  const axes = node("g", { class: "live-axes", "aria-hidden": "true" },
    node("rect", { class: "live-ground", x: left, y: top, width: w, height: h }));
  for (const [value, text] of x.ticks) {
    axes.append(node("line", { x1: sx(value), x2: sx(value), y1: top, y2: top + h }),
      node("text", { x: sx(value), y: top + h + 15, "text-anchor": "middle" }, text));
  }
  for (const [value, text] of y.ticks) {
    axes.append(node("line", { x1: left, x2: left + w, y1: sy(value), y2: sy(value) }),
      node("text", { x: left - 6, y: sy(value) + 4, "text-anchor": "end" }, text));
  }
  axes.append(
    node("text", { class: "live-title", x: left + w, y: height - 3, "text-anchor": "end" }, rich(x.label, "tspan")),
    node("text", { class: "live-title", x: 2, y: 11 }, rich(y.label, "tspan")));
  const inside = node("svg", { x: left, y: top, width: w, height: h, viewBox: `${left} ${top} ${w} ${h}` });
  const over = node("g");
  const svg = node("svg", { class: "live-plot", viewBox: `0 0 ${width} ${height}`, role, "aria-label": label },
    axes, inside, over);
  return { svg, x: sx, y: sy, inside, over, domain: [x.domain, y.domain] };
}

/** Points in data coordinates as a polyline's `points`; far beyond the picture is far enough. */
export function points(plot, xs, ys) {
  const near = (p) => Math.max(-9999, Math.min(9999, p)).toFixed(2);
  return xs.map((v, i) => `${near(plot.x(v))},${near(plot.y(ys[i]))}`).join(" ");
}

/** Contours of ½ wᵀAw at given levels: exact ellipses of semi-axes √(2c/λ), turned by `angle`. */
export function contours(plot, levels) {
  const drawn = levels.map(() => node("ellipse", { cx: plot.x(0), cy: plot.y(0) }));
  plot.inside.append(node("g", { class: "live-contours" }, drawn));
  const unit = plot.x(1) - plot.x(0);
  return ([first, second], angle) => drawn.forEach((ellipse, i) => set(ellipse, {
    rx: (unit * Math.sqrt((2 * levels[i]) / first)).toFixed(2),
    ry: (unit * Math.sqrt((2 * levels[i]) / second)).toFixed(2),
    transform: `rotate(${-angle} ${plot.x(0)} ${plot.y(0)})`,
  }));
}

/** A slider for one trait. `values` makes it a choice among listed numbers; `marks` label its track. */
export function slider(model, trait, { symbol, name, min, max, step, values, show = fixed }) {
  const range = values ? { min: 0, max: values.length - 1, step: 1 } : { min, max, step };
  const toPosition = (v) => (values ? values.reduce((best, u, i) =>
    (Math.abs(u - v) < Math.abs(values[best] - v) ? i : best), 0) : v);
  const input = node("input", { type: "range", ...range, "aria-label": `${name} ${symbol}`.trim(),
    "data-lm-suppress-shortcuts": "true" });
  const output = node("output", { "aria-hidden": "true" });
  const marks = node("span", { class: "live-marks", "aria-hidden": "true" });
  const update = () => {
    const value = model.get(trait);
    input.value = toPosition(value);
    output.textContent = show(value);
    input.setAttribute("aria-valuetext", `${symbol && `${symbol} = `}${show(value)}`);
  };
  input.addEventListener("input", () => {
    model.set(trait, values ? values[input.value] : Number(input.value));
    model.save_changes();
  });
  model.on(`change:${trait}`, update);
  update();
  return {
    el: node("label", { class: "live-control" },
      node("span", { class: "live-name" }, node("i", {}, symbol), ` ${name}`), output, input, marks),
    mark(list) {
      marks.replaceChildren(...list.map(([value, text, side]) => node("span", { class: `live-${side}`,
        style: `--at:${((toPosition(value) - range.min) / (range.max - range.min)).toFixed(4)}` },
      node("span", {}, rich(text)))));
    },
    dispose: () => model.off(`change:${trait}`, update),
  };
}

/** A checkbox for a trait that is true or false. */
export function toggle(model, trait, { name }) {
  const input = node("input", { type: "checkbox", "data-lm-suppress-shortcuts": "true" });
  const update = () => { input.checked = model.get(trait); };
  input.addEventListener("change", () => {
    model.set(trait, input.checked);
    model.save_changes();
  });
  model.on(`change:${trait}`, update);
  update();
  return { el: node("label", { class: "live-toggle" }, input, node("span", {}, rich(name))),
    dispose: () => model.off(`change:${trait}`, update) };
}

/** Back, Play and Step move a whole-numbered trait from 0 to `max`, a step every `every` (or `every()`) milliseconds. */
export function player(model, trait, { name, max, every = 250 }) {
  const [back, play, step] = ["Back to start", "Play", "Step"].map((text, i) => node("button", { type: "button",
    class: `live-reset${i === 1 ? " live-play" : ""}`, "data-lm-suppress-shortcuts": "true" }, text));
  const output = node("output", { "aria-live": "off" });
  let [timer, mine] = [0, NaN];
  const stop = () => {
    clearInterval(timer);
    timer = 0;
    play.textContent = "Play";
  };
  const put = (value) => {
    mine = value;
    model.set(trait, value);
    model.save_changes();
  };
  const next = () => {
    if (model.get(trait) < max) put(model.get(trait) + 1);
    if (model.get(trait) >= max) stop();
  };
  const update = () => {
    const value = model.get(trait);
    if (timer && value !== mine) stop(); // moved by another hand
    output.textContent = `${name} ${value} of ${max}`;
    set(back, { "aria-disabled": value <= 0 });
    set(step, { "aria-disabled": value >= max });
  };
  back.addEventListener("click", () => { stop(); put(0); });
  step.addEventListener("click", () => { stop(); next(); });
  play.addEventListener("click", () => {
    if (timer) return stop();
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return put(max);
    if (model.get(trait) >= max) put(0);
    mine = model.get(trait);
    play.textContent = "Pause";
    timer = setInterval(next, typeof every === "function" ? every() : every);
  });
  model.on(`change:${trait}`, update);
  update();
  return { el: node("div", { class: "live-player", role: "group", "aria-label": name }, back, play, step, output),
    dispose() { stop(); model.off(`change:${trait}`, update); } };
}

/** Back to the values the figure came with. */
export function reset(model, traits) {
  const first = traits.map((name) => model.get(name));
  const button = node("button", { type: "button", class: "live-reset" }, "Reset");
  button.addEventListener("click", () => {
    traits.forEach((name, i) => model.set(name, first[i]));
    model.save_changes();
  });
  return button;
}

/** Follow a pointer (mouse, pen, finger) from `grip`, reporting data coordinates of the plot. */
export function drag(plot, grip, moved) {
  const at = (event) => {
    const p = new DOMPoint(event.clientX, event.clientY).matrixTransform(plot.svg.getScreenCTM().inverse());
    return [plot.x.invert(p.x), plot.y.invert(p.y)];
  };
  let held = null;
  grip.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false }); // no scrolling
  grip.addEventListener("pointerdown", (event) => {
    held = event.pointerId;
    grip.setPointerCapture(held);
    grip.classList.add("live-held");
    moved(at(event));
  });
  grip.addEventListener("pointermove", (event) => { if (event.pointerId === held) moved(at(event)); });
  const drop = () => { held = null; grip.classList.remove("live-held"); };
  grip.addEventListener("pointerup", drop);
  grip.addEventListener("pointercancel", drop);
}

/** A point of the plane to drag, or to move with the arrow keys (Shift: larger steps). */
export function handle(plot, { label, step, get, put }) {
  const grip = node("g", { class: "live-handle", tabindex: "0", role: "slider", "aria-label": label,
    "aria-roledescription": "point to move with the arrow keys", "data-lm-suppress-shortcuts": "true" },
    node("circle", { class: "live-reach", r: 22 }), node("circle", { class: "live-ring", r: 9 }),
    node("circle", { class: "live-core", r: 3.5 }));
  const [[x0, x1], [y0, y1]] = plot.domain;
  const tidy = (v, low, high) => Math.round(Math.min(high, Math.max(low, v)) * 100) / 100;
  const move = ([x, y]) => put([tidy(x, x0, x1), tidy(y, y0, y1)]);
  const keys = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
  drag(plot, grip, move);
  grip.addEventListener("keydown", (event) => {
    const way = keys[event.key];
    if (!way) return;
    event.preventDefault();
    event.stopPropagation();
    const size = event.shiftKey ? 5 * step : step;
    const [x, y] = get();
    move([x + size * way[0], y + size * way[1]]);
  });
  plot.over.append(grip);
  set(grip, { "aria-valuemin": x0, "aria-valuemax": x1 });
  return () => {
    const [x, y] = get();
    set(grip, { transform: `translate(${plot.x(x).toFixed(2)} ${plot.y(y).toFixed(2)})`,
      "aria-valuenow": x, "aria-valuetext": `(${fixed(x)}, ${fixed(y)})` });
  };
}
