// Eight optimizers race over six surfaces from one start (syllabus A1 to A11).
import { fixed, frame, handle, node, player, plot, points, reset, set, slider } from "./_kit.js";
import { levelLines, outline } from "./_field.js";
import { normals, uniforms } from "./_random.js";

export const STEPS = 120;
const GONE = 50; // half-widths of the picture from its centre: a walk ends there
const NOISE = normals(uniforms(7), 2 * STEPS); // the same noise for everyone

/** Name, line of the legend, marker. */
export const RACERS = [["gd", "gradient descent", "m-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0"], ["momentum", "momentum", "m-5-5h10v10h-10z"],
  ["nesterov", "Nesterov", "m0-7l7 7l-7 7l-7-7z"], ["rprop", "Rprop", "m-6 5h12l-6-11z"],
  ["adagrad", "AdaGrad", "m-6-5h12l-6 11z"], ["rmsprop", "RMSprop", "m-2-6h4v4h4v4h-4v4h-4v-4h-4v-4h4z"],
  ["adam", "Adam", "m-6-5h5l1 2l1-2h5l-4 5l4 5h-5l-1-2l-1 2h-5l4-5z"], ["amsgrad", "AMSGrad", "m0-7l2 5h5l-4 3l2 6l-5-4l-5 4l2-6l-4-3h5z"]];
const LINES = ["shallow", "shallow", "shallow", "third", "third", "steep", "steep", "steep"];
const DASHES = ["none", "7 3", "2 3", "14 3", "4 5", "10 3 2 3 2 3", "8 3 2 3", "1 5"];

const sigmoid = (v) => 1 / (1 + Math.exp(-v));

/** What is walked on: loss and slope at (x, y), half-width of the picture, target, base step sizes in RACERS' order. */
export const SURFACES = [
  { name: "Beale’s function", reach: 5, target: [3, 0.5], log: true, levels: [0.3, 1, 2.2, 4, 6.5],
    rates: [0.01, 0.005, 0.005, 0.1, 1, 0.2, 0.5, 0.5],
    at(x, y) {
      const [a, b, c] = [1.5 - x + x * y, 2.25 - x + x * y * y, 2.625 - x + x * y ** 3];
      return [a * a + b * b + c * c, 2 * (a * (y - 1) + b * (y * y - 1) + c * (y ** 3 - 1)),
        2 * (a * x + 2 * b * x * y + 3 * c * x * y * y)];
    } },
  { name: "the saddle y⁴ − x⁴", reach: 1.25, target: [0, 0], saddle: true, levels: [-2, -0.5, -0.05, 0.05, 0.5, 2],
    rates: [0.02, 0.005, 0.005, 0.01, 0.5, 0.05, 0.1, 0.1], at: (x, y) => [y ** 4 - x ** 4, -4 * x ** 3, 4 * y ** 3] },
  { name: "a tilted narrow valley", reach: 5, target: [0, 0], levels: [0.5, 3, 9, 20, 40],
    rates: [0.05, 0.02, 0.02, 0.02, 1, 0.1, 0.5, 0.5],
    at: (x, y) => [0.5 * (12.625 * (x * x + y * y) - 24.75 * x * y), 12.625 * x - 12.375 * y, 12.625 * y - 12.375 * x] },
  { name: "Rosenbrock’s valley", reach: 2.5, target: [1, 1], log: true, levels: [0.2, 0.8, 1.8, 3, 4.4],
    rates: [0.02, 0.01, 0.01, 0.05, 0.5, 0.02, 0.5, 0.5],
    at: (x, y) => [(1 - x) ** 2 + 10 * (y - x * x) ** 2, -2 * (1 - x) - 40 * x * (y - x * x), 20 * (y - x * x)] },
  { name: "a noisy bowl", reach: 5, target: [0, 0], noise: 3, levels: [0.5, 2, 5, 10, 18],
    rates: [0.05, 0.01, 0.01, 0.1, 0.5, 0.05, 0.1, 0.1], at: (x, y) => [0.5 * (x * x + 4 * y * y), x, 4 * y] },
  { name: "a cliff", reach: 2.5, target: [0, 0], levels: [0.05, 0.2, 0.5, 1.2, 2.2],
    rates: [1, 0.2, 0.2, 0.05, 0.5, 0.1, 0.2, 0.2],
    at(x, y) {
      const s = sigmoid(25 * (x - 1.5));
      return [0.05 * (x * x + y * y) + 2 * s, 0.1 * x + 50 * s * (1 - s), 0.1 * y];
    } },
];

/** What is added to one coordinate at update t = 1, 2, …; `m` is what the method remembers of it. */
const RULES = {
  gd: (g, m, lr) => -lr * g,
  momentum(g, m, lr, alpha) { m.v = alpha * (m.v ?? 0) - lr * g; return m.v; },
  rprop(g, m, lr) {
    const agree = g * (m.g ?? 0);
    m.size = Math.min(50, Math.max(1e-6, (m.size ?? lr) * (agree > 0 ? 1.2 : agree < 0 ? 0.5 : 1)));
    m.g = agree < 0 ? 0 : g;
    return -Math.sign(m.g) * m.size;
  },
  adagrad(g, m, lr) { m.r = (m.r ?? 0) + g * g; return (-lr * g) / (Math.sqrt(m.r) + 1e-10); },
  rmsprop(g, m, lr, alpha, rho) {
    m.s = rho * (m.s ?? 0) + (1 - rho) * g * g;
    return (-lr * g) / (Math.sqrt(m.s) + 1e-8);
  },
  adam(g, m, lr, alpha, rho, t, largest = false) {
    m.v = alpha * (m.v ?? 0) + (1 - alpha) * g;
    m.s = rho * (m.s ?? 0) + (1 - rho) * g * g;
    m.top = largest ? Math.max(m.top ?? 0, m.s) : m.s;
    return (-lr * (m.v / (1 - alpha ** t))) / (Math.sqrt(m.top) / Math.sqrt(1 - rho ** t) + 1e-8);
  },
  amsgrad: (g, m, lr, alpha, rho, t) => RULES.adam(g, m, lr, alpha, rho, t, true),
};
RULES.nesterov = RULES.momentum; // its gradient is taken elsewhere

/** Up to STEPS steps of one method, start first; ends early where the next point is far outside. */
export function walk(index, surface, start, lr, alpha, rho) {
  const { at, reach, noise = 0 } = SURFACES[surface];
  const name = RACERS[index][0];
  const memory = [{}, {}];
  const path = [start];
  for (let t = 1; t <= STEPS; t += 1) {
    const here = path[t - 1];
    const ahead = name === "nesterov" ? here.map((v, i) => v + alpha * (memory[i].v ?? 0)) : here;
    const [, ...slope] = at(...ahead);
    const next = here.map((v, i) =>
      v + RULES[name](slope[i] + noise * NOISE[2 * (t - 1) + i], memory[i], lr, alpha, rho, t));
    if (!(Math.max(...next.map(Math.abs)) <= GONE * reach)) break;
    path.push(next);
  }
  return path;
}

/** All walks under one setting. */
export function race({ surface, start, power, alpha, rho }) {
  const { reach, rates } = SURFACES[surface];
  const from = start.map((v) => v * reach);
  return RACERS.map((_, i) => walk(i, surface, from, rates[i] * 2 ** power, alpha, rho));
}

/** Where a walk is after k steps. */
export function place(path, surface, k) {
  const { at, reach, target } = SURFACES[surface];
  const here = path[Math.min(k, path.length - 1)];
  const gone = k >= path.length || Math.max(...here.map(Math.abs)) > reach;
  return { at: here, gone, loss: at(...here)[0], away: Math.hypot(here[0] - target[0], here[1] - target[1]) };
}

/** The picture in words. */
export function describe(now, paths = race(now)) {
  const { name, saddle } = SURFACES[now.surface];
  const shown = RACERS.map(([key, text], i) => ({ key, text, ...place(paths[i], now.surface, now.steps) }))
    .filter(({ key }) => now[key]);
  const left = shown.filter(({ gone }) => gone).map(({ text }) => text);
  const inside = shown.filter(({ gone }) => !gone);
  const pick = (better) => inside.reduce((best, one) => (better(one.away, best.away) ? one : best), inside[0]);
  const told = (one) => `${one.text}, ${fixed(one.away)} away`;
  const goal = saddle ? "saddle" : "minimum";
  const first = inside.length ? `nearest to the ${goal} is ${told(pick((a, b) => a < b * (1 - 1e-6)))}; farthest is ${
    told(pick((a, b) => a > b * (1 + 1e-6)))}.` : shown.length ? "nobody is left in the picture." : "nobody races.";
  return `After ${now.steps} ${now.steps === 1 ? "step" : "steps"} on ${name}, ${first}`
    + (left.length ? ` Left the picture: ${left.join(", ")}.` : "");
}

/** A number in a narrow column. */
export function small(value) {
  if (Math.abs(value) >= 1000) return value < 0 ? "< −999" : "> 999";
  if (value < 0 || value >= 0.01) return fixed(value);
  if (value < 1e-10) return "< 10⁻¹⁰";
  return `≈ 10⁻${"⁰¹²³⁴⁵⁶⁷⁸⁹"[-Math.round(Math.log10(value))] ?? "¹⁰"}`;
}

function plane(model, surface) {
  const { at, reach, target, log, levels, saddle } = SURFACES[surface];
  const ticks = [-2, -1, 0, 1, 2].map((k) => [(k * reach) / 2.5, fixed((k * reach) / 2.5, 1)]);
  const area = plot({ width: 360, height: 366, margin: [20, 8, 20, 26], role: "group", label: model.get("alt"),
    x: { domain: [-reach, reach], ticks, label: "x" }, y: { domain: [-reach, reach], ticks, label: "y" } });
  const height = (x, y) => (log ? Math.log1p(at(x, y)[0]) : at(x, y)[0]);
  const lines = LINES.map((name, i) => node("polyline", { class: `live-${name}`, style: `stroke-dasharray:${DASHES[i]}` }));
  const marks = LINES.map((name) => node("path", { class: `live-racer live-${name}` }));
  area.inside.append(node("g", { class: "live-contours live-open" }, levels.map((level) =>
    node("path", { transform: "scale(.1)", d: outline(area, levelLines(height, reach, 24, level)) }))),
  node("path", { class: "live-cross", d: `M${points(area, [target[0]], [target[1]])}m-4.5-4.5l9 9m0-9l-9 9` }),
  ...lines, ...marks);
  area.over.append(node("text", { class: "live-note live-tag", x: 60, y: 13 }, `✕ ${saddle ? "saddle" : "minimum"}`));
  const grip = handle(area, { label: "start", step: reach / 50, get: () => model.get("start").map((v) => v * reach),
    put: (start) => { model.set("start", start.map((v) => v / reach)); model.save_changes(); } });
  return { svg: area.svg, draw(paths, now) {
    RACERS.forEach(([key, , shape], i) => {
      const path = now[key] ? paths[i].slice(0, now.steps + 1) : [];
      const last = path[path.length - 1];
      set(lines[i], { points: points(area, path.map((w) => w[0]), path.map((w) => w[1])) });
      set(marks[i], { d: last ? `M${points(area, [last[0]], [last[1]])}${shape}` : "M0,0" });
    });
    grip();
  } };
}

/** The table whose rows switch the racers on and off. */
function board(model) {
  const boxes = RACERS.map(([key, text]) => {
    const box = node("input", { type: "checkbox", "aria-label": text, "data-lm-suppress-shortcuts": "true" });
    box.addEventListener("change", () => { model.set(key, box.checked); model.save_changes(); });
    return box;
  });
  const cells = RACERS.map(() => [node("td"), node("td")]);
  const rows = RACERS.map(([, text, d], i) => node("tr", {}, node("th", { scope: "row" },
    node("label", { class: "live-racing" }, boxes[i], node("svg", { viewBox: "-9 -9 18 18", "aria-hidden": "true" },
      node("path", { class: `live-racer live-${LINES[i]}`, d: `M0,0${d}` })), node("span", {}, text))), cells[i]));
  const table = node("table", { class: "live-board" },
    node("thead", {}, node("tr", {}, ["optimizer", "loss", "away"].map((t) => node("th", { scope: "col" }, t)))),
    node("tbody", {}, rows));
  return { table, draw(paths, now) {
    RACERS.forEach(([key], i) => {
      const { gone, loss, away } = place(paths[i], now.surface, now.steps);
      boxes[i].checked = now[key];
      cells[i][0].textContent = now[key] ? small(loss) : "–";
      cells[i][1].textContent = now[key] ? (gone ? "left" : small(away)) : "–";
    });
  } };
}

function render({ model, el }) {
  const course = ["surface", "start", "power", "alpha", "rho"];
  const traits = [...course, "steps", "speed", ...RACERS.map(([key]) => key)];
  const [main, table] = [node("div"), board(model)];
  const planes = SURFACES.map(() => null);
  const sliders = [
    slider(model, "surface", { symbol: "", name: "surface", min: 0, max: SURFACES.length - 1, step: 1,
      show: (v) => SURFACES[v].name }),
    slider(model, "power", { symbol: "η", name: "all step sizes", min: -3, max: 3, step: 1, show: (v) => `× ${2 ** v}` }),
    slider(model, "alpha", { symbol: "α", name: "momentum, β₁", min: 0, max: 0.95, step: 0.05 }),
    slider(model, "rho", { symbol: "ρ", name: "squares, β₂", values: [0.5, 0.9, 0.99, 0.999], show: (v) => `${v}` }),
    slider(model, "speed", { symbol: "", name: "steps a second", values: [4, 15, 60], show: (v) => `${v}` })];
  sliders[0].el.classList.add("live-wide");
  const steps = player(model, "steps", { name: "step", max: STEPS, every: () => 1000 / model.get("speed") });
  const figure = frame(model, el, [["main", main],
    ["controls", ...[sliders[0], steps, ...sliders.slice(1)].map((s) => s.el), reset(model, traits)], ["table", table.table]]);
  let [key, paths] = ["", null];
  figure.watch(traits, () => {
    const now = Object.fromEntries(traits.map((name) => [name, model.get(name)]));
    const wanted = JSON.stringify(course.map((name) => now[name]));
    if (wanted !== key) [key, paths] = [wanted, race(now)];
    const held = planes[now.surface] ??= plane(model, now.surface);
    if (main.firstChild !== held.svg) main.replaceChildren(held.svg);
    held.draw(paths, now);
    table.draw(paths, now);
    figure.say(describe(now, paths));
  });
  return () => [...sliders, steps, figure].forEach((part) => part.dispose());
}

export default { render };
