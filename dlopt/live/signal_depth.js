// Signals through 24 random layers, predicted and drawn (syllabus I1, I2, I4, I5).
import { drag, fixed, frame, node, plot, points, reset, set, slider } from "./_kit.js";
import { normals, uniforms } from "./_random.js";
import { size } from "./_size.js";

export const LAYERS = 24;
const GAINS = [0.1, 0.25, 1 / 3, 0.5, 0.75, 1, 1.25, 1.5, 2, 2.5, 3, 4, 6, 9];
const WIDTHS = [8, 16, 32, 64];
const KINDS = ["linear", "tanh", "ReLU"];
const VALUES = 256; // activations per layer: 256/n samples of n units
const [BINS, EDGE] = [33, 2];
const POWERS = [8, 4, 0, -4, -8];
const NODES = Array.from({ length: 321 }, (_, i) => -8 + i / 20);
const DENSITY = NODES.map((z) => Math.exp((-z * z) / 2) / 20 / Math.sqrt(2 * Math.PI));

const sech2 = (s) => 1 / Math.cosh(s) ** 2;
const mean = (f, q) => NODES.reduce((sum, z, i) => sum + DENSITY[i] * f(Math.sqrt(q) * z), 0);

/** Predicted mean square of the activations and of the gradient at layers 0 … 24, and of the sums at 1 … 24. */
export function predict({ gain, kind }) {
  const [signal, sums, slopes] = [[1], [], []];
  for (let l = 0; l < LAYERS; l += 1) {
    const q = gain * signal[l];
    sums.push(q);
    signal.push(kind === 1 ? mean((s) => Math.tanh(s) ** 2, q) : q / (kind === 2 ? 2 : 1));
    slopes.push(gain * (kind === 1 ? mean((s) => sech2(s) ** 2, q) : 1 / (kind === 2 ? 2 : 1)));
  }
  const gradient = [1];
  slopes.reverse().forEach((chi) => gradient.push(gradient[gradient.length - 1] * chi));
  return { signal, sums, gradient: gradient.reverse() };
}

const stock = new Map(); // drawn once for each width

function draws(width) {
  if (!stock.has(width)) {
    const [weights, inputs, errors] = [[4, LAYERS * width * width], [5, VALUES], [6, VALUES]].map(
      ([seed, count]) => normals(uniforms(seed), count));
    stock.set(width, { weights, inputs, errors });
  }
  return stock.get(width);
}

/** The same for one network of width n, drawn: mean squares, and the 256 activations of every layer. */
export function sample({ gain, kind, width }) {
  const { weights, inputs, errors } = draws(width);
  const scale = Math.sqrt(gain / width);
  const phi = [(s) => s, Math.tanh, (s) => Math.max(s, 0)][kind];
  const slope = [() => 1, sech2, (s) => (s > 0 ? 1 : 0)][kind];
  const [activations, slopes] = [[inputs], []];
  for (let l = 0; l < LAYERS; l += 1) {
    const [below, above, steep] = [activations[l], new Array(VALUES), new Array(VALUES)];
    for (let i = 0; i < width; i += 1) {
      const row = (l * width + i) * width;
      for (let at = 0; at < VALUES; at += width) {
        let s = 0;
        for (let j = 0; j < width; j += 1) s += weights[row + j] * below[at + j];
        above[at + i] = phi(scale * s);
        steep[at + i] = slope(scale * s);
      }
    }
    activations.push(above);
    slopes.push(steep);
  }
  const gradients = [errors];
  for (let l = LAYERS - 1; l >= 0; l -= 1) {
    const [above, below] = [gradients[0], new Array(VALUES).fill(0)];
    for (let i = 0; i < width; i += 1) {
      const row = (l * width + i) * width;
      for (let at = 0; at < VALUES; at += width) {
        const d = scale * above[at + i] * slopes[l][at + i];
        for (let j = 0; j < width; j += 1) below[at + j] += weights[row + j] * d;
      }
    }
    gradients.unshift(below);
  }
  const squares = (all) => all.map((part) => part.reduce((sum, v) => sum + v * v, 0) / VALUES);
  const [signal, gradient] = [squares(activations), squares(gradients)];
  return { activations, signal: signal.map((v) => v / signal[0]), gradient: gradient.map((v) => v / gradient[LAYERS]) };
}

/** Share of the values in each of 33 bins on [−2, 2]; whatever lies beyond counts in the last bins. */
export function histogram(values) {
  const counts = new Array(BINS).fill(0);
  values.forEach((v) => {
    counts[Math.min(BINS - 1, Math.max(0, Math.floor(((v + EDGE) / (2 * EDGE)) * BINS)))] += 1;
  });
  return counts.map((c) => c / values.length);
}

/** Standard normal distribution function: Abramowitz & Stegun 7.1.26, to 10⁻⁷. */
export function below(z) {
  const t = 1 / (1 + (0.3275911 * Math.abs(z)) / Math.SQRT2);
  const tail = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const half = (tail * Math.exp((-z * z) / 2)) / 2;
  return z < 0 ? half : 1 - half;
}

/** The share in each bin that a normal sum of variance q leads to. */
export function shares({ kind }, q) {
  const upTo = (edge) => { // P(φ(s) < edge)
    if (kind === 2 && edge <= 0) return 0;
    if (kind === 1 && Math.abs(edge) >= 1) return edge > 0 ? 1 : 0;
    return below((kind === 1 ? Math.atanh(edge) : edge) / Math.sqrt(q));
  };
  const cuts = Array.from({ length: BINS + 1 }, (_, i) => {
    if (i === 0) return 0;
    return i === BINS ? 1 : upTo(-EDGE + (2 * EDGE * i) / BINS);
  });
  return cuts.slice(1).map((c, i) => c - cuts[i]);
}

/** The picture in words. */
export function describe({ gain, kind, width, layer }) {
  const [theory, drawn] = [predict({ gain, kind }), sample({ gain, kind, width })];
  return `${KINDS[kind]}, G = ${fixed(gain)}, width ${width}. At layer ${layer} the mean square of the activations is `
    + `${size(theory.signal[layer])} by theory and ${size(drawn.signal[layer])} in this draw; a gradient sent back from `
    + `layer ${LAYERS} arrives at the input as ${size(theory.gradient[0])} by theory and ${size(drawn.gradient[0])} in `
    + "this draw.";
}

const near = (area, l, v) => points(area, [l], [Math.max(v, 1e-30)]).split(",");

function depths(model) {
  const area = plot({ width: 360, height: 340, margin: [24, 8, 34, 34], label: model.get("alt"),
    x: { domain: [0, LAYERS], ticks: [0, 6, 12, 18, 24].map((v) => [v, v]), label: "layer" },
    y: { domain: [1e-9, 1e9], log: true, label: "mean square",
      ticks: POWERS.map((p) => [10 ** p, `10${[...fixed(p, 0)].map((d) => "⁰¹²³⁴⁵⁶⁷⁸"[d] ?? "⁻").join("")}`]) } });
  const lines = ["shallow", "steep"].map((name) => node("polyline", { class: `live-${name}` }));
  const rule = node("line", { class: "live-now", y1: area.y(1e9), y2: area.y(1e-9) });
  const dots = node("g", { class: "live-dots" }, Array.from({ length: LAYERS + 1 }, () => node("circle", { r: 2.5 })));
  const boxes = node("g", { class: "live-dots" }, Array.from({ length: LAYERS + 1 }, () => node("rect",
    { width: 5, height: 5 })));
  area.inside.append(rule, ...lines, dots, boxes,
    node("text", { class: "live-shallow live-tag", x: area.x(0.4), y: area.y(2e-9), "text-anchor": "start" }, "● signal →"),
    node("text", { class: "live-steep live-tag", x: area.x(23.6), y: area.y(2e-9), "text-anchor": "end" }, "← gradient ■"));
  const grip = node("g", { class: "live-handle live-sideways" }, node("circle", { class: "live-reach", r: 22 }),
    node("circle", { class: "live-ring", r: 9 }), node("circle", { class: "live-core", r: 3.5 }));
  drag(area, grip, ([x]) => {
    model.set("layer", Math.round(Math.min(LAYERS, Math.max(1, x))));
    model.save_changes();
  });
  area.over.append(grip);
  return { svg: area.svg, draw(theory, drawn, { layer }) {
    [theory.signal, theory.gradient].forEach((values, i) => set(lines[i],
      { points: points(area, values.map((_, l) => l), values) }));
    drawn.signal.forEach((v, l) => {
      const [cx, cy] = near(area, l, v);
      set(dots.children[l], { cx, cy });
      const [x, y] = near(area, l, drawn.gradient[l]);
      set(boxes.children[l], { x: x - 2.5, y: y - 2.5 });
    });
    set(rule, { x1: area.x(layer), x2: area.x(layer) });
    const height = Math.min(1e9, Math.max(1e-9, theory.signal[layer]));
    set(grip, { transform: `translate(${area.x(layer).toFixed(2)} ${area.y(height).toFixed(2)})` });
  } };
}

function bars() {
  const area = plot({ width: 270, height: 222, margin: [24, 8, 34, 34], label:
    "Histogram of the activations of the chosen layer, with the shares that theory predicts.",
    x: { domain: [-EDGE, EDGE], ticks: [[-2, "≤ −2"], [0, "0"], [2, "≥ 2"]], label: "activation" },
    y: { domain: [0, 0.5], ticks: [0, 0.25, 0.5].map((v) => [v, fixed(v)]), label: "share of units" } });
  const step = (area.x(EDGE) - area.x(-EDGE)) / BINS;
  const drawn = node("g", { class: "live-dots", opacity: 0.4 }, Array.from({ length: BINS }, (_, i) => node("rect",
    { x: area.x(-EDGE) + i * step + 0.5, width: step - 1 })));
  const line = node("polyline", { class: "live-shallow" });
  area.inside.append(drawn, line);
  return { svg: area.svg, draw(found, expected) {
    found.forEach((share, i) => {
      const top = area.y(Math.min(share, 0.6));
      set(drawn.children[i], { y: top, height: Math.max(0, area.y(0) - top) });
    });
    const edges = Array.from({ length: 2 * BINS }, (_, i) => -EDGE + (2 * EDGE * Math.ceil(i / 2)) / BINS);
    set(line, { points: points(area, edges, edges.map((_, i) => expected[Math.floor(i / 2)])) });
  } };
}

function readout() {
  const cells = [0, 1].map(() => [node("td"), node("td")]);
  const row = (i, kind, text) => node("tr", {},
    node("th", { scope: "row" }, node("span", { class: `live-swatch live-${kind}` }), text), ...cells[i]);
  const table = node("table", {},
    node("thead", {}, node("tr", {}, ["mean square", "theory", "draw"].map((t) => node("th", { scope: "col" }, t)))),
    node("tbody", {}, row(0, "shallow", "signal"), row(1, "steep", "gradient")));
  return { table, draw(theory, drawn, { layer }) {
    ["signal", "gradient"].forEach((name, i) => {
      cells[i][0].textContent = size(theory[name][layer]);
      cells[i][1].textContent = size(drawn[name][layer]);
    });
  } };
}

function render({ model, el }) {
  const traits = ["gain", "kind", "width", "layer"];
  const [left, right, table] = [depths(model), bars(), readout()];
  const gain = slider(model, "gain", { symbol: "G", name: "gain", values: GAINS });
  gain.mark([[1, "LeCun", "before"], [2, "He", "after"]]);
  const kind = slider(model, "kind", { symbol: "φ", name: "activation", values: [0, 1, 2], show: (v) => KINDS[v] });
  const width = slider(model, "width", { symbol: "n", name: "width", values: WIDTHS, show: String });
  const layer = slider(model, "layer", { symbol: "l", name: "layer", min: 1, max: LAYERS, step: 1, show: String });
  const figure = frame(model, el, [["main", left.svg],
    ["controls", gain.el, kind.el, width.el, layer.el, reset(model, traits)], ["side", right.svg], ["table", table.table]]);
  figure.watch(traits, () => {
    const now = Object.fromEntries(traits.map((name) => [name, model.get(name)]));
    const [theory, drawn] = [predict(now), sample(now)];
    left.draw(theory, drawn, now);
    right.draw(histogram(drawn.activations[now.layer]), shares(now, theory.sums[now.layer - 1]));
    table.draw(theory, drawn, now);
    figure.say(describe(now));
  });
  return () => [gain, kind, width, layer, figure].forEach((part) => part.dispose());
}

export default { render };
