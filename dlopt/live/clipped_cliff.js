// Gradient descent on ½(wᵗ − y)², with and without clipping (syllabus N11).
import { drag, fixed, frame, node, player, plot, points, reset, set, slider, toggle } from "./_kit.js";

export const [STEPS, GOAL, FAR] = [40, 0.5, 1000];
export const FACTORS = [1, 2, 3, 4, 6, 8, 12, 16, 20, 30];
export const THRESHOLDS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100];
export const RATES = [0.005, 0.01, 0.02, 0.05, 0.1];
const GRID = Array.from({ length: 161 }, (_, i) => (i - 80) / 50);

/** w to the power t, factor by factor. */
export function power(w, t) {
  let product = 1;
  for (let k = 0; k < t; k += 1) product *= w;
  return product;
}

export const loss = (w, factors) => 0.5 * (power(w, factors) - GOAL) ** 2;
export const slope = (w, factors) => (power(w, factors) - GOAL) * factors * power(w, factors - 1);

/** A gradient no longer than the threshold. */
export const clipped = (g, threshold) => (Math.abs(g) > threshold ? Math.sign(g) * threshold : g);

/** All positions, STEPS + 1 of them; beyond ±FAR a run is lost and stays there. */
export function path({ factors, start, rate, clip, threshold }) {
  const found = [start];
  for (let k = 0; k < STEPS; k += 1) {
    const w = found[k];
    if (Math.abs(w) >= FAR) { found.push(w); continue; }
    const g = slope(w, factors);
    const next = w - rate * (clip ? clipped(g, threshold) : g);
    found.push(Math.abs(next) < FAR ? next : Math.sign(next) * FAR);
  }
  return found;
}

/** Everything the picture shows, as numbers. */
export function state(setting) {
  const all = path(setting);
  const w = all[setting.steps];
  const lost = Math.abs(w) >= FAR;
  return { all, w, lost, loss: lost ? Infinity : loss(w, setting.factors), slope: lost ? Infinity : slope(w, setting.factors) };
}

/** A number that may be huge. */
export function short(v) {
  if (!Number.isFinite(v)) return "∞";
  return Math.abs(v) < 1000 ? fixed(v, 3) : `${v < 0 ? "−" : ""}over 1000`;
}

/** The picture in words. */
export function describe(setting) {
  const now = state(setting);
  const how = setting.clip ? `gradients clipped at ${setting.threshold}` : "gradients as they are";
  const where = now.lost ? "the run is lost, beyond ±1000"
    : `w = ${short(now.w)}, the loss is ${short(now.loss)}, the gradient ${short(now.slope)}`;
  return `${setting.factors} ${setting.factors === 1 ? "factor" : "factors"}, step size ${setting.rate}, ${how}. After ${setting.steps} of ${STEPS} steps: ${where}.`;
}

function cliff(model) {
  const area = plot({ width: 360, height: 320, margin: [22, 8, 34, 34], label: model.get("alt"),
    x: { domain: [-1.6, 1.6], ticks: [-1, 0, 1].map((v) => [v, fixed(v, 0)]), label: "weight w" },
    y: { domain: [0, 2], ticks: [0, 0.5, 1, 1.5, 2].map((v) => [v, fixed(v, 1)]), label: "loss" } });
  const line = node("polyline", { class: "live-shallow" });
  const dots = node("g", { class: "live-dots" });
  const rule = node("line", { class: "live-now" });
  const now = node("path", { class: "live-best", d: "M0 -6L6 0L0 6L-6 0Z" });
  const grip = node("g", { class: "live-handle live-sideways" }, node("circle", { class: "live-reach", r: 22 }),
    node("circle", { class: "live-ring", r: 9 }), node("circle", { class: "live-core", r: 3.5 }));
  drag(area, grip, ([start]) => {
    model.set("start", Math.round(10 * Math.min(1.4, Math.max(-1.4, start))) / 10);
    model.save_changes();
  });
  const tag = node("text", { class: "live-shallow live-tag", "text-anchor": "middle", x: area.x(0), y: (area.y(0.125) - 8).toFixed(2) }, "loss");
  area.inside.append(line, dots, rule, now, tag);
  area.over.append(grip);
  return { svg: area.svg, draw({ all, w }, { factors, start, steps }) {
    set(grip, { transform: `translate(${area.x(start).toFixed(2)} ${area.y(0).toFixed(2)})` });
    const at = (v) => [Math.max(-1.6, Math.min(1.6, v)), Math.min(loss(Math.max(-9, Math.min(9, v)), factors), 2)];
    set(line, { points: points(area, GRID, GRID.map((v) => loss(v, factors))) });
    dots.replaceChildren(...all.slice(0, steps).map((v) => {
      const [p, q] = at(v);
      return node("circle", { cx: area.x(p).toFixed(2), cy: area.y(q).toFixed(2), r: 2.5 });
    }));
    const [p, q] = at(w);
    set(rule, { x1: area.x(p).toFixed(2), x2: area.x(p).toFixed(2), y1: area.y(0), y2: area.y(q).toFixed(2) });
    set(now, { transform: `translate(${area.x(p).toFixed(2)} ${area.y(q).toFixed(2)})` });
  } };
}

function growth() {
  const area = plot({ width: 270, height: 200, margin: [22, 8, 34, 38], label: "The powers of the present weight, from 0 to the number of factors.",
    x: { domain: [0, 30], ticks: [0, 10, 20, 30].map((v) => [v, v]), label: "power" },
    y: { domain: [-2, 4], ticks: [-2, 0, 2, 4].map((v) => [v, fixed(v, 0)]), label: "w to that power" } });
  const zero = node("path", { class: "live-limit", d: `M${area.x(0)} ${area.y(0)}H${area.x(30)}` });
  const goal = node("path", { class: "live-rule", d: `M${area.x(0)} ${area.y(GOAL)}H${area.x(30)}` });
  const line = node("polyline", { class: "live-steep" });
  const tag = node("text", { class: "live-steep live-tag", "text-anchor": "end", x: area.x(29.5).toFixed(2), y: area.y(3.4).toFixed(2) }, "powers of w");
  area.inside.append(zero, goal, line, tag);
  return { svg: area.svg, draw({ w }, { factors }) {
    const powers = Array.from({ length: factors + 1 }, (_, k) => k);
    set(line, { points: points(area, powers, powers.map((k) => power(w, k))) });
  } };
}

function readout() {
  const cells = [0, 1, 2].map(() => [node("td"), node("td")]);
  const table = node("table", {},
    node("thead", {}, node("tr", {}, ["quantity", "now", "at the start"].map((text) => node("th", { scope: "col" }, text)))),
    node("tbody", {}, ["weight w", "loss", "gradient"].map((name, i) => node("tr", {}, node("th", { scope: "row" }, name), cells[i]))));
  return { table, draw(now, { factors, start }) {
    [[now.w, start], [now.loss, loss(start, factors)], [now.slope, slope(start, factors)]].forEach((pair, i) =>
      pair.forEach((v, k) => { cells[i][k].textContent = short(v); }));
  } };
}

function render({ model, el }) {
  const traits = ["factors", "start", "rate", "clip", "threshold", "steps"];
  const [main, side, table] = [cliff(model), growth(), readout()];
  const sliders = [slider(model, "factors", { symbol: "t", name: "factors", values: FACTORS, show: String }),
    slider(model, "start", { symbol: "w₀", name: "start", min: -1.4, max: 1.4, step: 0.1, show: (v) => fixed(v, 1) }),
    slider(model, "rate", { symbol: "η", name: "step size", values: RATES, show: String }),
    slider(model, "threshold", { symbol: "c", name: "threshold", values: THRESHOLDS, show: String })];
  const box = toggle(model, "clip", { name: "clip the gradient" });
  const time = player(model, "steps", { name: "step", max: STEPS, every: 150 });
  const figure = frame(model, el, [["main", main.svg], ["controls", time.el, ...sliders.map((s) => s.el), box.el, reset(model, traits)],
    ["side", side.svg], ["table", table.table]]);
  figure.watch(traits, () => {
    const setting = Object.fromEntries(traits.map((name) => [name, model.get(name)]));
    const now = state(setting);
    [main, side, table].forEach((part) => part.draw(now, setting));
    figure.say(describe(setting));
  });
  return () => [...sliders, box, time, figure].forEach((part) => part.dispose());
}

export default { render };
