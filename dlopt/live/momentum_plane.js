// Momentum on a quadratic: where each eigendirection stands in the plane of ηλ and α (syllabus A1).
import { contours, fixed, frame, handle, node, plot, points, reset, rich, set, slider } from "./_kit.js";
import { stepsPerDigit } from "./_rates.js";

export const STEPS = 60;
export const START = [2.6, 1.6]; // along v₁ and v_M, at rest
const KAPPAS = [1, 1.5, 2, 3, 4, 5, 7, 10, 15, 20, 30, 40, 50, 70, 100];
const LEVELS = Array.from({ length: 9 }, (_, i) => 6 / 2.1 ** i);
const [HIGH, MOST] = [4, 0.98]; // of η and of α
const [REACH_X, REACH_Y] = [3, 2.4];
const NAMES = ["shallow", "steep"];

/** Larger size of the roots of r² − (1 + α − ηλ) r + α, and how far s² lies above 4α. */
export function roots(step, alpha) {
  const s = 1 + alpha - step;
  const gap = s * s - 4 * alpha;
  return { s, gap, radius: gap < 0 ? Math.sqrt(alpha) : (Math.abs(s) + Math.sqrt(gap)) / 2 };
}

/** What one eigendirection does. */
export function motion(step, alpha) {
  const { s, gap, radius } = roots(step, alpha);
  if (radius > 1 - 1e-9) return "diverging";
  if (Math.abs(gap) < 1e-9 && s > -1e-9) return "critical";
  if (gap < 0) return "ringing";
  return s > 0 ? "creeping" : "flipping";
}

/** The best step size, momentum and rate for curvatures 1/κ and 1. */
export function optimum(kappa) {
  const q = 1 / Math.sqrt(kappa);
  const rate = (1 - q) / (1 + q);
  return [(2 / (1 + q)) ** 2, rate * rate, rate];
}

/** Where the larger root has size r: corners of a trapezoid in the plane of ηλ and α. */
export const trapezoid = (r) => [[1 - r, 0], [(1 - r) ** 2, r * r], [(1 + r) ** 2, r * r], [1 + r, 0]];

/** Signed errors along v₁ and v_M at every step, from START, at rest. */
export function errors(eta, alpha, kappa) {
  return [eta / kappa, eta].map((step, i) => {
    const path = [START[i]];
    let before = START[i];
    for (let k = 0; k < STEPS; k += 1) {
      const now = path[k];
      path.push((1 + alpha - step) * now - alpha * before);
      before = now;
    }
    return path;
  });
}

/** Everything the picture shows, as numbers. */
export function state({ eta, alpha, kappa }) {
  const steps = [eta / kappa, eta];
  const rates = steps.map((step) => roots(step, alpha).radius);
  return { steps, rates, regimes: steps.map((step) => motion(step, alpha)), rate: Math.max(...rates),
    price: stepsPerDigit(Math.max(...rates)), best: optimum(kappa), errors: errors(eta, alpha, kappa) };
}

/** The picture in words. */
export function describe({ eta, alpha, kappa }) {
  const now = state({ eta, alpha, kappa });
  const each = NAMES.map((name, i) => `the ${name} one at ηλ = ${fixed(now.steps[i], 3)} is `
    + `${now.regimes[i]}, rate ${fixed(now.rates[i], 3)}`);
  const [eta0, alpha0, rate0] = now.best.map((v) => fixed(v, 3));
  const digits = { Infinity: "the error never shrinks", 0: "the minimum is reached at once" }[now.price]
    ?? `one more digit every ${fixed(now.price, 1)} steps`;
  return `Of the two directions, ${each[0]}; ${each[1]}. Overall rate ${fixed(now.rate, 3)}: ${digits}. `
    + `The best setting is η = ${eta0} with α = ${alpha0}, rate ${rate0}.`;
}

function plane(model) {
  const area = plot({ width: 360, height: 350, margin: [22, 8, 34, 34], role: "group", label: model.get("alt"),
    x: { domain: [0, HIGH], ticks: [0, 1, 2, 3, 4].map((v) => [v, v]), label: "ηλ" },
    y: { domain: [0, 1], ticks: [0, 0.25, 0.5, 0.75, 1].map((v) => [v, fixed(v)]), label: "momentum α" } });
  const at = (x, y) => `${area.x(x).toFixed(2)} ${area.y(y).toFixed(2)}`;
  const alphas = Array.from({ length: 26 }, (_, i) => (i / 25) ** 2);
  const borders = [-1, 1].map((sign) => node("polyline", { class: "live-rule",
    points: points(area, alphas.map((a) => (1 + sign * Math.sqrt(a)) ** 2), alphas) }));
  const tags = [[0.3, 0.03, "creeping", "middle"], [1, 0.88, "ringing", "middle"], [1.7, 0.03, "flipping", "middle"],
    [3.95, 0.3, "diverging", "end"]].map(([x, y, text, anchor]) => node("text", { class: "live-note", x: area.x(x) + 3,
    y: area.y(y), "text-anchor": anchor }, text));
  const whole = node("polyline", { class: "live-max" });
  const drops = NAMES.map((name) => node("polyline", { class: `live-${name}` }));
  const link = node("line", { class: "live-now" });
  const marks = NAMES.map((name) => node("text", { class: `live-${name} live-tag`, "text-anchor": "middle" },
    rich(name === "steep" ? "λ_M" : "λ_1", "tspan")));
  const square = node("rect", { class: "live-dots", width: 8, height: 8 });
  const diamond = node("path", { class: "live-best", d: "M0 -6L6 0L0 6L-6 0Z" });
  area.inside.append(node("path", { class: "live-forbidden", d: `M${at(2, 0)}L${at(4, 1)}L${at(4, 0)}Z` }),
    node("path", { class: "live-limit", d: `M${at(2, 0)}L${at(4, 1)}` }), ...borders, ...tags, whole, ...drops,
    link);
  area.over.append(square, ...marks, diamond);
  const grip = handle(area, { label: "step size and momentum", step: 0.02,
    get: () => [model.get("eta"), model.get("alpha")],
    put: ([eta, alpha]) => {
      model.set("eta", Math.round(50 * Math.max(0.02, eta)) / 50);
      model.set("alpha", Math.round(50 * Math.min(MOST, alpha)) / 50);
      model.save_changes();
    } });
  return { svg: area.svg, draw(now, { alpha }) {
    const corners = trapezoid(Math.min(now.rate, 2));
    set(whole, { points: points(area, corners.map((c) => c[0]), corners.map((c) => c[1])) });
    const [left, right] = now.steps.map((step) => area.x(step));
    now.steps.forEach((step, i) => set(drops[i], { points: points(area, [step, step], [alpha, 0]) }));
    set(link, { x1: left, x2: right, y1: area.y(alpha), y2: area.y(alpha) });
    set(square, { x: left - 4, y: area.y(alpha) - 4 });
    const lift = alpha > 0.9 ? 26 : -14;
    marks.forEach((mark, i) => set(mark, { x: [left, right][i], y: area.y(alpha) + (i ? lift : 2 * lift) }));
    set(diamond, { transform: `translate(${at(now.best[0], now.best[1])})` });
    grip();
  } };
}

function bowl() {
  const area = plot({ width: 270, height: 236, margin: [20, 8, 34, 26], label:
    "Path of 60 steps in the bowl, along the two eigendirections.",
    x: { domain: [-REACH_X, REACH_X], ticks: [-2, 0, 2].map((v) => [v, fixed(v, 0)]), label: "error along v_1" },
    y: { domain: [-REACH_Y, REACH_Y], ticks: [-2, 0, 2].map((v) => [v, fixed(v, 0)]), label: "along v_M" } });
  const rings = contours(area, LEVELS);
  const path = node("polyline", { class: "live-path" });
  const dots = node("g", { class: "live-dots" }, Array.from({ length: STEPS + 1 }, () => node("circle", { r: 2 })));
  const [ox, oy] = [area.x(0), area.y(0)];
  area.inside.append(path, dots, node("path", { class: "live-cross", d: `M${ox - 5} ${oy}h10M${ox} ${oy - 5}v10` }));
  return { svg: area.svg, draw(now, { kappa }) {
    rings([1 / kappa, 1], 0);
    set(path, { points: points(area, ...now.errors) });
    now.errors[0].forEach((x, k) => {
      const [cx, cy] = points(area, [x], [now.errors[1][k]]).split(",");
      set(dots.children[k], { cx, cy });
    });
  } };
}

function readout() {
  const cells = NAMES.map(() => ({ rate: node("td"), regime: node("td") }));
  const total = Object.fromEntries(["rate", "price", "best", "least"].map((name) => [name, node("td")]));
  const single = (name, cell, before = []) => node("tr", {}, node("th", { scope: "row" }, before, name), cell, node("td"));
  const table = node("table", {},
    node("thead", {}, node("tr", {}, ["direction", "rate", "regime"].map((t) => node("th", { scope: "col" }, t)))),
    node("tbody", {}, NAMES.map((name, i) => node("tr", {}, node("th", { scope: "row" }, `${name} `,
      rich(["λ_1", "λ_M"][i])), cells[i].rate, cells[i].regime))),
    node("tbody", {}, single("rate", total.rate, node("span", { class: "live-swatch live-max" })),
      single("steps per digit", total.price)),
    node("tbody", {}, single("best η, α", total.best, node("span", { class: "live-gem" })),
      single("their rate", total.least)));
  return { table, draw(now) {
    cells.forEach((cell, i) => {
      cell.rate.textContent = fixed(now.rates[i], 3);
      cell.regime.textContent = now.regimes[i];
    });
    total.rate.textContent = fixed(now.rate, 3);
    total.price.textContent = now.price === Infinity ? "never" : fixed(now.price, 1);
    total.best.textContent = `${fixed(now.best[0])}, ${fixed(now.best[1])}`;
    total.least.textContent = fixed(now.best[2], 3);
  } };
}

function render({ model, el }) {
  const traits = ["eta", "alpha", "kappa"];
  const [left, right, table] = [plane(model), bowl(), readout()];
  const eta = slider(model, "eta", { symbol: "η", name: "step size", min: 0.02, max: HIGH, step: 0.02 });
  const alpha = slider(model, "alpha", { symbol: "α", name: "momentum", min: 0, max: MOST, step: 0.02 });
  const kappa = slider(model, "kappa", { symbol: "κ", name: "condition number", values: KAPPAS, show: String });
  const figure = frame(model, el, [["main", left.svg], ["controls", eta.el, alpha.el, kappa.el, reset(model, traits)],
    ["side", right.svg], ["table", table.table]]);
  figure.watch(traits, () => {
    const now = Object.fromEntries(traits.map((name) => [name, model.get(name)]));
    const shown = state(now);
    [left, right, table].forEach((part) => part.draw(shown, now));
    eta.mark([[shown.best[0], "η*", "after"]]);
    alpha.mark([[shown.best[1], "α*", "after"]]);
    figure.say(describe(now));
  });
  return () => [eta, alpha, kappa, figure].forEach((part) => part.dispose());
}

export default { render };
