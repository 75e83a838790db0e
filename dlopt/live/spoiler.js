// Four points, the last of them far away: a perceptron beside a logistic unit with squared error (syllabus L6).
import { drag, fixed, frame, node, plot, points, reset, rich, set, slider, toggle } from "./_kit.js";

export const STEPS = 4000;
export const LR = 0.4;
export const U = Math.log(9); // the output is 0.9 at z = U
const [NEAR, FAR] = [1, 12];
const SIGNS = [1, 1, -1, 1];
const DISTANCES = Array.from({ length: 45 }, (_, i) => NEAR + i / 4);

/** The points, the spoiler last, with a 1 for the bias. */
export const samples = (t) => [[1, 0, 1], [0, 1, 1], [-1, 0, 1], [0, -t, 1]];

const score = (w, x) => w[0] * x[0] + w[1] * x[1] + w[2] * x[2];
const logistic = (z) => 1 / (1 + Math.exp(-z));

/** How many of the four points lie on their side of the line. */
export const right = (w, t) => samples(t).filter((x, n) => SIGNS[n] * score(w, x) > 0).length;

/** Rosenblatt's rule, round after round until all four are right: weights, and corrections made. */
export function corrected(t) {
  const x = samples(t);
  let w = [0, 0, 0];
  let made = 0;
  for (let n = 0, clean = 0; clean < 4; n = (n + 1) % 4) {
    clean += 1;
    if (SIGNS[n] * score(w, x[n]) <= 0) {
      w = w.map((v, i) => v + SIGNS[n] * x[n][i]);
      made += 1;
      clean = 0;
    }
  }
  return { w, made };
}

/** Gradient descent on the mean of (y − d)², targets 0.9 and 0.1, from the three-point optimum or from 0. */
export function descended(t, zero) {
  const x = samples(t);
  const w = zero ? [0, 0, 0] : [U, U, 0];
  for (let k = 0; k < STEPS; k += 1) {
    const g = [0, 0, 0];
    for (let n = 0; n < 4; n += 1) {
      const y = logistic(score(w, x[n]));
      const slope = 0.5 * (y - (SIGNS[n] > 0 ? 0.9 : 0.1)) * y * (1 - y);
      for (let i = 0; i < 3; i += 1) g[i] += slope * x[n][i];
    }
    for (let i = 0; i < 3; i += 1) w[i] -= LR * g[i];
  }
  return w;
}

/** How hard the spoiler pulls at the weights of the three-point optimum: squared error, cross-entropy. */
export function pulls(t) {
  const y = logistic(-U * t);
  const length = Math.hypot(t, 1) / 4;
  return [2 * (0.9 - y) * y * (1 - y) * length, (0.9 - y) * length];
}

/** Everything the picture shows, as numbers. */
export function state({ t, zero }) {
  const unit = descended(t, zero);
  const { w, made } = corrected(t);
  return { perceptron: w, made, unit, right: right(unit, t), says: logistic(score(unit, [0, -t, 1])), pulls: pulls(t) };
}

/** The picture in words. */
export function describe({ t, zero }) {
  const now = state({ t, zero });
  const done = now.right === 4 ? "separates all four points too" : `leaves the spoiler on the wrong side (${now.right} of 4 right)`;
  return `Spoiler at t = ${fixed(t)}: the perceptron separates all four points after ${now.made} corrections. The logistic `
    + `unit, started from ${zero ? "zero" : "the three-point optimum"}, ${done} after ${STEPS} steps; at the spoiler it says `
    + `${fixed(now.says)} and should say 0.90.`;
}

/** Where the line w·x = 0 leaves the window, as two points far outside. */
export function border([a, b, c]) {
  const norm = a * a + b * b;
  const [px, py] = [(-a * c) / norm, (-b * c) / norm];
  const reach = 40 / Math.sqrt(norm);
  return [[px - b * reach, py + a * reach], [px + b * reach, py - a * reach]];
}

function plane(model) {
  const area = plot({ width: 360, height: 400, margin: [20, 8, 20, 34], label: model.get("alt"),
    x: { domain: [-3, 3], ticks: [-2, 0, 2].map((v) => [v, fixed(v, 0)]), label: "x_1" },
    y: { domain: [-13, 2], ticks: [-12, -8, -4, 0].map((v) => [v, fixed(v, 0)]), label: "x_2" } });
  const lines = ["shallow", "steep"].map((name) => node("polyline", { class: `live-${name}` }));
  const cross = (x, y, both) => node("path", { class: "live-cross",
    d: `M${area.x(x) - 6} ${area.y(y)}h12${both ? `M${area.x(x)} ${area.y(y) - 6}v12` : ""}` });
  const plus = node("path", { class: "live-cross" });
  const tags = [["shallow", "perceptron", 40, 352], ["steep", "logistic unit", 40, 368]].map(([name, text, x, y]) => node("text",
    { class: `live-${name} live-tag`, x, y }, text));
  const grip = node("g", { class: "live-handle" }, node("circle", { class: "live-reach", r: 22 }),
    node("circle", { class: "live-ring", r: 9 }), node("circle", { class: "live-core", r: 3.5 }));
  drag(area, grip, ([, y]) => {
    model.set("t", Math.round(4 * Math.min(FAR, Math.max(NEAR, -y))) / 4);
    model.save_changes();
  });
  area.inside.append(...lines, cross(1, 0, true), cross(0, 1, true), cross(-1, 0, false), plus, ...tags);
  area.over.append(grip);
  return { svg: area.svg, draw(now, { t }) {
    [now.perceptron, now.unit].forEach((w, i) => {
      const ends = border(w);
      set(lines[i], { points: points(area, ends.map((p) => p[0]), ends.map((p) => p[1])) });
    });
    set(plus, { d: `M${area.x(0) - 6} ${area.y(-t)}h12M${area.x(0)} ${area.y(-t) - 6}v12` });
    set(grip, { transform: `translate(${area.x(0).toFixed(2)} ${area.y(-t).toFixed(2)})` });
  } };
}

function strengths() {
  const area = plot({ width: 270, height: 210, margin: [24, 8, 34, 38],
    label: "How hard the spoiler pulls at the three-point optimum against its distance, on a logarithmic axis.",
    x: { domain: [NEAR, FAR], ticks: [4, 8, 12].map((v) => [v, String(v)]), label: "distance t" },
    y: { domain: [1e-12, 1e2], ticks: [[1, "1"], [1e-5, "10⁻⁵"], [1e-10, "10⁻¹⁰"]], label: "pull of the spoiler", log: true } });
  const drawn = ["shallow", "steep"].map((name, i) => node("polyline", { class: `live-${["steep", "shallow"][i]}`,
    points: points(area, DISTANCES, DISTANCES.map((t) => pulls(t)[i])) }));
  const tags = [["steep", "squared error", 50, 150], ["shallow", "cross-entropy", 120, 42]].map(([name, text, x, y]) => node("text",
    { class: `live-${name} live-tag`, x, y }, text));
  const rule = node("line", { class: "live-now" });
  area.inside.append(...drawn, rule, ...tags);
  return { svg: area.svg, draw(now, { t }) {
    set(rule, { x1: area.x(t), x2: area.x(t), y1: area.y(1e2), y2: area.y(1e-12) });
  } };
}

function readout() {
  const names = ["points right", "corrections, steps", "weight of x_1", "weight of x_2", "bias"];
  const cells = names.map(() => [node("td"), node("td")]);
  const table = node("table", {},
    node("thead", {}, node("tr", {}, ["line", "solid", "dashed"].map((t) => node("th", { scope: "col" }, t)))),
    node("tbody", {}, names.map((name, k) => node("tr", {}, node("th", { scope: "row" }, rich(name)), cells[k]))));
  return { table, draw(now) {
    const texts = [["4 of 4", `${now.right} of 4`], [String(now.made), String(STEPS)],
      ...[0, 1, 2].map((i) => [fixed(now.perceptron[i], 0), fixed(now.unit[i])])];
    texts.forEach((pair, k) => pair.forEach((text, i) => { cells[k][i].textContent = text; }));
  } };
}

function render({ model, el }) {
  const traits = ["t", "zero"];
  const [left, side, table] = [plane(model), strengths(), readout()];
  const distance = slider(model, "t", { symbol: "t", name: "distance of the spoiler", min: NEAR, max: FAR, step: 0.25 });
  const start = toggle(model, "zero", { name: "start the logistic unit from zero" });
  const figure = frame(model, el, [["main", left.svg], ["controls", distance.el, start.el, reset(model, traits)],
    ["side", side.svg], ["table", table.table]]);
  figure.watch(traits, () => {
    const now = Object.fromEntries(traits.map((name) => [name, model.get(name)]));
    const shown = state(now);
    left.draw(shown, now);
    side.draw(shown, now);
    table.draw(shown);
    figure.say(describe(now));
  });
  return () => [distance, start, figure].forEach((part) => part.dispose());
}

export default { render };
