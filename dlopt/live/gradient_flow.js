// Gradient descent as Euler's method, beside the flow it follows (syllabus Q11).
import { contours, fixed, frame, handle, node, player, plot, points, reset, set, slider } from "./_kit.js";
import { factor, regime, worst } from "./_rates.js";

export const TIME = 12;
export const KAPPAS = [1, 1.5, 2, 3, 4, 5, 7, 10, 15, 20, 30, 50];
const [LOW, HIGH] = [0.1, 2.4];
const LEVELS = Array.from({ length: 9 }, (_, i) => 8 / 2.1 ** i);
const REACH = 3;
const ANGLE = 30;
const [C, S] = [Math.cos((ANGLE * Math.PI) / 180), Math.sin((ANGLE * Math.PI) / 180)];

const turned = ([x, y]) => [C * x + S * y, C * y - S * x];
const back = ([a, b]) => [C * a - S * b, S * a + C * b];

/** The flow e^(−At)w₀ at time t; A has eigenvalues 1/κ and 1 and is turned by 30°. */
export function flow(kappa, start, t) {
  const [a, b] = turned(start);
  return back([a * Math.exp(-t / kappa), b * Math.exp(-t)]);
}

/** How many steps of size η fit into time t. */
export const count = (eta, t) => Math.floor(t / eta + 1e-9);

/** Euler's steps w ← w − ηAw up to time t, start first. */
export function euler(kappa, start, eta, t) {
  let [a, b] = turned(start);
  const path = [start];
  for (let k = count(eta, t); k > 0; k -= 1) {
    [a, b] = [a * factor(eta, 1 / kappa), b * factor(eta, 1)];
    path.push(back([a, b]));
  }
  return path;
}

/** Distance of Euler's step k from the flow at time kη. */
export function gaps(kappa, start, eta, t) {
  return euler(kappa, start, eta, t).map(([x, y], k) => {
    const [u, v] = flow(kappa, start, k * eta);
    return Math.hypot(x - u, y - v);
  });
}

/** Everything the picture shows, as numbers. */
export function state({ eta, kappa, start, time }) {
  const [whole, half] = [gaps(kappa, start, eta, time), gaps(kappa, start, eta / 2, time)];
  const [gap, halved] = [Math.max(...whole), Math.max(...half)];
  return { path: euler(kappa, start, eta, time), whole, half, gap, halved,
    ratio: gap > 0 && halved > 1e-12 ? gap / halved : NaN,
    overall: worst([regime(factor(eta, 1 / kappa)), regime(factor(eta, 1))]) };
}

/** The picture in words. */
export function describe({ eta, kappa, start, time }) {
  const now = state({ eta, kappa, start, time });
  const steps = now.path.length - 1;
  const limit = `Descent is ${now.overall}; its stability limit is η = 2.`;
  if (steps === 0) return `Up to time ${time} there is no whole step of size η = ${fixed(eta)} yet. ${limit}`;
  const ratio = Number.isNaN(now.ratio) ? "" : `, smaller by the factor ${fixed(now.ratio, 2)}`;
  return `Up to time ${time} descent takes ${steps} ${steps === 1 ? "step" : "steps"} of size η = ${fixed(eta)} and strays `
    + `from the flow by at most ${fixed(now.gap, 3)}; with half the step size by ${fixed(now.halved, 3)}${ratio}. ${limit}`;
}

function plane(model) {
  const ticks = [-2, 0, 2].map((v) => [v, fixed(v, 0)]);
  const area = plot({ width: 360, height: 366, margin: [20, 8, 20, 26], role: "group", label: model.get("alt"),
    x: { domain: [-REACH, REACH], ticks, label: "w_1" }, y: { domain: [-REACH, REACH], ticks, label: "w_2" } });
  const rings = contours(area, LEVELS);
  const curve = node("polyline", { class: "live-shallow" });
  const path = node("polyline", { class: "live-steep" });
  const dots = node("g", { class: "live-dots" });
  const [ox, oy] = [area.x(0), area.y(0)];
  area.inside.append(curve, path, dots, node("path", { class: "live-cross", d: `M${ox - 5} ${oy}h10M${ox} ${oy - 5}v10` }));
  area.over.append(node("text", { class: "live-shallow live-tag", x: 230, y: 13 }, "flow"),
    node("text", { class: "live-steep live-tag", x: 275, y: 13 }, "descent"));
  const grip = handle(area, { label: "start of the descent", step: 0.1, get: () => model.get("start"),
    put: (start) => { model.set("start", start); model.save_changes(); } });
  return { svg: area.svg, draw(now, { kappa, start, time }) {
    rings([1 / kappa, 1], ANGLE);
    const smooth = Array.from({ length: 61 }, (_, i) => flow(kappa, start, time * (i / 60) ** 2));
    set(curve, { points: points(area, smooth.map((p) => p[0]), smooth.map((p) => p[1])) });
    set(path, { points: points(area, now.path.map((p) => p[0]), now.path.map((p) => p[1])) });
    dots.replaceChildren(...now.path.slice(1).map(([x, y]) => {
      const [cx, cy] = points(area, [x], [y]).split(",");
      return node("circle", { r: 2.5, cx, cy });
    }));
    grip();
  } };
}

function distance() {
  const area = plot({ width: 270, height: 222, margin: [24, 8, 34, 34],
    label: "Distance of descent from the flow against time, logarithmic, with step size η and with half of it.",
    x: { domain: [0, TIME], ticks: [0, 4, 8, 12].map((v) => [v, v]), label: "time t = kη" },
    y: { domain: [1e-3, 1e2], log: true, label: "distance from the flow",
      ticks: [[100, "10²"], [10, "10¹"], [1, "10⁰"], [0.1, "10⁻¹"], [0.01, "10⁻²"], [0.001, "10⁻³"]] } });
  const half = node("polyline", { class: "live-path" });
  const whole = node("polyline", { class: "live-steep" });
  area.inside.append(half, whole, node("text", { class: "live-steep live-tag", x: 150, y: 39 }, "step η"),
    node("text", { class: "live-note", x: 204, y: 39 }, "step η/2"));
  const line = (element, values, eta) => set(element, { points: points(area, values.slice(1).map((_, k) => (k + 1) * eta),
    values.slice(1).map((v) => Math.max(v, 1e-14))) });
  return { svg: area.svg, draw(now, { eta }) {
    line(half, now.half, eta / 2);
    line(whole, now.whole, eta);
  } };
}

function readout() {
  const [gap, halved, ratio, overall] = [node("td"), node("td"), node("td"), node("b")];
  const row = (name, cell, note) => node("tr", {}, node("th", { scope: "row" }, name), cell, node("td", {}, note));
  const table = node("table", {},
    node("thead", {}, node("tr", {}, ["distance", "largest", "remark"].map((t) => node("th", { scope: "col" }, t)))),
    node("tbody", {}, row("with step η", gap, ""), row("with step η/2", halved, ""), row("their ratio", ratio, "→ 2 as η → 0")),
    node("tbody", {}, row("stable below", node("td", {}, "η = 2"), overall)));
  return { table, draw(now) {
    gap.textContent = fixed(now.gap, 3);
    halved.textContent = fixed(now.halved, 3);
    ratio.textContent = Number.isNaN(now.ratio) ? "–" : fixed(now.ratio, 2);
    overall.textContent = now.overall;
  } };
}

function render({ model, el }) {
  const traits = ["eta", "kappa", "start", "time"];
  const parts = [plane(model), distance(), readout()];
  const eta = slider(model, "eta", { symbol: "η", name: "step size", min: LOW, max: HIGH, step: 0.1 });
  const kappa = slider(model, "kappa", { symbol: "κ", name: "condition number", values: KAPPAS, show: String });
  const time = player(model, "time", { name: "time", max: TIME });
  eta.mark([[2, "2/λ_M", "before"]]);
  const figure = frame(model, el, [["main", parts[0].svg], ["controls", eta.el, kappa.el, time.el, reset(model, traits)],
    ["side", parts[1].svg], ["table", parts[2].table]]);
  figure.watch(traits, () => {
    const now = Object.fromEntries(traits.map((name) => [name, model.get(name)]));
    const shown = state(now);
    parts.forEach((part) => part.draw(shown, now));
    figure.say(describe(now));
  });
  return () => [eta, kappa, time, figure].forEach((part) => part.dispose());
}

export default { render };
