// Gradient descent on ½ wᵀAw, A with eigenvalues 1/κ and 1, turned by an angle (syllabus Q1–Q4).
import { contours, fixed, frame, handle, node, plot, points, reset, rich, set, slider } from "./_kit.js";
import { factor, regime, worst } from "./_rates.js";

export const STEPS = 40;
const KAPPAS = [1, 1.5, 2, 3, 4, 5, 7, 10, 15, 20, 30, 40, 50, 70, 100];
const LEVELS = Array.from({ length: 10 }, (_, i) => 9 / 2.1 ** i);
const REACH = 3; // the plane shows [−3, 3] twice
const POWERS = [2, 0, -2, -4, -6];

/** A = (1/κ) v₁v₁ᵀ + v_M v_Mᵀ with v₁ = (cos, sin) of the angle in degrees. */
export function matrix(kappa, angle) {
  const [c, s] = [Math.cos((angle * Math.PI) / 180), Math.sin((angle * Math.PI) / 180)];
  const off = c * s * (1 / kappa - 1);
  return [[(c * c) / kappa + s * s, off], [off, (s * s) / kappa + c * c]];
}

/** The path w ← w − ηAw, start first: STEPS + 1 points. */
export function descend(A, [x, y], eta, steps = STEPS) {
  const path = [[x, y]];
  for (let k = 0; k < steps; k += 1) {
    [x, y] = [x - eta * (A[0][0] * x + A[0][1] * y), y - eta * (A[1][0] * x + A[1][1] * y)];
    path.push([x, y]);
  }
  return path;
}

/** |error| along v₁ and along v_M at every step. */
export function errors(path, angle) {
  const [c, s] = [Math.cos((angle * Math.PI) / 180), Math.sin((angle * Math.PI) / 180)];
  return [path.map(([x, y]) => Math.abs(c * x + s * y)), path.map(([x, y]) => Math.abs(c * y - s * x))];
}

/** ‖w_k‖/‖w_k₋₁‖ at the last step that rounding has not reached yet; NaN when there is none. */
export function measure(path) {
  const norms = path.map(([x, y]) => Math.hypot(x, y));
  let k = norms.length - 1;
  while (k > 0 && !(norms[k] > 1e-8 * norms[0])) k -= 1;
  return k > 0 ? norms[k] / norms[k - 1] : NaN;
}

/** Everything the picture shows, as numbers. */
export function state({ eta, kappa, angle, start }) {
  const path = descend(matrix(kappa, angle), start, eta);
  const factors = [factor(eta, 1 / kappa), factor(eta, 1)];
  const regimes = factors.map(regime);
  return { path, errors: errors(path, angle), factors, regimes, overall: worst(regimes),
    predicted: Math.max(...factors.map(Math.abs)), measured: measure(path) };
}

/** The picture in words. */
export function describe({ eta, kappa, angle, start }) {
  const now = state({ eta, kappa, angle, start });
  const [shallow, steep] = now.factors.map((f, i) => `${fixed(f, 3)} (${now.regimes[i]})`);
  const last = Number.isNaN(now.measured) ? "" : `, measured ${fixed(now.measured, 3)}`;
  const missing = now.errors[0][0] < 1e-9 && kappa > 1
    ? " The start has no error along the shallow direction, so that factor never shows." : "";
  return `Each step multiplies the error by ${shallow} along the shallow direction and by ${steep} along `
    + `the steep one. Overall: ${now.overall}, rate predicted ${fixed(now.predicted, 3)}${last}.${missing}`;
}

function plane(model) {
  const ticks = [-2, 0, 2].map((v) => [v, fixed(v, 0)]);
  const area = plot({ width: 360, height: 366, margin: [20, 8, 20, 26], role: "group", label: model.get("alt"),
    x: { domain: [-REACH, REACH], ticks, label: "w_1" }, y: { domain: [-REACH, REACH], ticks, label: "w_2" } });
  const rings = contours(area, LEVELS);
  const axes = ["shallow", "steep"].map((name) => node("line", { class: `live-${name} live-axis` }));
  const names = ["v_1", "v_M"].map((name, i) => node("text",
    { class: `live-${["shallow", "steep"][i]} live-tag`, "text-anchor": "middle" }, rich(name, "tspan")));
  const path = node("polyline", { class: "live-path" });
  const dots = node("g", { class: "live-dots" }, Array.from({ length: STEPS }, () => node("circle", { r: 2.5 })));
  const [ox, oy] = [area.x(0), area.y(0)];
  area.inside.append(...axes, path, dots, ...names,
    node("path", { class: "live-cross", d: `M${ox - 5} ${oy}h10M${ox} ${oy - 5}v10` }));
  const grip = handle(area, { label: "start of the descent", step: 0.1, get: () => model.get("start"),
    put: (start) => { model.set("start", start); model.save_changes(); } });
  return { svg: area.svg, draw(now) {
    const [kappa, angle] = [model.get("kappa"), model.get("angle")];
    rings([1 / kappa, 1], angle);
    [0, 90].forEach((turn, i) => {
      const [c, s] = [Math.cos(((angle + turn) * Math.PI) / 180), Math.sin(((angle + turn) * Math.PI) / 180)];
      set(axes[i], { x1: area.x(-5 * c), y1: area.y(-5 * s), x2: area.x(5 * c), y2: area.y(5 * s) });
      set(names[i], { x: area.x(2.7 * c - 0.17 * s), y: area.y(2.7 * s + 0.17 * c) + 4 });
    });
    set(path, { points: points(area, now.path.map((p) => p[0]), now.path.map((p) => p[1])) });
    now.path.slice(1).forEach(([x, y], i) => {
      const [cx, cy] = points(area, [x], [y]).split(",");
      set(dots.children[i], { cx, cy });
    });
    grip();
  } };
}

function decay() {
  const area = plot({ width: 270, height: 222, margin: [24, 8, 34, 34], label:
    "Error along each eigendirection against the step, logarithmic: straight lines.",
    x: { domain: [0, STEPS], ticks: [0, 20, 40].map((v) => [v, v]), label: "step" },
    y: { domain: [1e-6, 1e2], log: true, label: "error along v_1 and v_M",
      ticks: POWERS.map((p) => [10 ** p, `10${[...fixed(p, 0)].map((d) => "⁰¹²³⁴⁵⁶"[d] ?? "⁻").join("")}`]) } });
  const lines = ["shallow", "steep"].map((name) => node("polyline", { class: `live-${name}` }));
  area.inside.append(...lines);
  return { svg: area.svg, draw: (now) => now.errors.forEach((error, i) => set(lines[i], // zero lies far below
    { points: points(area, error.map((_, k) => k), error.map((e) => Math.max(e, 1e-14))) })) };
}

function readout() {
  const cells = [0, 1].map(() => ({ factor: node("td"), regime: node("td") }));
  const row = (i, name, symbol) => node("tr", {},
    node("th", { scope: "row" }, node("span", { class: `live-swatch live-${name}` }), `${name} `, rich(symbol)),
    cells[i].factor, cells[i].regime);
  const total = { overall: node("b"), predicted: node("td"), measured: node("td") };
  const table = node("table", {},
    node("thead", {}, node("tr", {}, ["direction", "1 − ηλ", "regime"].map((t) => node("th", { scope: "col" }, t)))),
    node("tbody", {}, row(0, "shallow", "λ_1"), row(1, "steep", "λ_M")),
    node("tbody", {}, node("tr", {}, node("th", { scope: "row" }, "rate, predicted"), total.predicted,
      node("td", { rowspan: 2 }, total.overall)),
    node("tr", {}, node("th", { scope: "row" }, "rate, measured"), total.measured)));
  return { table, draw(now) {
    now.factors.forEach((f, i) => {
      cells[i].factor.textContent = fixed(f, 3);
      cells[i].regime.textContent = now.regimes[i];
    });
    total.predicted.textContent = fixed(now.predicted, 3);
    total.measured.textContent = Number.isNaN(now.measured) ? "–" : fixed(now.measured, 3);
    total.overall.textContent = now.overall;
  } };
}

function render({ model, el }) {
  const traits = ["eta", "kappa", "angle", "start"];
  const [left, right, table] = [plane(model), decay(), readout()];
  const eta = slider(model, "eta", { symbol: "η", name: "step size", min: 0.02, max: 2.5, step: 0.01 });
  const kappa = slider(model, "kappa", { symbol: "κ", name: "condition number", values: KAPPAS, show: String });
  const angle = slider(model, "angle", { symbol: "θ", name: "angle", min: 0, max: 180, step: 5, show: (v) => `${v}°` });
  const figure = frame(model, el, [["main", left.svg], ["controls", eta.el, kappa.el, angle.el, reset(model, traits)],
    ["side", right.svg], ["table", table.table]]);
  figure.watch(traits, () => {
    const now = Object.fromEntries(traits.map((name) => [name, model.get(name)]));
    const shown = state(now);
    [left, right, table].forEach((part) => part.draw(shown));
    eta.mark([[2 / (1 + 1 / now.kappa), "η*", "before"], [2, "2/λ_M", "after"]]);
    figure.say(describe(now));
  });
  return () => [eta, kappa, angle, figure].forEach((part) => part.dispose());
}

export default { render };
