// Exact line search on ½(x² + y²/κ), beside the best constant step size (syllabus Q9).
import { contours, fixed, frame, handle, node, player, plot, points, reset, set, slider, toggle } from "./_kit.js";

export const STEPS = 20;
export const KAPPAS = [1, 1.5, 2, 3, 4, 5, 7, 10, 15, 20];
const LEVELS = Array.from({ length: 9 }, (_, i) => 6 / 2.1 ** i);
const REACH = 3;

/** The best constant step size 2/(λ₁ + λ_M) and the worst rate (κ − 1)/(κ + 1) of either method. */
export const worstCase = (kappa) => [2 / (1 + 1 / kappa), (kappa - 1) / (kappa + 1)];

/** Steps of length α along −∇L, start first: exact line search, or constant α when one is given. Stays where ∇L = 0. */
export function walk(kappa, [x, y], constant = null) {
  const b = 1 / kappa;
  const path = [[x, y]];
  const alphas = [];
  let first = null;
  for (let k = 0; k < STEPS; k += 1) {
    const [p, q] = [x, b * y];
    const slope = p * p + q * q;
    first ??= slope;
    const arrived = slope <= 1e-24 * first; // what is left is rounding
    const alpha = arrived ? NaN : constant ?? slope / (p * p + b * q * q);
    if (!arrived) [x, y] = [x - alpha * p, y - alpha * q];
    path.push([x, y]);
    alphas.push(alpha);
  }
  return { path, alphas };
}

/** The loss at every step, relative to the start. */
export function losses(path, kappa) {
  const all = path.map(([x, y]) => 0.5 * (x * x + (y * y) / kappa));
  return all.map((value) => (all[0] > 0 ? value / all[0] : 0));
}

/** What step k did: its α, the root of the factor of the loss, the angle of ∇L before and after, digits of loss gained. */
export function summary({ path, alphas }, kappa, k) {
  const loss = losses(path, kappa);
  const digits = loss[k] > 1e-14 ? -Math.log10(loss[k]) : 14;
  if (k === 0 || Number.isNaN(alphas[k - 1])) return { alpha: NaN, rate: NaN, angle: NaN, digits };
  const [[p, q], [r, s]] = [path[k - 1], path[k]].map(([x, y]) => [x, y / kappa]);
  const rest = Number.isNaN(alphas[k] ?? 0);
  return { alpha: alphas[k - 1], rate: Math.sqrt(loss[k] / loss[k - 1]), digits,
    angle: rest ? NaN : (Math.atan2(Math.abs(p * s - q * r), p * r + q * s) * 180) / Math.PI };
}

/** Everything the picture shows, as numbers. */
export function state({ kappa, start, steps }) {
  const [eta, bound] = worstCase(kappa);
  const [search, constant] = [walk(kappa, start), walk(kappa, start, eta)];
  return { search, constant, eta, bound, searched: summary(search, kappa, steps), kept: summary(constant, kappa, steps) };
}

const written = (value, digits = 3) => (Number.isNaN(value) ? "–" : fixed(value, digits));
const gained = (digits) => (digits >= 14 ? "all" : fixed(digits, 2));

/** The picture in words. */
export function describe({ kappa, start, steps, compare }) {
  const { eta, bound, searched, kept } = state({ kappa, start, steps });
  const worst = `the worst case is ${fixed(bound, 3)}`;
  let last = `No step yet; at κ = ${kappa} ${worst} per step.`;
  if (steps > 0 && Number.isNaN(searched.rate)) last = "The line search has arrived: nothing is left but rounding.";
  else if (steps > 0) {
    const turned = Number.isNaN(searched.angle) ? "it arrived" : `the new gradient stands at ${fixed(searched.angle, 1)}° to the old`;
    last = `Step ${steps} at κ = ${kappa} had size ${fixed(searched.alpha, 3)}: ${turned}. The rate was `
      + `${fixed(searched.rate, 3)}; ${worst}.`;
  }
  const beside = compare ? ` Digits of loss gained so far: ${gained(searched.digits)} by line search, `
    + `${gained(kept.digits)} by the constant step η* = ${fixed(eta, 3)}.` : "";
  return last + beside;
}

/** Little squares where the path turns by 90° and there is room for them; points in pixels. */
export function corners(spots) {
  let d = "";
  for (let i = 1; i + 1 < spots.length; i += 1) {
    const [x, y] = spots[i];
    const arms = [spots[i - 1], spots[i + 1]].map(([p, q]) => [p - x, q - y, Math.hypot(p - x, q - y)]);
    if (Math.min(arms[0][2], arms[1][2]) < 16) break;
    const [[a, b], [c, e]] = arms.map(([p, q, length]) => [(7 * p) / length, (7 * q) / length]);
    d += `M${[x + a, y + b].map((v) => v.toFixed(2))}L${[x + a + c, y + b + e].map((v) => v.toFixed(2))}`
      + `L${[x + c, y + e].map((v) => v.toFixed(2))}`;
  }
  return d;
}

function plane(model) {
  const ticks = [-2, 0, 2].map((v) => [v, fixed(v, 0)]);
  const area = plot({ width: 360, height: 366, margin: [20, 8, 20, 26], role: "group", label: model.get("alt"),
    x: { domain: [-REACH, REACH], ticks, label: "x" }, y: { domain: [-REACH, REACH], ticks, label: "y" } });
  const rings = contours(area, LEVELS);
  const rays = [-1, 1].map(() => node("line", { class: "live-rule" }));
  const search = node("polyline", { class: "live-shallow" });
  const constant = node("polyline", { class: "live-steep" });
  const squares = node("path", { class: "live-limit" });
  const dots = node("g", { class: "live-dots" }, Array.from({ length: STEPS }, () => node("circle", { r: 2.5 })));
  const [ox, oy] = [area.x(0), area.y(0)];
  area.inside.append(...rays, search, constant, squares, dots,
    node("path", { class: "live-cross", d: `M${ox - 5} ${oy}h10M${ox} ${oy - 5}v10` }));
  const grip = handle(area, { label: "start of the descent", step: 0.1, get: () => model.get("start"),
    put: (start) => { model.set("start", start); model.save_changes(); } });
  return { svg: area.svg, draw(now, { kappa, steps, compare }) {
    rings([1, 1 / kappa], 0);
    rays.forEach((ray, i) => {
      const side = (2 * i - 1) * (REACH / kappa);
      set(ray, { x1: area.x(-side), y1: area.y(-REACH), x2: area.x(side), y2: area.y(REACH) });
    });
    const shown = now.search.path.slice(0, steps + 1);
    const kept = compare ? now.constant.path.slice(0, steps + 1) : [];
    set(search, { points: points(area, shown.map((p) => p[0]), shown.map((p) => p[1])) });
    set(constant, { points: points(area, kept.map((p) => p[0]), kept.map((p) => p[1])) });
    set(squares, { d: corners(shown.map(([x, y]) => [area.x(x), area.y(y)])) });
    [...dots.children].forEach((dot, i) => {
      const [x, y] = shown[Math.min(i + 1, steps)];
      set(dot, { cx: area.x(x).toFixed(2), cy: area.y(y).toFixed(2) });
    });
    grip();
  } };
}

function decay() {
  const area = plot({ width: 270, height: 222, margin: [24, 8, 34, 34],
    label: "Loss relative to the start against the step, logarithmic, under the straight line of the worst case.",
    x: { domain: [0, STEPS], ticks: [0, 10, 20].map((v) => [v, v]), label: "step" },
    y: { domain: [1e-8, 1e2], log: true, label: "loss, relative to the start",
      ticks: [[1, "10⁰"], [1e-4, "10⁻⁴"], [1e-8, "10⁻⁸"]] } });
  const worst = node("polyline", { class: "live-max" });
  const search = node("polyline", { class: "live-shallow" });
  const constant = node("polyline", { class: "live-steep" });
  area.inside.append(worst, search, constant,
    ...[["live-shallow live-tag", 40, "search"], ["live-steep live-tag", 96, "constant η*"],
      ["live-note", 192, "worst case"]].map(([name, x, text]) => node("text", { class: name, x, y: 39 }, text)));
  const line = (element, values) => set(element,
    { points: points(area, values.map((_, k) => k), values.map((v) => Math.max(v, 1e-30))) }); // zero lies far below
  return { svg: area.svg, draw(now, { kappa, steps, compare }) {
    line(worst, Array.from({ length: STEPS + 1 }, (_, k) => now.bound ** (2 * k)));
    line(search, losses(now.search.path, kappa).slice(0, steps + 1));
    line(constant, compare ? losses(now.constant.path, kappa).slice(0, steps + 1) : []);
  } };
}

function readout() {
  const names = ["step size", "rate", "angle of gradients", "digits of loss gained"];
  const cells = names.map(() => [node("td"), node("td")]);
  const bound = node("td");
  const table = node("table", {},
    node("thead", {}, node("tr", {}, ["last step", "search", "constant"].map((t) => node("th", { scope: "col" }, t)))),
    node("tbody", {}, names.map((name, i) => node("tr", {}, node("th", { scope: "row" }, name), cells[i]))),
    node("tbody", {}, node("tr", {}, node("th", { scope: "row" }, node("span", { class: "live-swatch live-max" }), "rate at worst"),
      bound, node("td"))));
  return { table, draw(now, { compare }) {
    [now.searched, now.kept].forEach((made, i) => {
      const texts = [written(made.alpha), written(made.rate),
        Number.isNaN(made.angle) ? "–" : `${fixed(made.angle, 1)}°`, gained(made.digits)];
      texts.forEach((text, j) => { cells[j][i].textContent = i === 0 || compare ? text : "–"; });
    });
    bound.textContent = fixed(now.bound, 3);
  } };
}

function render({ model, el }) {
  const traits = ["kappa", "start", "steps", "compare"];
  const parts = [plane(model), decay(), readout()];
  const kappa = slider(model, "kappa", { symbol: "κ", name: "condition number", values: KAPPAS, show: String });
  const steps = player(model, "steps", { name: "step", max: STEPS });
  const compare = toggle(model, "compare", { name: "compare with constant step η*" });
  const figure = frame(model, el, [["main", parts[0].svg],
    ["controls", kappa.el, steps.el, compare.el, reset(model, traits)],
    ["side", parts[1].svg], ["table", parts[2].table]]);
  figure.watch(traits, () => {
    const now = Object.fromEntries(traits.map((name) => [name, model.get(name)]));
    const shown = state(now);
    parts.forEach((part) => part.draw(shown, now));
    figure.say(describe(now));
  });
  return () => [kappa, steps, compare, figure].forEach((part) => part.dispose());
}

export default { render };
