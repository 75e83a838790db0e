// A small network with a value at every node and edge, stepped forward and backward (syllabus H1, H2).
import { fixed, frame, node, player, plot, points, reset, set, slider, toggle } from "./_kit.js";

const X = [1, -0.6];
const BASE = [0.8, -0.6, 0.5, 0.9, 1.2, -0.7]; // w₁₁ w₁₂ w₂₁ w₂₂ (from input i to unit j), v₁ v₂
const NAMES = ["w₁₁", "w₁₂", "w₂₁", "w₂₂", "v₁", "v₂"];
const [TARGET, LAST, WIDEST, TOP] = [0.5, 7, 1.5, 2];
const SAID = ["the inputs", "each unit adds up what arrives", "each unit bends its sum", "score and loss",
  "backward: ∂L/∂s = s − d", "through v: each edge gives y·∂L/∂s to its weight and sends v·∂L/∂s on",
  "through the bend: times its slope", "through w: each edge gives x·∂L/∂z to its weight and sends w·∂L/∂z on; what meets is added"];
const COLUMNS = [24, 116, 196, 284, 336];
const ROWS = [82, 214];

/** Every value and every gradient, forward and then backward. */
export function pass(weights, relu) {
  const [w11, w12, w21, w22, v1, v2] = weights;
  const z = [w11 * X[0] + w21 * X[1], w12 * X[0] + w22 * X[1]];
  const y = z.map((a) => (relu ? Math.max(a, 0) : Math.tanh(a)));
  const s = v1 * y[0] + v2 * y[1];
  const loss = 0.5 * (s - TARGET) ** 2;
  const gs = s - TARGET;
  const slope = y.map((a) => (relu ? Number(a > 0) : 1 - a * a));
  const gy = [v1 * gs, v2 * gs];
  const gz = gy.map((g, j) => slope[j] * g);
  const gw = [X[0] * gz[0], X[0] * gz[1], X[1] * gz[0], X[1] * gz[1], y[0] * gs, y[1] * gs];
  const gx = [w11 * gz[0] + w12 * gz[1], w21 * gz[0] + w22 * gz[1]];
  return { z, y, s, loss, gs, slope, gy, gz, gw, gx };
}

const moved = (edge, change) => BASE.map((b, i) => (i === edge ? b + change : b));

/** Everything the picture shows, as numbers. */
export function state({ edge, change, relu }) {
  const weights = moved(edge, change);
  const before = pass(BASE, relu);
  const now = pass(weights, relu);
  return { weights, now, before, promised: before.gw[edge] * change, actual: now.loss - before.loss };
}

/** The loss against the change of one weight, at 61 places. */
export function profile(edge, relu) {
  return Array.from({ length: 61 }, (_, i) => pass(moved(edge, (i - 30) / 20), relu).loss);
}

/** The picture in words. */
export function describe({ steps, edge, change, relu }) {
  const { now, weights, promised, actual } = state({ edge, change, relu });
  const f = (v) => fixed(v);
  const both = (name, v) => `${name}₁ = ${f(v[0])}, ${name}₂ = ${f(v[1])}`;
  const shown = [both("x", X), both("z", now.z), both("y", now.y), `s = ${f(now.s)}, L = ${fixed(now.loss, 3)}`,
    `∂L/∂s = ${f(now.gs)}`, both("∂L/∂y", now.gy), both("∂L/∂z", now.gz), both("∂L/∂x", now.gx)][steps];
  const end = steps < LAST ? "" : ` Gradient at ${NAMES[edge]}: ${fixed(now.gw[edge], 3)}.`;
  return `Step ${steps}, ${SAID[steps]}: ${shown}.${end} With ${NAMES[edge]} changed by ${f(change)} to ${f(weights[edge])}`
    + ` the loss changes by ${fixed(actual, 3)}; the gradient promised ${fixed(promised, 3)}.`;
}

/** Where things stand: edges as [x1, y1, x2, y2, label x, label y], nodes as [x, y]. */
export function layout() {
  const at = (column, row) => [COLUMNS[column], row < 0 ? 148 : ROWS[row]];
  const along = ([a, b], [c, d], t, up) => [a, b, c, d, a + t * (c - a), b + t * (d - b) + up];
  return {
    edges: [along(at(0, 0), at(1, 0), 0.5, -8), along(at(0, 0), at(1, 1), 0.33, 0), along(at(0, 1), at(1, 0), 0.33, 0),
      along(at(0, 1), at(1, 1), 0.5, 14), along(at(2, 0), at(3, -1), 0.5, -14), along(at(2, 1), at(3, -1), 0.5, 20)],
    bends: [0, 1].map((row) => along(at(1, row), at(2, row), 0.5, row ? 14 : -8)),
    last: along(at(3, -1), at(4, -1), 0.5, 0),
    nodes: [at(0, 0), at(0, 1), at(1, 0), at(1, 1), at(2, 0), at(2, 1), at(3, -1), at(4, -1)],
  };
}

const LETTERS = ["x₁", "x₂", "z₁", "z₂", "y₁", "y₂", "s", "L"];

/** Texts of nodes (value, gradient), weights (value, gradient) and bends; "" where the step has not come. */
export function texts({ steps, edge, change, relu }) {
  const { now, weights } = state({ edge, change, relu });
  const values = [...X, ...now.z, ...now.y, now.s, now.loss];
  const pulls = [...now.gx, ...now.gz, ...now.gy, now.gs, 1];
  const [from, back] = [[0, 0, 1, 1, 2, 2, 3, 3], [7, 7, 6, 6, 5, 5, 4, 4]];
  const grad = (v) => `∂ ${fixed(v)}`;
  return {
    nodes: LETTERS.map((name, i) => [steps >= from[i] ? fixed(values[i]) : name, steps >= back[i] ? grad(pulls[i]) : ""]),
    edges: weights.map((w, i) => [fixed(w), steps >= (i < 4 ? 7 : 5) ? grad(now.gw[i]) : ""]),
    bends: now.slope.map((slope) => (steps >= 6 ? `×${fixed(slope)}` : relu ? "ReLU" : "tanh")),
  };
}

function network(model) {
  const area = plot({ width: 360, height: 290, margin: [22, 2, 4, 2], label: model.get("alt"),
    x: { domain: [2, 358], ticks: [], label: "" }, y: { domain: [286, 22], ticks: [], label: "" } });
  const place = layout();
  const line = ([x1, y1, x2, y2], name) => node("line", { class: name, x1, y1, x2, y2 });
  const middle = { "text-anchor": "middle" };
  const chosen = node("line", { class: "live-max" });
  area.inside.append(chosen, ...[...place.edges, ...place.bends, place.last].map((e) => line(e, "live-path")));
  const pair = (x, y) => [node("text", { class: "live-tag live-shallow", x, y, ...middle }),
    node("text", { class: "live-tag live-steep", x, y: y + 13, ...middle })];
  const weights = place.edges.map(([, , , , x, y]) => pair(x, y));
  const bends = place.bends.map(([, , , , x, y]) => node("text", { class: "live-note", x, y, ...middle }));
  const spots = place.nodes.map(([cx, cy]) => node("circle", { class: "live-best", cx, cy, r: 19 }));
  const labels = place.nodes.map(([x, y]) => [node("text", { x, y: y + 4, ...middle }),
    node("text", { class: "live-tag live-steep", x, y: y + 34, ...middle })]);
  area.inside.append(...spots, ...weights.flat(), ...bends, ...labels.flat());
  ["input x", "sum z", "output y", "score s", "loss"].forEach((text, i) => area.over.append(
    node("text", { class: "live-note", x: COLUMNS[i], y: 14, ...middle }, text)));
  return { svg: area.svg, draw(shown, now) {
    const text = texts(now);
    const [x1, y1, x2, y2] = place.edges[now.edge];
    set(chosen, { x1, y1, x2, y2 });
    text.edges.forEach((both, i) => both.forEach((t, k) => { weights[i][k].textContent = t; }));
    text.nodes.forEach((both, i) => both.forEach((t, k) => { labels[i][k].textContent = t; }));
    text.bends.forEach((t, i) => { bends[i].textContent = t; });
  } };
}

function valley() {
  const area = plot({ width: 270, height: 190, margin: [22, 8, 34, 34],
    label: "Loss against the change of the chosen weight: a curve, its tangent at no change, and a dot at the present change.",
    x: { domain: [-WIDEST, WIDEST], ticks: [-1, 0, 1].map((v) => [v, fixed(v, 0)]), label: "change Δ" },
    y: { domain: [0, TOP], ticks: [0, 0.5, 1, 1.5].map((v) => [v, fixed(v, 1)]), label: "loss" } });
  const curve = node("polyline", { class: "live-shallow" });
  const tangent = node("polyline", { class: "live-steep" });
  const dot = node("circle", { class: "live-core", r: 5 });
  area.inside.append(curve, tangent, dot);
  return { svg: area.svg, draw({ before, now }, { edge, change, relu }) {
    const losses = profile(edge, relu);
    const slope = before.gw[edge];
    set(curve, { points: points(area, losses.map((_, i) => (i - 30) / 20), losses) });
    set(tangent, { points: points(area, [-WIDEST, WIDEST], [before.loss - WIDEST * slope, before.loss + WIDEST * slope]) });
    const [cx, cy] = points(area, [change], [now.loss]).split(",");
    set(dot, { cx, cy });
  } };
}

function readout() {
  const name = node("th", { scope: "row" });
  const cells = Array.from({ length: 6 }, () => node("td"));
  const row = (head, ...rest) => node("tr", {}, head, rest);
  const head = (text) => node("th", { scope: "row" }, text);
  const table = node("table", {},
    node("thead", {}, node("tr", {}, ["quantity", "value", "gradient"].map((t) => node("th", { scope: "col" }, t)))),
    node("tbody", {}, row(name, cells[0], cells[1]), row(head("loss"), cells[2], cells[3])),
    node("tbody", {}, row(head("loss changed by"), cells[4], node("td")), row(head("gradient promised"), cells[5], node("td"))));
  return { table, draw({ now, weights, actual, promised }, { steps, edge }) {
    const ready = steps >= (edge < 4 ? 7 : 5);
    name.textContent = `weight ${NAMES[edge]}`;
    [fixed(weights[edge]), ready ? fixed(now.gw[edge], 3) : "not yet", fixed(now.loss, 3), "1", fixed(actual, 3),
      fixed(promised, 3)].forEach((text, i) => { cells[i].textContent = text; });
  } };
}

function render({ model, el }) {
  const traits = ["steps", "edge", "change", "relu"];
  const parts = [network(model), valley(), readout()];
  const play = player(model, "steps", { name: "step", max: LAST, every: 900 });
  const edge = slider(model, "edge", { symbol: "w", name: "which weight", min: 0, max: 5, step: 1, show: (v) => NAMES[v] });
  const change = slider(model, "change", { symbol: "Δ", name: "change it by", min: -WIDEST, max: WIDEST, step: 0.1 });
  const relu = toggle(model, "relu", { name: "ReLU in place of tanh" });
  const figure = frame(model, el, [["main", parts[0].svg],
    ["controls", play.el, edge.el, change.el, relu.el, reset(model, traits)],
    ["side", parts[1].svg], ["table", parts[2].table]]);
  figure.watch(traits, () => {
    const now = Object.fromEntries(traits.map((name) => [name, model.get(name)]));
    const shown = state(now);
    parts.forEach((part) => part.draw(shown, now));
    figure.say(describe(now));
  });
  return () => [play, edge, change, relu, figure].forEach((part) => part.dispose());
}

export default { render };
