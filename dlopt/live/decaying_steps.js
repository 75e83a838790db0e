// Steps that shrink as a power of time: what is left of the start, what the noise leaves (syllabus G3).
import { drag, fixed, frame, node, plot, points, reset, set, slider } from "./_kit.js";
import { uniforms } from "./_random.js";

export const LAST = 4000;
export const RUNS = 32;
export const DELAY = 10;
export const START = 10;
export const TIMES = [...new Set(Array.from({ length: 41 }, (_, i) => Math.round(LAST ** (i / 40))))];
const SEED = 7;
let signs = null; // one word of 32 coin flips per step

/** η_k = η₀ (1 + k/10)^(−α). */
export const stepSize = (eta, alpha, k) => eta * (1 + k / DELAY) ** -alpha;

/** Root mean square of 32 runs at TIMES, and the two parts that are expected: what is left of the start, and noise. */
export function state({ eta, alpha }) {
  if (!signs) {
    const uniform = uniforms(SEED); // of 32 bits: a coin for each walk
    signs = Array.from({ length: LAST }, () => Math.floor(uniform() * 4294967296));
  }
  const errors = new Float64Array(RUNS).fill(START);
  const [measured, start, noise] = [[], [], []];
  let [mean, variance, due] = [START, 0, 0];
  for (let k = 0; k < LAST; k += 1) {
    const step = stepSize(eta, alpha, k);
    for (let r = 0; r < RUNS; r += 1) errors[r] = (1 - step) * errors[r] - ((signs[k] >>> r) & 1 ? step : -step);
    mean *= 1 - step;
    variance = (1 - step) ** 2 * variance + step * step;
    if (k + 1 === TIMES[due]) {
      due += 1;
      measured.push(Math.sqrt(errors.reduce((sum, e) => sum + e * e, 0) / RUNS));
      start.push(Math.abs(mean));
      noise.push(Math.sqrt(variance));
    }
  }
  return { measured, start, noise, expected: start.map((m, i) => Math.hypot(m, noise[i])) };
}

/** Which of the two conditions hold, and what becomes of the run. */
export function verdict(alpha) {
  const sums = `${alpha > 1 ? "finite" : "∞"}, ${alpha > 0.5 ? "finite" : "∞"}`;
  if (alpha === 0) return [sums, "stays in a ball"];
  return [sums, alpha > 1 ? "stalls short" : "arrives"];
}

/** The picture in words. */
export function describe({ eta, alpha }) {
  const now = state({ eta, alpha });
  const [measured, expected, start, noise] = [now.measured, now.expected, now.start, now.noise].map((v) => v[v.length - 1]);
  return `With η₀ = ${fixed(eta, 1)} and α = ${fixed(alpha, 1)}, 32 runs are ${fixed(measured, 3)} from the minimum after ${LAST} `
    + `steps (root mean square); expected ${fixed(expected, 3)}: ${fixed(start, 3)} left of the start, ${fixed(noise, 3)} noise. `
    + `In the long run it ${verdict(alpha)[1]}.`;
}

const X = TIMES.map(Math.log10);
const XTICKS = [0, 1, 2, 3].map((p) => [p, String(10 ** p)]);

function errors(model) {
  const area = plot({ width: 360, height: 340, margin: [22, 8, 34, 34], role: "img", label: model.get("alt"),
    x: { domain: [0, Math.log10(LAST)], ticks: XTICKS, label: "step k" },
    y: { domain: [0.003, 30], log: true, label: "distance from the minimum",
      ticks: [[10, "10¹"], [1, "10⁰"], [0.1, "10⁻¹"], [0.01, "10⁻²"]] } });
  const lines = [["expected", "max"], ["noise", "path"], ["start", "steep"], ["measured", "shallow"]].map(
    ([what, name]) => [what, node("polyline", { class: `live-${name}` })]);
  area.inside.append(...lines.map(([, line]) => line));
  area.over.append(node("text", { class: "live-shallow live-tag", x: 200, y: 40 }, "32 runs"),
    node("text", { class: "live-steep live-tag", x: 200, y: 57 }, "left of the start"),
    node("text", { class: "live-note", x: 200, y: 73 }, "thin: noise; broad: both"));
  return { svg: area.svg, draw(now) {
    lines.forEach(([what, line]) => set(line, { points: points(area, X, now[what].map((v) => Math.max(v, 1e-30))) }));
  } };
}

function schedule(model) {
  const area = plot({ width: 270, height: 222, margin: [24, 14, 34, 34],
    label: "Step size against the step, both logarithmic; its right end can be dragged up and down.",
    x: { domain: [0, Math.log10(LAST)], ticks: XTICKS, label: "step k" },
    y: { domain: [1e-5, 10], log: true, label: "step size", ticks: [[1, "10⁰"], [0.01, "10⁻²"], [1e-4, "10⁻⁴"]] } });
  const line = node("polyline", { class: "live-path" });
  const grip = node("g", { class: "live-handle" }, node("circle", { class: "live-reach", r: 22 }),
    node("circle", { class: "live-ring", r: 9 }), node("circle", { class: "live-core", r: 3.5 }));
  drag(area, grip, ([, step]) => {
    const alpha = Math.log(model.get("eta") / step) / Math.log(1 + LAST / DELAY);
    model.set("alpha", Math.round(Math.min(1.5, Math.max(0, alpha)) * 10) / 10);
    model.save_changes();
  });
  area.inside.append(line);
  area.over.append(grip);
  return { svg: area.svg, draw(_, { eta, alpha }) {
    set(line, { points: points(area, X, TIMES.map((k) => stepSize(eta, alpha, k))) });
    const end = area.y(stepSize(eta, alpha, LAST));
    set(grip, { transform: `translate(${area.x(Math.log10(LAST)).toFixed(2)} ${end.toFixed(2)})` });
  } };
}

function readout() {
  const cells = Array.from({ length: 5 }, () => node("td"));
  const [remark, fate] = [node("td"), node("b")];
  const row = (name, cell, note) => node("tr", {}, node("th", { scope: "row" }, name), cell, note);
  const table = node("table", {},
    node("thead", {}, node("tr", {}, [`at step ${LAST}`, "distance", "remark"].map((t) => node("th", { scope: "col" }, t)))),
    node("tbody", {}, row("32 runs", cells[0], remark), row("left of the start", cells[1], node("td")),
      row("noise", cells[2], node("td"))),
    node("tbody", {}, row("Ση", cells[3], node("td", {}, fate)), row("Ση²", cells[4], node("td"))));
  return { table, draw(now, { alpha }) {
    const [sums, end] = verdict(alpha);
    const last = (values) => fixed(values[values.length - 1], 3);
    [last(now.measured), last(now.start), last(now.noise), ...sums.split(", ")].forEach((text, i) => {
      cells[i].textContent = text;
    });
    remark.textContent = `expected ${last(now.expected)}`;
    fate.textContent = end;
  } };
}

function render({ model, el }) {
  const traits = ["eta", "alpha"];
  const parts = [errors(model), schedule(model), readout()];
  const eta = slider(model, "eta", { symbol: "η", name: "first step size", min: 0.2, max: 1.8, step: 0.2, show: (v) => fixed(v, 1) });
  const alpha = slider(model, "alpha", { symbol: "α", name: "power of the decay", min: 0, max: 1.5, step: 0.1, show: (v) => fixed(v, 1) });
  alpha.mark([[0.5, "½", "after"], [1, "1", "after"]]);
  const figure = frame(model, el, [["main", parts[0].svg], ["controls", eta.el, alpha.el, reset(model, traits)],
    ["side", parts[1].svg], ["table", parts[2].table]]);
  figure.watch(traits, () => {
    const now = Object.fromEntries(traits.map((name) => [name, model.get(name)]));
    const shown = state(now);
    parts.forEach((part) => part.draw(shown, now));
    figure.say(describe(now));
  });
  return () => [eta, alpha, figure].forEach((part) => part.dispose());
}

export default { render };
